"""Reading a configuration, and why a rule leaves an object alone."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from grader.effects.lifecycle import Configuration, Miss, Rule

DAY = {"Expiration": {"Days": 1}}


def rule(**fields: Any) -> Rule:
    return Configuration.read({"Rules": [{"Status": "Enabled", **fields}]}).rules[0]


@pytest.mark.parametrize("reply", [None, {}, [], "x", 7, {"Rules": None}, {"Rules": "x"}, {"Rules": {}}])
def test_what_is_no_configuration_has_no_rules(reply: object) -> None:
    assert Configuration.read(reply) == Configuration((), "all_storage_classes_128K")


def test_rules_keep_their_place_and_name() -> None:
    rules = Configuration.read({"Rules": [{"ID": "a"}, {}, {"ID": ""}, None]}).rules
    assert [(one.index, one.id, one.name) for one in rules] == [
        (0, "a", "a"),
        (1, None, "#2"),
        (2, None, "#3"),
        (3, None, "#4"),
    ]


def test_a_full_rule_is_read() -> None:
    read = rule(
        ID="all",
        Filter={"And": {"Prefix": "p/", "Tags": [{"Key": "k", "Value": "v"}], "ObjectSizeLessThan": 9}},
        Transitions=[{"Date": "2030-01-01T00:00:00Z", "StorageClass": "GLACIER"}],
        NoncurrentVersionTransitions=[{"NoncurrentDays": 3, "NewerNoncurrentVersions": 2, "StorageClass": "GLACIER"}],
        NoncurrentVersionExpiration={"NoncurrentDays": 4},
        AbortIncompleteMultipartUpload={"DaysAfterInitiation": 5},
        **DAY,
    )
    assert (read.filter.prefix, read.filter.tags, read.filter.size_less_than) == ("p/", (("k", "v"),), 9)
    assert read.transitions[0].date == datetime(2030, 1, 1, tzinfo=UTC)
    assert read.noncurrent_version_transitions[0].newer_noncurrent_versions == 2
    assert read.actions == (
        "Expiration",
        "Transition",
        "NoncurrentVersionTransition",
        "NoncurrentVersionExpiration",
        "AbortIncompleteMultipartUpload",
    )


@pytest.mark.parametrize(
    "fields", [{"Filter": {}}, {"Filter": {"Prefix": ""}}, {"Prefix": ""}, {}, {"Filter": {"And": {}}}]
)
def test_the_whole_bucket_may_be_named_in_many_ways(fields: dict[str, Any]) -> None:
    assert rule(**fields).misses("any/key") is None


@pytest.mark.parametrize(
    ("fields", "key", "size", "tags", "miss"),
    [
        ({"Filter": {"Prefix": "logs/"}}, "logs", 0, {}, Miss("prefix", "logs/", "logs")),
        ({"Prefix": "/logs/"}, "logs/a", 0, {}, Miss("prefix", "/logs/", "logs/a")),
        ({"Filter": {"Prefix": "logs"}}, "logs.txt", 0, {}, None),
        ({"Prefix": "a", "Filter": {"Prefix": "ab"}}, "ac", 0, {}, Miss("prefix", "ab", "ac")),
        ({"Filter": {"Tag": {"Key": "k", "Value": "v"}}}, "a", 0, {}, Miss("tag", "k=v", None)),
        ({"Filter": {"Tag": {"Key": "k", "Value": "v"}}}, "a", 0, {"k": "w"}, Miss("tag", "k=v", "k=w")),
        ({"Filter": {"Tag": {"Key": "k"}}}, "a", 0, {"k": "v"}, Miss("tag", "k=", "k=v")),
        ({"Filter": {"Tag": {"Key": "k"}}}, "a", 0, {"k": ""}, None),
        ({"Filter": {"ObjectSizeGreaterThan": 5}}, "a", 5, {}, Miss("size_greater", 5, 5)),
        ({"Filter": {"ObjectSizeGreaterThan": 5}}, "a", 6, {}, None),
        ({"Filter": {"ObjectSizeLessThan": 5}}, "a", 5, {}, Miss("size_less", 5, 5)),
        ({"Filter": {"ObjectSizeLessThan": 5}}, "a", 4, {}, None),
        (
            {"Filter": {"Prefix": "a"}, "Status": "Disabled"},
            "b",
            0,
            {},
            Miss("disabled", "Enabled", "Disabled"),
        ),
        ({"Filter": {}, "Status": None}, "b", 0, {}, Miss("disabled", "Enabled", None)),
    ],
)
def test_a_rule_says_why_it_misses_an_object(
    fields: dict[str, Any], key: str, size: int, tags: dict[str, str], miss: Miss | None
) -> None:
    assert rule(**fields).misses(key, size, tags) == miss


def test_the_filter_of_a_disabled_rule_can_be_asked() -> None:
    disabled = rule(Status="Disabled", Filter={"Prefix": "a"})
    assert disabled.filter.misses("b", 0, {}) == Miss("prefix", "a", "b")


@pytest.mark.parametrize("when", [5, True, "soon", "2030-13-01", None, date(2030, 1, 1), {}])
def test_what_is_no_date_is_left_out(when: object) -> None:
    read = rule(Expiration={"Date": when})
    assert read.expiration is not None
    assert read.expiration.date is None


@pytest.mark.parametrize("days", ["5", True, 5.0, None, []])
def test_what_is_no_number_is_left_out(days: object) -> None:
    read = rule(Expiration={"Days": days}, Filter={"ObjectSizeLessThan": days})
    assert read.expiration is not None
    assert read.expiration.days is None
    assert not read.filter.names_a_size


def test_the_default_minimum_can_be_asked_for() -> None:
    configuration = Configuration.read({"Rules": [{"Filter": {}}, {"Filter": {"ObjectSizeGreaterThan": 1}}]})
    plain, sized = configuration.rules
    assert configuration.keeps_back(plain, 5, "STANDARD_IA")
    assert not configuration.keeps_back(sized, 5, "STANDARD_IA")
    assert not configuration.keeps_back(plain, 128 * 1024, "STANDARD_IA")
