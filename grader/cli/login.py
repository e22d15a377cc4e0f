"""`labgrade login`: course and student, remembered in `labgrade.toml`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import option
from grader.cli.identity import FILE, Identity, nearest, remember, remembered
from grader.errors import LabgradeError, UsageError
from grader.languages import spoken
from grader.texts import listed, say

if TYPE_CHECKING:
    from grader.formats.layout import Page

SHOWN = 4  # names and numbers of the example
STUDENT, COURSE = "Your id, as your course knows you", "The code of your course, or nothing"


@click.command("login")
@option("--student", help="Your id, as your course knows you.")
@option("--course", help="The public code of your course; an empty one for none.")
@option("--here/--global", "here", default=True, help="For this folder and those below it, or for all in your home.")
@click.option("--forget", is_flag=True, help="Take student and course out again.")
def login_command(student: str | None, course: str | None, here: bool, forget: bool) -> None:
    """Remember who you are, so that your names and numbers are the same here and where you are graded.

    \b
    labgrade login
    labgrade login --student ada@example.org --course clouds-2027
    labgrade login --forget
    """
    folder = Path.cwd() if here else _home()
    if forget:
        _forget(folder)
        return
    before = remembered(Path.cwd() if here else folder)
    asks = sys.stdin.isatty()
    if student is None:
        student = _asked(spoken(STUDENT), before.student) if asks else before.student
    if course is None:
        course = _asked(spoken(COURSE), before.course or "") if asks else before.course
    if not (student or "").strip():
        raise UsageError(say("login: who are you? Say it with --student ID (and --course CODE, where you have one)."))
    who = Identity(student, course if (course or "").strip() else None)
    _tell(remember(folder, who), who, here)


def _asked(question: str, before: str | None) -> str:
    """What is typed; what was remembered where nothing is."""
    from grader.formats.escaping import one_line

    hint = f" [{one_line(before, 60)}]" if before else ""
    while True:
        typed: str = click.prompt(question + hint, default="", show_default=False, err=True)
        if answer := typed.strip() or before:
            return answer
        if before is not None:
            return ""


def _tell(path: Path, who: Identity, here: bool) -> None:
    from grader.cli import screen
    from grader.formats.escaping import one_line

    page = screen.page()
    page.blank()
    page.paragraph(spoken("Written to {path}", path=one_line(path, 300)), "  ")
    page.blank()
    page.paragraph(one_line(who.student, 200), "    student  ")
    course = one_line(who.course, 200) or spoken("none (ask whoever teaches you whether there is one)")
    page.paragraph(course, "    course   ")
    page.blank()
    page.paragraph(_where(path, here), "  ")
    _example(page, who)
    _overridden(page)
    screen.show(page)


def _where(path: Path, here: bool) -> str:
    if here:
        return spoken("In this folder and those below it, labgrade now knows who you are.")
    inside = Path.cwd().is_relative_to(path.parent.resolve())
    told = spoken("In your home and the folders below it, labgrade now knows who you are.")
    return told if inside else f"{told} {spoken('The folder that you are in is not among them.')}"


def _example(page: Page, who: Identity) -> None:
    """The names that this student has, in the shortest lab that gives out any."""
    from grader.formats.escaping import one_line
    from grader.lab import folders, read
    from grader.parameters import environment

    try:
        lab = min((lab for lab in map(read, folders()) if lab.parameters.declared), key=lambda lab: lab.minutes)
    except (LabgradeError, ValueError):
        return  # a lab is broken, or there is none: no matter here
    page.paragraph(spoken("Your names and numbers in the lab {lab}, for example:", lab=lab.id), "  ")
    page.blank()
    values = list(environment(lab.values(who.student, who.course)))[:SHOWN]
    widest = max(len(name) for name, _ in values)
    for name, value in values:
        page.paragraph(one_line(value, 200), f"    {name:<{widest}}  ")
    page.blank()


def _overridden(page: Page) -> None:
    """Variables go before the file: said, where somebody has set them and forgotten."""
    stronger = [name for name in ("LABGRADE_STUDENT", "LABGRADE_COURSE") if os.environ.get(name)]
    if stronger:
        one = "{names} is set in this shell, and goes before the file."
        both = "{names} are set in this shell, and go before the file."
        page.paragraph(spoken(one if len(stronger) == 1 else both, names=listed(stronger)), "  ")


def _forget(folder: Path) -> None:
    from grader.formats.escaping import one_line

    path = folder / FILE
    shown = one_line(path, 300)
    there = remembered(folder) if nearest(folder) == path else Identity()
    if there == Identity():
        click.echo(spoken("There was nothing to forget: {path} names nobody.", path=shown))
    else:
        remember(folder, Identity())
        click.echo(spoken("Forgotten: {path} names nobody any more.", path=shown))
    if (other := nearest(folder)) is not None:
        click.echo(spoken("{path} still does, and now counts here.", path=one_line(other, 300)))


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:
        raise UsageError(
            say("--global: this user has no home; leave it out, and the current folder is meant.")
        ) from None
