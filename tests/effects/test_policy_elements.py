"""Whom, what and which resource a statement is about, by AWS's pages on each element."""

from typing import Any

import pytest

from grader.effects.policy import Decision, Principal, Request, evaluate, nobody

IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:orders"
ALICE = "arn:aws:iam::123456789012:user/alice"
BOB = "arn:aws:iam::444455556666:user/Bob"
SESSION = "arn:aws:sts::444455556666:assumed-role/auditor/monday"
ROLE = "arn:aws:iam::444455556666:role/auditor"
ROOT = "arn:aws:iam::444455556666:root"


def statement(**elements: Any) -> dict[str, Any]:
    found = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": QUEUE, **elements}
    return {name: value for name, value in found.items() if value is not None}


def policy(*statements: dict[str, Any], version: str = "2012-10-17") -> dict[str, Any]:
    return {"Version": version, "Statement": list(statements)}


def decide(*statements: dict[str, Any], who: str = BOB, action: str = "sqs:SendMessage", on: str = QUEUE) -> Decision:
    return evaluate(policy(*statements), Request(Principal.read(who), action, on))


def verdict(*statements: dict[str, Any], **request: str) -> str:
    return decide(*statements, **request).verdict


@pytest.mark.parametrize(
    ("action", "wanted"),
    [
        # reference_policies_elements_action.html: "sqs:SendMessage", "s3:*"; "case insensitive"
        ("sqs:SendMessage", "allowed"),
        ("SQS:sendmessage", "allowed"),
        ("sqs:*", "allowed"),
        ("*", "allowed"),
        ("sqs:Send*", "allowed"),
        ("sqs:SendMessag?", "allowed"),
        ("sqs:SendMessage?", "implicit_deny"),
        ("sqs:SendMessageBatch", "implicit_deny"),
        ("sns:SendMessage", "implicit_deny"),
        (["sqs:ReceiveMessage", "sqs:SendMessage"], "allowed"),
        ([], "implicit_deny"),
        (None, "implicit_deny"),
        (5, "inconclusive"),
        (["sqs:SendMessage", 5], "inconclusive"),
    ],
)
def test_an_action_fits_by_name_in_any_case_and_by_wildcard(action: Any, wanted: str) -> None:
    assert verdict(statement(Action=action)) == wanted


@pytest.mark.parametrize(
    ("action", "wanted"), [("sqs:SendMessage", "implicit_deny"), ("sqs:*", "implicit_deny"), ("sqs:Get*", "allowed")]
)
def test_not_action_is_every_other_action(action: str, wanted: str) -> None:
    assert verdict(statement(Action=None, NotAction=action)) == wanted


def test_action_beside_not_action_is_never_guessed() -> None:
    assert verdict(statement(NotAction="sqs:Get*")) == "inconclusive"
    assert verdict(statement(NotAction="sqs:Get*", Action="sqs:Get*")) == "implicit_deny"


@pytest.mark.parametrize(
    ("resource", "wanted"),
    [
        # reference-arns.html: wildcards "in the different sections of an ARN"; names are case-sensitive
        (QUEUE, "allowed"),
        ("*", "allowed"),
        ("arn:aws:sqs:*:123456789012:*", "allowed"),
        ("arn:aws:sqs:us-east-1:123456789012:order?", "allowed"),
        ("arn:aws:sqs:us-east-1:123456789012:Orders", "implicit_deny"),
        ("arn:aws:sqs:us-east-1:123456789012:other", "implicit_deny"),
        ("arn:aws:sqs:us-east-2:123456789012:*", "implicit_deny"),
        (["arn:aws:sqs:us-east-1:123456789012:other", QUEUE], "allowed"),
        ("arn:aws:sqs", "inconclusive"),  # filled up with * in identity-based policies; here nobody says
        ("arn:aws:sqs:*:orders", "inconclusive"),
        ("arn:aws:sns", "implicit_deny"),
        (None, "inconclusive"),
        ({}, "inconclusive"),
    ],
)
def test_a_resource_fits_section_by_section(resource: Any, wanted: str) -> None:
    assert verdict(statement(Resource=resource)) == wanted


def test_a_key_policys_statement_without_a_resource_has_no_effect() -> None:
    key = "arn:aws:kms:us-east-1:123456789012:key/1"
    statements = statement(Action="kms:*", Resource=None)
    assert verdict(statements, action="kms:Decrypt", on=key) == "implicit_deny"


@pytest.mark.parametrize(("resource", "wanted"), [(QUEUE, "implicit_deny"), ("arn:aws:sqs:*:*:other", "allowed")])
def test_not_resource_is_every_other_resource(resource: str, wanted: str) -> None:
    assert verdict(statement(Resource=None, NotResource=resource)) == wanted


