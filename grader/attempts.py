"""A submission, run on a fresh emulator and judged; once more, on another, where something of ours went wrong."""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from grader import engine, submissions
from grader.access import get_ready
from grader.emulators.interface import Emulator
from grader.errors import EmulatorError, LabgradeError, MachineError, UsageError
from grader.graded import Graded
from grader.judging import judged
from grader.lab import Lab
from grader.options import Options
from grader.report import Note, Outcome
from grader.sandbox import Sandbox
from grader.submissions.interface import Run, Submission
from grader.supply import Supply
from grader.texts import Text, say

BROUGHT_DOWN = (
    "the emulator stopped answering while your submission ran, and again on a second, fresh one. "
    "Nothing of what it built could be read."
)


@dataclass(frozen=True)
class Attempts:
    """At most two: what failed by a fault of ours may work on the next emulator; what fails again is told."""

    lab: Lab
    work: Submission
    values: Mapping[str, Any]
    sandbox: Sandbox
    options: Options
    supply: Supply

    def graded(self) -> Graded:
        """Raises LabError, EmulatorError, SandboxError, MachineError."""
        first = None
        with suppress(_Retried):
            first = self._attempt_or_retry()
            if first.fair:
                return first
        last = self._attempt()
        if last.brought_down and not (first and first.brought_down):
            raise EmulatorError(
                say("the emulator stopped answering while the submission ran, after a first attempt had failed, too")
            )
        return last

    def _attempt_or_retry(self) -> Graded:
        try:
            return self._attempt()
        except UsageError:
            raise
        except LabgradeError as error:
            raise _Retried from error

    def _attempt(self) -> Graded:
        services = ["cloudformation"] if self.work.has_template else []
        submissions.announce(self.work, self.sandbox, self.options.terraform_mirror)
        with (
            _machine_faults(),
            self.supply.begun(
                self.lab,
                self.values,
                self.options.emulator or "moto",
                services,
                boxed=self.sandbox.level == "bwrap",
            ) as begun,
        ):
            emulator, values = begun.emulator, self.values
            _check(emulator)
            run = submissions.run(
                self.work,
                access=emulator.access,
                parameters=values,
                sandbox=self.sandbox,
                limits=self.options.limits,
                serving=emulator.serving,
                terraform_mirror=self.options.terraform_mirror,
                meanwhile=lambda: get_ready(self.lab.services),
            )
            if "lambda" not in self.lab.services:  # where it is, checks may want to have a function run
                emulator.settle()
            if not emulator.alive():
                judgement = engine.unjudged(self.lab, values, say(BROUGHT_DOWN))
                notes = (*self._notes(run), *_why(emulator))
                return Graded(emulator, judgement, run, notes, brought_down=True)
            judgement = judged(self.lab, emulator, values, begun.facts)
            if not emulator.alive():
                judgement = engine.unjudged(self.lab, values, _ended(emulator), Outcome.ERROR)
            return Graded(emulator, judgement, run, self._notes(run))

    def _notes(self, run: Run) -> tuple[Note, ...]:
        return tuple(Note("submission", text) for text in (*self.work.notes, *run.notes))


class _Retried(Exception):
    """The first attempt failed by a fault of ours."""


def _check(emulator: Emulator) -> None:
    if not emulator.alive():
        raise EmulatorError(say("{emulator} stopped answering before the submission ran", emulator=emulator.name))


def _why(emulator: Emulator) -> tuple[Note, ...]:
    limit = emulator.ended_by()
    if limit is None:
        return ()
    return (Note("submission", say("The emulator was ended: {limit}.", limit=limit)),)


def _ended(emulator: Emulator) -> Text:
    return say(
        "{emulator} stopped answering while the checks ran. This is not your work's fault.", emulator=emulator.name
    )


@contextmanager
def _machine_faults() -> Iterator[None]:
    """What the system refuses the grader, named."""
    try:
        yield
    except OSError as error:
        raise MachineError(_told(error)) from error
    except MemoryError as error:
        raise MachineError(say("this machine is out of memory: close other programs")) from error


def _told(error: OSError) -> Text:
    place = str(error.filename or _temporary())
    reason = error.strerror or type(error).__name__
    return say("this machine: {reason} ({place}): {cure}", reason=reason, place=place, cure=_cure(error.errno))


def _cure(number: int | None) -> Text:
    match number:
        case errno.ENOSPC | errno.EDQUOT:
            return say("make room there, or set TMPDIR to a folder that has some")
        case errno.ENOENT | errno.EACCES | errno.EROFS:
            return say("set TMPDIR to a folder that can be written to")
        case errno.EMFILE:
            return say("allow more open files (`ulimit -n 4096`)")
        case _:
            return say("close other programs, or see `labgrade doctor`")


def _temporary() -> str:
    try:
        return tempfile.gettempdir()
    except OSError:
        return "TMPDIR"
