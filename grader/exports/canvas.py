"""Canvas's gradebook: a CSV file to import, with one column for the assignment.

As its importer reads it: github.com/instructure/canvas-lms, lib/gradebook_importer.rb (2026-11-25).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from grader.classroom import Gradebook, Person, Roster
from grader.errors import UsageError
from grader.exports.cells import exact, number, plain, written
from grader.exports.interface import Choices, Exported

_KEPT = ("Student", "ID", "SIS User ID", "SIS Login ID", "Integration ID", "Root Account", "Section")
_OWN = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
# Columns with these words anywhere are taken for Canvas's own, and dropped without a word.
_NO_ASSIGNMENT = re.compile("(?:Current|Final) (?:Score|Points|Grade)|Override (?:Score|Grade|Status)")
_TAKEN = frozenset({*_KEPT, "LastName", "FirstName", "Notes"})
_NUMBERED = re.compile(r"\(\d+\)\s*\Z")
_POINTS_ROW = "Points Possible"


def export(book: Gradebook, choices: Choices) -> Exported:
    """The class in the roster's order; whoever Canvas could not tell apart is left out, and said."""
    title, columns = _title(book, choices), _columns(book.roster)
    left_out: list[str] = []
    rows = list(_rows(book, columns, choices, left_out))
    heading = [f"    {_POINTS_ROW}", *[""] * (len(columns) - 1), number(choices.points)]
    return Exported(written([[*columns, title], heading, *rows]), (*_by_name_alone(book), *left_out))


def _by_name_alone(book: Gradebook) -> Iterator[str]:
    if len(book.roster) and not any(_has_id(book.roster, person) for person in book.roster):
        yield (
            "Canvas matches students by its ID, SIS User ID or SIS Login ID, and the roster has none of them: their "
            "names alone are left to match by. Grade with a roster that Canvas's gradebook exports."
        )


def _has_id(roster: Roster, person: Person) -> bool:
    return bool(_number(roster, person) or person.sis_id or person.login)


def _number(roster: Roster, person: Person) -> str:
    """Canvas's own; what Moodle calls somebody by would be somebody else's here."""
    return person.lms_id if roster.kind != "moodle" and person.lms_id.isdecimal() else ""


def _title(book: Gradebook, choices: Choices) -> str:
    """The column's name. Raises UsageError for one that Canvas would drop or take for something else."""
    title = exact(choices.title or book.assignment.title)
    if dropped := _NO_ASSIGNMENT.search(title):
        name = f'"{title}" has "{dropped[0]}" in it'
        raise UsageError(f"{name}, which Canvas drops without a word: choose another name with --title.")
    if not title or title in _TAKEN:
        raise UsageError(f'Canvas has a column "{title}" of its own: choose another name with --title.')
    if choices.assignment_id:
        if not choices.assignment_id.isdecimal():
            where = "it is the number in the assignment's address in Canvas"
            raise UsageError(f"--assignment-id {choices.assignment_id}: {where}.")
        return f"{title} ({choices.assignment_id})"
    if _NUMBERED.search(title):
        whose = "an assignment's: choose another name with --title, or give --assignment-id"
        raise UsageError(f'Canvas would take the number at the end of "{title}" for {whose}.')
    return title


def _columns(roster: Roster) -> Sequence[str]:
    """Those of Canvas's own export where the roster is one, in the order that Canvas insists on."""
    columns = [name for name in _KEPT if name in roster.columns] if roster.kind == "canvas" else list(_OWN)
    return columns if {"Student", "ID", "Section"} <= set(columns) else list(_OWN)


def _rows(book: Gradebook, columns: Sequence[str], choices: Choices, left_out: list[str]) -> Iterator[list[str]]:
    names = Counter(person.name for person in book.roster)
    for person in book.people:
        known = _has_id(book.roster, person)
        if why := _unfit(book, person, known or names[person.name] == 1):
            left_out.append(f"{exact(person.name or person.id)} {why}.")
            continue
        cells = [_cell(book.roster, person, column) for column in columns]
        yield [*cells, _mark(book, person, choices.points)]


def _unfit(book: Gradebook, person: Person, found: bool) -> str:
    """Why Canvas would not give the mark to that person; empty where it would."""
    if book.roster.get(person.id) is None:
        return "is not in the roster, and is left out"
    if not _has_id(book.roster, person) and plain(person.name) != exact(person.name):
        return "has no id that Canvas knows and a name that spreadsheets take for a formula, and is left out"
    if not found or not (person.name.strip() or _has_id(book.roster, person)):
        return "has no id that Canvas knows and no name of their own, and is left out"
    return "would not be taken for a student by Canvas, and is left out" if _POINTS_ROW in person.name else ""


def _cell(roster: Roster, person: Person, column: str) -> str:
    own = roster.cell(person, column) if roster.kind == "canvas" else ""
    value = own or {
        "Student": person.name,
        "ID": _number(roster, person),
        "SIS User ID": person.sis_id,
        "SIS Login ID": person.login,
        "Section": person.section,
    }.get(column, "")
    # A name that would be a formula is made none, always: Canvas goes by ids first, and whoever has none and such a
    # name is left out (`_unfit`), for Canvas would not find the name with an apostrophe. Ids have to be as they are.
    return plain(value) if column in ("Student", "Section") else exact(value)


def _mark(book: Gradebook, person: Person, points: float) -> str:
    """`EX` where they are excused of everything; empty where there is no mark, which leaves Canvas's as it is."""
    results = [book.result(person, lab.id) for lab in book.assignment.labs]
    if results and all(result is not None and result.status == "excused" for result in results):
        return "EX"
    percent = book.total_percent(person)
    return "" if percent is None else number(percent * points / 100)
