"""What a class is asked to do: labs and their weights, until when, and what late or repeated work is worth."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, TypeAlias

from grader.classroom.roster import folded

AttemptsPolicy: TypeAlias = Literal["best", "last", "first"]
Feedback: TypeAlias = Literal["full", "found", "names", "count"]


@dataclass(frozen=True)
class LatePolicy:
    """What a late mark keeps. Days are begun ones, counted from the due time once the grace is over."""

    grace_minutes: int = 0
    percent_per_day: float = 0.0  # of the score
    floor_percent: float = 0.0  # of the score: less is not taken
    reject_after_days: float | None = None  # later is worth nothing

    def keeps(self, late_minutes: int) -> float:
        """The share of a score, between 0 and 1, that work so late keeps."""
        if late_minutes <= self.grace_minutes:
            return 1.0
        if self.rejects(late_minutes):
            return 0.0
        days = math.ceil(late_minutes / (24 * 60))
        return max(self.floor_percent, 100 - days * self.percent_per_day, 0.0) / 100

    def rejects(self, late_minutes: int) -> bool:
        """Is it too late for any mark?"""
        after = self.reject_after_days
        return after is not None and late_minutes > max(self.grace_minutes, after * 24 * 60)


@dataclass(frozen=True)
class Extension:
    """More time for one student (or team), for one lab or all."""

    student: str
    lab: str | None = None
    due: datetime | None = None
    days: float = 0.0


@dataclass(frozen=True)
class AssignedLab:
    """A lab of the assignment. `hidden` are ids of checks that students are not told of until `hidden_until`."""

    id: str
    weight: int = 1
    due: datetime | None = None
    hidden: tuple[str, ...] = ()
    hidden_until: datetime | None = None  # None: for good

    def hides(self, now: datetime) -> tuple[str, ...]:
        """The checks that are hidden at that moment."""
        return self.hidden if self.hidden_until is None or now < self.hidden_until else ()


@dataclass(frozen=True)
class Assignment:
    """As `assignment.toml` says it."""

    title: str
    labs: tuple[AssignedLab, ...]
    course: str = ""
    late: LatePolicy = field(default_factory=LatePolicy)
    extensions: tuple[Extension, ...] = ()
    attempts: AttemptsPolicy = "best"
    feedback: Feedback = "full"
    timeout_seconds: float | None = None  # for each stage of a submission
    limits: Mapping[str, int] = field(default_factory=dict)  # the other ones that were said, by field of Limits
    labgrade: str | None = None  # the version that it is to be graded with
    secret_variable: str | None = None  # the environment variable that holds the secret for signing
    student_column: str | None = None  # of the roster: what students give as their id
    emulator: str = "moto"
    path: Path | None = None

    def lab(self, id: str) -> AssignedLab:
        """Raises KeyError."""
        return next((lab for lab in self.labs if lab.id == id), None) or _no_lab(id)

    def due(self, lab: AssignedLab, *people: str) -> datetime | None:
        """The due time that counts for any of these ids: the latest that an extension gives one of them."""
        if lab.due is None:
            return None
        known = {folded(one) for one in people}
        mine = [e for e in self.extensions if folded(e.student) in known and e.lab in (None, lab.id)]
        times = [lab.due, *(e.due or lab.due + timedelta(days=e.days) for e in mine)]
        return max(times, key=lambda time: time.astimezone(UTC))  # in one zone, Python compares what clocks show


def _no_lab(id: str) -> AssignedLab:
    raise KeyError(id)
