"""What each of a lab's answers promises, and whether it holds when it is graded."""

from __future__ import annotations

import atexit
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from unittest import SkipTest

from grader import answers, approved
from grader.answers import Answer, Declaration
from grader.errors import CannotDeploy, LabError, NotGradable
from grader.grading import Grader, Options
from grader.lab import Lab
from grader.report import Outcome, Report, canonical
from grader.sandbox.limits import Limits

PATIENT = Limits(stage_seconds=300)  # what is proven here is no answer's speed, and the machine may be busy
APPROVED_ON = "moto"  # on others only the verdicts count


@cache
def shared() -> Grader:
    """The one for all that is proven in this process; it and its emulators end with the process."""
    grader = Grader()
    atexit.register(grader.close)
    return grader


@dataclass(frozen=True)
class Breach:
    """A promise that does not hold."""

    expected: str
    got: str
    check: str | None = None
    message: str = ""
    answer: str = ""
    student: str | None = None

    def __str__(self) -> str:
        whose = f", student {self.student}" if self.student else ""
        what = f", {self.check}" if self.check else ""
        told = "".join(f"\n    {line}".rstrip() for line in self.message.splitlines())
        return f"{self.answer}{whose}{what}: expected {self.expected}, got {self.got}{told}"


@dataclass(frozen=True)
class Verdict:
    """What came of one answer."""

    answer: Answer
    breaches: tuple[Breach, ...] = ()
    caught: bool = False  # it lost marks, with the defaults and with every student's parameters
    declared: Declaration | None = None
    not_run: str = ""  # what the machine lacks for it
    off: Mapping[str, Outcome] = field(default_factory=dict)  # checks that ended otherwise than on AWS
    recorded: bool = False


@dataclass(frozen=True)
class Promise:
    """What one answer of a lab promises on one emulator: with the defaults, and as each of some students.

    In a test: `@pytest.mark.parametrize("promise", promises("labs/hello"), ids=str)`, and `promise.check()`.
    """

    lab: Lab
    answer: Answer
    emulator: str = APPROVED_ON
    students: tuple[str, ...] = ()
    grader: Grader = field(default_factory=shared, repr=False, compare=False)

    def __str__(self) -> str:
        return f"{self.lab.id} on {self.emulator}: {self.answer.title}"

    def check(self) -> None:
        """Raise AssertionError that tells what does not hold, or SkipTest where this machine cannot tell."""
        verdict = self.test()
        if verdict.not_run:
            raise SkipTest(f"{self}: not run: {verdict.not_run}")
        if verdict.breaches:
            raise AssertionError("\n".join([f"{self}:", *map(str, verdict.breaches)]))

    def test(self, approve: bool = False) -> Verdict:
        """Grade the answer and say what does not hold. With `approve`, its report becomes the approved one."""
        if lacking := answers.lacking(self.answer):
            return Verdict(self.answer, not_run=lacking)
        try:
            with self.answer.work() as work:
                return self._tested(work, approve)
        except CannotDeploy as error:
            if self._declared and self._declared.refuses:
                return Verdict(self.answer, declared=self._declared)
            return Verdict(self.answer, (self._no_grading(error),))
        except (LabError, NotGradable) as error:
            return Verdict(self.answer, (self._no_grading(error),))

    def _no_grading(self, error: Exception) -> Breach:
        return Breach("a grading", "none", message=str(error), answer=self.answer.title)

    def _tested(self, work: Path, approve: bool) -> Verdict:
        reports: dict[str | None, Report] = {who: self._graded(work, who) for who in (None, *self.students)}
        report, told = reports[None], ""
        recorded = False
        if self._has_approved:
            told = approved.text(self.answer, report.to_json())
            recorded = approve and approved.record(self.answer, told)
        found = [replace(breach, student=who) for who in reports for breach in self._broken(reports[who])]
        found += [*self._unsteady(report, work), *self._unapproved(told)]
        return Verdict(
            self.answer,
            tuple(replace(breach, answer=self.answer.title) for breach in found),
            caught=all(graded.score < graded.max_score for graded in reports.values()),
            declared=self._declared,
            off={} if self.answer.sort == "nothing" else _off(self.answer, report),
            recorded=recorded,
        )

    @property
    def _declared(self) -> Declaration | None:
        return self.answer.declarations.get(self.emulator)

    @property
    def _has_approved(self) -> bool:
        return self.answer.sort == "mistakes" and self.emulator == APPROVED_ON

    def _graded(self, work: Path, student: str | None = None) -> Report:
        return self.grader.grade(self.lab, work, Options(student=student, emulator=self.emulator, limits=PATIENT))

    def _broken(self, report: Report) -> Iterator[Breach]:
        """What this report should not say."""
        if self.answer.sort == "nothing":
            return _earned(report)
        if self._declared and self._declared.refuses:
            return _not_refused(self._declared, report)
        return _other_outcomes(self.answer, self._declared, report)

    def _unsteady(self, first: Report, work: Path) -> Iterator[Breach]:
        """Graded twice, it gives the same report. A mistake's approved report is what it was given the first time."""
        if self.answer.sort != "solutions":
            return
        one, other = (_steady(report) for report in (first, self._graded(work)))
        if one != other:
            told = approved.diff(one, other, "first", "second")
            yield Breach("the same report when it is graded twice", "another", message=told)

    def _unapproved(self, told: str) -> Iterator[Breach]:
        """What the student reads is what was approved."""
        if self._has_approved and (difference := approved.difference(self.answer, told)):
            again = f"labgrade selftest {_where(self.lab)} --only {self.answer.name} --approve"
            message = f"{difference}\n\nIf the report is right as it is now:  {again}"
            yield Breach(f"the report in {answers.APPROVED}", "another", message=message)


