"""`labgrade grade`: a class, from what was handed in to a mark for everybody."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli import Terminated, option
from grader.cli.limiting import limit_options, said_of
from grader.cli.mirroring import mirror_option
from grader.cli.places import labs_option
from grader.emulators import NAMES as EMULATORS
from grader.errors import SandboxError, UsageError

if TYPE_CHECKING:
    from grader.classroom.assignment_file import Opened
    from grader.classroom.database import Database
    from grader.classroom.plan import Plan
    from grader.classroom.roster_file import RosterFile
    from grader.classroom.running import Choice, Pool


@dataclass(frozen=True)
class _Class:
    """What the command works with."""

    opened: Opened
    roster: RosterFile | None
    submissions: Path
    folder: Path


@click.command("grade")
@click.argument("assignment")
@click.argument("submissions", type=click.Path(path_type=Path))
@option("--out", "folder", type=click.Path(path_type=Path), required=True, help="The folder for the results.")
@option("--roster", type=click.Path(path_type=Path), help="Who is in the class: a CSV of Canvas, Moodle or your own.")
@option("--dry-run", is_flag=True, help="Say what would happen, and do none of it.")
@option("--workers", "-j", type=click.IntRange(1), help="Submissions graded at a time; one a processor.")
@option("--regrade", is_flag=True, help="Grade anew what is graded already.")
@option("--only-failed", is_flag=True, help="Grade anew what ended in a fault of ours, and nothing else.")
@click.option(
    "--student", "students", multiple=True, help="Only this one's; repeatable."
)  # LABGRADE_STUDENT is oneself
@option("--course", help="The public code of the course, for a lab without an assignment.")
@option("--emulator", type=click.Choice(EMULATORS), help="Instead of the assignment's.")
@option("--inconclusive", is_flag=True, help="Take what the emulator cannot show out of the maximum.")
@option("--cluster", metavar="ADDRESS", help="Grade on the workers of this Dask scheduler, as tcp://host:8786.")
@option("--sandbox", type=click.Choice(["bwrap", "user", "none"]), default="bwrap", show_default=True)
@limit_options
@mirror_option
@labs_option
def grade_command(
    assignment: str,
    submissions: Path,
    folder: Path,
    roster: Path | None,
    dry_run: bool,
    workers: int | None,
    labs: tuple[Path, ...],
    course: str | None,
    emulator: str | None,
    cluster: str | None,
    timeout: float | None,
    **chosen: Any,
) -> None:
    """Grade what a class handed in: ASSIGNMENT is an assignment.toml or a lab's id, SUBMISSIONS a folder, an archive
    or a manifest. Run it again after any change: what has not changed is not graded twice.

    \b
    labgrade grade week1/assignment.toml downloads/ --roster roster.csv --out week1/results --dry-run
    labgrade grade s3-lifecycle downloads/ --out results
    """
    from grader.classroom import assignment_file, roster_file
    from grader.classroom.running import Choice

    if cluster is not None:
        _no_mirror_there()
    limits = said_of(chosen)
    opened = _overridden(assignment_file.opened(assignment, labs), course, emulator, timeout, limits)
    listed = None if roster is None else roster_file.read(roster, opened.assignment.student_column)
    given = _Class(opened, listed, submissions, folder)
    count = workers or os.cpu_count() or 1
    with _results(folder, dry_run) as (database, staging):
        plan = _plan(given, staging, chosen["students"])
        choice = Choice(**{**chosen, "students": _resolved(plan, chosen["students"])})
        if dry_run or database is None:
            _say(plan, choice, database, count, err=False)
            return
        with _pool(plan, choice, count, cluster) as pool:
            raise SystemExit(_grade(given, plan, choice, database, pool))


def _grade(given: _Class, plan: Plan, choice: Choice, database: Database, pool: Pool) -> int:
    from grader.classroom import adjustments, kept
    from grader.classroom.running import jobs, run
    from grader.classroom.written import write
    from grader.cli import class_pages, screen

    adjustments.begin(given.folder)
    kept.lay(database, plan)
    adjustments.read(given.folder, plan.people, list(plan.opened.labs))  # what is wrong is told before anything runs
    work = jobs(plan, choice, database)
    _say(plan, choice, database, pool.workers, err=True)
    if choice.regrade:
        database.ask_again([job.key for job in work])
    try:
        with class_pages.progress(len(work)) as one_more:
            run(work, database, pool, one_more)
    except (KeyboardInterrupt, Terminated):
        click.echo(f"{given.folder}: has all that was graded; the same command goes on from there.", err=True)
        raise
    book = kept.of(database)
    write(book, given.folder)
    page = screen.page()
    states = database.states()
    waiting = [job for job in jobs(plan, type(choice)(), database) if job.key not in states or states[job.key].again]
    class_pages.summary_page(page, book, len(waiting), given.folder)
    screen.show(page)
    return 3 if any(one.status == "fault" and one.counts for one in book.results) else 0


@contextmanager
def _pool(plan: Plan, choice: Choice, workers: int, cluster: str | None) -> Iterator[Pool]:
    """Who grades; a sandbox or a cluster that is not to be had is told before anything runs. Raises UsageError."""
    if cluster is None:
        from grader.classroom.jobs import grading_with
        from grader.classroom.running import Threads
        from grader.grading import Grader
        from grader.sandbox import open_sandbox

        open_sandbox(choice.sandbox)
        with Grader() as grader:
            yield Threads(grading_with(grader), workers)
        return
    from grader.cluster.client import Cluster

    if plan.opened.assignment.emulator != "moto":
        raise UsageError("--cluster: workers grade on moto, for every one has the same; leave out --emulator.")
    with Cluster(cluster, plan.opened.labs.values(), choice.sandbox) as pool:
        yield pool


def _plan(given: _Class, staging: Path, students: Sequence[str]) -> Plan:
    from datetime import UTC, datetime

    from grader.classroom import plan as planning
    from grader.classroom.assignment_file import unknown_extensions, warnings
    from grader.classroom.staging import Staging

    roster = given.roster.roster if given.roster else None
    lone = students[0] if len(students) == 1 else None
    made = planning.plan(given.opened, given.submissions, Staging(staging), roster=roster, student=lone)
    known = [one for person in made.people for one in (*person.identities, person.team) if one]
    strangers = unknown_extensions(given.opened.assignment, known) if roster else []
    remarks = [
        *(given.roster.remarks if given.roster else ()),
        *made.remarks,
        *(f"the extension of {student!r} is nobody's in the roster." for student in strangers),
        *(warnings(given.opened, datetime.now(UTC)) if given.opened.source else ()),
    ]
    return replace(made, remarks=tuple(remarks))


def _resolved(plan: Plan, students: Sequence[str]) -> tuple[str, ...]:
    """The ids of whoever --student names. Raises UsageError."""
    from grader.classroom.intake.handin import anybody
    from grader.classroom.matching import Index
    from grader.classroom.roster import Roster

    index, found = Index(Roster(plan.people)), []
    for student in students:
        match = index.match([anybody(student)])
        if match.problem:
            raise UsageError(f"--student: {match.problem.replace('in the roster', 'in this class')}")
        found += [person.id for person in match.people]
    return tuple(dict.fromkeys(found))


def _no_mirror_there() -> None:
    """A folder of this machine is none of a worker's."""
    from click.core import ParameterSource

    if click.get_current_context().get_parameter_source("terraform_mirror") is ParameterSource.COMMANDLINE:
        raise UsageError("--terraform-mirror is for this machine: with --cluster, set it as a variable on each worker.")


