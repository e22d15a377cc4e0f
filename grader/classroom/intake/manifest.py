"""A manifest: a CSV that says of each hand-in whose it is, where it lies, and when it came."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from grader.classroom import csv_table
from grader.classroom.csv_table import CsvTable
from grader.classroom.intake import times
from grader.classroom.intake.handin import Claim, Expected, HandIn, Intake
from grader.errors import UsageError

NAME = "manifest.csv"
_WHO = {
    "any": ("student", "student id", "id"),
    "login": ("login", "username"),
    "email": ("email", "email address"),
    "name": ("name", "full name"),
}
_PATH, _AT = ("path", "file", "submission", "folder"), ("submitted at", "submitted", "time", "created at", "timestamp")
_COLUMNS = {**_WHO, "path": _PATH, "at": _AT, "lab": ("lab",)}
_EXAMPLE = "student,path,submitted_at"


def read(path: Path, expected: Expected) -> Intake:
    """Raises UsageError naming the line of what is wrong with it."""
    table = csv_table.read(path)
    if table.place(*_PATH) is None or all(table.place(*names) is None for names in _WHO.values()):
        raise UsageError(f"{path}:1: a manifest has the columns {_EXAMPLE} (and lab, attempt); this one has no such.")
    return Intake(f"the manifest {path.name}", tuple(_rows(path, table, expected)))


def _rows(path: Path, table: CsvTable, expected: Expected) -> Iterator[HandIn]:
    for line, row in table.rows:
        place = f"{path}:{line}"
        cells = {name: _cell(table, row, names) for name, names in _COLUMNS.items()}
        claim: Claim = tuple((field, cells[field]) for field in _WHO if cells[field])
        if not claim:
            raise UsageError(f"{place}: says of nobody whose this is.")
        lab = expected.lab(cells["lab"]) if cells["lab"] else None
        if cells["lab"] and lab is None:
            raise UsageError(f"{place}: {cells['lab']!r} is none of the labs ({', '.join(expected.labs)}).")
        submitted_at = times.moment(cells["at"], expected.zone) if cells["at"] else None
        if cells["at"] and submitted_at is None:
            raise UsageError(f"{place}: {cells['at']!r} is no time; write it as 2027-03-01T10:00:00Z.")
        name = _cell(table, row, ("attempt", "attempt name")) or cells["at"]
        yield HandIn((claim,), _inside(path.parent, cells["path"], place), lab, name, submitted_at)


def _cell(table: CsvTable, row: tuple[str, ...], names: tuple[str, ...]) -> str:
    place = table.place(*names)
    return "" if place is None else row[place].strip()


def _inside(folder: Path, name: str, place: str) -> Path:
    """The path of a hand-in, which lies beside the manifest or below. Raises UsageError."""
    path = folder / name.replace("\\", "/")
    if not name or "\0" in name or not path.resolve().is_relative_to(folder.resolve()):
        raise UsageError(f"{place}: {name!r} leads out of the manifest's folder; put the hand-ins beside it.")
    if not path.exists():
        raise UsageError(f"{place}: {name!r} is not there.")
    return path
