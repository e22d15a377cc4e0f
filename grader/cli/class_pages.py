"""What `labgrade grade` says: what will happen, how far it is, and what came of it."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from grader.classroom.database import Database, Grading
from grader.classroom.gradebook import Gradebook
from grader.classroom.jobs import Job
from grader.classroom.marks import late_minutes
from grader.classroom.plan import Plan
from grader.classroom.result import Result
from grader.cli.limiting import told as limits_told
from grader.formats.escaping import one_line
from grader.formats.layout import Page, padded
from grader.languages import told

_ASSUMED_SECONDS = 1.0  # for a submission, where none was graded here before
_LABEL = 14
_MOST_NAMES = 60


def plan_page(
    page: Page, plan: Plan, work: Sequence[Job], database: Database | None, sandbox: str, workers: int
) -> None:
    """All that will be done, and all that will not."""
    assignment = plan.opened.assignment
    page.blank()
    page.line(
        "  ", (one_line(assignment.title), "bold"), *([f"  {one_line(assignment.course)}"] * bool(assignment.course))
    )
    page.blank()
    found = len(plan.attempts) + len(plan.unknown)
    _row(page, "Found", f"{_counted(found, 'submission')} in {one_line(plan.shape)}.")
    _row(page, "Matched", _matched(plan))
    _row(page, "To grade", _to_grade(plan, work))
    _list(page, "Late", list(_late(plan)), "nobody.")
    _list(page, "Missing", [f"{one_line(person.id)} ({lab})" for person, lab in plan.missing], "nothing.")
    _each(page, "Unknown", [(one_line(each.whose), each.reason) for each in plan.unknown], "will not be graded:")
    _each(page, "Not gradable", list(_not_gradable(plan)), "no attempt, and no zero; say to them:")
    _row(page, "Sandbox", sandbox)
    if limits := limits_told(assignment.timeout_seconds, assignment.limits):
        _row(page, "Limits", limits)
    _row(page, "Time", _time(work, database, workers))
    for remark in plan.remarks:
        _row(page, "Note", one_line(remark))
    page.blank()


def summary_page(page: Page, book: Gradebook, left: int, folder: Path) -> None:
    """What came of it."""
    counting = [one for one in book.results if one.counts]
    page.blank()
    for lab in book.assignment.labs:
        mine = [one for one in counting if one.lab == lab.id]
        _row(page, lab.id, _marks(mine))
    for label, status, lead in (("Faults", "fault", _FAULTS), ("Not gradable", "not_gradable", _NONE)):
        them = [(one, (one.instructor_reasons or one.reasons)[0]) for one in _of(counting, status)]
        _each(page, label, list(_by_sentence((one.person.id, one.lab, told(why)) for one, why in them)), lead)
    if left:
        _row(page, "Left", f"{_counted(left, 'submission')} not graded yet.")
    _row(page, "Kept", f"{folder}: run the same command again whenever something has changed.")
    page.blank()


_FAULTS = "ours: no mark until they are graded again (--only-failed):"
_NONE = "no attempt, and no zero:"


@contextmanager
def progress(total: int) -> Iterator[Callable[[Grading], None]]:
    """A line on a terminal that grows with each grading; elsewhere nothing."""
    if not sys.stderr.isatty() or not total:
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        *(TextColumn("  Grading"), BarColumn(), MofNCompleteColumn()),
        *(TextColumn("{task.fields[rate]}"), TimeRemainingColumn(), TextColumn("left{task.fields[faults]}")),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total, rate="", faults="")
        faults = 0

        def one_more(grading: Grading) -> None:
            nonlocal faults
            faults += grading.fault is not None
            bar.advance(task)
            speed = bar.tasks[0].finished_speed or bar.tasks[0].speed or 0
            bar.update(task, rate=f"{60 * speed:.0f} a minute", faults=f", {faults} faults" if faults else "")

        yield one_more


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _row(page: Page, label: str, text: str) -> None:
    page.paragraph(text, "  ", (padded(label, _LABEL), "dim"))


def _list(page: Page, label: str, names: Sequence[str], none: str) -> None:
    more = f", and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    _row(page, label, f"{len(names)}: {', '.join(names[:_MOST_NAMES])}{more}" if names else none)


def _each(page: Page, label: str, rows: Sequence[tuple[str, str]], lead: str) -> None:
    """A line for each, for each has to be seen to."""
    if rows:
        _row(page, label, f"{len(rows)}: {lead}")
    for whose, text in rows:
        page.paragraph(one_line(text), " " * (2 + _LABEL), f"{whose}: ")


def _matched(plan: Plan) -> str:
    if plan.roster is None:
        return f"{_counted(len(plan.people), 'student')}; there is no roster (--roster), so each is who the name says."
    there = {person.id for attempt in plan.attempts for person in attempt.people}
    return f"{len(there)} of the roster's {len(plan.roster)} students."


def _to_grade(plan: Plan, work: Sequence[Job]) -> str:
    by_lab = [(lab.id, sum(job.lab.id == lab.id for job in work)) for lab in plan.opened.assignment.labs]
    counts = ", ".join(f"{lab} {count}" for lab, count in by_lab if count)
    rest = len(plan.gradable) - len(work)
    others = f" {rest} need none: graded before and unchanged, not asked for, or equal to another." if rest > 0 else ""
    return f"{len(work)}{f' ({counts})' if counts else ''}.{others}"


def _late(plan: Plan) -> Iterator[str]:
    policy = plan.opened.assignment.late
    for attempt in plan.gradable:
        for person in attempt.people:
            late = late_minutes(plan.opened.assignment, attempt, person)
            if late:
                kept = "too late" if policy.rejects(late) else f"keeps {100 * policy.keeps(late):g}%"
                yield f"{one_line(person.id)} ({attempt.lab}, {late} min, {kept})"


def _not_gradable(plan: Plan) -> Iterator[tuple[str, str]]:
    said = [(attempt, told(attempt.problem)) for attempt in plan.attempts if attempt.problem is not None]
    return _by_sentence((", ".join(person.id for person in one.people), one.lab, text) for one, text in said)


def _by_sentence(said: Iterable[tuple[str, str, str]]) -> Iterator[tuple[str, str]]:
    """What is said to whom of which lab: to each the same once, with all the labs that it holds for."""
    labs: dict[tuple[str, str], list[str]] = {}
    for whose, lab, sentence in said:
        labs.setdefault((whose, sentence), []).append(lab)
    for (whose, sentence), them in labs.items():
        yield f"{one_line(whose)} ({', '.join(them)})", sentence


def _time(work: Sequence[Job], database: Database | None, workers: int) -> str:
    known = [one.seconds for one in database.states().values() if one.fault is None] if database else []
    each = statistics.median(known) if known else _ASSUMED_SECONDS
    minutes = len(work) * each / workers / 60
    about = "no time" if not work else "under a minute" if minutes < 1 else f"about {minutes:.0f} minutes"
    basis = "as measured here before" if known else "assumed"
    return f"{about} ({workers} at a time, {each:.1f} s each, {basis})."


def _marks(results: Sequence[Result]) -> str:
    """As the class page has them: of everybody who has a mark, and whoever handed in nothing has 0."""
    marks = [one.final_percent for one in results if one.final_percent is not None]
    graded = len(_of(results, "graded"))
    counts = [(len(_of(results, status)), status, how) for status, how in _BESIDES]
    others = "".join(f", {count} {status} ({how})" for count, status, how in counts if count)
    if not graded:
        return f"nobody is graded{others}."
    full = sum(mark >= 100 for mark in marks)
    spread = f"mean {statistics.fmean(marks):.1f}%, median {statistics.median(marks):.1f}%"
    return f"{graded} graded{others}: {spread}, full marks {full}."


_BESIDES = (("missing", "counted as 0"), ("excused", "not counted"))


def _of(results: Sequence[Result], status: str) -> list[Result]:
    return [one for one in results if one.status == status]
