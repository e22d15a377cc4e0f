"""Grading again after each change, and what turned since the last time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

from grader.errors import LabgradeError, NotGradable
from grader.report import ReportJson
from grader.submissions.files import take_stock
from grader.workspace import record

POLL_SECONDS = 0.5
REST_SECONDS = 0.2  # an editor's save is several changes: a draft, a new name, the old file gone
MOST_REST_SECONDS = 3.0  # of files that never come to rest
ROUND_SECONDS = 10.0  # between looks at an emulator that does not say when it is called


class Source(Protocol):
    """What is watched."""

    def stamp(self) -> Hashable:
        """Another value whenever what is graded may have changed."""
        ...


@dataclass(frozen=True)
class Files:
    """A submission, as `run` would take it: what is junk there is no change here."""

    path: Path

    def stamp(self) -> Hashable:
        """Its files, each by all that a save changes. What cannot be read just now is a state like any other."""
        try:
            if not self.path.is_dir():
                return _file(self.path)
            root = self.path.resolve()
            return tuple((name, _file(root / name)) for name in take_stock(root).files)
        except (OSError, NotGradable) as error:
            return str(error)


@dataclass(frozen=True)
class Calls:
    """A lab's workspace: it counts what the student changes. Where nobody counts, the clock has to do."""

    lab: str

    def stamp(self) -> Hashable:
        """Raises StateError where nobody can tell."""
        workspace = record.find(self.lab)
        if workspace is None:
            return "gone"
        now = workspace.standing()
        counted = now.calls if now.changes is None else now.changes
        if counted is None and now.running:
            return time.monotonic() // ROUND_SECONDS
        return workspace.id, now.running, counted


@dataclass(frozen=True)
class Step:
    """One grading; `turned` are the checks whose outcome is another than last time, none the first time."""

    report: ReportJson
    turned: frozenset[str] = frozenset()
    first: bool = True


Grade: TypeAlias = Callable[[], ReportJson]


def watch(source: Source, grade: Grade) -> Iterator[Step | LabgradeError]:
    """Now, and after each change: what came of grading it, or why it could not be graded. Without end."""
    before: ReportJson | None = None
    for _ in changes(source):
        try:
            report = grade()
        except LabgradeError as error:  # half-written work, mostly: the next save mends it
            yield error
            continue
        yield _step(report, before)
        before = report


def changes(source: Source) -> Iterator[None]:
    """Once for what is there, then each time that it has changed and come to rest."""
    known = source.stamp()
    while True:
        yield
        while (stamp := source.stamp()) == known:
            time.sleep(POLL_SECONDS)
        known = _at_rest(source, stamp)


def _at_rest(source: Source, stamp: Hashable) -> Hashable:
    deadline = time.monotonic() + MOST_REST_SECONDS
    while time.monotonic() < deadline:
        time.sleep(REST_SECONDS)
        again = source.stamp()
        if again == stamp:
            break
        stamp = again
    return stamp


def _step(report: ReportJson, before: ReportJson | None) -> Step:
    if before is None:
        return Step(report)
    known = {check["id"]: check["outcome"] for check in before["checks"]}
    turned = frozenset(check["id"] for check in report["checks"] if known.get(check["id"]) != check["outcome"])
    last = None if before["outcome"] == "error" else before["score"]
    return Step({**report, "grading": {**report["grading"], "previous": last}}, turned, first=False)


def _file(path: Path) -> tuple[int, ...]:
    now = os.stat(path)  # noqa: PTH116  (path.stat is the same; this one says that links are followed)
    return now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns
