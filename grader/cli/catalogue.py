"""`labgrade list` and `labgrade show`."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli import option
from grader.lab import find, folders, read

labs_option = option(
    "--labs",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A folder with labs, besides those that are installed; repeatable.",
)


@click.command("list", help="List the labs: id, title, minutes.")
@labs_option
def list_command(labs: tuple[Path, ...]) -> None:
    found = [read(folder) for folder in folders(labs)]
    if not found:
        click.echo("There are no labs here. labgrade new my-lab begins one.", err=True)
        return
    wide = max(len(lab.id) for lab in found)
    longest = max(len(lab.title) for lab in found)
    for lab in found:
        click.echo(f"{lab.id:<{wide}}  {lab.title:<{longest}}  about {lab.minutes} minutes")


@click.command("show", help="Show a lab's task, with your names and numbers in it.")
@click.argument("lab")
@option("--student", help="Your id: names and numbers of your own.")
@option("--course", help="The public code of your course.")
@labs_option
def show_command(lab: str, student: str | None, course: str | None, labs: tuple[Path, ...]) -> None:
    from grader.cli.identity import identity

    opened = find(lab, labs)
    who = identity(student, course)
    text = opened.task(opened.values(who.student, who.course))
    click.echo(text.rstrip("\n"))
