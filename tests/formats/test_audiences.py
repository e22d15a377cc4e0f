"""One private result, three audiences: what a student may not read is not in what a student is given."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from grader.errors import UsageError
from grader.formats import FORMATS, LEVELS, addressed, render
from grader.report import ReportJson

WORDS = "hidden-words-4417"
HIDDEN = ("nothing_else_moves", "aws_accepts_it")


def with_hidden_words(report: ReportJson) -> ReportJson:
    """The report with words in everything that speaks of the hidden checks, and only there."""
    report = copy.deepcopy(report)
    for check in report["checks"]:
        if check["id"] in HIDDEN:
            texts = dict.fromkeys(("requirement", "message", "found", "wanted", "why", "fix", "doc"), WORDS)
            check |= {**texts, "id": f"{WORDS}-{check['id']}", "later": WORDS}
            check["texts"] = {key: {"template": WORDS, "args": {}} for key in texts}
        else:
            check["needs"] = [f"{WORDS}-{HIDDEN[0]}"]
    report["model"] = {"drawing": "timeline", "title": WORDS, "days": [], "rows": [], "lines": [WORDS]}
    report["notes"] = [*(report.get("notes") or []), {"about": "lab", "message": WORDS, "texts": {}}]
    report["grading"] = {**report["grading"], "instructor_reasons": [WORDS], "secret": WORDS}
    return report


HIDDEN_IDS = tuple(f"{WORDS}-{id}" for id in HIDDEN)


@pytest.mark.parametrize("level", LEVELS)
def test_a_students_report_never_has_a_word_of_a_hidden_check(level: str, graded: ReportJson) -> None:
    report = with_hidden_words(graded)
    shown = addressed(report, "student", feedback=level, hidden=HIDDEN_IDS)
    assert WORDS not in json.dumps(shown)
    for name in FORMATS:
        assert WORDS not in render(name, report, feedback=level, hidden=HIDDEN_IDS), name


def test_hidden_checks_are_counted_by_how_they_ended(samples: dict[str, ReportJson]) -> None:
    shown = addressed(samples["mixed"], "student", hidden=HIDDEN)
    assert shown["hidden"] == {"passed": 1, "failed": 1, "skipped": 0, "error": 0, "inconclusive": 0}
    for name in FORMATS:
        assert "2 more checks are not shown here: 1 passed, 1 failed." in render(name, shown) or name == "json", name


def test_the_score_still_counts_what_is_hidden(samples: dict[str, ReportJson]) -> None:
    shown = addressed(samples["mixed"], "student", hidden=HIDDEN)
    assert (shown["score"], shown["max_score"], shown["outcome"]) == (65, 100, "failed")


def test_a_second_reduction_adds_to_what_is_hidden(samples: dict[str, ReportJson]) -> None:
    once = addressed(samples["mixed"], "student", hidden=HIDDEN)
    twice = addressed(addressed(samples["mixed"], "student", hidden=HIDDEN[:1]), "student", hidden=HIDDEN)
    assert once == twice
    assert addressed(once, "student", feedback="names")["hidden"] == once["hidden"]


def test_the_instructor_reads_everything_and_what_is_hidden_is_marked(samples: dict[str, ReportJson]) -> None:
    shown = addressed(samples["mixed"], "instructor", hidden=HIDDEN)
    assert [check["id"] for check in shown["checks"] if check.get("hidden")] == list(HIDDEN)
    assert shown["checks"][3]["why"] == samples["mixed"]["checks"][3]["why"]
    assert "Students are not shown this check." in render(
        "html", samples["mixed"], audience="instructor", hidden=HIDDEN
    )


def test_a_machine_gets_the_object_as_it_is(graded: ReportJson) -> None:
    assert addressed(graded, "machine", hidden=HIDDEN) == graded


def test_without_hidden_checks_a_student_reads_what_is_there(samples: dict[str, ReportJson]) -> None:
    assert addressed(samples["mixed"], "student") == samples["mixed"]
    assert addressed(samples["mixed"], "student", hidden=["no_such_check"]) == samples["mixed"]


def test_nothing_is_changed_in_place(samples: dict[str, ReportJson]) -> None:
    before = copy.deepcopy(samples["mixed"])
    for audience in ("student", "instructor", "machine"):
        addressed(samples["mixed"], audience, feedback="names", hidden=HIDDEN)
    assert samples["mixed"] == before


def test_an_unknown_audience_is_the_callers_mistake(samples: dict[str, ReportJson]) -> None:
    with pytest.raises(UsageError, match=r"There is no audience 'students'\. Did you mean student\?"):
        addressed(samples["mixed"], "students")


def test_a_skipped_check_does_not_name_the_hidden_one_that_it_waits_for(samples: dict[str, ReportJson]) -> None:
    shown: dict[str, Any] = addressed(samples["skipped"], "student", hidden=["bucket_keeps_versions"])
    assert shown["checks"][0]["needs"] == []
    assert "every version of every object" not in render("terminal", shown)
