"""What each student is given: the task with their own names and numbers, a starter, and who they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.classroom.assignment_file import Opened
from grader.classroom.assignment_template import quoted
from grader.classroom.file_names import file_name
from grader.classroom.roster import Person, Roster
from grader.errors import UsageError
from grader.lab import Lab
from grader.workspace import starters


@dataclass(frozen=True)
class _Beginning:
    """What a starter is made of."""

    title: str
    services: tuple[str, ...]
    parameters: Mapping[str, Any]


def write(opened: Opened, roster: Roster, into: Path, kind: str, lang: str) -> tuple[int, int]:
    """A folder for each student (and in it for each lab, where there are several); how many files, and how many stay.

    Nothing that is there is changed. Raises UsageError.
    """
    if not len(roster):
        raise UsageError("the roster has nobody in it.")
    written = left = 0
    for person in roster:
        for name, text in _files(opened, person, kind, lang):
            made = _put(into / file_name(person.id) / name, text)
            written, left = written + made, left + (not made)
    return written, left


def _files(opened: Opened, person: Person, kind: str, lang: str) -> Iterator[tuple[Path, str]]:
    """What goes into one student's folder."""
    course = opened.assignment.course
    said = f"course = {quoted(course)}\n" if course else ""
    yield Path("labgrade.toml"), f"student = {quoted(person.id)}\n{said}"
    for assigned in opened.assignment.labs:
        folder = Path(assigned.id if len(opened.labs) > 1 else ".")
        for name, text in _of_lab(opened.labs[assigned.id], person, course, kind, lang):
            yield folder / name, text


def _of_lab(lab: Lab, person: Person, course: str, kind: str, lang: str) -> Iterator[tuple[str, str]]:
    values = lab.values(person.id, course or None)
    yield "TASK.md", lab.task(values, lang)
    yield from starters.starter(kind, _Beginning(lab.said_in(lang).title, lab.services, values)).items()


def _put(path: Path, text: str) -> bool:
    """Write it where nothing is; was it written? Raises UsageError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        return False
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}; --out names another folder.") from None
    return True
