"""Policies that AWS refuses as a whole.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
"""

import json
from typing import Any

import pytest

from grader.effects.policy import Service, problems

QUEUE = "arn:aws:sqs:us-east-1:123456789012:orders"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1"


def one(**elements: Any) -> dict[str, Any]:
    found = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": QUEUE, **elements}
    return {name: value for name, value in found.items() if value is not None}


def kinds(statement: Any, service: Service = "sqs", **elements: Any) -> list[tuple[str, str, int | None]]:
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement], **elements})
    return [(found.kind, found.what, found.statement) for found in problems(text, service)]


@pytest.mark.parametrize(
    ("statement", "wanted"),
    [
        (one(Principal=None), ("no_principal", "", 1)),
        (one(Principal="arn:aws:iam::123456789012:root"), ("principal", "", 1)),
        (one(Principal={"AWS": 5}), ("principal", "", 1)),
        (one(Principal={"Role": "*"}), ("principal", "", 1)),
        (one(Principal={"AWS": "arn:aws:iam::*:root"}), ("principal_wildcard", "arn:aws:iam::*:root", 1)),
        (one(Principal={"Service": "sns.*.amazonaws.com"}), ("principal_wildcard", "sns.*.amazonaws.com", 1)),
        (one(NotPrincipal="*"), ("both_forms", "Principal", 1)),
        (one(Effect="allow"), ("effect", "allow", 1)),
        (one(Effect=None), ("effect", "None", 1)),
        (one(Action=None), ("no_action", "", 1)),
        (one(Action=5), ("action_form", "Action", 1)),
        (one(Action="sns:Publish"), ("action", "sns:Publish", 1)),
        (one(Action="SendMessage"), ("action", "SendMessage", 1)),
        (one(Action=["sqs:SendMessage", "sqs:SendMail"]), ("action", "sqs:SendMail", 1)),
        (one(NotAction="sqs:*"), ("both_forms", "Action", 1)),
        (one(Resource=5), ("resource_form", "Resource", 1)),
        (one(Ressource=QUEUE), ("unknown_element", "Ressource", 1)),
        (one(Condition={"StringEqual": {"aws:x": "y"}}), ("operator", "StringEqual", 1)),
        (one(Condition={"NullIfExists": {"aws:x": "true"}}), ("operator", "NullIfExists", 1)),
        (one(Condition="x"), ("condition", "", 1)),
        (one(Condition={"StringEquals": "x"}), ("condition", "", 1)),
        (one(Condition={"StringEquals": {"aws:x": {}}}), ("condition", "", 1)),
        ("x", ("statement", "", 1)),
    ],
)
def test_a_statement_that_aws_refuses_is_named_with_its_number(statement: Any, wanted: Any) -> None:
    assert kinds(statement) == [wanted]


@pytest.mark.parametrize(
    "statement",
    [
        one(),
        one(Sid="any words"),
        one(Resource=None),
        one(Principal=None, NotPrincipal={"AWS": "123456789012"}),
        one(Action=None, NotAction="sns:Publish"),
        one(Action="*"),
        one(Action="SQS:send*"),
        one(Action="sqs:SendMessageBatch"),
        one(Principal={"Service": "*"}),
        one(Condition={"Null": {"aws:x": "true"}, "ForAnyValue:StringLikeIfExists": {"aws:x": [1, True]}}),
    ],
)
def test_what_nobody_saw_refused_is_taken(statement: Any) -> None:
    assert kinds(statement) == []


def test_the_whole_policy_is_looked_at_too() -> None:
    assert kinds(one(), Version="2012-10-18") == [("version", "2012-10-18", None)]
    assert kinds(one(), Version=None) == [("version", "None", None)]
    assert kinds(one(), Statements=[]) == [("unknown_element", "Statements", None)]
    assert kinds(one(), Id="x") == []
    assert [at.kind for at in problems('{"Version": "2012-10-17"}', "sqs")] == ["no_statement"]
    assert problems(json.dumps({"Statement": one()}), "sqs") == ()


