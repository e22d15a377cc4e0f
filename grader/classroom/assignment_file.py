"""`assignment.toml`: read, held against the labs that it names, and warned about."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import cast, get_args
from zoneinfo import ZoneInfo

from grader.classroom.assignment import (
    AssignedLab,
    Assignment,
    AttemptsPolicy,
    Extension,
    Feedback,
    LatePolicy,
)
from grader.classroom.roster import folded
from grader.classroom.toml_table import Document, Table
from grader.emulators import NAMES as EMULATORS
from grader.errors import LabgradeError, UsageError
from grader.lab import Lab, find
from grader.sandbox import Limits
from grader.version import VERSION

NAME = "assignment.toml"
_TOP = (
    *("title", "course", "labgrade", "time_zone", "attempts", "feedback", "secret", "student", "emulator"),
    *("labs", "late", "limits", "extensions"),
)
_LAB = ("lab", "weight", "due", "hidden", "hidden_until")
_LATE = ("grace_minutes", "percent_per_day", "floor_percent", "reject_after_days")
_LIMITS = tuple(field.name for field in fields(Limits) if field.name != "stage_seconds")
_EXTENSION = ("student", "lab", "due", "days", "reason")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Opened:
    """An assignment and the labs that it is made of. `source` is the file's text, empty where a lab stood alone."""

    assignment: Assignment
    labs: Mapping[str, Lab]
    source: str = ""
    zone: tzinfo = UTC  # of times that name none


def opened(name: str, places: Sequence[Path] = ()) -> Opened:
    """The assignment in that file (or a folder's assignment.toml), or else the lab of that id, alone.

    Raises UsageError.
    """
    path = Path(name)
    if path.is_dir() and (path / NAME).is_file():
        path /= NAME
    if path.suffix == ".toml" or (path.is_file() and path.name != "lab.toml"):
        try:
            content = path.read_bytes()
        except OSError as error:
            raise UsageError(f"{path}: cannot be read: {error.strerror}.") from None
        return parsed(path, content, places)
    lab = find(name, places)
    return Opened(Assignment(lab.title, (AssignedLab(lab.id),)), {lab.id: lab})


def parsed(path: Path, content: bytes, places: Sequence[Path] = ()) -> Opened:
    """Raises UsageError with a line for everything that is wrong."""
    document = Document.parse(path, content)
    top = document.top()
    top.only(_TOP)
    zone = _zone(top)
    labs = {lab.id: lab for lab in _found(document, places)}
    limits = document.table("limits")
    assignment = Assignment(
        title=top.text("title", needed=True),
        labs=tuple(_assigned(document, labs, zone)),
        course=top.text("course"),
        late=_late(document.table("late")),
        extensions=tuple(_extensions(document, labs, zone)),
        attempts=cast(AttemptsPolicy, top.choice("attempts", get_args(AttemptsPolicy))),
        feedback=cast(Feedback, top.choice("feedback", get_args(Feedback))),
        timeout_seconds=limits.number_("timeout_seconds", above=True),
        limits=_limits(limits),
        labgrade=_version(top),
        secret_variable=_secret(top),
        student_column=top.text("student") or None,
        emulator=top.choice("emulator", EMULATORS),
        path=path,
    )
    document.check()
    return Opened(assignment, labs, document.text, zone or UTC)


def warnings(opened: Opened, now: datetime) -> Iterator[str]:
    """What holds, and may still not be meant."""
    assignment = opened.assignment
    for lab in assignment.labs:
        if lab.hides(now):
            yield (
                f"{lab.id}: {', '.join(lab.hidden)}: hidden in reports alone. Whoever has this lab's checker on disk "
                "(labgrade brings its own labs' along) can read and run it; hide checks of labs that you keep."
            )
        if lab.due is None and assignment.late != LatePolicy():
            yield f"{lab.id}: has no due time, so [late] does nothing for it."
    if assignment.secret_variable and not os.environ.get(assignment.secret_variable):
        yield f"{assignment.secret_variable} is not set here: results will not be signed."
    if not assignment.course:
        lacks = "is empty" if "course" in tomllib.loads(opened.source) else "is missing"
        yield f'course = "…" {lacks}: names and numbers are drawn from the student alone, the same in every course.'


