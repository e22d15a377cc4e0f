"""A class's results in its folder: laid down before it is graded, and opened again by whoever shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from grader.classroom import adjustments, records
from grader.classroom.assignment import Assignment
from grader.classroom.database import Database, open_for_reading
from grader.classroom.gradebook import Gradebook
from grader.classroom.marks import results
from grader.classroom.plan import Plan
from grader.classroom.result import Result
from grader.classroom.roster import Roster
from grader.classroom.signing import secret, signed
from grader.errors import UsageError


def lay(database: Database, plan: Plan) -> None:
    """Keep what is needed to open the class again without the files that it came from."""
    roster = plan.roster if plan.roster is not None else Roster()
    listed = {person.id for person in roster}
    kept = {
        "assignment": records.assignment_to_json(plan.opened.assignment),
        "roster": records.roster_to_json(roster),
        "strangers": [records.person_to_json(person) for person in plan.people if person.id not in listed],
    }
    database.lay(kept, [records.attempt_to_json(attempt) for attempt in plan.attempts])


def gradebook(where: Path) -> Gradebook:
    """The class in that folder (or of that database): everybody's results, adjusted as the folder's file says now.

    Raises UsageError.
    """
    with open_for_reading(where) as database:
        return of(database)


def of(database: Database) -> Gradebook:
    """The same of a database that is open, reports signed where the secret is at hand. Raises UsageError."""
    told = database.kept("assignment")
    if told is None:
        raise UsageError(f"{database.path}: holds no results yet.")
    assignment = records.assignment_from_json(told)
    roster = records.roster_from_json(database.kept("roster"))
    strangers = [records.person_from_json(each) for each in database.kept("strangers")]
    people = (*roster, *strangers)
    by_id = {person.id: person for person in people}
    attempts = [records.attempt_from_json(each, by_id) for each in database.attempts()]
    labs = [lab.id for lab in assignment.labs]
    said = adjustments.read(database.path.parent, people, labs)
    made = results(assignment, people, attempts, database.grading, said)
    return Gradebook(assignment, roster, _signed(assignment, made))


def _signed(assignment: Assignment, made: Sequence[Result]) -> list[Result]:
    """The results with their reports signed, where the assignment's secret is at hand."""
    key = secret(assignment.secret_variable) if assignment.secret_variable else None
    if key is None:
        return list(made)
    return [one if one.report is None else replace(one, report=signed(one.report, key)) for one in made]
