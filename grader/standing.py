"""Judges a state that stands in an emulator: the workspace's, else in one that is found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from grader.elsewhere import elsewhere
from grader.graded import Graded
from grader.judging import judged
from grader.lab import Lab
from grader.options import Options
from grader.report import Note
from grader.texts import Text, say
from grader.workspace.view import Target, target


def standing(lab: Lab, values: dict[str, Any], options: Options) -> Graded:
    """Raises NothingToGrade, UsageError, EmulatorError."""
    where: dict[str, Any] = {name: getattr(options, name) for name in ("endpoint_url", "emulator", "allow_host")}
    if opened := target(lab.id, **where):
        return _workspace(lab, opened, options)
    from grader.emulators import live

    found = live.find(**where)
    with found.emulator as emulator:
        judgement = judged(lab, emulator, values, facts=None)
        there = elsewhere(lab, emulator, values, judgement)
    return Graded(emulator, judgement, notes=_notes(found.reason, there))


def as_started(options: Options, opened: Target) -> Options:
    """The options, for whom the workspace was started."""
    return replace(options, student=opened.workspace.student, course=opened.workspace.course)


def last_time(opened: Target | None) -> dict[str, Any]:
    """What the workspace's last grading was worth."""
    return {} if opened is None or opened.previous is None else {"previous": opened.previous}


def _workspace(lab: Lab, opened: Target, options: Options) -> Graded:
    """With the names, the numbers and the facts that it was started with, whoever asks."""
    workspace = opened.workspace
    with opened.emulator as emulator:
        judgement = judged(lab, emulator, workspace.parameters, workspace.facts)
        reasons = [opened.reason, elsewhere(lab, emulator, workspace.parameters, judgement)]
    if options.student and (options.student, options.course) != (workspace.student, workspace.course):
        reasons.append(
            say(
                "Its names and numbers are {whose}: `labgrade stop {lab}`, then start it anew.",
                lab=lab.id,
                whose=_whose(workspace.student),
            )
        )
    return Graded(emulator, judgement, notes=_notes(*reasons), target=opened)


def _notes(*reasons: Text | None) -> tuple[Note, ...]:
    return tuple(Note("emulator", reason) for reason in reasons if reason)


def _whose(student: str | None) -> Text:
    return say("those of {student}, for whom it was started", student=student) if student else say("nobody's own")
