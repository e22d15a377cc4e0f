"""The whole story of a grading, on one screen: open an emulator, prepare it, run the work, judge, report."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader import emulators, engine, submissions
from grader.aws import Aws
from grader.capabilities import Capabilities
from grader.emulators.interface import Emulator
from grader.errors import UsageError
from grader.lab import Lab, find
from grader.report import Note, Report
from grader.sandbox import Level, Sandbox, open_sandbox
from grader.submissions.interface import Limits, Run, Submission
from grader.texts import Text, say

if TYPE_CHECKING:
    from grader.workspace.view import Target

BROUGHT_DOWN = (
    "the emulator stopped answering while your submission ran, and again on a second, fresh one. "
    "Nothing of what it built could be read."
)


@dataclass(frozen=True)
class Options:
    """How to grade; the defaults are `labgrade run`'s."""

    student: str | None = None
    course: str | None = None
    emulator: str | None = None  # moto for a submission; for live state, the one that is found
    endpoint_url: str | None = None
    allow_host: bool = False
    entry: str | None = None
    sandbox: Level = "auto"
    limits: Limits = field(default_factory=Limits)
    lang: str = "en"


@dataclass(frozen=True)
class _Graded:
    emulator: Emulator
    judgement: engine.Judgement
    run: Run | None = None
    notes: tuple[Note, ...] = ()
    target: Target | None = None  # the workspace that was graded


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
    `.to_json()`. Raises UsageError and NotGradable (the caller's to mend), LabError, EmulatorError and SandboxError
    (nobody could grade this fairly). Thread-safe; what it starts has ended when it returns.
    """
    chosen = options or Options(**more)
    opened = lab if isinstance(lab, Lab) else find(str(lab), [Path(place) for place in labs])
    began, started_at = time.monotonic(), datetime.now(UTC).isoformat(timespec="seconds")
    sandbox = open_sandbox(chosen.sandbox)
    work = None if submission is None else submissions.read(Path(submission), entry=chosen.entry)
    values = opened.values(chosen.student, chosen.course)
    graded = _live(opened, values, chosen) if work is None else _fresh(opened, work, values, sandbox, chosen)
    if graded.target:
        values, chosen = graded.target.workspace.parameters, _as_started(chosen, graded.target)
    report = Report(
        lab={"id": opened.id, "title": opened.title, "version": opened.version, "texts": opened.texts},
        checks=graded.judgement.checks,
        parameters=values,
        emulator=graded.emulator.to_json(),
        sandbox={"level": sandbox.level, "version": sandbox.version, "guarantees": list(sandbox.guarantees)},
        account=graded.emulator.access.account,
        region=graded.emulator.access.region,
        started_at=started_at,
        seconds=time.monotonic() - began,
        student=chosen.student,
        course=chosen.course,
        lang=chosen.lang,
        lab_folder=opened.folder,
        submission=None if work is None else work.to_json(),
        run=None if graded.run is None else graded.run.to_json(),
        model=graded.judgement.model,
        notes=(*graded.notes, *graded.judgement.notes),
        grading=_last_time(graded.target),
    )
    if graded.target and report.outcome != "error":
        graded.target.remember(report.score, report.max_score)
    return report


def _fresh(lab: Lab, work: Submission, values: dict[str, Any], sandbox: Sandbox, options: Options) -> _Graded:
    """Run the work on an emulator of its own, and judge what it left. One that it brings down gets a second chance."""
    if options.endpoint_url:
        raise UsageError(
            say(
                "a submission runs on a fresh emulator of its own: leave out --endpoint-url, or leave out the "
                "submission"
            )
        )
    notes = tuple(Note("submission", text) for text in work.notes)
    graded = _attempt(lab, work, values, sandbox, options, notes)
    if graded is None:
        graded = _attempt(lab, work, values, sandbox, options, notes, last=True)
    if graded is None:
        raise AssertionError("the last attempt always judges")
    return graded


def _attempt(
    lab: Lab,
    work: Submission,
    values: dict[str, Any],
    sandbox: Sandbox,
    options: Options,
    notes: tuple[Note, ...],
    last: bool = False,
) -> _Graded | None:
    with _started(lab, work, options) as emulator:
        with _seen(emulator) as aws:
            facts = engine.prepare(lab, aws, values)
        run = submissions.run(work, access=emulator.access, parameters=values, sandbox=sandbox, limits=options.limits)
        notes = (*notes, *(Note("submission", text) for text in run.notes))
        if emulator.alive():
            return _Graded(emulator, _judged(lab, emulator, values, facts), run, notes)
        return _Graded(emulator, engine.unjudged(lab, values, say(BROUGHT_DOWN)), run, notes) if last else None


def _judged(
    lab: Lab, emulator: Emulator, values: Mapping[str, Any], facts: Mapping[str, Any] | None
) -> engine.Judgement:
    with _seen(emulator) as aws:
        return engine.judge(lab, aws, values, facts)


@contextmanager
def _seen(emulator: Emulator) -> Iterator[Aws]:
    """With an end to every probe, also where the grading is interrupted: the checks' threads cannot be told."""
    with closing(Capabilities(emulator)) as capabilities, closing(Aws(emulator, capabilities)) as aws:
        yield aws


def _started(lab: Lab, work: Submission, options: Options) -> Emulator:
    services = (*lab.services, *(["cloudformation"] if work.has_template else []))
    starting = emulators.launch(options.emulator or "moto", region=lab.region, services=services)
    try:
        import boto3  # noqa: F401  (takes as long as the emulator: side by side)

        lab.checks  # noqa: B018  (a broken checker is told before anything runs)
        return starting.ready()
    except BaseException:
        starting.close()
        raise


def _live(lab: Lab, values: dict[str, Any], options: Options) -> _Graded:
    """Judge a state that is there: the workspace's, else what `live` finds."""
    from grader.workspace.view import target

    where: dict[str, Any] = {name: getattr(options, name) for name in ("endpoint_url", "emulator", "allow_host")}
    if opened := target(lab.id, **where):
        return _workspace(lab, opened, options)
    from grader.emulators import live

    found = live.find(**where)
    with found.emulator as emulator:
        judgement = _judged(lab, emulator, values, facts=None)
        return _Graded(emulator, judgement, notes=(Note("emulator", found.reason),))


def _workspace(lab: Lab, opened: Target, options: Options) -> _Graded:
    """With the names, the numbers and the facts that it was started with, whoever asks."""
    workspace = opened.workspace
    with opened.emulator as emulator:
        judgement = _judged(lab, emulator, workspace.parameters, workspace.facts)
    reasons = [opened.reason]
    if options.student and (options.student, options.course) != (workspace.student, workspace.course):
        reasons.append(
            say(
                "Its names and numbers are {whose}: `labgrade stop {lab}`, then start it anew.",
                lab=lab.id,
                whose=_whose(workspace.student),
            )
        )
    notes = tuple(Note("emulator", reason) for reason in reasons if reason)
    return _Graded(emulator, judgement, notes=notes, target=opened)


def _whose(student: str | None) -> Text:
    return say("those of {student}, for whom it was started", student=student) if student else say("nobody's own")


def _as_started(options: Options, opened: Target) -> Options:
    return replace(options, student=opened.workspace.student, course=opened.workspace.course)


def _last_time(opened: Target | None) -> dict[str, Any]:
    return {} if opened is None or opened.previous is None else {"previous": opened.previous}
