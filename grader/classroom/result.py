"""What came of one person's work on one lab: what gradebooks, feedback files and the class page are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from grader.classroom.roster import Person
from grader.texts import Text

Status: TypeAlias = Literal["graded", "missing", "not_gradable", "fault", "excused"]


@dataclass(frozen=True)
class Adjustment:
    """What the instructor says of a mark, whatever labgrade found: a line of `adjustments.csv`."""

    person: str
    lab: str | None = None  # None: every lab of the assignment
    points: float = 0.0  # of the lab's maximum, added to what was penalised
    excused: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Result:
    """One attempt at one lab, judged, or the reason why there is no mark.

    `graded` has a report and a mark. `missing` handed in nothing, which is worth nothing. `not_gradable` could not be
    read (the student's to mend): no attempt, and no mark but an adjustment's points. `fault` is ours: no mark, never a
    zero. `excused` is the instructor's word.
    """

    person: Person
    lab: str
    status: Status
    attempt: int | None = None  # the first is 1; what cannot be graded is none
    attempt_name: str = ""  # its folder's or archive's name
    submitted_at: datetime | None = None  # with a time zone; None where nobody said when
    score: int | None = None  # raw points, as the report has them
    max_score: int | None = None
    late_minutes: int = 0  # behind the due time that counts for this person, grace not taken off
    penalised_score: float | None = None  # the score after the late policy, of max_score
    adjustment: Adjustment | None = None
    reasons: tuple[Text, ...] = ()  # for the student: why late costs, why it cannot be graded, what is missing
    report: Mapping[str, Any] | None = None  # labgrade/report/v1
    counts: bool = True  # by the attempts policy: at most one for each person and lab
    sha256: str = ""  # of what was handed in
    instructor_reasons: tuple[str, ...] = ()  # what only the instructor is told: faults, how it was matched

    @property
    def percent(self) -> float | None:
        """The raw score in percent of the maximum, one decimal."""
        return None if self.score is None or not self.max_score else round(100 * self.score / self.max_score, 1)

    @property
    def final_score(self) -> float | None:
        """The mark: penalised and adjusted, between 0 and the maximum; None where there is none to give."""
        points = 0.0 if self.adjustment is None else self.adjustment.points
        if self.status in ("excused", "fault") or (self.status == "not_gradable" and not points):
            return None
        if self.status == "graded" and (self.penalised_score is None or self.max_score is None):
            return None
        return round(min(max(0.0, (self.penalised_score or 0) + points), float(self.max_score or 100)), 2)

    @property
    def final_percent(self) -> float | None:
        """The mark in percent, two decimals; None where there is none to give."""
        score, whole = self.final_score, self.max_score or 100
        return None if score is None else round(100 * score / whole, 2)
