"""A plain CSV file for a spreadsheet: a row for each student and lab, with everything that led to the mark."""

from __future__ import annotations

from grader.classroom import Gradebook, Person, Result
from grader.exports.cells import number, plain, written
from grader.exports.interface import Choices, Exported

COLUMNS = (
    *("student", "name", "email", "section", "team", "lab", "status", "attempt", "submitted_at", "late_minutes"),
    *("score", "max_score", "percent", "penalised_score", "adjustment", "reason", "final_score", "final_percent"),
    *("total_percent", "sha256", "remarks"),
)


def export(book: Gradebook, _choices: Choices) -> Exported:
    """With a byte-order mark, by which spreadsheets know UTF-8."""
    rows = [_row(book, person, lab.id) for person in book.people for lab in book.assignment.labs]
    return Exported("\ufeff" + written([COLUMNS, *rows]))


def _row(book: Gradebook, person: Person, lab: str) -> list[str]:
    result = book.result(person, lab)
    who = [plain(text) for text in (person.id, person.name, person.email, person.section, person.team, lab)]
    total = number(book.total_percent(person))
    if result is None:
        return [*who, *[""] * (len(COLUMNS) - len(who) - 3), total, "", ""]
    return [*who, *_judged(result), total, result.sha256, plain("; ".join(result.instructor_reasons))]


def _judged(result: Result) -> list[str]:
    adjustment = result.adjustment
    return [
        result.status,
        number(result.attempt),
        "" if result.submitted_at is None else result.submitted_at.isoformat(),
        number(result.late_minutes),
        number(result.score),
        number(result.max_score),
        number(result.percent),
        number(result.penalised_score),
        "" if adjustment is None else number(adjustment.points),
        "" if adjustment is None else plain(adjustment.reason),
        number(result.final_score),
        number(result.final_percent),
    ]
