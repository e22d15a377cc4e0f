"""What becomes of versions and delete markers, day by day."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from grader.effects.lifecycle import (
    NOON_OF_DAY_0,
    Bucket,
    Clock,
    Configuration,
    Timeline,
    delete,
    noon,
    put,
    set_versioning,
    simulate,
)

FLOOR = 128 * 1024
EXPIRE_30 = {"ID": "expire", "Filter": {}, "Expiration": {"Days": 30}}
PURGE_60 = {"ID": "purge", "Filter": {}, "NoncurrentVersionExpiration": {"NoncurrentDays": 60}}
CLEAN_UP = {"ID": "clean", "Filter": {}, "Expiration": {"ExpiredObjectDeleteMarker": True}}


def configured(*rules: dict[str, Any], default_minimum: str | None = None) -> Configuration:
    enabled = [{"Status": "Enabled", **rule} for rule in rules]
    return Configuration.read({"Rules": enabled, "TransitionDefaultMinimumObjectSize": default_minimum})


def aged(*rules: dict[str, Any], history: list[Any], versioning: Any = "Enabled", **options: Any) -> Timeline:
    return simulate(Bucket(versioning, configured(*rules)), history, **options)


def kinds(timeline: Timeline) -> list[list[tuple[int, str]]]:
    return [[(change.day, change.kind) for change in version.changes] for version in timeline.versions]


def test_nothing_happens_without_a_configuration() -> None:
    timeline = simulate(Bucket("Enabled"), [put("a")])
    assert kinds(timeline) == [[(0, "created")]]
    assert timeline.storage_on(3650) == "STANDARD"


def test_an_expiry_hides_a_versioned_object_under_a_delete_marker() -> None:
    timeline = aged(EXPIRE_30, history=[put("a")])
    assert kinds(timeline) == [[(0, "created"), (30, "noncurrent")], [(30, "created")]]
    marker = timeline.current_on("a", 30)
    assert marker is not None
    assert marker.is_delete_marker
    assert marker.id != timeline.versions[0].id
    assert timeline.storage_on(30) is None
    assert timeline.versions[0].storage_on(3650) == "STANDARD"


def test_an_expiry_deletes_for_good_without_versioning() -> None:
    timeline = aged(EXPIRE_30, PURGE_60, CLEAN_UP, history=[put("a")], versioning=None)
    assert kinds(timeline) == [[(0, "created"), (30, "deleted")]]
    assert timeline.current_on("a", 30) is None
    assert timeline.versions[0].noncurrent_on is None


def test_an_expiry_overwrites_a_null_version_where_versioning_is_suspended() -> None:
    timeline = aged(EXPIRE_30, history=[put("a")], versioning="Suspended")
    assert kinds(timeline) == [[(0, "created"), (30, "deleted")], [(30, "created"), (60, "deleted")]]
    assert [version.id for version in timeline.versions] == ["null", "null"]
    assert timeline.versions[0].changes[-1].rule is timeline.versions[1].changes[0].rule


def test_an_expiry_keeps_a_version_with_an_id_where_versioning_is_suspended() -> None:
    timeline = aged(EXPIRE_30, history=[put("a"), set_versioning("Suspended", at=noon(1))])
    first, marker = timeline.versions
    assert (first.noncurrent_on, first.gone_on, marker.id) == (30, None, "null")


def test_a_null_marker_replaces_a_null_version_further_down() -> None:
    history = [
        put("a"),
        set_versioning("Enabled", at=noon(1)),
        put("a", at=noon(2)),
        set_versioning("Suspended", at=noon(3)),
        delete("a", at=noon(4)),
    ]
    null, kept, marker = aged(history=history, versioning=None).versions
    assert (null.id, null.gone_on, kept.noncurrent_on, kept.gone_on, marker.id) == (
        "null",
        4,
        4,
        None,
        "null",
    )


def test_writing_twice_without_versioning_or_with_it_suspended_keeps_one_version() -> None:
    for versioning in (None, "Suspended"):
        timeline = aged(PURGE_60, history=[put("a"), put("a", at=noon(5))], versioning=versioning)
        assert kinds(timeline) == [[(0, "created"), (5, "deleted")], [(5, "created")]]


def test_deleting_without_versioning_is_for_good() -> None:
    timeline = aged(history=[put("a"), delete("a", at=noon(5))], versioning=None)
    assert kinds(timeline) == [[(0, "created"), (5, "deleted")]]
    assert timeline.versions[0].changes[-1].rule is None


def test_an_overwritten_or_deleted_version_is_gone_after_its_noncurrent_days() -> None:
    timeline = aged(PURGE_60, history=[put("a"), put("a", at=noon(10)), delete("a", at=noon(20))])
    assert [version.gone_on for version in timeline.versions] == [70, 80, None]
    first = timeline.versions[0]
    assert (first.storage_on(69), first.storage_on(70)) == ("STANDARD", None)
    assert (first.changes[-1].rule and first.changes[-1].rule.id, first.changes[-1].action) == (
        "purge",
        "NoncurrentVersionExpiration",
    )


def test_what_lifecycle_makes_at_midnight_counts_from_that_midnight() -> None:
    timeline = aged(EXPIRE_30, PURGE_60, history=[put("a")])
    assert (timeline.versions[0].noncurrent_on, timeline.versions[0].gone_on) == (30, 90)


def test_what_the_owner_makes_at_midnight_counts_from_that_midnight() -> None:
    midnight = datetime(2027, 1, 2, tzinfo=UTC)
    (version,) = aged(EXPIRE_30, history=[put("a", at=midnight)], versioning=None).versions
    assert (version.created_on, version.gone_on) == (0, 30)
    later = midnight + timedelta(microseconds=1)
    assert aged(EXPIRE_30, history=[put("a", at=later)], versioning=None).versions[0].gone_on == 31


def test_moments_in_other_zones_count_in_utc() -> None:
    clock = Clock(datetime(2027, 1, 1, 12))
    eastern = timezone(timedelta(hours=-5))
    assert clock.day(datetime(2027, 1, 1, 19, tzinfo=eastern)) == 0
    assert clock.day(datetime(2027, 1, 1, 19, 1, tzinfo=eastern)) == 1
    assert clock.midnight(0) == datetime(2027, 1, 2, tzinfo=UTC)


def test_a_transition_leaves_noncurrent_versions_alone() -> None:
    rule = {"Filter": {}, "Transitions": [{"Days": 30, "StorageClass": "GLACIER"}]}
    timeline = aged(rule, history=[put("a"), put("a", at=noon(29))])
    assert timeline.versions[0].storage_on(3650) == "STANDARD"
    assert timeline.versions[1].storage_on(59) == "GLACIER"


def test_noncurrent_transitions_leave_current_versions_and_markers_alone() -> None:
    move = {"NoncurrentDays": 5, "StorageClass": "GLACIER"}
    timeline = aged(
        {"Filter": {}, "NoncurrentVersionTransitions": [move]},
        history=[put("a"), delete("a", at=noon(1)), put("a", at=noon(2))],
    )
    assert kinds(timeline) == [
        [(0, "created"), (1, "noncurrent"), (6, "transitioned")],
        [(1, "created"), (2, "noncurrent")],
        [(2, "created")],
    ]


def test_noncurrent_transitions_keep_the_newest_back() -> None:
    move = {"NoncurrentDays": 5, "StorageClass": "GLACIER", "NewerNoncurrentVersions": 1}
    timeline = aged(
        {"Filter": {}, "NoncurrentVersionTransitions": [move]},
        history=[put("a"), put("a", at=noon(1)), put("a", at=noon(20))],
    )
    moved = [[one.day for one in version.changes if one.kind == "transitioned"] for version in timeline.versions]
    assert moved == [[20], [], []]


def test_noncurrent_delete_markers_do_not_count_among_the_newest() -> None:
    rule = {"Filter": {}, "NoncurrentVersionExpiration": {"NoncurrentDays": 1, "NewerNoncurrentVersions": 1}}
    timeline = aged(rule, history=[put("a"), delete("a", at=noon(1)), put("a", at=noon(2))])
    assert [version.gone_on for version in timeline.versions] == [None, None, None]
    more = aged(rule, history=[put("a"), delete("a", at=noon(1)), put("a", at=noon(2)), put("a", at=noon(3))])
    assert [version.gone_on for version in more.versions] == [3, 3, None, None]


def test_the_newest_versions_are_kept_even_when_several_fall_due_at_once() -> None:
    rule = {"Filter": {}, "NoncurrentVersionExpiration": {"NoncurrentDays": 1, "NewerNoncurrentVersions": 2}}
    timeline = aged(rule, history=[put("a", at=NOON_OF_DAY_0 + timedelta(minutes=n)) for n in range(6)])
    assert [version.gone_on for version in timeline.versions] == [1, 1, 1, None, None, None]


def test_of_two_limits_each_acts_by_its_own_count_and_days() -> None:
    few = {"Filter": {}, "NoncurrentVersionExpiration": {"NoncurrentDays": 5, "NewerNoncurrentVersions": 2}}
    timeline = aged(few, PURGE_60, history=[put("a", at=noon(n)) for n in range(4)])
    assert [version.gone_on for version in timeline.versions] == [6, 62, 63, None]


def test_removing_a_delete_marker_by_its_id_brings_the_object_back() -> None:
    history = [put("a"), delete("a", at=noon(5)), delete("a", version="v2", at=noon(10))]
    timeline = aged({**EXPIRE_30, "Expiration": {"Days": 40}}, PURGE_60, history=history)
    first, marker = timeline.versions[:2]
    assert (marker.gone_on, timeline.storage_on(9), timeline.storage_on(10)) == (10, None, "STANDARD")
    assert [change.day for change in first.changes] == [0, 5, 10, 40, 100]


def test_deleting_a_version_by_its_id_leaves_the_others() -> None:
    history = [put("a", version="x"), put("a", version="y", at=noon(1)), delete("a", version="x", at=noon(2))]
    timeline = aged(history=[*history, delete("a", version="unknown", at=noon(3))])
    assert [version.gone_on for version in timeline.versions] == [2, None]
    assert timeline.current_on("a", 3) == timeline.versions[1]


def test_a_version_stays_noncurrent_from_its_first_burial() -> None:
    history = [put("a"), put("a", at=noon(1)), put("a", at=noon(50)), delete("a", version="v2", at=noon(51))]
    assert aged(PURGE_60, history=history).versions[0].gone_on == 61


def test_a_delete_marker_over_a_version_stays() -> None:
    timeline = aged(CLEAN_UP, EXPIRE_30, history=[put("a"), delete("a", at=noon(5))])
    assert timeline.markers[0].gone_on is None


def test_a_lone_delete_marker_goes_at_once_or_by_its_age() -> None:
    alone = [delete("a", at=noon(5))]
    assert aged(CLEAN_UP, history=alone).markers[0].gone_on == 5
    assert aged(EXPIRE_30, history=alone).markers[0].gone_on == 35
    dated = {"Filter": {}, "Expiration": {"Date": datetime(2027, 1, 22, tzinfo=UTC)}}
    assert aged(dated, history=alone).markers[0].gone_on == 20
    assert aged(PURGE_60, history=alone).markers[0].gone_on is None


def test_of_two_delete_markers_neither_is_alone() -> None:
    both = [delete("a", at=noon(0)), delete("a", at=noon(0))]
    assert [marker.gone_on for marker in aged(CLEAN_UP, history=both).markers] == [None, None]
    assert [marker.gone_on for marker in aged(CLEAN_UP, PURGE_60, history=both).markers] == [60, 60]


def test_a_rule_with_a_tag_does_not_meet_a_delete_marker() -> None:
    tagged = {"Filter": {"Tag": {"Key": "k", "Value": "v"}}, "Expiration": {"Days": 1}}
    assert aged(tagged, history=[delete("a", at=noon(0))]).markers[0].gone_on is None
