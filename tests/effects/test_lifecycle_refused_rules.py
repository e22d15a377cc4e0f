"""Rules that AWS refuses, in its words."""

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


ONE_RULE: list[tuple[str, dict[str, Any], str, str]] = [
    ("status", {"Filter": {}, **DAY, "Status": "enabled"}, "MalformedXML", MALFORMED),
    ("status", {"Filter": {}, **DAY, "Status": None}, "MalformedXML", MALFORMED),
    (
        "id_length",
        {"Filter": {}, **DAY, "ID": "x" * 256},
        "InvalidArgument",
        "ID length should not exceed allowed limit of 255",
    ),
    ("no_action", {"Filter": {}}, "InvalidRequest", "At least one action needs to be specified in a rule"),
    ("no_filter", DAY, "MalformedXML", MALFORMED),
    ("filter_without_and", {"Filter": {"Prefix": "", "Tag": TAG}, **DAY}, "MalformedXML", MALFORMED),
    (
        "filter_without_and",
        {"Filter": {"Prefix": "a", "And": {"Prefix": "a", "Tags": [TAG]}}, **DAY},
        "MalformedXML",
        MALFORMED,
    ),
    ("and_of_one", {"Filter": {"And": {"Prefix": "a"}}, **DAY}, "MalformedXML", MALFORMED),
    ("and_of_one", {"Filter": {"And": {"Tags": [TAG]}}, **DAY}, "MalformedXML", MALFORMED),
    ("and_of_one", {"Filter": {"And": {}}, **DAY}, "MalformedXML", MALFORMED),
    (
        "duplicate_tag_keys",
        {"Filter": {"And": {"Tags": [TAG, {"Key": "k", "Value": "w"}]}}, **DAY},
        "InvalidRequest",
        "Duplicate Tag Keys are not allowed.",
    ),
    (
        "size_range",
        {"Filter": {"ObjectSizeLessThan": 0}, **DAY},
        "InvalidRequest",
        "'ObjectSizeLessThan' should be between 1 and 1099511627776000.",
    ),
    (
        "size_order",
        {"Filter": {"And": {"ObjectSizeGreaterThan": 5, "ObjectSizeLessThan": 5}}, **DAY},
        "InvalidRequest",
        "'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'.",
    ),
    (
        "delete_marker_with_size",
        {"Filter": {"ObjectSizeGreaterThan": 5}, "Expiration": {"ExpiredObjectDeleteMarker": False}},
        "InvalidRequest",
        "ExpiredObjectDeleteMarker cannot be specified with Object Size.",
    ),
    (
        "delete_marker_with_tags",
        {"Filter": {"Tag": TAG}, "Expiration": {"ExpiredObjectDeleteMarker": True}},
        "InvalidRequest",
        "ExpiredObjectDeleteMarker cannot be specified with Tags.",
    ),
    (
        "delete_marker_with_time",
        {"Filter": {}, "Expiration": {"ExpiredObjectDeleteMarker": True, "Days": 3}},
        "MalformedXML",
        MALFORMED,
    ),
    (
        "delete_marker_with_time",
        {"Filter": {}, "Expiration": {"ExpiredObjectDeleteMarker": True, "Date": MIDNIGHT}},
        "MalformedXML",
        MALFORMED,
    ),
    (
        "abort_with_tags",
        {"Filter": {"Tag": TAG}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}},
        "InvalidRequest",
        "AbortIncompleteMultipartUpload cannot be specified with Tags.",
    ),
    (
        "abort_with_size",
        {"Filter": {"ObjectSizeLessThan": 9}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}},
        "InvalidRequest",
        "AbortIncompleteMultipartUpload cannot be specified with Object Size.",
    ),
    (
        "date_not_midnight",
        {"Filter": {}, "Expiration": {"Date": MIDNIGHT.replace(hour=5)}},
        "InvalidArgument",
        "'Date' must be at midnight GMT",
    ),
    (
        "date_not_midnight",
        {"Filter": {}, "Transitions": [{"Date": MIDNIGHT.replace(second=1), "StorageClass": "GLACIER"}]},
        "InvalidArgument",
        "'Date' must be at midnight GMT",
    ),
    ("days_and_date", {"Filter": {}, "Expiration": {"Days": 3, "Date": MIDNIGHT}}, "MalformedXML", MALFORMED),
    (
        "days_and_date",
        {"Filter": {}, "Transitions": [{"Days": 3, "Date": MIDNIGHT, "StorageClass": "GLACIER"}]},
        "MalformedXML",
        MALFORMED,
    ),
    (
        "expiration_days",
        {"Filter": {}, "Expiration": {"Days": 0}},
        "InvalidArgument",
        "'Days' for Expiration action must be a positive integer",
    ),
    (
        "transition_days",
        {"Filter": {}, "Transitions": [move(-1, "GLACIER")]},
        "InvalidArgument",
        "'Days' in Transition action must be nonnegative",
    ),
    (
        "days_and_dates_mixed",
        {"Filter": {"Prefix": "a/"}, "Expiration": {"Date": MIDNIGHT}, "Transitions": [move(3, "GLACIER")]},
        "InvalidRequest",
        "Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule "
        "for filter '(prefix=a/)'",
    ),
    (
        "days_and_dates_mixed",
        {
            "Filter": {},
            "Transitions": [move(3, "GLACIER"), {"Date": MIDNIGHT, "StorageClass": "DEEP_ARCHIVE"}],
        },
        "InvalidRequest",
        "Found mixed 'Date' and 'Days' based Transition actions in lifecycle rule for filter '()'",
    ),
    (
        "no_noncurrent_days",
        {"Filter": {}, "NoncurrentVersionExpiration": {"NewerNoncurrentVersions": 3}},
        "MalformedXML",
        MALFORMED,
    ),
    (
        "no_noncurrent_days",
        {"Filter": {}, "NoncurrentVersionTransitions": [{"StorageClass": "GLACIER"}]},
        "MalformedXML",
        MALFORMED,
    ),
    (
        "noncurrent_days",
        {"Filter": {}, "NoncurrentVersionExpiration": {"NoncurrentDays": 0}},
        "InvalidArgument",
        "'NoncurrentDays' for NoncurrentVersionExpiration action must be a positive integer",
    ),
    (
        "noncurrent_transition_days",
        {"Filter": {}, "NoncurrentVersionTransitions": [move_noncurrent(-1, "GLACIER")]},
        "InvalidArgument",
        "'NoncurrentDays' in NoncurrentVersionTransition action must be nonnegative",
    ),
    (
        "newer_noncurrent_versions",
        {"Filter": {}, "NoncurrentVersionExpiration": {"NoncurrentDays": 3, "NewerNoncurrentVersions": 0}},
        "InvalidArgument",
        "NewerNoncurrentVersions must be a positive integer",
    ),
    (
        "no_days_after_initiation",
        {"Filter": {}, "AbortIncompleteMultipartUpload": {}},
        "MalformedXML",
        MALFORMED,
    ),
    (
        "days_after_initiation",
        {"Filter": {}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 0}},
        "InvalidArgument",
        "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer",
    ),
    ("storage_class", {"Filter": {}, "Transitions": [move(3, "STANDARD")]}, "MalformedXML", MALFORMED),
    ("storage_class", {"Filter": {}, "Transitions": [{"Days": 3}]}, "MalformedXML", MALFORMED),
    (
        "storage_class",
        {"Filter": {}, "NoncurrentVersionTransitions": [move_noncurrent(3, "REDUCED_REDUNDANCY")]},
        "MalformedXML",
        MALFORMED,
    ),
    (
        "storage_class_twice",
        {"Filter": {"Tag": TAG}, "Transitions": [move(90, "GLACIER"), move(30, "GLACIER")]},
        "InvalidRequest",
        "'StorageClass' must be different for 'Transition' actions in same 'Rule' with filter '(tag={key=k, value=v})'",
    ),
    (
        "expiration_before_transition",
        {"Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 90}, "Transitions": [move(90, "GLACIER")]},
        "InvalidArgument",
        "'Days' in the Expiration action for filter '(prefix=logs/)' must be greater than 'Days' in the "
        "Transition action",
    ),
    (
        "expiration_before_transition",
        {
            "Prefix": "a",
            "Expiration": {"Days": 60},
            "Transitions": [move(30, "STANDARD_IA"), move(90, "GLACIER")],
        },
        "InvalidArgument",
        "'Days' in the Expiration action for prefix 'a' must be greater than 'Days' in the Transition action",
    ),
    (
        "expiration_before_transition",
        {
            "Filter": {},
            "Expiration": {"Date": MIDNIGHT},
            "Transitions": [{"Date": MIDNIGHT, "StorageClass": "GLACIER"}],
        },
        "InvalidArgument",
        "'Date' in the Expiration action for filter '()' must be later than 'Date' in the Transition action",
    ),
    (
        "noncurrent_expiration_before_transition",
        {
            "Filter": {"And": {"Prefix": "p", "ObjectSizeGreaterThan": 1, "ObjectSizeLessThan": 9}},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
            "NoncurrentVersionTransitions": [move_noncurrent(30, "GLACIER")],
        },
        "InvalidArgument",
        "'NoncurrentDays' in the NoncurrentVersionExpiration action for filter '(prefix=p and "
        "objectsizegreaterthan=1 and objectsizelessthan=9)' must be greater than 'NoncurrentDays' in the "
        "NoncurrentVersionTransition action",
    ),
    (
        "transition_order",
        {"Filter": {}, "Transitions": [move(30, "GLACIER"), move(30, "STANDARD_IA")]},
        "InvalidArgument",
        "'Days' in the Transition action for StorageClass 'GLACIER' for filter '()' must be greater than "
        "'Days' in the Transition action for StorageClass 'STANDARD_IA' for filter '()'",
    ),
    (
        "transition_order",
        {
            "Filter": {},
            "NoncurrentVersionTransitions": [
                move_noncurrent(90, "GLACIER"),
                move_noncurrent(30, "DEEP_ARCHIVE"),
            ],
        },
        "InvalidArgument",
        "'NoncurrentDays' in the NoncurrentVersionTransition action for StorageClass 'DEEP_ARCHIVE' for "
        "filter '()' must be greater than 'NoncurrentDays' in the NoncurrentVersionTransition action for "
        "StorageClass 'GLACIER' for filter '()'",
    ),
]


@pytest.mark.parametrize(("name", "rule", "code", "message"), ONE_RULE)
@pytest.mark.parametrize("status", ["Enabled", "Disabled"])
def test_a_rule_is_refused_in_the_words_of_aws(
    name: str, rule: dict[str, Any], code: str, message: str, status: str
) -> None:
    (refusal,) = refused(
        {"Filter": {"Prefix": "z"}, **DAY} if "Prefix" not in rule else {"Prefix": "z", **DAY},
        {"Status": status, **rule},
    )
    assert (refusal.name, refusal.code, refusal.message) == (name, code, message)
    assert [one.index for one in refusal.rules] == [1]
    assert refusal.doc.startswith("https://docs.aws.amazon.com/AmazonS3/latest/")
