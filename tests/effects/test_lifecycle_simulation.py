"""Small objects, uploads, odd rules and odd histories."""

from datetime import UTC, datetime, timedelta
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
from grader.effects.lifecycle.program import Program

FLOOR = 128 * 1024
EXPIRE_30 = {"ID": "expire", "Filter": {}, "Expiration": {"Days": 30}}
PURGE_60 = {"ID": "purge", "Filter": {}, "NoncurrentVersionExpiration": {"NoncurrentDays": 60}}
CLEAN_UP = {"ID": "clean", "Filter": {}, "Expiration": {"ExpiredObjectDeleteMarker": True}}


def configured(*rules: dict[str, Any], default_minimum: str | None = None) -> Configuration:
    enabled = [{"Status": "Enabled", **rule} for rule in rules]
    return Configuration.read({"Rules": enabled, "TransitionDefaultMinimumObjectSize": default_minimum})


def aged(*rules: Any, history: list[Any], versioning: Any = "Enabled", **options: Any) -> Timeline:
    return simulate(Bucket(versioning, configured(*rules)), history, **options)


def kinds(timeline: Timeline) -> list[list[tuple[int, str]]]:
    return [[(change.day, change.kind) for change in version.changes] for version in timeline.versions]


@pytest.mark.parametrize(
    ("default_minimum", "storage_class", "size", "moves"),
    [
        (None, "STANDARD_IA", FLOOR - 1, False),
        (None, "STANDARD_IA", FLOOR, True),
        (None, "DEEP_ARCHIVE", FLOOR - 1, False),
        ("all_storage_classes_128K", "GLACIER", FLOOR - 1, False),
        ("varies_by_storage_class", "GLACIER", FLOOR - 1, True),
        ("varies_by_storage_class", "DEEP_ARCHIVE", 0, True),
        ("varies_by_storage_class", "GLACIER_IR", FLOOR - 1, False),
        ("varies_by_storage_class", "INTELLIGENT_TIERING", FLOOR - 1, False),
        ("varies_by_storage_class", "STANDARD_IA", FLOOR, True),
    ],
)
@pytest.mark.parametrize("noncurrent", [False, True])
def test_small_objects_stay_by_the_default_minimum(
    default_minimum: str | None, storage_class: str, size: int, moves: bool, noncurrent: bool
) -> None:
    current = {"Transitions": [{"Days": 9, "StorageClass": storage_class}]}
    older = {"NoncurrentVersionTransitions": [{"NoncurrentDays": 9, "StorageClass": storage_class}]}
    rule = {"Filter": {"Prefix": ""}, **(older if noncurrent else current)}
    configuration = configured(rule, default_minimum=default_minimum)
    timeline = simulate(
        Bucket("Enabled", configuration), [put("a", size=size), *([delete("a", at=noon(0))] * noncurrent)]
    )
    assert timeline.versions[0].storage_on(9) == (storage_class if moves else "STANDARD")


@pytest.mark.parametrize("sizes", [{"ObjectSizeGreaterThan": 0}, {"ObjectSizeLessThan": FLOOR}])
def test_a_size_of_its_own_frees_a_rule_from_the_default_minimum(sizes: dict[str, int]) -> None:
    rule = {"Filter": sizes, "Transitions": [{"Days": 9, "StorageClass": "STANDARD_IA"}]}
    assert aged(rule, history=[put("a", size=1)]).storage_on(9) == "STANDARD_IA"


def test_a_small_object_never_moves_but_still_expires() -> None:
    rule = {"Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}], "Expiration": {"Days": 365}}
    timeline = aged({"Filter": {"Prefix": "logs/"}, **rule}, history=[put("logs/a", size=FLOOR - 1)])
    assert [timeline.storage_on(day) for day in (30, 364, 365)] == ["STANDARD", "STANDARD", None]


def test_an_upload_that_was_aborted_cannot_be_completed() -> None:
    rule = {"Filter": {}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}
    late = noon(7) + timedelta(days=1)
    timeline = aged(rule, history=[start_upload("a"), complete_upload("a", at=late)])
    assert timeline.versions == ()
    (upload,) = timeline.uploads
    assert [(change.day, change.kind, change.action) for change in upload.changes] == [
        (0, "started", None),
        (7, "aborted", "AbortIncompleteMultipartUpload"),
    ]
    assert (upload.started_on, upload.aborted_on, upload.completed_on) == (0, 7, None)


def test_uploads_of_one_key_are_told_apart() -> None:
    history = [start_upload("a", upload="x"), start_upload("a", upload="y", at=noon(1))]
    timeline = aged(history=[*history, complete_upload("a", upload="y", at=noon(2), size=7, tags={"k": "v"})])
    assert [(upload.id, upload.completed_on) for upload in timeline.uploads] == [("x", None), ("y", 2)]
    assert (timeline.versions[0].size, timeline.versions[0].tags) == (7, (("k", "v"),))


def test_the_age_of_a_multipart_object_counts_from_its_start() -> None:
    timeline = aged(EXPIRE_30, history=[start_upload("a"), complete_upload("a", at=noon(5))], versioning=None)
    (version,) = timeline.versions
    assert (version.created_on, version.last_modified_on, version.gone_on) == (5, 0, 30)
    assert timeline.storage_on(4) is None


def test_completing_an_upload_twice_or_one_never_begun_does_nothing() -> None:
    history = [complete_upload("b", at=noon(0)), start_upload("a"), *([complete_upload("a", at=noon(1))] * 2)]
    assert len(aged(history=history).versions) == 1


def test_an_abort_ignores_the_tags_and_sizes_that_aws_refuses_beside_it() -> None:
    abort = {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}
    parts = {"Prefix": "a", "ObjectSizeGreaterThan": 5, "Tags": [{"Key": "k", "Value": "v"}]}
    timeline = aged({"Filter": {"And": parts}, **abort}, history=[start_upload("a"), start_upload("b")])
    assert [upload.aborted_on for upload in timeline.uploads] == [7, None]


def test_what_aws_refuses_is_judged_as_if_it_were_mended() -> None:
    mixed = [{"Prefix": "logs/", "Expiration": {"Days": 9}}, {"Filter": {}, "Expiration": {"Days": 20}}]
    timeline = aged(*mixed, history=[put("logs/a"), put("b")], versioning=None)
    assert [version.gone_on for version in timeline.versions] == [9, 20]
    early = {
        "Filter": {},
        "Transitions": [{"Days": 30, "StorageClass": "GLACIER"}],
        "Expiration": {"Days": 20},
    }
    assert aged(early, history=[put("a")], versioning=None).versions[0].gone_on == 20
    both = {"Filter": {}, "Expiration": {"Days": 30, "ExpiredObjectDeleteMarker": True}}
    timeline = aged(both, PURGE_60, history=[put("a")])
    assert [version.gone_on for version in timeline.versions] == [90, 90]
    dated = {"Filter": {}, "Expiration": {"Days": 30, "Date": datetime(2027, 1, 12, tzinfo=UTC)}}
    assert aged(dated, history=[put("a")], versioning=None).versions[0].gone_on == 10


@pytest.mark.parametrize(
    "action",
    [
        {"Expiration": {"Days": -1}},
        {"Expiration": {}},
        {"Transitions": [{"StorageClass": "GLACIER"}]},
        {"Transitions": [{"Days": 3}]},
        {"Transitions": [{"Days": 3, "StorageClass": "STANDARD"}]},
        {"Transitions": [{"Days": 3, "StorageClass": "CELLAR"}]},
        {"Transitions": [{"Days": -3, "StorageClass": "GLACIER"}]},
        {"NoncurrentVersionExpiration": {"NewerNoncurrentVersions": 1}},
        {"NoncurrentVersionTransitions": [{"StorageClass": "GLACIER"}]},
        {"AbortIncompleteMultipartUpload": {}},
        {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": -1}},
    ],
)
def test_what_means_nothing_does_nothing(action: dict[str, Any]) -> None:
    history = [put("a"), put("a", at=noon(1)), put("a", at=noon(2)), start_upload("a")]
    timeline = aged({"Filter": {}, **action}, history=history)
    assert all(change.rule is None for change in timeline.changes)


def test_old_singular_elements_are_read_too() -> None:
    rule = {
        "Prefix": "",
        "Transition": {"Days": 3, "StorageClass": "GLACIER"},
        "NoncurrentVersionTransition": {"NoncurrentDays": 4, "StorageClass": "DEEP_ARCHIVE"},
    }
    first, second = aged(rule, history=[put("a"), put("a", at=noon(10))]).versions
    assert [first.storage_on(day) for day in (2, 3, 14)] == ["STANDARD", "GLACIER", "DEEP_ARCHIVE"]
    assert second.storage_on(13) == "GLACIER"


def test_later_transitions_go_on_down_the_waterfall_whatever_rule_they_are_in() -> None:
    rules = [
        {"Filter": {}, "Transitions": [{"Days": days, "StorageClass": name}]}
        for days, name in ((40, "ONEZONE_IA"), (10, "STANDARD_IA"), (50, "STANDARD_IA"), (90, "DEEP_ARCHIVE"))
    ]
    timeline = aged(*rules, history=[put("a")])
    found = [timeline.storage_on(day) for day in (9, 10, 40, 50, 90)]
    assert found == ["STANDARD", "STANDARD_IA", "ONEZONE_IA", "ONEZONE_IA", "DEEP_ARCHIVE"]


def test_events_out_of_order_and_after_the_end_are_put_right() -> None:
    timeline = aged(history=[put("a", at=noon(8)), put("a"), put("a", at=noon(11))], days=10)
    assert kinds(timeline) == [[(0, "created"), (8, "noncurrent")], [(8, "created")]]


def test_questions_about_days_that_were_not_simulated_are_refused() -> None:
    timeline = aged(history=[put("a"), put("b")], days=10)
    with pytest.raises(ValueError, match="Day 11 lies after the 10 days"):
        timeline.storage_on(11, "a")
    with pytest.raises(ValueError, match="name the key: the history has 2"):
        timeline.storage_on(10)


def test_changes_are_listed_by_day_with_uploads() -> None:
    timeline = aged(EXPIRE_30, history=[put("b", at=noon(3)), put("a"), start_upload("c", at=noon(1))])
    assert [change.day for change in timeline.changes] == [0, 1, 3, 30, 30, 33, 33]
    assert [version.id for version in timeline.of("a")] == ["v1", "v2"]


def test_a_thousand_rules_and_twenty_objects_end() -> None:
    classes = ["STANDARD_IA", "INTELLIGENT_TIERING", "GLACIER", "DEEP_ARCHIVE"]
    rules = [
        {
            "ID": str(n),
            "Filter": {},
            "Transitions": [{"Days": 3000 - n, "StorageClass": classes[n % 4]}],
            "Expiration": {"Days": 3300 - n},
            "NoncurrentVersionExpiration": {
                "NoncurrentDays": 1 + n,
                "NewerNoncurrentVersions": 1 + (n * 7) % 100,
            },
        }
        for n in range(1000)
    ]
    timeline = aged(*rules, history=[put(f"k{n}") for n in range(20)])
    assert {version.noncurrent_on for version in timeline.versions if not version.is_delete_marker} == {2301}


def test_versions_that_fall_due_together_go_oldest_first() -> None:
    tagged = {"Tag": {"Key": "k", "Value": "v"}}
    rules = [
        {"Filter": tagged, "NoncurrentVersionExpiration": {"NoncurrentDays": 1}},
        {"Filter": {}, "NoncurrentVersionExpiration": {"NoncurrentDays": 1, "NewerNoncurrentVersions": 1}},
    ]
    history = [put("a"), put("a", tags={"k": "v"}), put("a")]
    assert [version.gone_on for version in aged(*rules, history=history).versions] == [1, 1, None]


def test_delete_markers_have_no_storage_class_to_change() -> None:
    move = {"StorageClass": "GLACIER"}
    rule = {
        "Filter": {"ObjectSizeLessThan": 10},
        "Transitions": [{"Days": 1, **move}],
        "NoncurrentVersionTransitions": [{"NoncurrentDays": 1, **move}],
    }
    timeline = aged(rule, history=[delete("a", at=noon(0)), delete("a", at=noon(5))])
    assert [[change.kind for change in marker.changes] for marker in timeline.markers] == [
        ["created", "noncurrent"],
        ["created"],
    ]


def test_a_step_with_a_past_date_is_due_at_once() -> None:
    past = {"Filter": {}, "Expiration": {"Date": datetime(2020, 1, 1, tzinfo=UTC)}}
    (step,) = Program(configured(past), Clock()).plan("a", 1, ()).expirations
    assert (step.due(0), step.due(50)) == (0, 50)


@pytest.mark.parametrize("status", ["Disabled", "enabled", None])
def test_a_rule_that_is_not_enabled_does_nothing(status: str | None) -> None:
    rule = {
        "Status": status,
        "Filter": {},
        "Expiration": {"ExpiredObjectDeleteMarker": True},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
    }
    timeline = aged(rule, history=[put("a"), put("a"), delete("b", at=noon(0)), start_upload("c")])
    assert all(change.rule is None for change in timeline.changes)


def test_a_past_date_in_one_rule_takes_new_objects_before_the_days_of_another() -> None:
    dated = {"Filter": {}, "Expiration": {"Date": datetime(2027, 2, 1, tzinfo=UTC)}}
    timeline = aged(
        {**EXPIRE_30, "Expiration": {"Days": 10}},
        dated,
        history=[put("a"), put("b", at=noon(50))],
        versioning=None,
    )
    assert [version.gone_on for version in timeline.versions] == [10, 50]
