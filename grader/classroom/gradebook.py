"""The class's marks, joined: a result for each person and lab, and each person's total."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from grader.classroom.assignment import Assignment
from grader.classroom.result import Result
from grader.classroom.roster import Person, Roster


@dataclass(frozen=True)
class Gradebook:
    """Everything that is exported: who, what, and how it went. `results` has every attempt."""

    assignment: Assignment
    roster: Roster
    results: Sequence[Result]

    @cached_property
    def _counting(self) -> Mapping[tuple[str, str], Result]:
        return {(one.person.id, one.lab): one for one in self.results if one.counts}

    @property
    def people(self) -> tuple[Person, ...]:
        """The roster's, in its order; then whoever is in none, by id."""
        listed = {person.id for person in self.roster}
        others = {one.person.id: one.person for one in self.results if one.person.id not in listed}
        return (*self.roster, *(others[id] for id in sorted(others)))

    def result(self, person: Person, lab: str) -> Result | None:
        """The one that counts; None where that person was not looked for."""
        return self._counting.get((person.id, lab))

    def total_percent(self, person: Person) -> float | None:
        """The weighted mark in percent, two decimals; None while a lab has no mark to give.

        Labs of which they are excused are left out, and so is their weight.
        """
        marks, weights = 0.0, 0
        for lab in self.assignment.labs:
            result = self.result(person, lab.id)
            if result is not None and result.status == "excused":
                continue
            if result is None or result.final_percent is None:
                return None
            marks += lab.weight * result.final_percent
            weights += lab.weight
        return round(marks / weights, 2) if weights else None
