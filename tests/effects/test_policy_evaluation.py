"""Both sides of a decision: the resource's policy and the caller's own account.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from typing import Any

import pytest

from grader.effects.policy import Context, Principal, Request, evaluate, nobody, principal_may, with_policies

QUEUE = "arn:aws:sqs:us-east-1:123456789012:orders"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1"
ALICE, BOB = "arn:aws:iam::123456789012:user/alice", "arn:aws:iam::444455556666:user/bob"
ROOT = "arn:aws:iam::123456789012:root"


def one(effect: str, principal: Any, action: str = "*", **more: Any) -> dict[str, Any]:
    statement = {"Effect": effect, "Principal": principal, "Action": action, "Resource": "*", **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


def own(effect: str, action: str = "*", resource: str = "*") -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": {"Effect": effect, "Action": action, "Resource": resource}}


def verdict(policy: Any, who: str, identity: Any, *, on: str = QUEUE, action: str = "sqs:SendMessage") -> str:
    return evaluate(policy, Request(Principal.read(who), action, on), identity=identity).verdict


ADMIN, DENIED = with_policies(own("Allow")), with_policies(own("Allow"), own("Deny"))
UNSURE = with_policies({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:sqs"}})


@pytest.mark.parametrize(
    ("policy", "who", "identity", "wanted"),
    [
        (None, ALICE, ADMIN, "allowed"),
        (None, ALICE, nobody, "implicit_deny"),
        (None, ALICE, DENIED, "explicit_deny"),
        (None, ALICE, UNSURE, "inconclusive"),
        (one("Allow", {"AWS": ALICE}), ALICE, nobody, "allowed"),
        (one("Allow", {"AWS": ALICE}), ALICE, UNSURE, "allowed"),
        (one("Allow", {"AWS": ROOT}), ALICE, nobody, "implicit_deny"),  # it delegates
        (one("Allow", {"AWS": ROOT}), ALICE, ADMIN, "allowed"),
        (one("Allow", {"AWS": ROOT}), "123456789012", nobody, "allowed"),
        (one("Allow", {"AWS": "123456789012"}), "123456789012", nobody, "allowed"),
        (one("Deny", {"AWS": ROOT}), ALICE, ADMIN, "explicit_deny"),
        (one("Deny", "*"), ALICE, ADMIN, "explicit_deny"),
        (one("Allow", "*"), ALICE, DENIED, "explicit_deny"),
        (one("Allow", "*"), BOB, nobody, "implicit_deny"),
        (one("Allow", "*"), BOB, UNSURE, "inconclusive"),
        (one("Allow", "*"), BOB, ADMIN, "allowed"),
        (None, BOB, ADMIN, "implicit_deny"),
        (one("Allow", {"AWS": "444455556666"}), BOB, ADMIN, "allowed"),
        (one("Allow", {"CanonicalUser": "x"}), BOB, ADMIN, "inconclusive"),
        (one("Allow", {"CanonicalUser": "x"}), ALICE, nobody, "implicit_deny"),  # an account, if anything
        (one("Allow", {"AWS": "AIDACKCEVSQ6C2EXAMPLE"}), ALICE, nobody, "inconclusive"),
        (one("Deny", {"CanonicalUser": "x"}), ALICE, ADMIN, "inconclusive"),
    ],
)
def test_one_account_needs_one_allow_and_two_accounts_need_two(
    policy: Any, who: str, identity: Any, wanted: str
) -> None:
    assert verdict(policy, who, identity) == wanted


@pytest.mark.parametrize(
    ("policy", "who", "identity", "wanted"),
    [
        # https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
        (None, ALICE, ADMIN, "implicit_deny"),
        (one("Allow", {"AWS": ROOT}), ALICE, ADMIN, "allowed"),
        (one("Allow", {"AWS": ROOT}), ALICE, nobody, "implicit_deny"),
        (one("Allow", {"AWS": ALICE}), ALICE, nobody, "allowed"),
        (one("Allow", {"AWS": ROOT}, "kms:Get*"), ALICE, ADMIN, "implicit_deny"),
        (one("Allow", {"CanonicalUser": "x"}), ALICE, ADMIN, "inconclusive"),
    ],
)
def test_a_key_must_leave_it_to_the_account_before_the_accounts_policies_count(
    policy: Any, who: str, identity: Any, wanted: str
) -> None:
    assert verdict(policy, who, identity, on=KEY, action="kms:Decrypt") == wanted


def test_the_basis_tells_which_side_decided() -> None:
    request = Request(Principal.read(ALICE), "sqs:SendMessage", QUEUE)
    assert evaluate(one("Allow", {"AWS": ROOT}), request, identity=nobody).basis == "no_identity"
    assert evaluate(None, request, identity=DENIED).basis == "identity"
    assert str(evaluate(None, request, identity=DENIED).text) == "The caller's own account denies it."


def test_an_unclear_deny_matters_only_where_something_allows() -> None:
    unclear = one("Deny", "*", Condition={"StringSimilar": {"aws:x": "y"}})["Statement"][0]
    allow = one("Allow", "*")["Statement"][0]
    request = Request(Principal.read("*"), "sqs:SendMessage", QUEUE)
    assert evaluate({"Statement": [unclear]}, request).verdict == "implicit_deny"
    assert evaluate({"Statement": [unclear, allow]}, request).verdict == "inconclusive"
    found = evaluate({"Statement": [allow, unclear]}, request)
    assert str(found.statement) == "2"
    assert "StringSimilar" in str(found.text)
    deny = one("Deny", "*")["Statement"][0]
    assert evaluate({"Statement": [allow, unclear, deny]}, request).verdict == "explicit_deny"


def test_an_unclear_allow_matters_only_where_nothing_else_allows() -> None:
    unclear = one("Allow", "*", Condition={"StringSimilar": {"aws:x": "y"}})["Statement"][0]
    allow = one("Allow", "*")["Statement"][0]
    request = Request(Principal.read("*"), "sqs:SendMessage", QUEUE)
    found = evaluate({"Statement": [unclear]}, request)
    assert found.verdict == "inconclusive"
    assert "AWS's pages know no condition operator StringSimilar" in str(found.text)
    assert evaluate({"Statement": [unclear, allow]}, request).verdict == "allowed"


def test_identity_policies_are_judged_without_a_principal() -> None:
    request = Request(Principal.read(ALICE), "sqs:SendMessage", QUEUE, Context.of({"aws:username": "orders"}))
    mine = own("Allow", "sqs:*", "arn:aws:sqs:us-east-1:123456789012:${aws:username}")
    assert evaluate(None, request, identity=with_policies(mine)).allowed
    other = own("Allow", "sqs:*", "arn:aws:sqs:us-east-1:123456789012:${aws:userid}")
    assert evaluate(None, request, identity=with_policies(other)).verdict == "implicit_deny"


def test_a_caller_of_another_account_is_taken_for_an_administrator_there() -> None:
    assert principal_may(one("Allow", {"AWS": "444455556666"}), BOB, QUEUE).allowed
    assert principal_may(None, BOB, QUEUE).denied
    assert principal_may(None, "123456789012", QUEUE).allowed
