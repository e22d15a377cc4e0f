"""Who is graded: flags and variables first, then the nearest labgrade.toml here or above."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import UsageError
from grader.texts import say

FILE = "labgrade.toml"
HEAD = "# Who you are, for labgrade: your names and numbers in the labs come from it.\n"


@dataclass(frozen=True)
class Identity:
    student: str | None = None
    course: str | None = None


def identity(student: str | None, course: str | None, folder: Path | None = None) -> Identity:
    """Student and course: what was given, else what `labgrade.toml` says. Raises UsageError for a broken file."""
    if student and course:
        return Identity(student, course)
    kept = remembered(folder or Path.cwd())
    return Identity(student or kept.student, course or kept.course)


def remembered(folder: Path) -> Identity:
    """What the nearest `labgrade.toml` that names anybody says, here or above. Raises UsageError."""
    path = nearest(folder)
    if path is None:
        return Identity()
    table = _parsed(path, _text(path))
    return Identity(_string(path, table, "student"), _string(path, table, "course"))


def nearest(folder: Path) -> Path | None:
    """The `labgrade.toml` that counts in this folder. Raises UsageError for a broken one on the way."""
    for place in (folder, *folder.parents):
        path = place / FILE
        if path.is_file() and {"student", "course"} & _parsed(path, _text(path)).keys():
            return path
    return None


def remember(folder: Path, who: Identity) -> Path:
    """Write it into the folder's `labgrade.toml`, and nothing else of that file; returns its path.

    None leaves no such key behind. Raises UsageError, and then the file is as it was.
    """
    from grader.cli.toml_text import edited

    path = folder / FILE
    before = _text(path) if path.is_file() else HEAD
    _parsed(path, before)
    text = before
    try:
        for key, value in (("student", who.student), ("course", who.course)):
            text = edited(text, key, value)
    except ValueError as error:
        wrong = "{path}: {name} cannot be written there; write student and course by hand."
        raise UsageError(say(wrong, path=str(path), name=repr(error.args[0]))) from None
    _put(path, text, before)
    return path


def _put(path: Path, text: str, before: str) -> None:
    try:
        if text.strip() in ("", HEAD.strip()):
            path.unlink(missing_ok=True)
        elif text != before or not path.exists():
            _replace(path, text)
    except OSError as error:
        raise UsageError(
            say("{path}: cannot be written: {reason}.", path=str(path), reason=error.strerror or str(error))
        ) from None


def _replace(path: Path, text: str) -> None:
    """All or nothing: whoever reads it meanwhile, or pulls the plug, finds the old file or the new one."""
    import os
    import stat
    import tempfile

    target = path.resolve()  # a link stays one
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o644
    descriptor, draft = tempfile.mkstemp(prefix=f".{FILE}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(descriptor)
        Path(draft).chmod(mode)
        Path(draft).replace(target)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")  # as Notepad and PowerShell save it
    except OSError as error:
        raise UsageError(
            say("{path}: cannot be read: {reason}.", path=str(path), reason=error.strerror or str(error))
        ) from None
    except UnicodeDecodeError:
        raise UsageError(say("{path}: is not UTF-8 text; save it as UTF-8.", path=str(path))) from None


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise UsageError(say("{path}: is nested too deeply.", path=str(path))) from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(say("{path}: {error}", path=str(path), error=str(error))) from None


def _string(path: Path, table: dict[str, object], key: str) -> str | None:
    value = table.get(key)
    if value is not None and not isinstance(value, str):
        raise UsageError(say('{path}: {key} is a string, as in {key} = "…"', path=str(path), key=key))
    return value
