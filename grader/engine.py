"""Runs a lab's scenario and its checks, each under a limit, and maps what they raise to outcomes."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.aws import Aws, Inconclusive
from grader.checks import Check, Failure, Given
from grader.errors import LabError
from grader.lab import Lab
from grader.languages import apart
from grader.report import CheckResult, Note, Outcome, shares
from grader.texts import Text, filled, plain, say

CHECK_SECONDS = 10.0
MOST_SPARED_SECONDS = 60.0  # for probes of a new emulator, which load services that nobody has called yet


class TookTooLong(Exception):
    """A check, a scenario or a model did not end in its time."""


class Left(Exception):
    """A check, a scenario or a model wanted to end the grader (sys.exit), which is not its to end."""


@dataclass(frozen=True)
class Judgement:
    """What the checks said."""

    checks: tuple[CheckResult, ...]
    model: Mapping[str, Any]
    notes: tuple[Note, ...]

    @property
    def broken(self) -> bool:
        """Did a check end by a fault of ours?"""
        return any(check.outcome is Outcome.ERROR for check in self.checks)


def prepare(lab: Lab, aws: Aws, values: Mapping[str, Any], seconds: float = 30.0) -> dict[str, Any] | None:
    """Make the lab's starting state; the facts for its checks. None where the lab has no scenario. Raises LabError."""
    if lab.prepare is None:
        return None
    prepare_it = lab.prepare
    try:
        facts = within(seconds, lambda: prepare_it(aws.emulator.access, Given(values)))
    except Exception as error:
        raise LabError(f"{lab.folder / 'scenario.py'}: {_told(error)}") from error
    return dict(facts or {})


def judge(
    lab: Lab,
    aws: Aws,
    values: Mapping[str, Any],
    facts: Mapping[str, Any] | None,
    seconds: float = CHECK_SECONDS,
) -> Judgement:
    """Every check's result, in the checker's order. `facts` is None where the scenario was never prepared."""
    given = Given(values, facts or {})
    prepared = facts is not None or lab.prepare is None
    points = shares([check.weight for check in lab.checks])
    results: dict[str, CheckResult] = {}
    for check, worth in zip(lab.checks, points, strict=True):
        results[check.id] = _Judge(check, worth, given, seconds).result(aws, results, prepared)
    notes = [Note(about, text) for about, text in given._notes]
    model, note = _model(lab, aws, given, seconds)
    return Judgement(tuple(results.values()), model, (*notes, *([note] if note else [])))


def tried(check: Check[Any], aws: Aws, values: Mapping[str, Any], seconds: float = CHECK_SECONDS) -> CheckResult:
    """What one check that needs no other says of some other place: worth nothing."""
    return _Judge(check, 0, Given(values, {}), seconds).result(aws, {}, True)


def unjudged(lab: Lab, values: Mapping[str, Any], message: Text, outcome: Outcome = Outcome.FAILED) -> Judgement:
    """Every check ends alike, for one reason: the student's own, or with another outcome ours."""
    points = shares([check.weight for check in lab.checks])
    results = (
        CheckResult(
            id=check.id,
            requirement=filled(check.requirement, values),
            max_points=worth,
            outcome=outcome,
            message=message,
            found=message if outcome is Outcome.FAILED else None,
            needs=tuple(need.id for need in check.needs),
        )
        for check, worth in zip(lab.checks, points, strict=True)
    )
    return Judgement(tuple(results), {}, ())


def within(seconds: float, work: Callable[[], Any], spared: Callable[[], float] = float) -> Any:
    """What `work` returns or raises, or TookTooLong: its thread is left behind then, for no thread can be killed.

    The seconds that `spared` tells of do not count, up to a minute of them.
    """
    outcome: list[Any] = []

    def run() -> None:
        try:
            outcome.append((work(), None))
        except BaseException as error:  # a checker that calls sys.exit() is at fault like any other
            outcome.append((None, error))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    began, before = time.monotonic(), spared()
    while (left := began + seconds + min(spared() - before, MOST_SPARED_SECONDS) - time.monotonic()) > 0:
        thread.join(left)
        if not thread.is_alive():
            break
    if not outcome:
        raise TookTooLong(f"it did not end in {seconds:g} s")
    value, error = outcome[0]
    if error is None:
        return value
    if isinstance(error, Exception):
        raise error
    raise Left(_told(error)) from error


