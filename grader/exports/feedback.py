"""A folder of feedback: for each student a page to open and a text to paste, ready to send, and an index of both.

In Moodle's own folder names where the roster is Moodle's, so that the folder, zipped, can be uploaded as feedback:
github.com/moodle/moodle, mod/assign/feedback/file/importziplib.php (2026-11-25).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from grader.classroom import AssignedLab, Gradebook, Person, Result
from grader.exports.cells import plain, written
from grader.exports.sentences import reasons, said
from grader.formats import render
from grader.formats.markup import inline
from grader.formats.page.document import document
from grader.languages import current

_SHAPES: Mapping[str, str] = {"html": "html", "markdown": "md"}
_INDEX = "index.csv"
_LONGEST = 60


@dataclass(frozen=True)
class Sheet:
    """One file of the folder."""

    path: str  # with forward slashes
    text: str


def sheets(book: Gradebook, *, now: datetime | None = None, labs: Sequence[Path] = ()) -> Iterator[Sheet]:
    """Every file. What is hidden at that moment is not in them. `labs` are folders to look for labs in."""
    now = now or datetime.now(UTC)
    folders = _folders(book)
    rows = [("student", "name", "email", "folder")]
    for person in book.people:
        folder = folders[person.id]
        rows.append((plain(person.id), plain(person.name), plain(person.email), folder))
        for lab in book.assignment.labs:
            result = book.result(person, lab.id)
            if result is not None:
                yield from _of(book, lab, result, folder, now, labs)
    yield Sheet(_INDEX, written(rows))


def _of(
    book: Gradebook, lab: AssignedLab, result: Result, folder: str, now: datetime, labs: Sequence[Path]
) -> Iterator[Sheet]:
    for shape, suffix in _SHAPES.items():
        text = _unreported(shape, lab, result)
        if result.status == "graded" and result.report is not None:
            shown = _noted(result)
            options: dict[str, Any] = {"feedback": book.assignment.feedback, "hidden": lab.hides(now), "labs": labs}
            options["lang"] = current()  # whatever it was graded in: what is said around it is in that
            text = render(shape, shown, audience="student", **options)
        yield Sheet(f"{folder}/{_safe(lab.id)}.{suffix}", text)


def _noted(result: Result) -> dict[str, Any]:
    """The report with what became of its score, said at its head."""
    report: dict[str, Any] = dict(result.report or {})
    changed = reasons(result) or result.final_score != result.score
    notes = [{"about": "submission", "message": sentence, "texts": {}} for sentence in said(result) if changed]
    return {**report, "notes": [*notes, *(report.get("notes") or [])]}


def _unreported(shape: str, lab: AssignedLab, result: Result) -> str:
    """A sheet without a report: what is said where there is no mark, or a mark without work."""
    sentences = said(result)
    if shape == "markdown":
        return "\n\n".join([f"## {inline(lab.id)}", *map(inline, sentences)]) + "\n"
    return document("sentences.html.j2", title=lab.id, sentences=sentences)


def _folders(book: Gradebook) -> dict[str, str]:
    """A folder's name for each person: no two alike, whatever file system they lie on."""
    moodle = book.roster.kind == "moodle" and all(person.lms_id.isdecimal() for person in book.roster)
    listed = {person.id for person in book.roster}
    made: dict[str, str] = {}
    for person in book.people:
        if moodle and person.id in listed:
            # A second underline in the name would hide the number behind it.
            name = _safe(person.name or person.id).replace("_", " ").strip() or "student"
            made[person.id] = f"{name}_{person.lms_id}_assignfeedback_file_"
        else:
            made[person.id] = _own_folder(person)
    return made


def _own_folder(person: Person) -> str:
    """The id where it can be a name as it is; else as much of it as can, and a digest."""
    safe = _safe(person.id)
    if safe == person.id and safe == safe.lower():
        return safe
    return f"{safe[:_LONGEST]}-{sha256(person.id.encode('utf-8', 'surrogatepass')).hexdigest()[:10]}"


def _safe(text: str) -> str:
    """Letters, digits and a few signs: a name on every system, never hidden, reserved, or a path."""
    kept = re.sub(r"[^\w.@+ -]", "-", unicodedata.normalize("NFC", text), flags=re.UNICODE)
    kept = "".join(c for c in kept if not unicodedata.category(c).startswith("C")).strip(" .~-")[:_LONGEST].strip(" .")
    reserved = re.fullmatch(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?", kept)
    return f"_{kept}" if reserved or not kept else kept
