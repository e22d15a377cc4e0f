"""The worked examples of AWS's pages on conflicts and configurations, as they tell them (2026-11-23)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from grader.effects.lifecycle import (
    Bucket,
    Clock,
    Configuration,
    Timeline,
    complete_upload,
    delete,
    noon,
    put,
    simulate,
    start_upload,
)

Rules = list[Any]


def aged(rules: Rules, *history: Any, versioning: Any = None, clock: Clock | None = None) -> Timeline:
    configuration = Configuration.read({"Rules": [{"Status": "Enabled", **rule} for rule in rules]})
    return simulate(Bucket(versioning, configuration), history, clock=clock)


def moved(storage_class: str, days: int) -> Rules:
    return [{"StorageClass": storage_class, "Days": days}]


# https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-conflicts.html


@pytest.mark.parametrize("versioning", [None, "Enabled", "Suspended"])
def test_overlapping_prefixes_do_not_conflict(versioning: str | None) -> None:
    rules = [
        {"Filter": {}, "Expiration": {"Days": 365}},
        {"Filter": {"Prefix": "logs/"}, "Transitions": moved("STANDARD_IA", 30)},
    ]
    timeline = aged(rules, put("logs/a"), put("photo"), versioning=versioning)
    assert [timeline.storage_on(day, "logs/a") for day in (29, 30, 364, 365)] == [
        "STANDARD",
        "STANDARD_IA",
        "STANDARD_IA",
        None,
    ]
    assert [timeline.storage_on(day, "photo") for day in (30, 364, 365)] == ["STANDARD", "STANDARD", None]


def test_an_expiry_wins_over_a_transition_on_the_same_day() -> None:
    rules = [
        {"Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 365}},
        {"Filter": {"Prefix": "logs/"}, "Transitions": moved("STANDARD_IA", 365)},
    ]
    (log,) = aged(rules, put("logs/a")).versions
    assert [change.kind for change in log.changes] == ["created", "deleted"]
    assert log.gone_on == 365


def test_of_two_rules_for_one_class_the_sooner_acts() -> None:
    rules = [
        {"ID": "all", "Filter": {"Prefix": ""}, "Transitions": moved("STANDARD_IA", 10)},
        {"ID": "logs", "Filter": {"Prefix": "logs/"}, "Transitions": moved("STANDARD_IA", 365)},
    ]
    (log,) = aged(rules, put("logs/a")).versions
    (move,) = [change for change in log.changes if change.kind == "transitioned"]
    assert (move.day, move.rule and move.rule.id, move.action) == (10, "all", "Transition")


def test_an_object_with_both_tags_expires_before_it_could_move() -> None:
    rules = [
        {"Filter": {"Tag": {"Key": "tag1", "Value": "value1"}}, "Transitions": moved("GLACIER", 365)},
        {"Filter": {"Tag": {"Key": "tag2", "Value": "value2"}}, "Expiration": {"Days": 14}},
    ]
    timeline = aged(rules, put("both", tags={"tag1": "value1", "tag2": "value2"}), put("one", tags={"tag1": "value1"}))
    assert [timeline.storage_on(day, "both") for day in (13, 14, 365)] == ["STANDARD", None, None]
    assert timeline.storage_on(365, "one") == "GLACIER"


@pytest.mark.parametrize("infrequent", ["STANDARD_IA", "ONEZONE_IA"])
def test_glacier_wins_over_infrequent_access(infrequent: str) -> None:
    rules = [
        {"Filter": {}, "Transitions": moved(infrequent, 40)},
        {"Filter": {}, "Transitions": moved("GLACIER", 40)},
    ]
    timeline = aged(rules, put("a"))
    assert [timeline.storage_on(day) for day in (39, 40, 41)] == ["STANDARD", "GLACIER", "GLACIER"]


@pytest.mark.parametrize(
    ("other", "winner"),
    [
        ("STANDARD_IA", "INTELLIGENT_TIERING"),
        ("ONEZONE_IA", "INTELLIGENT_TIERING"),
        ("GLACIER_IR", "INTELLIGENT_TIERING"),
        ("GLACIER", "GLACIER"),
        ("DEEP_ARCHIVE", "DEEP_ARCHIVE"),
    ],
)
def test_intelligent_tiering_wins_over_all_but_the_archives(other: str, winner: str) -> None:
    rules = [
        {"Filter": {}, "Transitions": moved(other, 40)},
        {"Filter": {}, "Transitions": moved("INTELLIGENT_TIERING", 40)},
    ]
    timeline = aged(rules, put("a"))
    assert [timeline.storage_on(day) for day in (40, 41, 400)] == [winner] * 3


def test_a_transition_goes_before_a_delete_marker_of_the_same_day() -> None:
    rules = [
        {"Filter": {}, "Expiration": {"Days": 50}},
        {"Filter": {}, "Transitions": moved("GLACIER", 50)},
    ]
    first = aged(rules, put("a"), versioning="Enabled").versions[0]
    assert [change.kind for change in first.changes] == ["created", "transitioned", "noncurrent"]


# https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-configuration-examples.html


def test_objects_move_at_the_midnight_after_creation_with_zero_days() -> None:
    rules = [{"Filter": {"Prefix": ""}, "Transitions": moved("GLACIER", 0)}]
    (archived,) = aged(rules, put("a")).versions
    assert archived.changes[1].at == datetime(2027, 1, 2, tzinfo=UTC)
    assert archived.storage_on(0) == "GLACIER"


def test_a_disabled_rule_is_ignored() -> None:
    rules = [
        {"Filter": {"Prefix": "logs/"}, "Transitions": moved("GLACIER", 0)},
        {"Filter": {"Prefix": "documents/"}, "Transitions": moved("GLACIER", 0), "Status": "Disabled"},
    ]
    timeline = aged(rules, put("logs/a"), put("documents/a"))
    assert timeline.storage_on(0, "logs/a") == "GLACIER"
    assert timeline.storage_on(3650, "documents/a") == "STANDARD"


def test_storage_classes_tier_down_over_a_lifetime() -> None:
    rule = {
        "Filter": {"Prefix": "logs/"},
        "Transitions": [*moved("STANDARD_IA", 30), *moved("GLACIER", 90)],
        "Expiration": {"Days": 365},
    }
    timeline = aged([rule], put("logs/a"))
    found = [timeline.storage_on(day) for day in (29, 30, 89, 90, 364, 365)]
    assert found == ["STANDARD", "STANDARD_IA", "STANDARD_IA", "GLACIER", "GLACIER", None]


def test_several_rules_each_take_their_prefix() -> None:
    rules = [
        {"Filter": {"Prefix": "classA/"}, "Transitions": moved("GLACIER", 365), "Expiration": {"Days": 3650}},
        {
            "Filter": {"Prefix": "classB/"},
            "Transitions": moved("STANDARD_IA", 90),
            "Expiration": {"Days": 365},
        },
    ]
    timeline = aged(rules, put("classA/a"), put("classB/b"))
    assert [timeline.storage_on(day, "classA/a") for day in (364, 365, 3650)] == ["STANDARD", "GLACIER", None]
    assert [timeline.storage_on(day, "classB/b") for day in (89, 90, 365)] == [
        "STANDARD",
        "STANDARD_IA",
        None,
    ]


def test_a_years_worth_of_history_keeps_the_five_newest() -> None:
    rule = {
        "Filter": {"Prefix": ""},
        "Transitions": moved("STANDARD_IA", 90),
        "NoncurrentVersionTransitions": [{"NoncurrentDays": 30, "StorageClass": "GLACIER"}],
        "NoncurrentVersionExpiration": {"NewerNoncurrentVersions": 5, "NoncurrentDays": 365},
    }
    timeline = aged([rule], *(put("a", at=noon(day)) for day in range(8)), versioning="Enabled")
    assert [version.gone_on for version in timeline.versions] == [
        366,
        367,
        None,
        None,
        None,
        None,
        None,
        None,
    ]
    assert [version.storage_on(32) for version in timeline.versions[:3]] == ["GLACIER", "GLACIER", "STANDARD"]
    assert [timeline.storage_on(day) for day in (96, 97)] == ["STANDARD", "STANDARD_IA"]


def test_expired_and_noncurrent_objects_are_gone_after_ninety_days_and_the_marker_follows_by_age() -> None:
    rule = {
        "Filter": {},
        "Expiration": {"Days": 60},
        "NoncurrentVersionExpiration": {"NewerNoncurrentVersions": 10, "NoncurrentDays": 30},
    }
    kept = aged([rule], put("a"), versioning="Enabled")
    assert [version.gone_on for version in kept.versions] == [None, None]
    del rule["NoncurrentVersionExpiration"]["NewerNoncurrentVersions"]
    first, marker = aged([rule], put("a"), versioning="Enabled").versions
    assert (first.noncurrent_on, first.gone_on) == (60, 90)
    assert (marker.created_on, marker.gone_on) == (60, 120)
    assert [change.action for change in marker.changes] == ["Expiration", "Expiration"]


def test_an_expired_object_delete_marker_goes_with_the_last_version_behind_it() -> None:
    rule = {
        "Filter": {"Prefix": "logs/"},
        "Expiration": {"ExpiredObjectDeleteMarker": True},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
    }
    timeline = aged([rule], put("logs/a"), delete("logs/a", at=noon(5)), versioning="Enabled")
    assert [version.gone_on for version in timeline.versions] == [35, 35]
    assert timeline.markers[0].changes[-1].action == "ExpiredObjectDeleteMarker"


def test_uploads_are_aborted_after_seven_days() -> None:
    rule = {
        "Filter": {"Prefix": "SomeKeyPrefix/"},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    }
    timeline = aged(
        [rule],
        start_upload("SomeKeyPrefix/a"),
        start_upload("SomeKeyPrefix/b"),
        start_upload("other"),
        complete_upload("SomeKeyPrefix/b", at=noon(7)),
    )
    assert [upload.aborted_on for upload in timeline.uploads] == [7, None, None]
    assert [upload.completed_on for upload in timeline.uploads] == [None, 7, None]


def test_versions_and_markers_without_data_expire_by_size() -> None:
    rule = {
        "Filter": {"ObjectSizeLessThan": 1},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 2},
    }
    timeline = aged(
        [rule],
        put("a", size=0),
        delete("a", at=noon(1)),
        put("a", size=1, at=noon(2)),
        put("a", size=1, at=noon(3)),
        versioning="Enabled",
    )
    assert [version.gone_on for version in timeline.versions] == [3, 4, None, None]


def test_a_size_filter_lets_small_objects_move() -> None:
    rule = {"Filter": {"ObjectSizeGreaterThan": 1}, "Transitions": moved("STANDARD_IA", 30)}
    timeline = aged([rule], put("two", size=2), put("one", size=1))
    assert timeline.storage_on(30, "two") == "STANDARD_IA"
    assert timeline.storage_on(30, "one") == "STANDARD"
