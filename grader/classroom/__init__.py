"""A class: who is in it, what it was asked to do, what it handed in, and what came of it."""

from __future__ import annotations

from grader.classroom.assignment import AssignedLab, Assignment, Extension, LatePolicy
from grader.classroom.gradebook import Gradebook
from grader.classroom.result import Adjustment, Result, Status
from grader.classroom.roster import Person, Roster

__all__ = [
    "Adjustment",
    "AssignedLab",
    "Assignment",
    "Extension",
    "Gradebook",
    "LatePolicy",
    "Person",
    "Result",
    "Roster",
    "Status",
]
