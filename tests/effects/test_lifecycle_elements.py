"""The worked examples of AWS's pages on days, dates, filters and the waterfall, as they tell them (2026-11-23)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from grader.effects.lifecycle import (
    Bucket,
    Clock,
    Configuration,
    Timeline,
    delete,
    noon,
    put,
    simulate,
)

Rules = list[Any]


def aged(rules: Rules, *history: Any, versioning: Any = None, clock: Clock | None = None) -> Timeline:
    configuration = Configuration.read({"Rules": [{"Status": "Enabled", **rule} for rule in rules]})
    return simulate(Bucket(versioning, configuration), history, clock=clock)


def moved(storage_class: str, days: int) -> Rules:
    return [{"StorageClass": storage_class, "Days": days}]


# https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html


def test_days_round_up_to_the_next_midnight() -> None:
    created = datetime(2014, 1, 15, 10, 30, tzinfo=UTC)
    rules = [{"Filter": {}, "Transitions": moved("GLACIER", 3)}]
    (version,) = aged(rules, put("a", at=created), clock=Clock(created)).versions
    assert version.changes[-1].at == datetime(2014, 1, 19, tzinfo=UTC)


def test_noncurrent_days_count_from_the_successor() -> None:
    first, second = datetime(2014, 1, 1, 10, 30, tzinfo=UTC), datetime(2014, 1, 15, 10, 30, tzinfo=UTC)
    rules = [{"Filter": {}, "NoncurrentVersionTransitions": [{"NoncurrentDays": 3, "StorageClass": "GLACIER"}]}]
    history = (put("a", at=first), put("a", at=second))
    version = aged(rules, *history, versioning="Enabled", clock=Clock(first)).versions[0]
    assert version.changes[-1].at == datetime(2014, 1, 19, tzinfo=UTC)


def test_a_deleted_photo_is_permanently_gone_five_days_later() -> None:
    made, deleted = datetime(2014, 1, 1, 10, 30, tzinfo=UTC), datetime(2014, 1, 2, 11, 30, tzinfo=UTC)
    rules = [{"Filter": {}, "NoncurrentVersionExpiration": {"NoncurrentDays": 5}}]
    history = (put("photo.gif", at=made), delete("photo.gif", at=deleted))
    photo = aged(rules, *history, versioning="Enabled", clock=Clock(made)).versions[0]
    assert photo.changes[-1].at == datetime(2014, 1, 8, tzinfo=UTC)


def test_a_past_date_acts_at_once_and_goes_on_acting() -> None:
    rules = [{"Filter": {}, "Expiration": {"Date": datetime(2015, 1, 1, tzinfo=UTC)}}]
    timeline = aged(rules, put("old"), put("new", at=noon(50)))
    assert [version.gone_on for version in timeline.versions] == [0, 50]


def test_a_future_date_waits() -> None:
    rules = [{"Filter": {}, "Expiration": {"Date": datetime(2027, 1, 12, tzinfo=UTC)}}]
    timeline = aged(rules, put("old"), put("new", at=noon(50)))
    assert [version.gone_on for version in timeline.versions] == [10, 50]


# https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-lifecycle.html


def test_an_object_made_just_after_midnight_waits_for_its_whole_day() -> None:
    made = datetime(2020, 1, 2, 0, 5, tzinfo=UTC)
    rules = [{"Filter": {}, "Expiration": {"Days": 1}}]
    (version,) = aged(rules, put("a", at=made), clock=Clock(made)).versions
    assert version.changes[-1].at == datetime(2020, 1, 4, tzinfo=UTC)


# https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-filters.html


@pytest.mark.parametrize(
    ("key", "taken"), [("sales1999/a", True), ("sales2000/b", True), ("sale", False), ("old/sales1/a", False)]
)
def test_a_prefix_is_the_start_of_a_text(key: str, taken: bool) -> None:
    rules = [{"Filter": {"Prefix": "sales"}, "Expiration": {"Days": 1}}]
    assert (aged(rules, put(key)).storage_on(1) is None) is taken


@pytest.mark.parametrize(("size", "taken"), [(500, False), (501, True), (63_999, True), (64_000, False)])
def test_size_filters_exclude_the_sizes_that_they_name(size: int, taken: bool) -> None:
    sizes = {"Prefix": "k", "ObjectSizeGreaterThan": 500, "ObjectSizeLessThan": 64_000}
    rules = [{"Filter": {"And": sizes}, "Expiration": {"Days": 1}}]
    assert (aged(rules, put("key", size=size)).storage_on(1) is None) is taken


@pytest.mark.parametrize(
    ("tags", "taken"),
    [
        ({"key1": "value1", "key2": "value2"}, True),
        ({"key1": "value1", "key2": "value2", "more": ""}, True),
        ({"key1": "value1"}, False),
        ({"key1": "value1", "key2": "Value2"}, False),
        ({}, False),
    ],
)
def test_all_tags_must_match_and_more_do_not_matter(tags: dict[str, str], taken: bool) -> None:
    wanted = [{"Key": "key1", "Value": "value1"}, {"Key": "key2", "Value": "value2"}]
    rules = [{"Filter": {"And": {"Tags": wanted}}, "Expiration": {"Days": 1}}]
    assert (aged(rules, put("key", tags=tags)).storage_on(1) is None) is taken


# https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html

WATERFALL = {
    "STANDARD": {"STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"},
    "STANDARD_IA": {"INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"},
    "INTELLIGENT_TIERING": {"ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"},
    "ONEZONE_IA": {"GLACIER", "DEEP_ARCHIVE"},
    "GLACIER_IR": {"GLACIER", "DEEP_ARCHIVE"},
    "GLACIER": {"DEEP_ARCHIVE"},
    "DEEP_ARCHIVE": set(),
    "REDUCED_REDUNDANCY": {"GLACIER", "DEEP_ARCHIVE"},
}


@pytest.mark.parametrize("source", WATERFALL)
@pytest.mark.parametrize("target", sorted(WATERFALL["STANDARD"]))
def test_objects_move_only_down_the_waterfall(source: str, target: str) -> None:
    timeline = aged([{"Filter": {}, "Transitions": moved(target, 1)}], put("a", storage_class=source))
    assert timeline.storage_on(1) == (target if target in WATERFALL[source] else source)
