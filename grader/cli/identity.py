"""Who is graded: flags and variables first, then the nearest labgrade.toml here or above."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError

FILE = "labgrade.toml"


@dataclass(frozen=True)
class Identity:
    student: str | None = None
    course: str | None = None


def identity(student: str | None, course: str | None, folder: Path | None = None) -> Identity:
    """Student and course: what was given, else what `labgrade.toml` says. Raises UsageError for a broken file."""
    if student and course:
        return Identity(student, course)
    remembered = _remembered(folder or Path.cwd())
    return Identity(student or remembered.student, course or remembered.course)


def _remembered(folder: Path) -> Identity:
    for place in (folder, *folder.parents):
        path = place / FILE
        if not path.is_file():
            continue
        try:
            table = tomllib.loads(path.read_text("utf-8"))
        except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise UsageError(f"{path}: {error}") from None
        if "student" in table or "course" in table:
            return Identity(_string(path, table, "student"), _string(path, table, "course"))
    return Identity()


def _string(path: Path, table: dict[str, object], key: str) -> str | None:
    value = table.get(key)
    if value is not None and not isinstance(value, str):
        raise UsageError(f'{path}: {key} is a string, as in {key} = "…"')
    return value
