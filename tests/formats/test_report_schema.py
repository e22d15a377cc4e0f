"""The JSON Schema of the report: the contract that other tools rely on."""

from __future__ import annotations

import copy
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.formats import LEVELS, reduced, schema
from grader.report import Outcome, ReportJson

# The contract, told a second time: a key that leaves the schema must not leave this test with it.
NAMED: dict[tuple[str | int, ...], str] = {
    (): (
        "schema labgrade lab student course lang account region parameters submission emulator sandbox"
        " started_at seconds score max_score percent outcome run checks model grading"
    ),
    ("lab",): "id title version",
    ("submission",): "path kind sha256",
    ("emulator",): "name version endpoint fresh",
    ("sandbox",): "level version guarantees",
    ("run",): "exit_code timed_out seconds stdout stderr truncated stages",
    ("run", "stages", 0): "kind entry exit_code timed_out seconds message",
    ("checks", 4): ("id requirement points max_points outcome message found wanted why fix doc needs seconds texts"),
    ("checks", 1, "texts", "found"): "template args",
}
EVERY_KEY = [(path, key) for path, keys in NAMED.items() for key in keys.split()]
WRONG: list[tuple[tuple[str | int, ...], Any]] = [
    (("schema",), "labgrade/report/v2"),
    (("outcome",), "skipped"),
    (("score",), 64.5),
    (("score",), -1),
    (("max_score",), 101),
    (("score",), None),
    (("percent",), 100.5),
    (("started_at",), "2026-08-02 19:02"),
    (("started_at",), "2026-08-02T19:02:11"),
    (("checks", 0, "outcome"), "maybe"),
    (("checks", 0, "outcome"), None),
    (("checks", 0, "points"), 2.5),
    (("checks", 0, "max_points"), "10"),
    (("checks", 0, "requirement"), None),
    (("checks", 0, "needs"), "bucket"),
    (("emulator",), None),
    (("emulator", "fresh"), "yes"),
    (("run", "exit_code"), "1"),
    (("run", "timed_out"), None),
    (("checks",), {}),
    (("model",), None),
    (("grading",), []),
    (("notes", 0, "message"), None),
    (("feedback",), "full"),
    (("counts",), {"won": 3}),
]


def valid(report: ReportJson) -> bool:
    return bool(jsonschema.Draft202012Validator(schema()).is_valid(report))


def at(report: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        report = report[step]
    return report


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


def test_it_accepts_every_sample(graded: ReportJson) -> None:
    jsonschema.Draft202012Validator(schema()).validate(graded)


@pytest.mark.parametrize("feedback", LEVELS)
def test_it_accepts_every_reduced_sample(feedback: str, graded: ReportJson) -> None:
    jsonschema.Draft202012Validator(schema()).validate(reduced(graded, feedback))


def test_the_samples_end_in_every_way(samples: dict[str, ReportJson]) -> None:
    ends = {check["outcome"] for report in samples.values() for check in report["checks"]}
    assert ends == {outcome.value for outcome in Outcome}
    assert {report["outcome"] for report in samples.values()} == {"passed", "failed", "error"}


@given(dropped=st.sampled_from(EVERY_KEY))
def test_a_report_without_a_named_key_is_none(
    dropped: tuple[tuple[str | int, ...], str], samples: dict[str, ReportJson]
) -> None:
    report = copy.deepcopy(samples["crashed"])
    path, key = dropped
    del at(report, path)[key]
    assert not valid(report), dropped


@pytest.mark.parametrize(("path", "value"), WRONG)
def test_a_report_with_a_wrong_value_is_none(
    path: tuple[str | int, ...], value: Any, samples: dict[str, ReportJson]
) -> None:
    report = copy.deepcopy({**samples["timed_out"]})
    at(report, path[:-1])[path[-1]] = value
    assert not valid(report)


@given(
    path=st.sampled_from(sorted(NAMED, key=str)),
    key=st.text(min_size=1).map("x-".__add__),
    value=st.integers(),
)
def test_unknown_keys_are_allowed(
    path: tuple[str | int, ...], key: str, value: int, samples: dict[str, ReportJson]
) -> None:
    report = copy.deepcopy(samples["crashed"])
    at(report, path)[key] = value
    assert valid(report)


@pytest.mark.parametrize("key", ["student", "course", "submission", "percent", "run"])
def test_null_stands_where_there_may_be_nothing(key: str, samples: dict[str, ReportJson]) -> None:
    assert valid({**samples["crashed"], key: None})
