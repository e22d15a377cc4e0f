"""`labgrade assignment` and `labgrade handout`: what a class is asked to do, and what each of it is given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import option
from grader.cli.limiting import told
from grader.cli.places import labs_option
from grader.languages import current

if TYPE_CHECKING:
    from grader.classroom.assignment import Assignment, LatePolicy


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
    for line in _rules(opened.assignment):
        click.echo(line)
    click.echo("Nothing to mend.")


def _rules(assignment: Assignment) -> Iterator[str]:
    """What it comes to, a line each."""
    for lab in assignment.labs:
        hides = f", hides {len(lab.hidden)} of its checks" if lab.hidden else ""
        until = f" until {_minute(lab.hidden_until)}" if lab.hidden_until else ""
        due = f"due {_minute(lab.due)}" if lab.due else "no due time"
        yield f"{lab.id}: weight {lab.weight}, {due}{hides}{until}"
    for student in dict.fromkeys(one.student for one in assignment.extensions):
        dues = [(lab.id, lab.due, assignment.due(lab, student)) for lab in assignment.labs]
        yield from (f"{student}: {id} due {_minute(mine)}" for id, due, mine in dues if mine and mine != due)
    if late := ", ".join(_late(assignment.late)):
        yield f"late: {late}."
    if limits := told(assignment.timeout_seconds, assignment.limits):
        yield f"limits: {limits}"


def _late(policy: LatePolicy) -> Iterator[str]:
    if policy.grace_minutes:
        yield f"{policy.grace_minutes} min of grace"
    if policy.percent_per_day:
        yield f"{policy.percent_per_day:g}% less for each day begun"
    if policy.percent_per_day and policy.floor_percent:
        yield f"but {policy.floor_percent:g}% at the least"
    if policy.reject_after_days is not None:
        yield f"nothing after {policy.reject_after_days:g} days"


def _minute(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="minutes")


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