def test_a_key_that_stands_twice_is_named() -> None:
    text = json.dumps({"Statement": one()}).replace('"Effect": "Allow"', '"Effect": "Deny", "Effect": "Allow"')
    assert [(at.kind, at.what) for at in problems(text, "sqs")] == [("duplicate_key", "Effect")]


@pytest.mark.parametrize(
    ("text", "what"),
    [("{", "not json"), ('{"Statement": NaN}', "not json"), ("[]", "not an object"), ("[" * 99999, "too deep")],
)
def test_text_that_is_no_policy_is_named_as_such(text: str, what: str) -> None:
    found = problems(text, "sqs")
    assert [(at.kind, at.what) for at in found] == [("unreadable", what)]
    assert (found[0].code, found[0].message) == ("InvalidAttributeValue", "Invalid value for the parameter Policy.")


def test_sns_and_kms_say_more_than_sqs() -> None:
    sns, kms = problems("{", "sns")[0], problems(json.dumps({"Statement": one(Principal={})}), "kms")[0]
    assert sns.message == "Invalid parameter: Policy Error: The policy cannot be read as a JSON object (not json)."
    assert kms.code == "MalformedPolicyDocumentException"
    assert kms.message == "Policy contains a statement with one or more invalid principals."
    assert str(kms.text) == f"Statement 1: {kms.message}"


def test_each_service_has_rules_of_its_own() -> None:
    """KMS takes a statement without Action or Resource, which "has no effect"; actions of others it does not mind."""
    assert kinds(one(Action=None, Resource=None), "kms") == []
    assert kinds(one(Action="sqs:SendMessage"), "kms") == []
    assert kinds(one(Action="sqs:SendMessage"), "sns") == [("action", "sqs:SendMessage", 1)]
    assert kinds(one(Action="sns:AnyThing"), "sns") == []
    assert kinds(one(Sid="x" * 33000), "kms") == [("too_long", "32768", None)]
    assert kinds(one(Sid="x" * 33000), "sqs") == []


def test_a_key_policy_that_locks_its_account_out_is_refused() -> None:
    root = {"AWS": "arn:aws:iam::123456789012:root"}
    open_, shut = (
        one(Principal=root, Action="kms:*", Resource="*"),
        one(Principal=root, Action="kms:Decrypt", Resource="*"),
    )
    assert problems(json.dumps({"Statement": open_}), "kms", key_arn=KEY) == ()
    found = problems(json.dumps({"Statement": shut}), "kms", key_arn=KEY)
    assert [at.message for at in found] == [
        "The new key policy will not allow you to update the key policy in the future."
    ]
    assert problems(json.dumps({"Statement": shut}), "kms") == ()


def test_a_key_policy_may_leave_the_key_to_somebody_of_its_account_by_name() -> None:
    def found(**parts: object) -> list[str]:
        return [at.kind for at in problems(json.dumps({"Statement": one(Resource="*", **parts)}), "kms", key_arn=KEY)]

    mine, other = "arn:aws:iam::123456789012:role/keys", "arn:aws:iam::210987654321:role/keys"
    assert found(Principal={"AWS": mine}, Action="kms:*") == []
    assert found(Principal={"AWS": [other, mine]}, Action="kms:Put*") == []
    assert found(Principal={"AWS": other}, Action="kms:*") == ["lockout"]
    assert found(Principal={"AWS": mine}, Action="kms:Decrypt") == ["lockout"]
    assert found(Principal="*", Action="kms:*", Condition={"StringEquals": {"kms:CallerAccount": "1"}}) == []


@pytest.mark.parametrize("name", ["sns.amazonaws.com", "everybody", "12345678901"])
def test_what_is_no_principal_of_any_account_is_refused(name: str) -> None:
    assert kinds(one(Principal={"AWS": [name]})) == [("principal", "", 1)]
    for good in ("*", "123456789012", "arn:aws:iam::123456789012:user/a", "AIDACKCEVSQ6C2EXAMPLE"):
        assert kinds(one(Principal={"AWS": [good]})) == []


def test_a_policy_of_thousands_of_faults_is_named_in_part() -> None:
    text = json.dumps({"Statement": [{}] * 20_000})
    assert len(problems(text, "sqs")) == 50
