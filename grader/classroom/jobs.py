"""What is to be graded, and what comes of it: the data that goes to a worker, wherever it is, and comes back."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from grader.classroom.database import Grading
from grader.errors import LabError, LabgradeError
from grader.grading import Grader, Options
from grader.lab import Lab
from grader.report import Outcome, Report, ReportJson
from grader.sandbox import Level
from grader.submissions import Limits

TRIES = 3  # before a fault is believed
PAUSE_SECONDS = 1.0


@dataclass(frozen=True)
class Job:
    """One submission for one lab, as one student's."""

    key: str
    lab: Lab
    path: Path
    student: str
    course: str | None
    emulator: str
    sandbox: Level
    timeout_seconds: float | None = None
    inconclusive: bool = False  # take a report on which the emulator could not show everything
    limits: Mapping[str, int] = field(default_factory=dict)  # by field of Limits, where it is not the default
    terraform_mirror: Path | None = None  # of this machine

    @property
    def options(self) -> Options:
        return Options(
            self.student,
            self.course,
            self.emulator,
            sandbox=self.sandbox,
            limits=Limits(stage_seconds=self.timeout_seconds, **self.limits),
            terraform_mirror=self.terraform_mirror,
        )


Grade: TypeAlias = Callable[[Job], ReportJson]


class Fault(Exception):
    """The grading is at fault, and not the student: no mark."""


def grading_with(grader: Grader) -> Grade:
    """What grades a job once. It raises Fault, LabgradeError, and whatever a bug of ours raises."""

    def graded(job: Job) -> ReportJson:
        report = grader.grade(job.lab, job.path, job.options)
        if wrong := fault_in(report, inconclusive=job.inconclusive):
            raise Fault(wrong)
        return report.to_json()

    return graded


def fault_in(report: Report, *, inconclusive: bool) -> str | None:
    """Why no mark can be given for it; None where one can."""
    ended = {outcome: [check for check in report.checks if check.outcome is outcome] for outcome in Outcome}
    if errors := ended[Outcome.ERROR]:
        return "; ".join(f"{check.id}: {check.message or 'ended in an error'}" for check in errors)
    if not report.max_score:
        return "nothing of it could be judged."
    if ended[Outcome.INCONCLUSIVE] and not inconclusive:
        names = ", ".join(check.id for check in ended[Outcome.INCONCLUSIVE])
        return f"{report.emulator['name']} cannot show {names}; --inconclusive leaves such checks out of the maximum."
    return None


def settled(job: Job, grade: Grade) -> Grading:
    """Grade it, again where we are at fault, and say what came of it. Never raises but for an interruption."""
    began = time.monotonic()
    fault = ""
    for attempt in range(1, TRIES + 1):
        try:
            return Grading(job.key, grade(job), None, time.monotonic() - began)
        except Exception as error:
            fault = _told(error)
            if isinstance(error, LabError) or attempt == TRIES:
                break
        time.sleep(PAUSE_SECONDS * attempt)  # what is overloaded gets a moment
    return Grading(job.key, None, fault, time.monotonic() - began)


def _told(error: Exception) -> str:
    words = " ".join(str(error).split())
    return words if isinstance(error, Fault | LabgradeError) else f"{type(error).__name__}: {words}"
