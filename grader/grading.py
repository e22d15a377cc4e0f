"""The whole story of a grading, on one screen: read the work, run it on an emulator of its own, judge, report."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from grader import submissions
from grader.attempts import Attempts
from grader.emulators.interface import Emulator
from grader.errors import LabgradeError, UsageError
from grader.garbage import Garbage
from grader.graded import Graded
from grader.lab import Lab, find
from grader.options import Options
from grader.report import Note, Report
from grader.sandbox import Sandbox
from grader.submissions.interface import Submission
from grader.supply import Supply, WarmSupply
from grader.texts import Text, say

__all__ = ["Grader", "Options", "Work", "grade"]


def grade(
    lab: str | Path | Lab,
    submission: str | Path | None = None,
    *,
    labs: Sequence[str | Path] = (),
    options: Options | None = None,
    **more: Any,
) -> Report:
    """Grade a submission on a fresh emulator, or without one the live state of an emulator that is running.

    `lab` is an id, a lab's folder, or a Lab; `labs` are folders to look in besides. `options`, or its fields as
    keywords (`student="ada"`, `emulator="localstack"`), say how. Returns the Report: `.score`, `.outcome`,
    `.to_json()`. Raises UsageError and NotGradable (the caller's to mend), LabError, EmulatorError, SandboxError and
    MachineError (nobody could grade this fairly). Thread-safe; what it starts has ended when it returns.
    """
    chosen = options or Options(**more)
    opened = lab if isinstance(lab, Lab) else find(str(lab), [Path(place) for place in labs])
    with Grader(Supply()) as grader:
        return grader.grade(opened, submission, chosen)


@dataclass(frozen=True)
class Work:
    """One submission of many, and how to grade it."""

    lab: Lab
    submission: str | Path
    options: Options


class Grader:
    """Grades many, quickly: emulators are copies of one that is kept warm. Thread-safe. Close it, or use `with`."""

    def __init__(self, supply: Supply | None = None) -> None:
        """With another supply than a warm one it closes that."""
        self._supply = supply or WarmSupply()
        self._garbage = Garbage() if self._supply.warm else None

    def grade(self, lab: Lab, submission: str | Path | None, options: Options | None = None) -> Report:
        """As the function `grade` does, with the same verdict."""
        try:
            return _report(lab, submission, options or Options(), self._supply)
        finally:
            if self._garbage:
                self._garbage.collect()

    def each(self, works: Iterable[Work], workers: int) -> Iterator[Report | LabgradeError]:
        """The report of each, in their order, or why there is none: one that cannot be graded stops no other."""
        pool = ThreadPoolExecutor(workers, "labgrade")
        try:
            yield from pool.map(self._graded, works)
        finally:
            pool.shutdown(cancel_futures=True)

    def close(self) -> None:
        """End all that it holds; again does nothing."""
        self._supply.close()
        if self._garbage:
            self._garbage.close()

    def _graded(self, work: Work) -> Report | LabgradeError:
        try:
            return self.grade(work.lab, work.submission, work.options)
        except LabgradeError as error:
            return error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _report(lab: Lab, submission: str | Path | None, options: Options, supply: Supply) -> Report:
    began, started_at = time.monotonic(), datetime.now(UTC).isoformat(timespec="seconds")
    asked = "none" if submission is None and options.sandbox == "auto" else options.sandbox  # nothing is run
    sandbox = supply.sandbox(asked, lab.services)
    work = None if submission is None else submissions.read(Path(submission), entry=options.entry)
    values = lab.values(options.student, options.course)
    if work is None:
        from grader.standing import as_started, last_time, standing

        graded = standing(lab, values, options)
        if graded.target:
            values, options = graded.target.workspace.parameters, as_started(options, graded.target)
        grading = last_time(graded.target)
    else:
        graded, grading = _fresh(lab, work, values, sandbox, options, supply), {}
    gaps = () if work is None else (*sandbox.gaps, *_without(sandbox, asked), *_unboxed(sandbox, graded.emulator))
    report = Report(
        lab={"id": lab.id, "title": lab.title, "version": lab.version, "texts": lab.texts},
        checks=graded.judgement.checks,
        parameters=values,
        emulator=graded.emulator.to_json(),
        sandbox={
            "level": sandbox.level,
            "version": sandbox.version,
            "guarantees": [*sandbox.guarantees, *(["emulator-boxed"] if graded.emulator.boxed else [])],
        },
        account=graded.emulator.access.account,
        region=graded.emulator.access.region,
        started_at=started_at,
        seconds=time.monotonic() - began,
        student=options.student,
        course=options.course,
        lang=options.lang,
        lab_folder=lab.folder,
        submission=None if work is None else work.to_json(),
        run=None if graded.run is None else graded.run.to_json(),
        model=graded.judgement.model,
        notes=(*graded.notes, *(Note("sandbox", gap) for gap in gaps), *graded.judgement.notes),
        grading=grading,
    )
    if graded.target and report.outcome != "error":
        graded.target.remember(report.score, report.max_score)
    return report


def _without(sandbox: Sandbox, asked: str) -> tuple[Text, ...]:
    """That the best there is, is nothing: who has chosen it knows."""
    if asked != "auto" or sandbox.level != "none":
        return ()
    return (say("It ran as you do, in no box, which this machine has none of (`labgrade doctor` says why)."),)


def _unboxed(sandbox: Sandbox, emulator: Emulator) -> tuple[Text, ...]:
    """What a box does not stop where the emulator is in a container: the engine's network leads out."""
    if sandbox.level != "bwrap" or emulator.boxed:
        return ()
    return (
        say(
            "{emulator} runs in a container, not in a box: it may call any address that a submission names.",
            emulator=emulator.name,
        ),
    )


def _fresh(
    lab: Lab, work: Submission, values: dict[str, Any], sandbox: Sandbox, options: Options, supply: Supply
) -> Graded:
    if options.endpoint_url:
        raise UsageError(
            say(
                "a submission runs on a fresh emulator of its own: leave out --endpoint-url, or leave out the "
                "submission"
            )
        )
    return Attempts(lab, work, values, sandbox, options, supply).graded()