@pytest.mark.parametrize(
    ("principal", "who", "wanted"),
    [
        # reference_policies_elements_principal.html
        ("*", BOB, "allowed"),
        ("*", "*", "allowed"),
        ("*", "sns.amazonaws.com", "allowed"),
        ({"AWS": "*"}, "*", "allowed"),  # "for anonymous users, the following elements are equivalent"
        ({"AWS": "*"}, "sns.amazonaws.com", "allowed"),
        ({"AWS": "444455556666"}, BOB, "allowed"),
        ({"AWS": ROOT}, BOB, "allowed"),
        ({"AWS": ROOT}, "444455556666", "allowed"),
        ({"AWS": ["111122223333", "444455556666"]}, BOB, "allowed"),
        ({"AWS": "111122223333"}, BOB, "implicit_deny"),
        ({"AWS": BOB}, BOB, "allowed"),
        ({"AWS": BOB}, "444455556666", "implicit_deny"),
        ({"AWS": BOB.replace("Bob", "bob")}, BOB, "implicit_deny"),  # "case sensitive"
        ({"AWS": "arn:aws:iam::444455556666:user/*"}, BOB, "implicit_deny"),  # "must always name specific users"
        ({"AWS": "arn:aws:iam::*:root"}, BOB, "implicit_deny"),
        ({"AWS": ROLE}, SESSION, "allowed"),
        ({"AWS": "arn:aws:iam::444455556666:role/team/auditor"}, SESSION, "allowed"),
        ({"AWS": "arn:aws:iam::111122223333:role/auditor"}, SESSION, "implicit_deny"),
        ({"AWS": SESSION}, SESSION, "allowed"),
        ({"AWS": SESSION}, SESSION.replace("monday", "friday"), "implicit_deny"),
        ({"AWS": "arn:aws:sts::444455556666:assumed-role/auditor/*"}, SESSION, "implicit_deny"),
        ({"AWS": ROOT}, "sns.amazonaws.com", "implicit_deny"),
        ({"AWS": ROOT}, "*", "implicit_deny"),
        ({"Service": "sns.amazonaws.com"}, "sns.amazonaws.com", "allowed"),
        ({"Service": ["s3.amazonaws.com", "sns.amazonaws.com"]}, "sns.amazonaws.com", "allowed"),
        ({"Service": "s3.amazonaws.com"}, "sns.amazonaws.com", "implicit_deny"),
        ({"Service": "sns.amazonaws.com"}, BOB, "implicit_deny"),
        ({"AWS": "sns.amazonaws.com"}, "sns.amazonaws.com", "implicit_deny"),
        ({"Service": "*"}, "sns.amazonaws.com", "inconclusive"),
        ({"Federated": "accounts.google.com"}, "accounts.google.com", "allowed"),
        ({"Federated": "*"}, BOB, "implicit_deny"),
        ({"Federated": "sns.amazonaws.com"}, "sns.amazonaws.com", "implicit_deny"),
        ({"CanonicalUser": "79a59d"}, BOB, "inconclusive"),
        ({"CanonicalUser": "79a59d"}, "*", "implicit_deny"),
        ({"AWS": "AIDACKCEVSQ6C2EXAMPLE"}, BOB, "inconclusive"),
        ({"AWS": "AIDACKCEVSQ6C2EXAMPLE"}, "*", "implicit_deny"),
        (None, BOB, "implicit_deny"),
        (BOB, BOB, "inconclusive"),
        ({}, BOB, "inconclusive"),
        ({"AWS": []}, BOB, "inconclusive"),
        ({"User": BOB}, BOB, "inconclusive"),
    ],
)
def test_a_principal_is_named_as_aws_names_it(principal: Any, who: str, wanted: str) -> None:
    assert verdict(statement(Principal=principal), who=who) == wanted


@pytest.mark.parametrize(
    ("names", "who", "wanted"),
    [
        # reference_policies_elements_notprincipal.html: name the user and the account, or user, role and account
        ([BOB, ROOT], BOB, "allowed"),
        ([BOB], BOB, "inconclusive"),
        ([ROOT], BOB, "inconclusive"),
        ([ROOT], "444455556666", "allowed"),
        ([SESSION, ROLE, ROOT], SESSION, "allowed"),
        ([SESSION, ROOT], SESSION, "inconclusive"),
        ([BOB, ROOT], "111122223333", "explicit_deny"),
        ([BOB, ROOT], "sns.amazonaws.com", "explicit_deny"),
        ([BOB, ROOT], "*", "explicit_deny"),
        (["*"], BOB, "allowed"),
        (["AIDACKCEVSQ6C2EXAMPLE"], BOB, "inconclusive"),
    ],
)
def test_not_principal_denies_all_but_those_it_names_in_full(names: list[str], who: str, wanted: str) -> None:
    deny = statement(Effect="Deny", Principal=None, NotPrincipal={"AWS": names})
    assert verdict(statement(), deny, who=who) == wanted


def test_not_principal_of_a_service_spares_the_service() -> None:
    deny = statement(Effect="Deny", Principal=None, NotPrincipal={"Service": "sns.amazonaws.com"})
    assert verdict(statement(), deny, who="sns.amazonaws.com") == "allowed"
    assert verdict(statement(), deny, who="s3.amazonaws.com") == "explicit_deny"


@pytest.mark.parametrize("effect", [None, "allow", "Permit", 1, ["Allow"]])
def test_a_statement_without_an_effect_that_aws_knows_makes_the_verdict_inconclusive(effect: Any) -> None:
    assert verdict(statement(Effect=effect)) == "inconclusive"
    assert verdict(statement(), statement(Effect=effect)) == "inconclusive"
    assert verdict(statement(Effect=effect, Action="sqs:Get*")) == "implicit_deny"
    assert verdict(statement(Effect=effect), statement(Effect="Deny")) == "explicit_deny"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '"text"',
        "NaN",
        "{}",
        '{"Statement": NaN}',
        '{"Statement": 5}',
        '{"Statement": [5, null, []]}',
        "[" * 100_000,
        '{"a":' * 200_000,
        '{"Statement": ' + "9" * 5000 + "}",
        "x" * (1 << 21),
        "\ud800",
        b"{}",
        5,
        {"Statement": object()},
    ],
)
def test_a_policy_of_any_text_allows_nothing_and_raises_nothing(text: Any) -> None:
    found = evaluate(text, Request(Principal.read("*"), "sqs:SendMessage", QUEUE))
    assert found.verdict == "implicit_deny"
    assert str(found.text)


def test_a_policy_that_cannot_be_read_says_why() -> None:
    request = Request(Principal.read("*"), "sqs:SendMessage", QUEUE)
    assert evaluate("{", request).unreadable == "not_json"
    assert str(evaluate("{", request).text) == "The policy is not JSON. No statement can be read, so nothing allows it."
    assert evaluate("[]", request).unreadable == "not_an_object"
    assert evaluate("[" * 100_000, request).unreadable == "too_deep"
    assert evaluate("x" * (1 << 21), request).unreadable == "too_long"
    assert evaluate(5, request).unreadable == "not_text"
    assert evaluate(None, request).basis == "no_policy"


def test_a_pattern_of_a_hundred_thousand_wildcards_takes_no_time() -> None:
    assert verdict(statement(Action="sqs:" + "*a" * 60_000)) == "implicit_deny"
    assert verdict(statement(Action="*" * 100_000)) == "allowed"


def test_a_single_statement_needs_no_list() -> None:
    request = Request(Principal.read(BOB), "sqs:SendMessage", QUEUE)
    assert evaluate({"Version": "2012-10-17", "Statement": statement()}, request).allowed


def test_a_denial_tells_which_elements_of_the_nearest_statement_do_not_fit() -> None:
    far = statement(Sid="far", Action="sqs:Get*", Resource="arn:aws:sqs:us-east-1:123456789012:other")
    near = statement(Sid="near", Principal={"AWS": ALICE})
    found = decide(far, near)
    assert found.nearest is not None
    assert [(miss.statement.number, miss.statement.sid) for miss in found.misses] == [(2, "near"), (1, "far")]
    assert [item.element for item in found.misses[1].mismatches] == ["action", "resource"]
    assert str(found.nearest.text) == (
        f'Statement 2 ("near") does not apply: its Principal is {ALICE}, and {BOB} asks.'
    )
    assert found.to_json()["misses"][0]["mismatches"][0]["wanted"] == [ALICE]


def test_the_statement_that_decides_is_named() -> None:
    allow, deny = statement(Sid="open"), statement(Sid="shut", Effect="Deny")
    assert str(decide(statement(Action="sqs:Get*"), allow).statement) == '2 ("open")'
    assert str(decide(allow, deny).text).startswith('Statement 2 ("shut") denies it')


def test_a_principal_of_the_same_account_may_by_its_own_policies_or_by_the_queues() -> None:
    request = Request(Principal.read(ALICE), "sqs:SendMessage", QUEUE)
    assert evaluate(None, request).basis == "identity"
    assert evaluate(None, request, identity=nobody).verdict == "implicit_deny"
    assert evaluate(policy(statement(Principal={"AWS": ALICE})), request, identity=nobody).allowed
    assert evaluate(policy(statement()), request, identity=nobody).allowed
