"""`labgrade watch`: your score again after each save, and what turned."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli import option
from grader.cli.limiting import limits_of, sandbox_options
from grader.cli.places import labs_option
from grader.errors import LabgradeError, NotGradable, UsageError
from grader.languages import current, spoken, told
from grader.texts import say

if TYPE_CHECKING:
    from grader.formats.layout import Page
    from grader.lab import Lab
    from grader.watching import Source, Step

WAITING = "Waiting for the next change; Ctrl-C ends it."


@click.command("watch")
@click.argument("lab", required=False)
@click.argument("submission", required=False, type=click.Path(path_type=Path))
@option("--student", help="The student's id: names and numbers vary by it.")
@option("--course", help="The public code of the course.")
@option("--emulator", type=click.Choice(["moto", "localstack", "ministack"]), help="Which emulator; moto is built in.")
@option("--entry", help="The submission's file to begin with, where that is not clear.")
@sandbox_options
@labs_option
def watch_command(lab: str | None, submission: Path | None, labs: tuple[Path, ...], **how: Any) -> None:
    """Grade SUBMISSION again after each change of its files, or without one the lab's workspace after each call.

    It shows what turned since the last time. LAB may be left out where one workspace is open. Ctrl-C ends it, with
    exit code 130 as for every command.

    \b
    labgrade watch s3-lifecycle main.py
    labgrade watch s3-lifecycle
    """
    from grader.cli.identity import identity
    from grader.grading import Grader, Options
    from grader.lab import find
    from grader.watching import watch
    from grader.workspace.record import meant

    opened = find(lab or meant(None, "watch").lab, labs)
    source = _source(opened, submission)
    who = identity(how.pop("student"), how.pop("course"))
    limits = limits_of(how)
    options = Options(student=who.student, course=who.course, limits=limits, lang=current(), **how)
    with Grader() as grader:  # from the second time on it is quicker
        for step in watch(source, lambda: grader.grade(opened, submission, options).to_json()):
            _show(step)


def _source(lab: Lab, submission: Path | None) -> Source:
    from grader.watching import Calls, Files
    from grader.workspace import record

    if submission is not None:
        if not submission.exists():
            raise NotGradable(
                say(
                    "{submission}: is not there; name the file or the folder that you work on.",
                    submission=str(submission),
                )
            )
        return Files(submission)
    workspace = record.find(lab.id)
    if workspace is None or not workspace.prepared:
        raise UsageError(
            say(
                "nothing to watch: {id} has no workspace. Name what you work on, as in `labgrade watch {id} "
                "main.py`, or open one with `labgrade start {id}`.",
                id=lab.id,
            )
        )
    return Calls(lab.id)


def _show(step: Step | LabgradeError) -> None:
    """A whole screen on a terminal; elsewhere some lines for what is new."""
    from grader.cli import screen

    page = screen.page()
    terminal = sys.stdout.isatty()
    if isinstance(step, LabgradeError):
        _not_graded(page, step)
    elif terminal:
        _screenful(page, step)
    else:
        _lines(page, step)
    if terminal:
        click.clear()
        page.blank()
        page.paragraph(spoken(WAITING), "  ")
    screen.show(page)


def _not_graded(page: Page, error: LabgradeError) -> None:
    from grader.formats.escaping import one_line

    page.paragraph(one_line(told(error.text)), f"  {_clock()}  {spoken('not graded')}: ")


def _screenful(page: Page, step: Step) -> None:
    from grader.formats import ending, story
    from grader.formats.escaping import one_line

    report = step.report
    page.blank()
    page.ends("  ", one_line(report["lab"]["title"], 200), story.score(report))
    page.paragraph(f"{ending.verdict(report)} {_what(report)}", f"  {_clock()}  ")
    if broken := story.broken_off(report):
        page.paragraph(broken, "  ")
    page.blank()
    for number, check in enumerate(report["checks"], 1):
        _check(page, number, check, step)
    page.blank()
    _first_failure(page, report)


def _lines(page: Page, step: Step) -> None:
    """The first time every check; then those that turned."""
    from grader.formats import ending, story

    report = step.report
    page.paragraph(f"{ending.verdict(report)} {_what(report)}", f"  {_clock()}  ")
    if broken := story.broken_off(report):
        page.paragraph(broken, "            ")
    for number, check in enumerate(report["checks"], 1):
        if step.first or check["id"] in step.turned:
            _check(page, number, check, step)
    _first_failure(page, report)


def _check(page: Page, number: int, check: Mapping[str, Any], step: Step) -> None:
    from grader.formats import story
    from grader.formats.escaping import one_line
    from grader.formats.layout import padded

    style = {"passed": "green", "failed": "bold red"}.get(check["outcome"], "yellow")
    new = padded(spoken("new") if check["id"] in step.turned else "", 4)
    lead = (f"  {number:>2}  ", (padded(story.mark(check), 5), style), f" {new} {story.points([check]):>5}  ")
    page.paragraph(one_line(check["requirement"], 300), *lead)


def _first_failure(page: Page, report: Mapping[str, Any]) -> None:
    """Its evidence; of the others, that there are any."""
    from grader.formats import story
    from grader.formats.escaping import one_line

    failed = [(n, check) for n, check in enumerate(report["checks"], 1) if check["outcome"] in ("failed", "error")]
    if not failed:
        return
    number, check = failed[0]
    page.blank()
    page.ends(f"  {number:<2} ", one_line(check["requirement"], 300), story.points([check]))
    page.blank()
    reason = story.explained(check, dict(report))
    for label, text in [("", reason)] if reason else story.evidence(check):
        page.labelled(label, text)
    if len(failed) > 1:
        page.blank()
        more = "Then there is {numbers}." if len(failed) == 2 else "Then there are {numbers}."
        page.paragraph(spoken(more, numbers=story.numbered(n for n, _ in failed[1:])), "  ")


def _what(report: Mapping[str, Any]) -> str:
    """`main.py on moto 5.2.5.`"""
    from grader.formats import story

    about = dict(report)
    what = story.submission_name(about) or spoken("Your work")
    return spoken("{what} on {emulator}.", what=what, emulator=story.emulator(about))


def _clock() -> str:
    return time.strftime("%H:%M:%S")
