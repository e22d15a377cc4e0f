"""What the lab asks for, day by day: drawn in the report's picture beside what the student's rules do."""

from __future__ import annotations

from typing import TypeAlias

from grader.checks import Given, say

from .samples import FLOOR, Sample

Steps: TypeAlias = list[list[int | str]]  # [day, what is true from then on]

BY_ITSELF = say("goes by itself")


def life(one: Sample, given: Given) -> Steps:
    """A current object's: logs age and go, small ones in any class; nothing else changes."""
    if not one.is_log:
        return [[0, "Standard"]]
    small: Steps = [[0, "any class"]]
    large: Steps = [[0, "Standard"], [given.ia_days, "IA"], [given.glacier_days, "Glacier"]]
    over = given.expire_days + given.noncurrent_days
    return [*(small if one.size < FLOOR else large), [given.expire_days, "marker"], [over, "gone"]]


def old_version(given: Given) -> Steps:
    """Of something overwritten on day 0."""
    return [[0, "old version"], [given.noncurrent_days, "gone"]]


def upload(given: Given) -> Steps:
    """Of parts that nobody completes."""
    return [[0, "parts"], [given.abort_days, "gone"]]
