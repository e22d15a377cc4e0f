"""For a lab's author, who wants to see in a test that a submission gets what it should.

    from grader.testing import graded
    assert graded("labs/hello", "labs/hello/solutions/boto3").passed

and that the lab keeps every promise, each of its answers a test of its own:

    @pytest.mark.parametrize("promise", promises("labs/hello"), ids=str)
    def test_it_is_kept(promise):
        promise.check()
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.grading import Options
from grader.lab import Lab, find
from grader.promises import APPROVED_ON, Promise, shared
from grader.report import CheckResult, Outcome, Report
from grader.selftest import STUDENTS, Plan
from grader.selftest import promises as _promises

__all__ = ["Graded", "Judged", "Promise", "graded", "promises"]


@dataclass(frozen=True)
class Judged:
    """One check of a graded submission, its texts as the student reads them; empty where it says nothing."""

    id: str
    outcome: Outcome
    points: int
    max_points: int
    requirement: str
    message: str
    found: str
    wanted: str
    why: str
    fix: str

    @classmethod
    def of(cls, check: CheckResult) -> Judged:
        names = ("requirement", "message", "found", "wanted", "why", "fix")
        texts = {name: str(getattr(check, name) or "") for name in names}
        return cls(check.id, check.outcome, check.points, check.max_points, **texts)


@dataclass(frozen=True)
class Graded:
    """What came of grading a submission: `report` holds all of it, the rest says it shortly."""

    report: Report

    @property
    def passed(self) -> bool:
        """Full marks?"""
        return self.report.outcome == "passed"

    @property
    def score(self) -> int:
        return self.report.score

    @property
    def failed_checks(self) -> list[str]:
        return self._ended(Outcome.FAILED)

    @property
    def skipped_checks(self) -> list[str]:
        return self._ended(Outcome.SKIPPED)

    @property
    def errors(self) -> list[str]:
        """Checks that broke by themselves: the lab's own fault, or labgrade's."""
        return self._ended(Outcome.ERROR)

    def check(self, name: str) -> Judged:
        """The check of that id. Raises KeyError naming those that there are."""
        for check in self.report.checks:
            if check.id == name:
                return Judged.of(check)
        raise KeyError(f"no check {name!r}; there are {', '.join(check.id for check in self.report.checks)}")

    def _ended(self, outcome: Outcome) -> list[str]:
        return [check.id for check in self.report.checks if check.outcome is outcome]


def graded(lab: str | Path | Lab, submission: str | Path, **options: Any) -> Graded:
    """Grade a submission on a fresh emulator, with the verdict of `labgrade run`; from the second on it is quicker.

    `lab` is an id or a lab's folder; `options` are those of `grader.grade` (`student="ada"`, `emulator="localstack"`).
    """
    return Graded(shared().grade(_opened(lab), submission, Options(**options)))


def promises(lab: str | Path | Lab, *, emulator: str = APPROVED_ON, students: int = STUDENTS) -> list[Promise]:
    """What each of the lab's answers promises on that emulator, for a test of each."""
    return _promises(_opened(lab), Plan(emulator, students))


def _opened(lab: str | Path | Lab) -> Lab:
    if isinstance(lab, Lab):
        return lab
    return find(str(lab if isinstance(lab, str) else lab.resolve()))
