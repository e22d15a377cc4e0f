"""The memory of a process that grades many."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from contextlib import closing

import pytest

from grader.garbage import LOADED, Garbage


class Node:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def unhurried() -> Iterator[None]:
    """By itself the interpreter collects nothing meanwhile."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("unhurried")
def test_a_cycle_ends_with_its_grading_whatever_has_been_frozen() -> None:
    with closing(Garbage()) as garbage:
        for _ in range(LOADED[-1] + 2):
            left = weakref.ref(Node())
            assert left() is not None
            garbage.collect()
            assert left() is None


@pytest.mark.usefixtures("unhurried")
def test_what_stays_is_searched_no_more_until_it_is_closed() -> None:
    was_there = Node()
    garbage = Garbage()
    early, was_there = weakref.ref(was_there), Node()
    garbage.collect()
    assert early() is not None
    stays = Node()
    for _ in range(LOADED[-1]):
        garbage.collect()
    left, stays = weakref.ref(stays), Node()
    garbage.collect()
    assert left() is not None
    garbage.close()
    garbage.close()
    assert (early(), left()) == (None, None)
    assert gc.get_freeze_count() == 0
    del was_there, stays
