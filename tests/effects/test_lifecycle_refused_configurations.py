"""Configurations that AWS refuses as a whole, and what it takes."""

from datetime import UTC, datetime
from typing import Any

import pytest

from grader.effects.lifecycle import Configuration, Refusal, refusals

MALFORMED = "The XML you provided was not well-formed or did not validate against our published schema"
MIDNIGHT, LATER = datetime(2030, 1, 1, tzinfo=UTC), datetime(2030, 2, 1, tzinfo=UTC)
DAY: dict[str, Any] = {"Expiration": {"Days": 1}}
TAG = {"Key": "k", "Value": "v"}


def refused(*rules: dict[str, Any], **fields: Any) -> tuple[Refusal, ...]:
    complete = [{"ID": f"rule {n}", "Status": "Enabled", **rule} for n, rule in enumerate(rules)]
    return refusals(Configuration.read({"Rules": complete, **fields}))


def move(days: int, storage_class: str) -> dict[str, Any]:
    return {"Days": days, "StorageClass": storage_class}


def move_noncurrent(days: int, storage_class: str, **more: int) -> dict[str, Any]:
    return {"NoncurrentDays": days, "StorageClass": storage_class, **more}


TAKEN: list[dict[str, Any]] = [
    {"Prefix": "", **DAY},
    {"Filter": {"Prefix": ""}, **DAY},
    {"Filter": {"And": {"Prefix": "", "ObjectSizeGreaterThan": 0}}, **DAY},
    {"Filter": {"And": {"Tags": [TAG, {"Key": "l", "Value": "v"}]}}, **DAY},
    {"Filter": {}, "Transitions": [move(0, "GLACIER")]},
    {"Filter": {}, "Transitions": [move(3, "STANDARD_IA")], "Expiration": {"Days": 4}},
    {"Filter": {}, "Transitions": [move(3, "STANDARD_IA"), move(4, "GLACIER"), move(5, "DEEP_ARCHIVE")]},
    {"Filter": {}, "Transitions": [move(30, "ONEZONE_IA"), move(60, "STANDARD_IA")]},
    {"Filter": {}, "Transitions": [move(3, "GLACIER")], "Expiration": {"ExpiredObjectDeleteMarker": True}},
    {"Filter": {}, "NoncurrentVersionTransitions": [move_noncurrent(0, "GLACIER")]},
    {"Filter": {}, "NoncurrentVersionExpiration": {"NoncurrentDays": 1, "NewerNoncurrentVersions": 500}},
    {"Filter": {}, "Expiration": {"Date": MIDNIGHT}},
    {"Filter": {}, "Expiration": {"Days": 9, "ExpiredObjectDeleteMarker": False}},
    {"Filter": {}, "Expiration": {}},
    {"Filter": {"Prefix": "x" * 1025}, **DAY},
    {
        "Filter": {"Tag": TAG},
        "Transitions": [move(1, "GLACIER")],
        "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
    },
    {
        "Filter": {},
        "Expiration": {"Date": LATER},
        "Transitions": [{"Date": MIDNIGHT, "StorageClass": "GLACIER"}],
    },
    {"ID": None, "Filter": {}, **DAY},
    {"ID": "x" * 255, "Filter": {}, **DAY},
]


@pytest.mark.parametrize("rule", TAKEN)
def test_what_aws_takes_is_not_refused(rule: dict[str, Any]) -> None:
    assert refused(rule) == ()


def test_no_rules_are_refused() -> None:
    (refusal,) = refusals(Configuration.read({"Rules": []}))
    assert (refusal.code, refusal.message) == (
        "InvalidRequest",
        "At least one lifecycle rule must be specified.",
    )


def test_a_thousand_rules_are_taken_and_one_more_is_refused() -> None:
    rules = [{"Filter": {"Prefix": str(n)}, **DAY} for n in range(1001)]
    assert refused(*rules[:1000]) == ()
    (refusal,) = refused(*rules)
    assert (refusal.code, refusal.message) == (
        "InvalidRequest",
        "The number of lifecycle rules must not exceed the allowed limit of 1000 rules.",
    )