def _overridden(
    opened: Opened, course: str | None, emulator: str | None, timeout: float | None, limits: Mapping[str, int]
) -> Opened:
    """What a flag says wins over the file; of the limits, each by itself."""
    limits = {**opened.assignment.limits, **limits}
    said = {"course": course, "emulator": emulator, "timeout_seconds": timeout, "limits": limits}
    given: dict[str, Any] = {name: value for name, value in said.items() if value}
    if course and opened.source and opened.assignment.course and course != opened.assignment.course:
        raise UsageError(f"--course: the assignment says {opened.assignment.course!r}; leave out --course.")
    return replace(opened, assignment=replace(opened.assignment, **given))


@contextmanager
def _results(folder: Path, dry_run: bool) -> Iterator[tuple[Database | None, Path]]:
    """The results there are, and a place to unpack archives in; a dry run leaves no trace of either."""
    from grader.classroom.database import NAME, open_for_reading, open_for_writing

    with ExitStack() as stack:
        if dry_run:
            there = (folder / NAME).is_file()
            database = stack.enter_context(open_for_reading(folder)) if there else None
            yield database, Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="labgrade-")))
            return
        database = stack.enter_context(open_for_writing(folder))
        staging = folder / "work"
        try:
            staging.mkdir(exist_ok=True)
        except OSError as error:
            raise UsageError(f"{staging}: cannot be written: {error.strerror}.") from None
        yield database, staging


def _say(plan: Plan, choice: Choice, database: Database | None, workers: int, *, err: bool) -> None:
    from grader.classroom.running import jobs
    from grader.cli import class_pages, screen

    page = screen.page()
    class_pages.plan_page(page, plan, jobs(plan, choice, database), database, _sandbox(choice), workers)
    screen.show(page, err=err)


def _sandbox(choice: Choice) -> str:
    """The level, and what it comes to."""
    from grader.sandbox import open_sandbox

    try:
        sandbox = open_sandbox(choice.sandbox)
    except SandboxError as error:
        return str(error)
    if sandbox.level == "none":
        return (
            "none: submissions run as you, with your files and your network, and of the limits those on time and "
            "output hold. Only for those whom you trust."
        )
    return f"{sandbox.level} {sandbox.version}"
