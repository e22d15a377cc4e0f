"""`labgrade assignment` and `labgrade handout`: what a class is asked to do, and what each of it is given."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from grader.cli import option
from grader.cli.catalogue import labs_option
from grader.cli.limiting import told
from grader.languages import current


@click.group("assignment")
def assignment_command() -> None:
    """Begin an assignment, or check one: labs, weights, due dates and rules for a class, in an assignment.toml.

    \b
    labgrade assignment init s3-lifecycle hello
    labgrade assignment check
    """


@assignment_command.command("init")
@click.argument("names", metavar="LAB...", nargs=-1, required=True)
@option("--title", default="", help="What the assignment is called.")
@option("--course", default="", help="The public code of the course.")
@option("--into", type=click.Path(path_type=Path), default=".", help="The folder to put it in; here.")
@labs_option
def init_command(names: tuple[str, ...], title: str, course: str, into: Path, labs: tuple[Path, ...]) -> None:
    """Write an assignment.toml with these labs, to be filled in."""
    from grader.classroom import assignment_file, assignment_template
    from grader.lab import find

    found = [find(name, labs) for name in names]
    path = into / assignment_file.NAME
    assignment_template.begin(path, assignment_template.written(title or found[0].title, course, found))
    click.echo(f"{path} is written. Fill it in, then: labgrade assignment check {path}")


@assignment_command.command("check")
@click.argument("assignment", default="assignment.toml")
@option("--roster", type=click.Path(path_type=Path), help="Who is in the class.")
@labs_option
def check_command(assignment: str, roster: Path | None, labs: tuple[Path, ...]) -> None:
    """Say what is wrong with an assignment, by line and key, or what it comes to."""
    from grader.classroom import assignment_file, roster_file

    opened = assignment_file.opened(assignment, labs)
    known: list[str] = []
    if roster is not None:
        read = roster_file.read(roster, opened.assignment.student_column)
        known = [one for person in read.roster for one in (*person.identities, person.team) if one]
        click.echo(f"{roster}: {len(read.roster)} students ({read.roster.kind})")
        for remark in read.remarks:
            click.echo(f"warning: {remark}")
    for student in assignment_file.unknown_extensions(opened.assignment, known) if roster else ():
        click.echo(f"warning: the extension of {student!r} is nobody's in the roster.")
    for warning in assignment_file.warnings(opened, datetime.now(UTC)):
        click.echo(f"warning: {warning}")
    for lab in opened.assignment.labs:
        due = f"due {lab.due.isoformat(sep=' ', timespec='minutes')}" if lab.due else "no due time"
        click.echo(f"{lab.id}: weight {lab.weight}, {due}")
    if limits := told(opened.assignment.timeout_seconds, opened.assignment.limits):
        click.echo(f"limits: {limits}")
    click.echo("Nothing to mend.")


@click.command("handout")
@click.argument("assignment")
@option("--roster", type=click.Path(path_type=Path), required=True, help="Who is in the class: a CSV.")
@option("--out", "folder", type=click.Path(path_type=Path), required=True, help="The folder for everybody's folders.")
@option("--kind", type=click.Choice(["python", "cli", "cloudformation", "terraform"]), default="python")
@labs_option
def handout_command(assignment: str, roster: Path, folder: Path, kind: str, labs: tuple[Path, ...]) -> None:
    """Write a folder for each student: the task with names and numbers of their own, a starter, and a labgrade.toml.

    \b
    labgrade handout week1/assignment.toml --roster roster.csv --out week1/handouts
    """
    from grader.classroom import assignment_file, handouts, roster_file

    opened = assignment_file.opened(assignment, labs)
    read = roster_file.read(roster, opened.assignment.student_column)
    written, left = handouts.write(opened, read.roster, folder, kind, current())
    for remark in read.remarks:
        click.echo(f"warning: {remark}", err=True)
    kept = f"; {left} files were there already and are as they were" if left else ""
    click.echo(f"{folder}: {len(read.roster)} students, {written} files written{kept}.")
