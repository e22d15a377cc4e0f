"""`labgrade list` and `labgrade show`."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from pathlib import Path

import click

from grader.cli import option
from grader.cli.places import labs_option
from grader.lab import Lab, find, folders, read
from grader.languages import current, spoken
from grader.parameters import Value

WIDTH = 80
LEAST = 16  # columns of a title, however long the rest is


@click.command("list", help="List the labs: id, title, minutes, your best score.")
@labs_option
def list_command(labs: tuple[Path, ...]) -> None:
    found = [read(folder).said_in(current()) for folder in folders(labs)]
    if not found:
        click.echo(spoken("There are no labs here. labgrade new my-lab begins one."), err=True)
        return
    bests = _best_scores()
    minutes = max(len(str(lab.minutes)) for lab in found) if bests else 0
    ends = [
        spoken("about {minutes} minutes", minutes=f"{lab.minutes:>{minutes}}")
        + (f"   {bests[lab.id]}" if lab.id in bests else "")
        for lab in found
    ]
    wide = max(len(lab.id) for lab in found)
    longest = max(_cells(lab.title) for lab in found)
    room = min(longest, max(WIDTH - wide - 4 - max(map(_cells, ends)), LEAST))
    for lab, end in zip(found, ends, strict=True):
        first, *more = _lines(lab.title, room)
        click.echo(f"{lab.id:<{wide}}  {first}{' ' * (room - _cells(first))}  {end}")
        for line in more:
            click.echo(f"{'':<{wide}}  {line}")


def _lines(title: str, room: int) -> list[str]:
    """The title below itself where its column is too narrow for it."""
    if _cells(title) <= room:
        return [title]
    from grader.formats.layout import wrapped

    return wrapped(title, room)


def _cells(text: str) -> int:
    """How many columns it takes; without rich, which is slow to come."""
    return sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in text)


def _best_scores() -> dict[str, str]:
    """By lab, in words; of workspaces, as `labgrade run LAB` grades them."""
    from grader.workspace.memory import bests

    return {lab: spoken("best {best} of {most}", best=m.best, most=m.most) for lab, m in bests().items()}


@click.command("show", help="Show a lab's task, with your names and numbers in it.")
@click.argument("lab")
@option("--student", help="Your id: names and numbers of your own.")
@option("--course", help="The public code of your course.")
@option("--open", "in_browser", is_flag=True, help="Show it as a page in your browser.")
@labs_option
def show_command(lab: str, student: str | None, course: str | None, in_browser: bool, labs: tuple[Path, ...]) -> None:
    from grader.cli.identity import identity

    opened = find(lab, labs)
    who = identity(student, course)
    values = opened.values(who.student, who.course)
    text = opened.task(values, current())
    opened = opened.said_in(current())
    if not in_browser or not _open(opened, values, text):
        click.echo(text.rstrip("\n"))


def _open(lab: Lab, values: Mapping[str, Value], text: str) -> bool:
    """Whether there is a page now: in the browser, or in a file that was named."""
    from grader.cli.pages import new_page, open_page
    from grader.formats.page.task import Task, page

    told = [p for p in lab.parameters.declared if p.about]
    variables = [(f"LAB_{p.name.upper()}", str(values[p.name]), p.about) for p in told]
    path = new_page(lab.id)
    if path is None:
        return False
    path.write_text(page(Task(lab.id, lab.title, lab.minutes, text, variables), lang=current()), "utf-8", newline="\n")
    open_page(path)
    return True
