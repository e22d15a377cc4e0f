"""JSON lines for a program: one object for every attempt, with its whole report."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from grader.classroom import Gradebook, Result
from grader.exports.interface import Choices, Exported
from grader.formats.jsontext import written

_PERSON = ("id", "name", "email", "login", "sis_id", "lms_id", "section", "team")


def export(book: Gradebook, _choices: Choices) -> Exported:
    """In the order of the class; attempts that do not count come too, and say so."""
    places = {person.id: n for n, person in enumerate(book.people)}
    results = sorted(book.results, key=lambda one: (places[one.person.id], one.lab, one.attempt or 0))
    return Exported("".join(written(_object(book, result), indent=None) for result in results))


def _object(book: Gradebook, result: Result) -> dict[str, Any]:
    adjustment = None if result.adjustment is None else asdict(result.adjustment)
    return {
        "schema": "labgrade/result/v1",
        "assignment": book.assignment.title,
        "person": {key: getattr(result.person, key) for key in _PERSON},
        "lab": result.lab,
        "status": result.status,
        "counts": result.counts,
        "attempt": result.attempt,
        "attempt_name": result.attempt_name,
        "submitted_at": None if result.submitted_at is None else result.submitted_at.isoformat(),
        "late_minutes": result.late_minutes,
        "score": result.score,
        "max_score": result.max_score,
        "percent": result.percent,
        "penalised_score": result.penalised_score,
        "adjustment": adjustment,
        "final_score": result.final_score,
        "final_percent": result.final_percent,
        "total_percent": book.total_percent(result.person),
        "sha256": result.sha256,
        "reasons": [str(reason) for reason in result.reasons],
        "instructor_reasons": list(result.instructor_reasons),
        "report": result.report,
    }
