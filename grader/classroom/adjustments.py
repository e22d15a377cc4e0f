"""`adjustments.csv`: what the instructor says of marks. labgrade reads it and never writes into one that is there."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from grader.classroom import csv_table
from grader.classroom.csv_table import CsvTable
from grader.classroom.result import Adjustment
from grader.classroom.roster import Person, folded
from grader.errors import UsageError

NAME = "adjustments.csv"
HEADER = "student,lab,points,excused,reason\n"
_YES = ("yes", "y", "true", "x", "1", "ex", "예")
_NO = ("", "no", "n", "false", "0", "아니요")


def begin(folder: Path) -> None:
    """Put an empty one there, for who wants to fill it in."""
    with suppress(FileExistsError), (folder / NAME).open("x", encoding="utf-8", newline="\n") as file:
        file.write(HEADER)


def read(folder: Path, people: Sequence[Person], labs: Sequence[str]) -> tuple[Adjustment, ...]:
    """What it says; nothing where there is none. Raises UsageError naming the line."""
    path = folder / NAME
    if not path.is_file():
        return ()
    table = csv_table.read(path)
    if table.place("student") is None:
        raise UsageError(f"{path}:1: has no column student; its columns are {HEADER.strip()}.")
    known = {folded(one) for person in people for one in person.identities}
    return tuple(_rows(path, table, known, labs))


def _rows(path: Path, table: CsvTable, known: set[str], labs: Sequence[str]) -> Iterator[Adjustment]:
    for line, row in table.rows:
        cells = {name: _cell(table, row, name) for name in ("student", "lab", "points", "excused", "reason")}
        place = f"{path}:{line}"
        if folded(cells["student"]) not in known:
            raise UsageError(f"{place}: nobody in this class is {cells['student']!r}.")
        lab = cells["lab"].replace("_", "-").lower() or None
        if lab is not None and lab not in labs:
            raise UsageError(f"{place}: {cells['lab']!r} is none of the labs ({', '.join(labs)}).")
        if cells["excused"].casefold() not in (*_YES, *_NO):
            raise UsageError(f"{place}: excused is yes or no, and not {cells['excused']!r}.")
        excused = cells["excused"].casefold() in _YES
        yield Adjustment(cells["student"], lab, _points(place, cells["points"]), excused, cells["reason"])


def _points(place: str, text: str) -> float:
    try:
        points = float(text.replace(",", ".") or 0)
    except ValueError:
        points = math.nan
    if not math.isfinite(points):
        raise UsageError(f"{place}: points are a number, as 5 or -2.5, and not {text!r}.")
    return points


def _cell(table: CsvTable, row: tuple[str, ...], name: str) -> str:
    place = table.place(name)
    return "" if place is None else row[place].strip()
