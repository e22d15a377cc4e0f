"""What holds for every policy and every request."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from grader.effects.policy import Context, Decision, Principal, Request, evaluate, problems, sns_may_send

some = settings(max_examples=100, deadline=None)
ACCOUNT, STRANGER = "123456789012", "999999999999"
QUEUE, TOPIC = f"arn:aws:sqs:us-east-1:{ACCOUNT}:q", f"arn:aws:sns:us-east-1:{ACCOUNT}:t"
USER = f"arn:aws:iam::{ACCOUNT}:user/u"

actions = st.sampled_from(["sqs:SendMessage", "sqs:*", "*", "sqs:Get*", "sqs:ReceiveMessage", "SQS:SEND*"])
resources = st.sampled_from([QUEUE, "*", f"arn:aws:sqs:*:{ACCOUNT}:*", f"{QUEUE}x", "arn:aws:sqs"])
principals = st.sampled_from(
    [
        "*",
        {"AWS": "*"},
        {"AWS": ACCOUNT},
        {"AWS": [USER, STRANGER]},
        {"Service": "sns.amazonaws.com"},
        {"Service": "*"},
        {"CanonicalUser": "x"},
        "malformed",
    ]
)
operators = st.sampled_from(
    [
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "ArnLike",
        "ArnNotEquals",
        "Null",
        "StringEqualsIfExists",
        "ForAllValues:StringLike",
        "ForAnyValue:StringNotLike",
        "Bool",
        "NumericLessThan",
        "StringSimilar",
    ]
)
keys = st.sampled_from(["aws:SourceArn", "aws:SourceAccount", "aws:Absent", "AWS:securetransport"])
values = st.sampled_from([TOPIC, "arn:aws:sns:*:*:*", ACCOUNT, "true", "false", "*", "${aws:SourceAccount}", "5"])
conditions = st.dictionaries(
    operators, st.dictionaries(keys, st.one_of(values, st.lists(values, max_size=3)), max_size=2), max_size=2
)
statements = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Allow", "Deny", "Permit"])},
    optional={
        "Principal": principals,
        "NotPrincipal": principals,
        "Action": st.one_of(actions, st.lists(actions, max_size=2)),
        "NotAction": actions,
        "Resource": resources,
        "NotResource": resources,
        "Condition": conditions,
    },
)
policies = st.lists(statements, max_size=4)
callers = st.sampled_from(["sns.amazonaws.com", "*", ACCOUNT, STRANGER, USER])
contexts = st.builds(
    Context.of,
    st.dictionaries(st.sampled_from(["aws:SourceArn", "aws:SourceAccount", "aws:SecureTransport"]), values),
    complete=st.booleans(),
)
requests = st.builds(Request, st.builds(Principal.read, callers), st.just("sqs:SendMessage"), st.just(QUEUE), contexts)
everything = {"Principal": "*", "Action": "*", "Resource": "*"}


def decide(listed: list[Any], request: Request, version: str = "2012-10-17") -> Decision:
    return evaluate({"Version": version, "Statement": listed}, request)


@some
@given(policies, statements, requests)
def test_adding_a_deny_never_allows(listed: list[Any], more: dict[str, Any], request: Request) -> None:
    before, after = decide(listed, request), decide([*listed, {**more, "Effect": "Deny"}], request)
    assert after.verdict == before.verdict or not after.allowed


@some
@given(policies, statements, requests)
def test_adding_an_allow_never_denies(listed: list[Any], more: dict[str, Any], request: Request) -> None:
    before, after = decide(listed, request), decide([*listed, {**more, "Effect": "Allow"}], request)
    order = ("implicit_deny", "inconclusive", "allowed")
    if before.verdict == "explicit_deny":
        assert after.verdict == "explicit_deny"
    else:
        assert order.index(after.verdict) >= order.index(before.verdict)


@some
@given(policies, requests, st.randoms())
def test_the_order_of_statements_does_not_matter(listed: list[Any], request: Request, random: Any) -> None:
    shuffled = list(listed)
    random.shuffle(shuffled)
    assert decide(listed, request).verdict == decide(shuffled, request).verdict


@some
@given(policies, requests)
def test_a_deny_of_everything_denies_whatever_else_stands_there(listed: list[Any], request: Request) -> None:
    assert decide([*listed, {"Effect": "Deny", **everything}], request).verdict == "explicit_deny"


@some
@given(statements, requests)
def test_widening_an_allow_never_un_allows(statement: dict[str, Any], request: Request) -> None:
    allow = {**statement, "Effect": "Allow"}
    if not decide([allow], request).allowed:
        return
    for element in ("Principal", "Action", "Resource"):
        wider = {name: value for name, value in allow.items() if name != f"Not{element}"} | {element: "*"}
        assert decide([wider], request).allowed
    without = {name: value for name, value in allow.items() if name != "Condition"}
    assert decide([without], request).allowed


@some
@given(policies, requests)
def test_what_is_unknown_may_be_either_and_what_is_certain_stays_so(listed: list[Any], request: Request) -> None:
    """A verdict under an incomplete context holds whatever the keys turn out to be."""
    unknown = Request(request.principal, request.action, request.resource, Context(request.context.values, False))
    found = decide(listed, unknown)
    for absent in ({}, {"aws:absent": (TOPIC,)}, {"aws:sourcearn": (TOPIC,), "aws:absent": ("5",)}):
        settled = Context({**absent, **request.context.values}, True)
        after = decide(listed, Request(request.principal, request.action, request.resource, settled))
        assert found.verdict in ("inconclusive", after.verdict) or (found.denied and after.denied)


@some
@given(policies, requests)
def test_a_decision_is_read_aloud_and_as_json(listed: list[Any], request: Request) -> None:
    found = decide(listed, request)
    assert "{" not in str(found.text).replace("${", "")
    assert found.to_json()["verdict"] == found.verdict
    assert (found.verdict == "allowed") == found.allowed


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["Statement", "Effect", "Principal", "Action", "Condition", "StringLike", "aws:x", "AWS"]),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@some
@given(st.one_of(json_values, st.text(max_size=20), st.builds(lambda value: {"Statement": value}, json_values)))
def test_no_text_and_no_json_raises_anything(value: Any) -> None:
    assert str(sns_may_send(value, TOPIC, QUEUE).text)
    assert all(str(found.text) and found.message for service in ("sqs", "kms") for found in problems(value, service))


@some
@given(statements)
def test_a_policy_without_problems_is_decided_unless_the_pages_are_silent(statement: dict[str, Any]) -> None:
    """What AWS would take is in no form that this engine could not read."""
    if problems({"Statement": [statement]}, "sqs"):
        return
    found = sns_may_send({"Version": "2012-10-17", "Statement": [statement]}, TOPIC, QUEUE)
    obscure = {item.obscure for miss in found.misses for item in miss.mismatches}
    assert not obscure & {"malformed", "both_forms", "operator"}