def test_two_rules_of_one_id_are_refused() -> None:
    (refusal,) = refused({"ID": "a", "Filter": {}, **DAY}, {"Filter": {}, **DAY}, {"ID": "a", "Filter": {}, **DAY})
    assert (refusal.code, refusal.message) == (
        "InvalidArgument",
        "Rule ID must be unique. Found same ID for more than one rule",
    )
    assert [rule.index for rule in refusal.rules] == [0, 2]
    assert refused({"ID": None, "Filter": {}, **DAY}, {"ID": None, "Filter": {}, **DAY}) == ()


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (
            [{"Prefix": "a", **DAY}, {"Filter": {"Prefix": "b"}, **DAY}],
            "Filter element can only be used in Lifecycle V2.",
        ),
        (
            [{"Filter": {"Prefix": "b"}, **DAY}, {"Prefix": "b", **DAY}],
            "Base level prefix cannot be used in Lifecycle V2, prefixes are only supported in the Filter.",
        ),
        ([{"Prefix": "a", "Filter": {}, **DAY}], "Filter element can only be used in Lifecycle V2."),
    ],
)
def test_old_and_new_forms_may_not_be_mixed(rules: list[dict[str, Any]], message: str) -> None:
    (refusal,) = refused(*rules)
    assert (refusal.name, refusal.code, refusal.message) == ("forms_mixed", "InvalidRequest", message)
    assert len(refusal.rules) == len(rules)


def test_the_old_form_does_not_know_newer_noncurrent_versions() -> None:
    counted = {"NoncurrentDays": 3, "NewerNoncurrentVersions": 3}
    (refusal,) = refused({"Prefix": "", "NoncurrentVersionExpiration": counted})
    assert (refusal.code, refusal.message) == (
        "InvalidRequest",
        "NewerNoncurrentVersions element can only be used in Lifecycle V2.",
    )
    moves = [move_noncurrent(3, "GLACIER", NewerNoncurrentVersions=3)]
    assert len(refused({"Prefix": "", "NoncurrentVersionTransitions": moves})) == 1


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ("di", "dir/", "Found overlapping prefixes 'di' and 'dir/' for same action type 'Expiration'"),
        ("dir/", "", "Found overlapping prefixes 'dir/' and '' for same action type 'Expiration'"),
        ("a", "a", "Found two rules with same prefix 'a' for same action type 'Expiration'"),
    ],
)
def test_prefixes_of_the_old_form_may_not_overlap_for_one_action(first: str, second: str, message: str) -> None:
    (refusal,) = refused({"Prefix": first, **DAY}, {"Prefix": second, **DAY})
    assert (refusal.name, refusal.code, refusal.message) == (
        "overlapping_prefixes",
        "InvalidRequest",
        message,
    )
    assert refused({"Filter": {"Prefix": first}, **DAY}, {"Filter": {"Prefix": second}, **DAY}) == ()
    assert refused({"Prefix": first, **DAY}, {"Prefix": second, **DAY, "Status": "Disabled"}) == ()


def test_prefixes_of_the_old_form_may_overlap_for_different_actions() -> None:
    rest = {
        "NoncurrentVersionExpiration": {"NoncurrentDays": 60},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        "Expiration": {"ExpiredObjectDeleteMarker": True},
    }
    logs = {"Transitions": [move(30, "STANDARD_IA"), move(90, "GLACIER")], "Expiration": {"Days": 365}}
    assert refused({"Prefix": "logs/", **logs}, {"Prefix": "", **rest}) == ()


def test_an_unknown_default_minimum_is_refused() -> None:
    (refusal,) = refused({"Filter": {}, **DAY}, TransitionDefaultMinimumObjectSize="value")
    assert (refusal.code, refusal.message) == (
        "InvalidRequest",
        "Invalid TransitionDefaultMinimumObjectSize found: value",
    )


def test_all_that_is_wrong_is_said_at_once() -> None:
    found = refused({"ID": "a", **DAY}, {"ID": "a", "Filter": {}})
    assert [refusal.name for refusal in found] == ["same_id", "no_filter", "no_action"]
