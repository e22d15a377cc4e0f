"""What a class's marks come to: late work, extensions, adjustments, totals."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from grader.classroom import AssignedLab, Assignment, Extension, Gradebook, LatePolicy, Person, Result, Roster
from grader.classroom.result import Adjustment

ADA, GRACE = Person("ada", name="Ada Lovelace"), Person("grace", name="Grace Hopper", team="t1")
DUE = datetime(2027, 3, 1, 23, 59, tzinfo=UTC)
FULL = Result(ADA, "hello", "graded", attempt=1, score=80, max_score=100, penalised_score=80.0)


def book(*results: Result, labs: tuple[AssignedLab, ...] = (AssignedLab("hello"),)) -> Gradebook:
    return Gradebook(Assignment("Week 1", labs), Roster((ADA, GRACE)), results)


@pytest.mark.parametrize(
    ("minutes", "keeps"),
    [(0, 1.0), (15, 1.0), (16, 0.9), (1440, 0.9), (1441, 0.8), (4 * 1440, 0.6), (6 * 1440, 0.5), (7 * 1440, 0.5)],
)
def test_late_work_keeps_less_for_each_day_begun_down_to_the_floor(minutes: int, keeps: float) -> None:
    policy = LatePolicy(grace_minutes=15, percent_per_day=10, floor_percent=50, reject_after_days=7)
    assert policy.keeps(minutes) == pytest.approx(keeps)


def test_what_comes_after_the_last_day_keeps_nothing() -> None:
    assert LatePolicy(floor_percent=50, reject_after_days=7).keeps(7 * 1440 + 1) == 0
    assert LatePolicy(percent_per_day=60).keeps(2 * 1440) == 0


def test_an_extension_moves_the_due_time_of_that_student_and_lab_alone() -> None:
    first, second = AssignedLab("hello", due=DUE), AssignedLab("s3-lifecycle", due=DUE)
    given = (Extension("ADA ", "hello", days=2), Extension("grace", due=DUE + timedelta(days=1)))
    assignment = Assignment("Week 1", (first, second), extensions=given)
    assert assignment.due(first, "ada") == DUE + timedelta(days=2)
    assert assignment.due(second, "ada") == DUE
    assert assignment.due(second, "grace") == DUE + timedelta(days=1)
    assert assignment.due(first, "linus") == DUE


def test_an_extension_never_takes_time_away() -> None:
    lab = AssignedLab("hello", due=DUE)
    early = Assignment("Week 1", (lab,), extensions=(Extension("ada", due=DUE - timedelta(days=3)),))
    assert early.due(lab, "ada") == DUE


def test_a_mark_is_penalised_then_adjusted_and_never_leaves_its_range() -> None:
    late = replace(FULL, penalised_score=72.0)
    assert late.final_score == 72
    assert replace(late, adjustment=Adjustment("ada", points=5)).final_score == 77
    assert replace(late, adjustment=Adjustment("ada", points=50)).final_score == 100
    assert replace(late, adjustment=Adjustment("ada", points=-99)).final_score == 0
    assert late.percent == 80


@pytest.mark.parametrize(
    ("status", "mark"), [("missing", 0.0), ("fault", None), ("not_gradable", None), ("excused", None)]
)
def test_only_what_is_missing_is_worth_nothing(status: str, mark: float | None) -> None:
    assert Result(ADA, "hello", status).final_percent == mark  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "points", "mark"),
    [
        ("missing", 30, 30),
        ("missing", 150, 100),
        ("not_gradable", 12.5, 12.5),
        ("fault", 30, None),
        ("excused", 9, None),
    ],
)
def test_points_are_the_mark_where_the_work_has_none(status: str, points: float, mark: float | None) -> None:
    result = Result(ADA, "hello", status, adjustment=Adjustment("ada", points=points))  # type: ignore[arg-type]
    assert (result.final_score, result.final_percent) == (mark, mark)


def test_a_total_weighs_the_labs_and_leaves_out_what_is_excused() -> None:
    labs = (AssignedLab("hello", 1), AssignedLab("s3-lifecycle", 3))
    other = replace(FULL, lab="s3-lifecycle", penalised_score=40.0)
    assert book(FULL, other, labs=labs).total_percent(ADA) == 50
    assert book(FULL, replace(other, status="excused"), labs=labs).total_percent(ADA) == 80
    assert book(FULL, replace(other, status="fault"), labs=labs).total_percent(ADA) is None
    assert book(FULL, labs=labs).total_percent(ADA) is None


def test_only_the_attempt_that_counts_is_in_the_total() -> None:
    worse = replace(FULL, attempt=2, penalised_score=10.0, counts=False)
    assert book(FULL, worse).total_percent(ADA) == 80


def test_people_are_in_the_rosters_order_and_strangers_behind() -> None:
    stranger = replace(FULL, person=Person("zoe"))
    assert [one.id for one in book(stranger, FULL).people] == ["ada", "grace", "zoe"]


def test_a_check_is_hidden_until_its_date() -> None:
    lab = AssignedLab("hello", hidden=("tagged",), hidden_until=DUE)
    assert lab.hides(DUE - timedelta(seconds=1)) == ("tagged",)
    assert lab.hides(DUE) == ()
    assert AssignedLab("hello", hidden=("tagged",)).hides(DUE) == ("tagged",)
