"""From gradings to marks: lateness, the attempt that counts, adjustments."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from classroom.classes import report

from grader.classroom import AssignedLab, Assignment, Extension, LatePolicy, Person
from grader.classroom.adjustments import begin, read
from grader.classroom.database import Grading
from grader.classroom.marks import results
from grader.classroom.plan import Attempt
from grader.classroom.result import Adjustment, Result
from grader.errors import UsageError
from grader.texts import say

DUE = datetime(2027, 3, 1, 23, 59, tzinfo=UTC)
ADA, GRACE = Person("ada", email="ada@example.org"), Person("grace", team="t1")
LATE = LatePolicy(grace_minutes=15, percent_per_day=10, floor_percent=50, reject_after_days=7)
WEEK = Assignment("Week 1", (AssignedLab("hello", due=DUE),), late=LATE)


def attempt(number: int, minutes: float | None = None, person: Person = ADA) -> Attempt:
    """One that came so many minutes behind the due time; its key is its number."""
    at = None if minutes is None else DUE + timedelta(minutes=minutes)
    return Attempt((person,), person.id, "hello", Path("x"), f"a{number}", at, number, key=f"k{number}")


def marked(*scores: int | None, minutes: tuple[float | None, ...] = (), assignment: Assignment = WEEK) -> list[Result]:
    """Attempts with these scores, None for a fault."""
    late = minutes or (None,) * len(scores)
    attempts = [attempt(number, late[number - 1]) for number in range(1, len(scores) + 1)]
    gradings = {
        f"k{number}": Grading(f"k{number}", None, "busy", 1.0)
        if score is None
        else Grading(f"k{number}", report(score).to_json(), None, 1.0)
        for number, score in enumerate(scores, 1)
    }
    return results(assignment, [ADA], attempts, gradings.get)


def counting(found: list[Result]) -> Result:
    (one,) = [one for one in found if one.counts]
    return one


@pytest.mark.parametrize(
    ("minutes", "late", "penalised", "told"),
    [
        (-1, 0, 80, []),
        (0.5, 0, 80, []),
        (15, 15, 80, []),
        (16, 16, 72, ["It came 16 min late.", "So it keeps 90% of its score."]),
        (90, 90, 72, ["It came 1 h 30 min late.", "So it keeps 90% of its score."]),
        (6 * 1440 + 120, 8760, 40, ["It came 6 d 2 h late.", "So it keeps 50% of its score."]),
        (7 * 1440 + 1, 10081, 0, ["It came 7 d 0 h late.", "That is too late for a mark."]),
    ],
)
def test_late_work_is_penalised_beside_its_raw_score(
    minutes: float, late: int, penalised: float, told: list[str]
) -> None:
    one = counting(marked(80, minutes=(minutes,)))
    assert (one.late_minutes, one.score, one.penalised_score) == (late, 80, penalised)
    assert [str(reason) for reason in one.reasons] == told
    assert one.report is not None
    assert one.report["grading"]["late_minutes"] == late
    assert one.report["grading"]["penalised_score"] == penalised


def test_what_came_without_a_time_is_in_time() -> None:
    assert counting(marked(80)).late_minutes == 0


def test_an_extension_by_any_of_a_students_names_counts() -> None:
    longer = replace(WEEK, extensions=(Extension("ADA@example.org", days=1),))
    assert counting(marked(80, minutes=(1440,), assignment=longer)).late_minutes == 0


@pytest.mark.parametrize(("policy", "number"), [("best", 2), ("last", 3), ("first", 1)])
def test_the_policy_says_which_attempt_counts(policy: str, number: int) -> None:
    chosen = replace(WEEK, attempts=policy)  # type: ignore[arg-type]
    assert counting(marked(10, 90, 50, assignment=chosen)).attempt == number


def test_the_best_is_the_best_after_the_penalty() -> None:
    assert counting(marked(80, 85, minutes=(0, 1440))).attempt == 1
    assert counting(marked(80, 80)).attempt == 1, "of equals, the first"


def test_what_is_too_late_takes_no_place_from_what_was_in_time() -> None:
    last = replace(WEEK, attempts="last")
    assert counting(marked(60, 90, minutes=(0, 20 * 1440), assignment=last)).attempt == 1
    assert counting(marked(90, minutes=(20 * 1440,), assignment=last)).final_score == 0


def test_a_fault_that_might_be_the_mark_leaves_none() -> None:
    assert counting(marked(60, None)).status == "fault"
    assert counting(marked(100, None)).status == "graded", "nothing is better than all"
    last, first = replace(WEEK, attempts="last"), replace(WEEK, attempts="first")
    assert counting(marked(None, 60, assignment=last)).score == 60
    assert counting(marked(60, None, assignment=last)).status == "fault"
    assert counting(marked(60, None, assignment=first)).score == 60


def test_what_cannot_be_graded_costs_no_attempt_and_is_no_zero() -> None:
    broken = replace(attempt(1), number=None, key="", problem=say("work.zip: is locked."))
    alone = results(WEEK, [ADA], [broken], lambda _: None)
    assert (counting(alone).status, counting(alone).final_percent) == ("not_gradable", None)
    beside = results(WEEK, [ADA], [broken, attempt(1)], lambda key: Grading(key, report(70).to_json(), None, 1.0))
    assert counting(beside).score == 70
    assert [str(reason) for one in beside for reason in one.reasons] == ["work.zip: is locked."]


def test_who_handed_in_nothing_is_missing_and_told_so() -> None:
    (one,) = results(WEEK, [ADA], [], lambda _: None)
    assert (one.status, one.final_percent, str(one.reasons[0])) == ("missing", 0.0, "Nothing was handed in.")


def test_a_team_gets_the_mark_of_its_work_each_by_their_own_due_time() -> None:
    linus = Person("linus", team="t1")
    shared = replace(attempt(1, 1440, GRACE), people=(GRACE, linus))
    own = replace(WEEK, extensions=(Extension("linus", days=2),))
    found = results(own, [GRACE, linus], [shared], lambda key: Grading(key, report(80).to_json(), None, 1.0))
    assert [(one.person.id, one.penalised_score) for one in found] == [("grace", 80), ("linus", 80)]


def test_adjustments_are_laid_over_the_mark_that_counts() -> None:
    said = (Adjustment("ADA@example.org", points=5, reason="the room was dark"), Adjustment("ada", "hello", points=2))
    grading = Grading("k1", report(80).to_json(), None, 1.0)
    (one,) = results(WEEK, [ADA], [attempt(1)], lambda _: grading, said)
    assert (one.final_score, one.adjustment and one.adjustment.reason) == (87, "the room was dark")
    (two,) = results(WEEK, [ADA], [], lambda _: None, (Adjustment("ada", excused=True),))
    assert (two.status, two.final_percent) == ("excused", None)


def written(folder: Path, text: str) -> tuple[Adjustment, ...]:
    (folder / "adjustments.csv").write_text(text, "utf-8")
    return read(folder, [ADA, GRACE], ["hello"])


def test_adjustments_are_read_from_a_file_that_is_begun_empty_and_never_overwritten(tmp_path: Path) -> None:
    begin(tmp_path)
    assert read(tmp_path, [ADA], ["hello"]) == ()
    text = "student;lab;points;excused;reason\nada;hello;2,5;no;why\ngrace;;;yes;ill\n"
    assert written(tmp_path, text) == (
        Adjustment("ada", "hello", 2.5, False, "why"),
        Adjustment("grace", None, 0.0, True, "ill"),
    )
    begin(tmp_path)
    assert (tmp_path / "adjustments.csv").read_text("utf-8") == text


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("adda,,1,,", "csv:2: nobody in this class is 'adda'"),
        ("ada,sns,1,,", "csv:2: 'sns' is none of the labs"),
        ("ada,,much,,", "csv:2: points are a number"),
        ("ada,,inf,,", "csv:2: points are a number"),
        ("ada,,,perhaps,", "csv:2: excused is yes or no"),
    ],
)
def test_what_is_wrong_with_adjustments_is_told_by_line(tmp_path: Path, row: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        written(tmp_path, f"student,lab,points,excused,reason\n{row}\n")
