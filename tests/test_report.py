"""The report: its arithmetic, and the form in which two gradings of the same work are equal."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.report import CheckResult, Note, Outcome, Report, ReportJson, canonical, shares
from grader.texts import say

weights = st.lists(st.integers(min_value=1, max_value=1000), min_size=1, max_size=60)


def report(*outcomes: Outcome, weight: tuple[int, ...] = (), **parts: Any) -> Report:
    """A report whose checks ended so, each with its share of 100."""
    points = shares(weight or (1,) * len(outcomes)) if outcomes else []
    checks = [
        CheckResult(f"check_{n}", say("Holds"), share, outcome, seconds=0.1 * n)
        for n, (share, outcome) in enumerate(zip(points, outcomes, strict=True))
    ]
    about: dict[str, Any] = {
        "lab": {"id": "hello", "title": "Hello", "version": "1"},
        "parameters": {"token": "3fa9c1"},
        "emulator": {"name": "moto", "version": "5.2.5", "endpoint": "http://127.0.0.1:4566", "fresh": True},
        "sandbox": {"level": "bwrap", "version": "0.8.0", "guarantees": []},
        **{
            "account": "123456789012",
            "region": "us-east-1",
            "started_at": "2026-08-02T19:02:11Z",
            "seconds": 1.0,
        },
    }
    return Report(checks=tuple(checks), **{**about, **parts})


PASSED, FAILED, SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.SKIPPED
ERROR, INCONCLUSIVE = Outcome.ERROR, Outcome.INCONCLUSIVE


@given(weights)
def test_shares_add_up_to_a_hundred(by_weight: list[int]) -> None:
    assert sum(shares(by_weight)) == 100


@given(weights)
def test_a_share_is_less_than_a_point_away_from_what_is_due(by_weight: list[int]) -> None:
    for share, weight in zip(shares(by_weight), by_weight, strict=True):
        assert abs(share - 100 * weight / sum(by_weight)) < 1


@given(weights)
def test_a_greater_weight_never_has_the_smaller_share(by_weight: list[int]) -> None:
    ordered = shares(sorted(by_weight))
    by_value = dict(zip(sorted(by_weight), ordered, strict=True))
    least = {
        weight: min(s for s, w in zip(ordered, sorted(by_weight), strict=True) if w == weight) for weight in by_value
    }
    assert [least[w] for w in sorted(least)] == sorted(least.values())


@pytest.mark.parametrize(
    ("by_weight", "points"),
    [
        ([1, 1, 1], [34, 33, 33]),
        ([10, 15, 75], [10, 15, 75]),
        ([1] * 7, [15, 15, 14, 14, 14, 14, 14]),
        ([1, 2], [33, 67]),
        ([1], [100]),
    ],
)
def test_what_is_left_over_goes_to_the_largest_remainder_and_then_to_the_earlier(
    by_weight: list[int], points: list[int]
) -> None:
    assert shares(by_weight) == points


@pytest.mark.parametrize("by_weight", [[], [0], [1, 0], [3, -1]])
def test_weights_are_positive(by_weight: list[int]) -> None:
    with pytest.raises(ValueError, match="positive"):
        shares(by_weight)


def test_only_what_passed_earns_points() -> None:
    graded = report(PASSED, FAILED, SKIPPED, PASSED, weight=(10, 20, 30, 40))
    assert [check.points for check in graded.checks] == [10, 0, 0, 40]
    assert (graded.score, graded.max_score, graded.percent) == (50, 100, 50.0)


def test_what_could_not_be_shown_is_left_out_of_the_maximum() -> None:
    graded = report(PASSED, INCONCLUSIVE, weight=(85, 15))
    assert (graded.score, graded.max_score, graded.percent) == (85, 85, 100.0)
    assert graded.outcome == "passed"


def test_an_error_counts_in_the_maximum_and_allows_no_mark() -> None:
    graded = report(PASSED, ERROR, weight=(85, 15))
    assert (graded.max_score, graded.outcome) == (100, "error")


def test_percent_has_one_decimal_and_is_of_the_maximum() -> None:
    assert report(PASSED, FAILED, INCONCLUSIVE, weight=(1, 2, 97)).percent == 33.3
    assert report(INCONCLUSIVE).percent is None


@pytest.mark.parametrize(
    ("outcomes", "min_percent", "code"),
    [
        ((PASSED, PASSED), None, 0),
        ((PASSED, INCONCLUSIVE), None, 0),
        ((PASSED, FAILED), None, 1),
        ((PASSED, SKIPPED), None, 1),
        ((PASSED, FAILED), 50, 0),
        ((PASSED, FAILED), 50.1, 1),
        ((FAILED, FAILED), 0, 0),
        ((PASSED, ERROR), 10, 3),
        ((PASSED, ERROR), None, 3),
        ((INCONCLUSIVE, INCONCLUSIVE), None, 3),
        ((INCONCLUSIVE,), 0, 3),
        ((), None, 3),
    ],
)
def test_the_exit_code_tells_who_has_to_act(
    outcomes: tuple[Outcome, ...], min_percent: float | None, code: int
) -> None:
    assert report(*outcomes).exit_code(min_percent) == code


def graded_twice() -> tuple[ReportJson, ReportJson]:
    """Two gradings of the same work: other ids, times, ports, paths, versions and token."""
    return _grading("3fa9c1", "a", 4566, "5.2.5"), _grading("77b0e2", "b", 40123, "5.3.0")


def _grading(token: str, digit: str, port: int, version: str) -> ReportJson:
    vpc, subnet, uuid = (
        f"vpc-{digit * 17}",
        f"subnet-{digit * 8}",
        "-".join(digit * n for n in (8, 4, 4, 4, 12)),
    )
    endpoint = f"http://127.0.0.1:{port}"
    found = say("{subnet} of {vpc} ({uuid}) at {url}", subnet=subnet, vpc=vpc, uuid=uuid, url=f"{endpoint}/q-{token}")
    check = CheckResult("a", say("Holds"), 100, FAILED, found=found, seconds=port / 7)
    stage = {
        "kind": "shell",
        "entry": "main.sh",
        "exit_code": 0,
        "timed_out": False,
        "seconds": port / 9,
        "message": None,
    }
    run = {
        "exit_code": 0,
        "timed_out": False,
        "seconds": port / 3,
        "stdout": f"/tmp/{digit}",
        "stderr": f"{port}",
    }
    made = report(
        seconds=port / 5,
        started_at=f"2026-08-0{port % 9 + 1}T00:00:00Z",
        lab={"id": "hello", "title": "Hello", "version": version},
        parameters={"token": token, "bucket": f"photos-{token}"},
        emulator={"name": "moto", "version": version, "endpoint": endpoint, "fresh": True},
        sandbox={"level": digit, "version": version, "guarantees": []},
        submission={"path": f"/home/{digit}/main.sh", "kind": "shell", "sha256": digit * 64},
        run={**run, "truncated": False, "stages": [stage]},
        model={"by_id": {vpc: {"name": f"photos-{token}"}}},
        grading={"attempt": port},
        notes=[Note("sandbox", say("what {level} does not stop", level=digit)), Note("cost", say("a NAT gateway"))],
    )
    return {**made.to_json(), "checks": [check.to_json()], "labgrade": version}


def test_two_gradings_of_the_same_work_have_one_canonical_form() -> None:
    first, second = graded_twice()
    assert first != second
    assert canonical(first) == canonical(second)


def test_the_canonical_form_is_what_was_approved() -> None:
    form = canonical(graded_twice()[0])
    assert form["checks"][0]["found"] == "<id-1> of <id-2> (<id-3>) at <endpoint>/q-<token>"
    assert form["checks"][0]["texts"]["found"]["args"] == {
        "subnet": "<id-1>",
        "vpc": "<id-2>",
        "uuid": "<id-3>",
        "url": "<endpoint>/q-<token>",
    }
    assert form["model"] == {"by_id": {"<id-2>": {"name": "photos-<token>"}}}
    assert form["parameters"] == {"token": "<token>", "bucket": "photos-<token>"}
    assert form["submission"] == {"kind": "shell"}
    assert form["lab"] == {"id": "hello", "title": "Hello"}
    assert form["run"]["stdout"] is form["run"]["stderr"] is None
    assert [note["message"] for note in form["notes"]] == ["a NAT gateway"]


@pytest.mark.parametrize("key", ["labgrade", "started_at", "seconds", "emulator", "sandbox", "grading"])
def test_the_canonical_form_has_no_times_versions_or_places(key: str) -> None:
    form = canonical(graded_twice()[0])
    assert key not in form
    assert "seconds" not in str(form)


def test_the_canonical_form_of_a_canonical_form_is_itself() -> None:
    form = canonical(graded_twice()[0])
    assert canonical(form) == form


def test_making_the_canonical_form_changes_nothing() -> None:
    first, _ = graded_twice()
    before = copy.deepcopy(first)
    canonical(first)
    assert first == before


def test_other_work_has_another_canonical_form() -> None:
    first, second = graded_twice()
    second["checks"][0]["found"] = str(second["checks"][0]["found"]).replace("subnet-", "vpc-")
    second["score"] = 1
    assert canonical(first) != canonical(second)


def test_ids_that_are_told_apart_stay_apart() -> None:
    first, second = graded_twice()
    second["checks"][0]["found"] = str(first["checks"][0]["found"]).replace("subnet-aaaaaaaa", "vpc-" + "a" * 17)
    assert canonical(first)["checks"][0]["found"] != canonical(second)["checks"][0]["found"]


def test_without_a_token_or_a_submission_there_is_a_canonical_form_too() -> None:
    plain = report(PASSED, parameters={}).to_json()
    assert canonical(plain)["submission"] is None
    assert canonical(plain)["run"] is None


def test_the_object_rounds_its_times_and_names_every_text() -> None:
    found = report(FAILED).checks[0].to_json()
    assert found["requirement"] == "Holds"
    assert found["found"] is found["fix"] is None
    assert found["texts"] == {"requirement": {"template": "Holds", "args": {}}}
    assert report(seconds=1.23456).to_json()["seconds"] == 1.235
