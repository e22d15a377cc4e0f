"""Yes, no, and "AWS's pages do not say": the logic that keeps what is unknown from being guessed."""

from collections.abc import Iterable
from typing import TypeAlias

Truth: TypeAlias = "bool | None"


def either(truths: Iterable[Truth]) -> Truth:
    """True where any is true, whatever the others are; unknown where none is true and one is unknown."""
    found: Truth = False
    for truth in truths:
        if truth:
            return True
        found = None if truth is None else found
    return found


def both(truths: Iterable[Truth]) -> Truth:
    """False where any is false, whatever the others are; unknown where none is false and one is unknown."""
    return opposite(either(opposite(truth) for truth in truths))


def opposite(truth: Truth) -> Truth:
    """Not; what is unknown stays unknown."""
    return None if truth is None else not truth
