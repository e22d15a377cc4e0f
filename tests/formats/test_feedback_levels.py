"""Less feedback is taken out of the report, not styled away."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.formats import FORMATS, LEVELS, reduced, render
from grader.report import ReportJson, canonical

SECRET = "secret-8861"
levels = st.sampled_from(LEVELS)


def with_secrets(report: ReportJson, *keys: str) -> ReportJson:
    """The report with a secret in those keys of every check, and in what later versions may add."""
    report = copy.deepcopy(report)
    for check in report["checks"]:
        check |= dict.fromkeys((*keys, "later"), SECRET)
        check["texts"] |= {key: {"template": SECRET, "args": {"a": SECRET}} for key in (*keys, "later")}
    report["later"] = SECRET
    return report


def test_full_is_the_report_itself(graded: ReportJson) -> None:
    assert reduced(graded, "full") == graded


@pytest.mark.parametrize("keys", [("why", "fix", "doc")])
def test_found_has_no_reason_no_hint_and_no_page(keys: tuple[str, ...], graded: ReportJson) -> None:
    assert SECRET not in json.dumps(reduced(with_secrets(graded, *keys), "found"))


def test_found_keeps_what_was_found_and_wanted(samples: dict[str, ReportJson]) -> None:
    before, after = samples["mixed"], reduced(samples["mixed"], "found")
    for key in ("found", "wanted", "requirement", "needs", "outcome"):
        assert [check[key] for check in after["checks"]] == [check[key] for check in before["checks"]]
    assert after["checks"][3]["texts"].keys() == {"requirement", "found", "wanted"}
    assert after["model"] == before["model"]
    assert after["notes"] == before["notes"]


def test_found_hides_the_message_of_a_failure_but_not_of_what_could_not_be_judged(
    samples: dict[str, ReportJson],
) -> None:
    assert reduced(samples["mixed"], "found")["checks"][3]["message"] is None
    assert reduced(samples["unprepared"], "found")["checks"][8]["message"]


@pytest.mark.parametrize("level", ["names", "count"])
def test_no_evidence_is_left_below_found(level: str, graded: ReportJson) -> None:
    keys = ("found", "wanted", "why", "fix", "doc", "message")
    report = with_secrets(graded, *keys) | {"model": {"title": SECRET}}
    report["notes"] = [{"about": "lab", "message": SECRET, "texts": {}}]
    if report["run"]:
        report["run"] |= {"stdout": SECRET, "stderr": SECRET, "later": SECRET}
        for stage in report["run"]["stages"]:
            stage |= {"message": SECRET, "texts": {"message": SECRET}}
    assert SECRET not in json.dumps(reduced(report, level))


@pytest.mark.parametrize("level", ["found", "names"])
def test_every_key_stays_where_it_was(level: str, graded: ReportJson) -> None:
    less = reduced(graded, level)
    assert set(graded) <= set(less)
    for before, after in zip(graded["checks"], less["checks"], strict=True):
        assert set(before) == set(after)
    if graded["run"]:
        assert set(graded["run"]) == set(less["run"])


def test_names_keeps_each_requirement_and_what_became_of_it(samples: dict[str, ReportJson]) -> None:
    before, after = samples["mixed"]["checks"], reduced(samples["mixed"], "names")["checks"]
    for key in ("id", "requirement", "outcome", "points", "max_points"):
        assert [check[key] for check in after] == [check[key] for check in before]


def test_count_names_no_check_but_counts_them(samples: dict[str, ReportJson]) -> None:
    less = reduced(samples["skipped"], "count")
    assert less["counts"] == {"passed": 1, "failed": 1, "skipped": 7, "error": 0, "inconclusive": 0}
    assert less["checks"] == []
    assert less["score"] == 15
    for name in FORMATS:
        assert "version of every" not in render(name, samples["skipped"], feedback="count")


def test_a_crash_is_still_told_where_only_names_are(samples: dict[str, ReportJson]) -> None:
    run = reduced(samples["crashed"], "names")["run"]
    assert run["exit_code"] == 1
    assert run["stages"][0]["entry"] == "main.py"
    assert run["stderr"] is None


@given(one=levels, other=levels)
def test_the_stricter_of_two_levels_holds_in_any_order(one: str, other: str, samples: dict[str, ReportJson]) -> None:
    for report in samples.values():
        strictest = max(one, other, key=LEVELS.index)
        assert reduced(reduced(report, one), other) == reduced(report, strictest)


@given(level=levels)
def test_nothing_is_changed_in_place(level: str, samples: dict[str, ReportJson]) -> None:
    for report in samples.values():
        before = copy.deepcopy(report)
        reduced(report, level)
        assert report == before


@pytest.mark.parametrize("level", LEVELS)
def test_what_is_left_has_a_canonical_form(level: str, graded: ReportJson) -> None:
    less: Any = canonical(reduced(graded, level))
    assert canonical(less) == less


def test_an_unknown_level_is_the_callers_mistake(samples: dict[str, ReportJson]) -> None:
    with pytest.raises(UsageError, match=r"There is no feedback 'name'\. Did you mean names\?"):
        reduced(samples["mixed"], "name")
