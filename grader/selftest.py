"""Proves a lab on its right and wrong answers: every promise that DESIGN asks of a lab, on a real emulator."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from grader.answers import Answer, Kind, answers
from grader.errors import UsageError
from grader.lab import Lab
from grader.promises import APPROVED_ON, Breach, Promise, Verdict

STUDENTS = 2
WAITING_PER_WORKER = 3  # answers that mostly wait are graded beside the others
STATES = ("held", "declared", "not_run", "broken")


@dataclass(frozen=True)
class Plan:
    """What to prove: on which emulator, with how many students beside the defaults, which answers only."""

    emulator: str = APPROVED_ON
    students: int = STUDENTS
    only: tuple[str, ...] = ()
    approve: bool = False


@dataclass(frozen=True)
class Proof:
    """How a lab stood the test on one emulator."""

    lab: str
    emulator: str
    verdicts: tuple[Verdict, ...]
    students: int = 0  # beside the defaults
    general: tuple[Breach, ...] = ()  # breaches of the lab's, and of no one answer's

    @property
    def breaches(self) -> tuple[Breach, ...]:
        return (*(breach for verdict in self.verdicts for breach in verdict.breaches), *self.general)

    def judged(self, kind: Kind) -> list[Verdict]:
        """Of the answers of that kind, those that count: run, and with nothing declared of this emulator."""
        return [v for v in self.verdicts if v.answer.sort == kind and not v.not_run and not v.declared]

    @property
    def solved(self) -> int:
        return sum(not verdict.breaches for verdict in self.judged("solutions"))

    @property
    def caught(self) -> int:
        """The mutation score's upper half: mistakes that lose marks."""
        return sum(verdict.caught for verdict in self.judged("mistakes"))

    @property
    def by_kind(self) -> dict[str, dict[str, int]]:
        """Of each kind of submission: how many solutions hold, are declared, were not run, or are broken."""
        counts: dict[str, dict[str, int]] = {}
        for verdict in self.verdicts:
            if verdict.answer.sort == "solutions":
                row = counts.setdefault(verdict.answer.kind, dict.fromkeys(STATES, 0))
                row[_state(verdict)] += 1
        return dict(sorted(counts.items()))

    @property
    def declared(self) -> list[Verdict]:
        return [verdict for verdict in self.verdicts if verdict.declared]

    @property
    def not_run(self) -> list[Verdict]:
        return [verdict for verdict in self.verdicts if verdict.not_run]

    @property
    def unseen(self) -> list[str]:
        """Checks that this emulator could not show of some right answer."""
        return sorted({check for verdict in self.judged("solutions") for check in verdict.off if not verdict.breaches})

    @property
    def recorded(self) -> list[str]:
        return [verdict.answer.title for verdict in self.verdicts if verdict.recorded]

    def to_json(self) -> dict[str, Any]:
        solutions, mistakes = self.judged("solutions"), self.judged("mistakes")
        return {
            "lab": self.lab,
            "emulator": self.emulator,
            "students": self.students,
            "solutions": {"held": self.solved, "of": len(solutions), "by_kind": self.by_kind},
            "mistakes": {"caught": self.caught, "of": len(mistakes)},
            "declared": {v.answer.title: v.declared.evidence for v in self.declared if v.declared},
            "not_run": {verdict.answer.title: verdict.not_run for verdict in self.not_run},
            "unseen": self.unseen,
            "recorded": self.recorded,
            "broken": [asdict(breach) for breach in self.breaches],
        }


def prove(labs: Sequence[Lab], plans: Sequence[Plan], workers: int | None = None) -> Iterator[Proof]:
    """Test every promise of each lab by each plan, all answers side by side; a proof is told once it stands.

    `workers` are the answers graded at a time, as many as there are processors where none are said. Raises UsageError
    where a lab came without its answers, LabError for a bad declaration, and EmulatorError where there is no such
    emulator to be had.
    """
    promised = [(lab, plan, promises(lab, plan)) for lab in labs for plan in plans]
    for lab in labs:
        _ = lab.checks, lab.prepare  # loaded here, once, and not in each thread
    many = workers or os.cpu_count() or 1
    busy, waiting = ThreadPoolExecutor(many), ThreadPoolExecutor(many * WAITING_PER_WORKER)

    def begun(promise: Promise, plan: Plan) -> Future[Verdict]:
        return (waiting if promise.answer.waits else busy).submit(promise.test, plan.approve)

    try:
        all_begun = [(lab, plan, [begun(one, plan) for one in found]) for lab, plan, found in promised]
        for lab, plan, futures in all_begun:
            verdicts = tuple(future.result() for future in futures)
            general = () if plan.only else tuple(_general(lab, verdicts))
            yield Proof(lab.id, plan.emulator, verdicts, plan.students, general)
    finally:
        for pool in (busy, waiting):
            pool.shutdown(wait=False, cancel_futures=True)
        for pool in (busy, waiting):
            pool.shutdown()


def promises(lab: Lab, plan: Plan) -> list[Promise]:
    """What the lab's answers promise. Raises UsageError, LabError."""
    if not (lab.folder / "solutions").is_dir() and not (lab.folder / "mistakes").is_dir():
        raise UsageError(without_answers(lab))
    found = [Answer("nothing", lab.folder), *answers(lab, "mistakes"), *answers(lab, "solutions")]
    chosen = [answer for answer in found if not plan.only or answer.name in plan.only]
    if missing := sorted(set(plan.only) - {answer.name for answer in found}):
        raise UsageError(f"{lab.id}: no solution or mistake is called {', '.join(missing)}")
    return [Promise(lab, answer, plan.emulator, sampled(plan.students)) for answer in chosen]


def sampled(students: int) -> tuple[str, ...]:
    """Ids of students, the same every time, so that what breaks breaks again."""
    return tuple(f"sampled-{number}" for number in range(1, students + 1))


def shipped(lab: Lab) -> bool:
    """Did it come with an installed labgrade, which leaves solutions and mistakes out?"""
    return lab.folder.parent == Path(__file__).parent / "labs"


def without_answers(lab: Lab) -> str:
    """Why there is nothing to prove, and where it is."""
    if shipped(lab):
        return (
            f"{lab.id}: an installed labgrade comes without the labs' solutions and mistakes, so that no student has "
            "them; they are in its repository and in its source distribution."
        )
    return f"{lab.folder}: no solutions/ and no mistakes/: there is nothing to prove the lab on (see labgrade new)"


def _state(verdict: Verdict) -> str:
    if verdict.not_run:
        return "not_run"
    if verdict.breaches:
        return "broken"
    return "declared" if verdict.declared else "held"


def _general(lab: Lab, verdicts: Sequence[Verdict]) -> Iterator[Breach]:
    """What no one answer can promise: that there are some, and that every check is failed by a mistake."""
    if not any(verdict.answer.sort == "solutions" for verdict in verdicts):
        yield Breach("at least one solution", "none", answer="solutions")
    failed = {check for verdict in verdicts for check in verdict.answer.fails}
    for check in lab.checks:
        if check.id not in failed:
            yield Breach("a mistake that fails it", "none", check.id, answer="mistakes")
