"""Assignments, people and attempts as JSON, so that a class can be opened again without the files it came from."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from grader.classroom.assignment import AssignedLab, Assignment, Extension, LatePolicy
from grader.classroom.plan import Attempt
from grader.classroom.roster import Person, Roster
from grader.texts import Text


def assignment_to_json(assignment: Assignment) -> dict[str, Any]:
    """JSON types only."""
    told = asdict(assignment)
    told["path"] = None if assignment.path is None else str(assignment.path)
    for lab in told["labs"]:
        lab["due"], lab["hidden_until"] = _said(lab["due"]), _said(lab["hidden_until"])
    for extension in told["extensions"]:
        extension["due"] = _said(extension["due"])
    return told


def assignment_from_json(told: dict[str, Any]) -> Assignment:
    """What `assignment_to_json` wrote."""
    labs = tuple(_lab(lab) for lab in told["labs"])
    extensions = tuple(Extension(**{**each, "due": _moment(each["due"])}) for each in told["extensions"])
    path = None if told["path"] is None else Path(told["path"])
    whole = {**told, "labs": labs, "extensions": extensions, "late": LatePolicy(**told["late"]), "path": path}
    return Assignment(**whole)


def person_to_json(person: Person) -> dict[str, Any]:
    return {**asdict(person), "row": list(person.row)}


def person_from_json(told: dict[str, Any]) -> Person:
    return Person(**{**told, "row": tuple(told["row"])})


def roster_to_json(roster: Roster) -> dict[str, Any]:
    return {
        "people": [person_to_json(person) for person in roster],
        "columns": list(roster.columns),
        "kind": roster.kind,
        "heading": [list(row) for row in roster.heading],
        "delimiter": roster.delimiter,
    }


def roster_from_json(told: dict[str, Any]) -> Roster:
    people = tuple(person_from_json(each) for each in told["people"])
    heading = tuple(tuple(row) for row in told["heading"])
    return Roster(people, tuple(told["columns"]), told["kind"], heading, told["delimiter"])


def attempt_to_json(attempt: Attempt) -> dict[str, Any]:
    """People by their ids alone."""
    told = {field: getattr(attempt, field) for field in ("student", "lab", "name", "number", "sha256", "key", "called")}
    return {
        **told,
        "people": [person.id for person in attempt.people],
        "path": str(attempt.path),
        "submitted_at": _said(attempt.submitted_at),
        "problem": None if attempt.problem is None else attempt.problem.to_json(),
    }


def attempt_from_json(told: dict[str, Any], people: dict[str, Person]) -> Attempt:
    """What `attempt_to_json` wrote, with the people of these ids."""
    problem = None if told["problem"] is None else Text.from_json(told["problem"])
    whose = tuple(people[id] for id in told["people"])
    path = Path(told["path"])
    bare = Attempt(whose, told["student"], told["lab"], path, told["name"], _moment(told["submitted_at"]))
    called = told.get("called", path.name)  # folders of the first versions do not say it
    return replace(bare, number=told["number"], sha256=told["sha256"], problem=problem, key=told["key"], called=called)


def _lab(told: dict[str, Any]) -> AssignedLab:
    due, until = _moment(told["due"]), _moment(told["hidden_until"])
    return AssignedLab(**{**told, "due": due, "hidden_until": until, "hidden": tuple(told["hidden"])})


def _said(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
