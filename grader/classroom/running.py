"""Grades a class: what is still to do, by as many workers as there are processors, each result kept as it comes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from grader.classroom.database import Database, Grading
from grader.classroom.jobs import Grade, Job, settled
from grader.classroom.plan import Attempt, Plan
from grader.sandbox import Level

AHEAD = 2  # jobs handed to the pool for each worker: enough that none waits, few enough that an end comes soon


@dataclass(frozen=True)
class Choice:
    """Which of the attempts to grade, and how."""

    sandbox: Level = "bwrap"
    regrade: bool = False
    only_failed: bool = False
    students: tuple[str, ...] = ()
    inconclusive: bool = False
    terraform_mirror: Path | None = None


def jobs(plan: Plan, choice: Choice, database: Database | None) -> list[Job]:
    """What there is to do: everything that is not settled, each key once, in the plan's order."""
    states = {} if database is None else database.states()
    found: dict[str, Job] = {}
    for attempt in chosen(plan, choice):
        state = states.get(attempt.key)
        failed = state is not None and state.fault is not None
        if choice.only_failed and not failed:
            continue
        if state is None or not state.settled or choice.regrade:
            found.setdefault(attempt.key, _job(plan, attempt, choice))
    return list(found.values())


def chosen(plan: Plan, choice: Choice) -> list[Attempt]:
    """The attempts that are asked for and count by the attempts policy, whether they are graded yet or not."""
    wanted = set(choice.students)
    mine = [one for one in plan.gradable if not wanted or any(person.id in wanted for person in one.people)]
    policy = plan.opened.assignment.attempts
    if policy == "first":
        return [attempt for attempt in mine if attempt.number == 1]
    return mine


class Pool(Protocol):
    """Whoever does the work: threads here, or machines elsewhere."""

    workers: int

    def submit(self, job: Job) -> Future[Grading]:
        """The grading that is to come. It never ends in an exception: a fault is a grading too."""

    def shutdown(self) -> None:
        """Begin nothing more, and wait for what cannot be let go; then every future is done or cancelled."""


class Threads:
    """As many threads as are said; as there are processors, where nothing is."""

    def __init__(self, grade: Grade, workers: int | None = None) -> None:
        self.workers = workers or os.cpu_count() or 1
        self._grade = grade
        self._pool = ThreadPoolExecutor(self.workers, "grading")

    def submit(self, job: Job) -> Future[Grading]:
        return self._pool.submit(settled, job, self._grade)

    def shutdown(self) -> None:
        self._pool.shutdown(cancel_futures=True)


def run(work: Sequence[Job], database: Database, pool: Pool, told: Callable[[Grading], None] = lambda _: None) -> None:
    """Grade it all, and keep each result before the next is waited for. One bad submission stops nothing.

    Interrupted, it begins nothing more, waits for what has begun, keeps that too, and then lets the interruption on.
    """
    waiting: set[Future[Grading]] = set()
    try:
        left = iter(work)
        while _filled(waiting, left, pool):
            done = wait(waiting, return_when=FIRST_COMPLETED).done
            database.put([each.result() for each in done])
            waiting -= done
            for each in done:
                told(each.result())
    finally:
        pool.shutdown()
        database.put([each.result() for each in waiting if each.done() and not each.cancelled()])


def _filled(waiting: set[Future[Grading]], left: Iterator[Job], pool: Pool) -> bool:
    """Hand the pool as much as it may have; is there anything to wait for?"""
    while len(waiting) < pool.workers * AHEAD and (job := next(left, None)) is not None:
        waiting.add(pool.submit(job))
    return bool(waiting)


def _job(plan: Plan, attempt: Attempt, choice: Choice) -> Job:
    assignment = plan.opened.assignment
    return Job(
        key=attempt.key,
        lab=plan.opened.labs[attempt.lab],
        path=attempt.path,
        student=attempt.student,
        course=assignment.course or None,
        emulator=assignment.emulator,
        sandbox=choice.sandbox,
        timeout_seconds=assignment.timeout_seconds,
        inconclusive=choice.inconclusive,
        limits=assignment.limits,
        terraform_mirror=choice.terraform_mirror,
    )
