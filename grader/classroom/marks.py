"""From gradings to marks: lateness, the attempt that counts, adjustments, and the reasons that a student is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from typing import Any

from grader.classroom.assignment import Assignment, LatePolicy
from grader.classroom.database import Grading
from grader.classroom.plan import Attempt
from grader.classroom.result import Adjustment, Result
from grader.classroom.roster import Person, folded
from grader.texts import Text, say


def results(
    assignment: Assignment,
    people: Sequence[Person],
    attempts: Sequence[Attempt],
    grading: Callable[[str], Grading | None],
    adjustments: Sequence[Adjustment] = (),
) -> list[Result]:
    """A result for every attempt that was graded, or cannot be, and one for whatever is missing.

    One for each person and lab counts, if there is any: who waits to be graded has none yet, and that is no zero.
    """
    found: list[Result] = []
    whose: dict[tuple[str, str], list[Attempt]] = {}
    for attempt in attempts:
        for person in attempt.people:
            whose.setdefault((person.id, attempt.lab), []).append(attempt)
    for person in people:
        for lab in assignment.labs:
            mine = whose.get((person.id, lab.id), [])
            judged = [_judged(assignment, person, one, grading(one.key) if one.key else None) for one in mine]
            made = [one for one in judged if one is not None] if mine else [_missing(person, lab.id)]
            found += _adjusted(_counted(assignment, made), _said_of(adjustments, person, lab.id))
    return found


def late_minutes(assignment: Assignment, attempt: Attempt, person: Person) -> int:
    """How many whole minutes behind this person's due time it came; a begun minute is a gift, no time is in time."""
    whose = {*person.identities, *(one for each in attempt.people for one in each.identities if person.team)}
    due = assignment.due(assignment.lab(attempt.lab), *whose, person.team or person.id)
    if due is None or attempt.submitted_at is None:
        return 0
    behind = attempt.submitted_at.astimezone(UTC) - due.astimezone(UTC)
    return max(0, int(behind.total_seconds() // 60))


def _judged(assignment: Assignment, person: Person, attempt: Attempt, grading: Grading | None) -> Result | None:
    """None where it has not been graded yet."""
    late = late_minutes(assignment, attempt, person)
    base = Result(
        person,
        attempt.lab,
        "not_gradable",
        attempt_name=attempt.name,
        submitted_at=attempt.submitted_at,
        late_minutes=late,
        sha256=attempt.sha256,
        counts=False,
    )
    if attempt.problem is not None:
        return replace(base, reasons=(attempt.problem,))
    if grading is None:
        return None
    base = replace(base, attempt=attempt.number)
    if grading.report is None:
        return replace(base, status="fault", instructor_reasons=(grading.fault or "",))
    return _marked(assignment, base, grading, attempt.called)


def _marked(assignment: Assignment, base: Result, grading: Grading, called: str) -> Result:
    """`called` stands in the report for the place where the work lies, which is the instructor's own affair."""
    report: Mapping[str, Any] = grading.report or {}
    policy, score = assignment.late, int(report["score"])
    penalised = round(score * policy.keeps(base.late_minutes), 2)
    failed = f"It could not be graded again ({grading.fault}); the result from before counts."
    marked = replace(
        base,
        status="graded",
        score=score,
        max_score=int(report["max_score"]),
        penalised_score=penalised,
        reasons=tuple(late_reasons(policy, base.late_minutes)),
        instructor_reasons=(failed,) if grading.fault else (),
    )
    submission = report["submission"] and {**report["submission"], "path": called}
    return replace(marked, report={**report, "submission": submission, "grading": _grading(assignment, marked)})


def late_reasons(policy: LatePolicy, late: int) -> Iterator[Text]:
    """What a student is told of work that is so many minutes late."""
    if late <= policy.grace_minutes:
        return
    came = say("It came {how_late} late.", how_late=_span(late))
    yield came
    if policy.rejects(late):
        yield say("That is too late for a mark.")
    elif (kept := policy.keeps(late)) < 1:
        yield say("So it keeps {percent}% of its score.", percent=f"{100 * kept:g}")


def _span(minutes: int) -> Text:
    if minutes < 60:
        return say("{count} min", count=minutes)
    if minutes < 48 * 60:
        return say("{hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60)
    return say("{days} d {hours} h", days=minutes // 1440, hours=minutes % 1440 // 60)


def _grading(assignment: Assignment, result: Result) -> dict[str, Any]:
    """What class grading adds to a report."""
    at = result.submitted_at
    return {
        "assignment": assignment.title,
        "person": result.person.id,
        "attempt": result.attempt,
        "attempt_name": result.attempt_name,
        "submitted_at": None if at is None else at.astimezone(UTC).isoformat(timespec="seconds"),
        "late_minutes": result.late_minutes,
        "penalised_score": result.penalised_score,
    }


def _missing(person: Person, lab: str) -> Result:
    return Result(person, lab, "missing", reasons=(say("Nothing was handed in."),))


def _counted(assignment: Assignment, made: Sequence[Result]) -> list[Result]:
    """The results, one of them counting: of those that are graded, by the policy, and what is too late only last."""
    graded = [one for one in made if one.status == "graded"]
    in_time = [one for one in graded if not assignment.late.rejects(one.late_minutes)] or graded
    rank = {"best": _best, "last": _last, "first": _first}[assignment.attempts]
    faults = [one for one in made if one.status == "fault"]
    counting: Result | None
    if faults and _decides(assignment, faults, graded):
        counting = faults[-1]
    elif in_time:
        counting = max(in_time, key=lambda one: (rank(one), -(one.attempt or 0)))
    else:
        counting = made[-1] if made else None
    return [replace(one, counts=one is counting) for one in made]


def _decides(assignment: Assignment, faults: Sequence[Result], graded: Sequence[Result]) -> bool:
    """Could what we failed to grade be the attempt that counts? Then nobody knows the mark yet."""
    if not graded:
        return True
    if assignment.attempts == "best":
        return max(_best(one) for one in graded) < 1
    ends = [one.attempt or 0 for one in (*faults, *graded)]
    end = max(ends) if assignment.attempts == "last" else min(ends)
    return any(one.attempt == end for one in faults)


def _best(result: Result) -> float:
    return (result.penalised_score or 0) / (result.max_score or 1)


def _last(result: Result) -> float:
    return float(result.attempt or 0)


def _first(result: Result) -> float:
    return -_last(result)


def _said_of(adjustments: Sequence[Adjustment], person: Person, lab: str) -> list[Adjustment]:
    known = {folded(one) for one in person.identities}
    return [one for one in adjustments if folded(one.person) in known and one.lab in (None, lab)]


def _adjusted(made: Sequence[Result], said: Sequence[Adjustment]) -> list[Result]:
    """The results with what the instructor says of the one that counts."""
    if not said:
        return list(made)
    whole = Adjustment(
        said[0].person,
        said[0].lab,
        sum(one.points for one in said),
        any(one.excused for one in said),
        "; ".join(one.reason for one in said if one.reason),
    )
    return [_adjusted_one(one, whole) if one.counts else one for one in made]


def _adjusted_one(result: Result, said: Adjustment) -> Result:
    status = "excused" if said.excused else result.status
    return replace(result, adjustment=said, status=status)