@dataclass(frozen=True)
class _Judge:
    """One check, with what every result of it holds."""

    check: Check[Any]
    points: int
    given: Given
    seconds: float

    def result(self, aws: Aws, earlier: Mapping[str, CheckResult], prepared: bool) -> CheckResult:
        if skipped := self._skipped(earlier, prepared):
            return skipped
        began = time.monotonic()
        try:
            value = within(self.seconds, lambda: self.check(aws, self.given), aws.spared_seconds)
        except Failure as failure:
            return self._failed(failure, time.monotonic() - began)
        except Inconclusive as reason:
            return self._make(Outcome.INCONCLUSIVE, began, message=_cannot(aws, reason))
        except Exception as error:  # no more: Ctrl-C is the caller's
            message = say("the check itself failed: {error}. This is not your work's fault.", error=_told(error))
            trace = "".join(traceback.format_exception(error))
            return self._make(Outcome.ERROR, began, message=message, trace=trace)
        self.given._values[self.check.id] = value
        return self._make(Outcome.PASSED, began)

    def _skipped(self, earlier: Mapping[str, CheckResult], prepared: bool) -> CheckResult | None:
        if self.check.scenario and not prepared:
            message = say("not judged: this lab's starting state was never prepared in this emulator.")
            fix = say("Grade a submission (labgrade run LAB SUBMISSION): it gets the starting state first.")
            return self._make(Outcome.SKIPPED, None, message=message, fix=fix)
        for need in self.check.needs:
            outcome = earlier[need.id].outcome
            if outcome in (Outcome.INCONCLUSIVE, Outcome.ERROR):
                return self._make(outcome, None, message=earlier[need.id].message)
            if outcome is not Outcome.PASSED:
                message = say("not judged, because this does not hold yet: {need}", need=self._text(need.requirement))
                return self._make(Outcome.SKIPPED, None, message=message)
        return None

    def _failed(self, failure: Failure, seconds: float) -> CheckResult:
        found = self._text(failure.found)
        return self._make(
            Outcome.FAILED,
            time.monotonic() - seconds,
            message=found,
            found=found,
            wanted=self._text(failure.wanted or self.check.requirement),
            why=self._text(failure.why or self.check.why),
            fix=self._text(failure.fix or self.check.fix),
            doc=failure.doc or self.check.doc,
        )

    def _make(self, outcome: Outcome, began: float | None, **texts: Any) -> CheckResult:
        return CheckResult(
            id=self.check.id,
            requirement=self._text(self.check.requirement),
            max_points=self.points,
            outcome=outcome,
            needs=tuple(need.id for need in self.check.needs),
            seconds=0.0 if began is None else time.monotonic() - began,
            **{"doc": self.check.doc, **texts},
        )

    def _text(self, text: Text | str) -> Text:
        return text if isinstance(text, Text) else filled(text, self.given.parameters)


def _model(lab: Lab, aws: Aws, given: Given, seconds: float) -> tuple[Mapping[str, Any], Note | None]:
    if lab.model is None:
        return {}, None
    draw = lab.model
    try:
        return apart(within(seconds, lambda: draw(aws, given))), None
    except Exception as error:
        # A picture is no verdict: without it the marks stand.
        return {}, Note("lab", say("the picture could not be drawn: {error}", error=_told(error)))


def _cannot(aws: Aws, reason: Inconclusive) -> Text:
    name = getattr(aws.emulator, "name", say("this emulator"))
    what = plain(reason.capability.description)
    return say("{emulator} cannot show this: it does not {what}. AWS does.", emulator=name, what=what)


def _told(error: BaseException) -> str:
    """One line for an exception: its type and its own words."""
    words = " ".join(str(error).split())[:300]
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def order_holds(checks: Sequence[Check[Any]]) -> bool:
    """Does every check stand after those that it needs?"""
    seen: set[str] = set()
    for check in checks:
        if any(need.id not in seen for need in check.needs):
            return False
        seen.add(check.id)
    return True