def _earned(report: Report) -> Iterator[Breach]:
    """Points for nothing, and our own errors."""
    for check in report.checks:
        if check.outcome in (Outcome.PASSED, Outcome.ERROR):
            yield Breach("no points for nothing", check.outcome, check.id, str(check.message or ""))


def _other_outcomes(answer: Answer, declared: Declaration | None, report: Report) -> Iterator[Breach]:
    """Checks that end otherwise than the answer promises, and a right answer whose run breaks."""
    off = _off(answer, report)
    for check in report.checks:
        if declared:
            excused = check.id in declared.checks or not declared.checks
        else:  # that an emulator cannot show a check costs a right answer nothing: its marks are still full
            excused = answer.sort == "solutions" and check.outcome is Outcome.INCONCLUSIVE
        if check.outcome is Outcome.ERROR or (check.id in off and not excused):
            yield Breach(answer.expected(check.id), check.outcome, check.id, str(check.message or ""))
    if declared:
        yield from _shown_after_all(declared, off)
    if answer.sort == "solutions" and (ending := _broke(report)):
        yield Breach("a run that ends well", ending, message=_said(report))


def _shown_after_all(declared: Declaration, off: Mapping[str, Outcome]) -> Iterator[Breach]:
    """What an emulator is said not to show, and shows: the declaration is out of date."""
    expected = f"what it declares ({declared.evidence})"
    for check in sorted(declared.checks - set(off)):
        yield Breach(f"{expected} to be off", "the outcome on AWS: take it out of the declaration", check)
    if not declared.checks and not off:
        yield Breach(f"{expected} to be off", "the outcomes on AWS: take the declaration out")


def _off(answer: Answer, report: Report) -> dict[str, Outcome]:
    """The checks that ended otherwise than they would on AWS."""
    ended = {check.id: check.outcome for check in report.checks}
    return {check: got for check, got in ended.items() if got is not answer.expected(check)}


def _not_refused(declared: Declaration, report: Report) -> Iterator[Breach]:
    """An answer that the emulator is said to refuse: its run breaks, and just the named checks are lost, if any is."""
    if not _broke(report):
        yield Breach(f"a refusal, as it declares ({declared.evidence})", "a run that ends well")
    for check in report.checks:
        lost = check.outcome is not Outcome.PASSED
        if check.outcome is Outcome.ERROR or (declared.checks and lost != (check.id in declared.checks)):
            expected = "a check that is lost" if check.id in declared.checks else Outcome.PASSED
            yield Breach(expected, check.outcome, check.id, str(check.message or ""))


def _broke(report: Report) -> str:
    """How the run of the submission ended, where it did not end well."""
    run = report.run or {}
    if run.get("timed_out"):
        return "a time-out"
    return "" if run.get("exit_code") == 0 else f"exit code {run.get('exit_code')}"


def _said(report: Report) -> str:
    """The last that a run said of itself."""
    run = report.run or {}
    stages = [stage["message"] for stage in run.get("stages", []) if stage["message"]]
    return "\n".join([*stages, *(run.get("stderr") or "").splitlines()[-8:]])


def _steady(report: Report) -> str:
    return json.dumps(canonical(report.to_json()), indent=1, sort_keys=True, default=str)


def _where(lab: Lab) -> str:
    """How to name the lab on a command line, wherever it lies."""
    try:
        return f"./{lab.folder.relative_to(Path.cwd()).as_posix()}"
    except ValueError:
        return str(lab.folder)
