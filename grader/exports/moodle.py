"""Moodle's gradebook: a CSV file to import, with a score and a feedback for each student.

As its importer reads it: github.com/moodle/moodle, grade/import/csv/classes/load_data.php (2026-11-25). One user that
it does not know ends the whole import, and a row without an identity would go to the student of the row before: so
everybody in the file is in the roster, has an identity, and has it alone.
"""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Mapping

from grader.classroom import Gradebook, Person
from grader.classroom.roster import folded
from grader.errors import UsageError
from grader.exports.cells import exact, number, plain, written
from grader.exports.interface import Choices, Exported
from grader.exports.sentences import summary

IDENTITIES: Mapping[str, str] = {"username": "login", "email": "email", "idnumber": "sis_id"}
_HIGHEST = 100  # of a new item, unless the site has allowed more
_NO_GRADE = "-"


def export(book: Gradebook, choices: Choices) -> Exported:
    """By the identity that is asked for, or the one that most of the roster has."""
    if choices.points > _HIGHEST:
        raise UsageError(f"Moodle refuses marks above {_HIGHEST}: give --points {_HIGHEST} or less.")
    identity = choices.identity or _identity(book)
    if identity not in IDENTITIES:
        raise UsageError(f"--identity {identity}: there are {', '.join(IDENTITIES)}.")
    left_out: list[str] = []
    known = _known(book, identity, left_out)
    title = exact(choices.title or book.assignment.title)
    head = [identity, f"{title} (score)", f"{title} (feedback)"]
    people = [person for person in book.roster if person.id in known]
    rows = [[known[person.id], _mark(book, person, choices), _feedback(book, person)] for person in people]
    return Exported(written([head, *rows]), tuple(left_out))


def _identity(book: Gradebook) -> str:
    return max(IDENTITIES, key=lambda name: sum(bool(_of(person, name)) for person in book.roster))


def _known(book: Gradebook, identity: str, left_out: list[str]) -> Mapping[str, str]:
    """The identity of everybody whom Moodle can find by it."""
    told = {person.id: _of(person, identity) for person in book.roster}
    times = Counter(folded(value) for value in told.values())
    for person in book.people:
        student = exact(person.name or person.id)
        if person.id not in told:
            left_out.append(f"{student} is not in the roster, and is left out.")
        elif not told[person.id]:
            left_out.append(f"{student} has no {identity} in the roster, and is left out.")
        elif times[folded(told[person.id])] > 1:
            left_out.append(f"{student} shares the {identity} with somebody, and is left out.")
    return {id: value for id, value in told.items() if value and times[folded(value)] == 1}


def _of(person: Person, identity: str) -> str:
    """As Moodle looks it up; empty for what PHP calls empty."""
    value = exact(getattr(person, IDENTITIES[identity]))
    return "" if value == "0" else value


def _mark(book: Gradebook, person: Person, choices: Choices) -> str:
    percent = book.total_percent(person)
    return _NO_GRADE if percent is None else number(percent * choices.points / 100)


def _feedback(book: Gradebook, person: Person) -> str:
    """A sentence for each lab: Moodle shows it as HTML."""
    results = [(lab.id, book.result(person, lab.id)) for lab in book.assignment.labs]
    said = [summary(lab, result, alone=len(results) == 1) for lab, result in results if result is not None]
    return plain(html.escape(" ".join(said), quote=False), 4000)