def _zone(top: Table) -> tzinfo | None:
    name = top.text("time_zone")
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        top.wrong("time_zone", f"no time zone is called {name!r}; they are like Europe/Berlin, Asia/Seoul, UTC")
        return UTC


def _found(document: Document, places: Sequence[Path]) -> Iterator[Lab]:
    tables = document.tables("labs")
    if not tables and not document.problems:
        document.complain(document.line_of("labs"), 'labs: [[labs]] with lab = "s3-lifecycle" is missing')
    seen: set[str] = set()
    for table in tables:
        table.only(_LAB)
        name = table.text("lab", needed=True)
        try:
            lab = find(name, places) if name else None
        except LabgradeError as error:
            table.wrong("lab", str(error))
            continue
        if lab is not None and lab.id in seen:
            table.wrong("lab", f"{lab.id} stands here twice")
        elif lab is not None:
            seen.add(lab.id)
            yield lab


def _assigned(document: Document, labs: Mapping[str, Lab], zone: tzinfo | None) -> Iterator[AssignedLab]:
    for table in document.tables("labs"):
        lab = labs.get(str(table.values.get("lab", "")).replace("_", "-").lower())
        lab = lab or labs.get(Path(str(table.values.get("lab", ""))).name.replace("_", "-"))
        if lab is None:
            continue
        until = table.moment("hidden_until", zone)
        hidden = _hidden(table, lab)
        if "hidden_until" in table.values and not hidden:
            table.wrong("hidden_until", 'says when hidden checks are shown, and none is: hidden = ["…"]')
        yield AssignedLab(lab.id, table.whole("weight", 1, low=1), table.moment("due", zone), hidden, until)


def _hidden(table: Table, lab: Lab) -> tuple[str, ...]:
    hidden = table.texts("hidden")
    if not hidden:
        return ()
    checks = [check.id for check in lab.checks]
    for name in hidden:
        if name not in checks:
            table.wrong("hidden", f"{lab.id} has no check {name!r}; it has {', '.join(checks)}")
    return hidden


def _late(table: Table) -> LatePolicy:
    table.only(_LATE)
    return LatePolicy(
        grace_minutes=table.whole("grace_minutes", 0),
        percent_per_day=table.number_("percent_per_day", 0.0, high=100) or 0.0,
        floor_percent=table.number_("floor_percent", 0.0, high=100) or 0.0,
        reject_after_days=table.number_("reject_after_days"),
    )


def _extensions(document: Document, labs: Mapping[str, Lab], zone: tzinfo | None) -> Iterator[Extension]:
    for table in document.tables("extensions"):
        table.only(_EXTENSION)
        lab = table.text("lab").replace("_", "-").lower() or None
        if lab is not None and lab not in labs:
            table.wrong("lab", f"{lab!r} is none of this assignment's labs")
        if ("due" in table.values) == ("days" in table.values):
            table.wrong("", "says either due or days")
        student = table.text("student", needed=True)
        yield Extension(student, lab, table.moment("due", zone), table.number_("days", 0.0) or 0.0)


def unknown_extensions(assignment: Assignment, known: Sequence[str]) -> list[str]:
    """Students of extensions whom nobody of these is."""
    there = {folded(one) for one in known}
    return [each.student for each in assignment.extensions if folded(each.student) not in there]


def _limits(table: Table) -> dict[str, int]:
    table.only(("timeout_seconds", *_LIMITS))
    return {name: table.whole(name, 1, low=1) for name in _LIMITS if name in table.values}


def _version(top: Table) -> str | None:
    wanted = top.text("labgrade")
    if wanted and wanted != VERSION:
        top.wrong(
            "labgrade",
            f"this is labgrade {VERSION}, and the assignment is for {wanted}: install that one "
            f"(pip install labgrade=={wanted}), or change the line",
        )
    return wanted or None


def _secret(top: Table) -> str | None:
    name = top.text("secret")
    if name and not _VARIABLE.fullmatch(name):
        top.wrong("secret", "names an environment variable, as in LABGRADE_SECRET; the secret itself stands nowhere")
        return None
    return name or None
