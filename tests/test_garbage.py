"""The memory of a process that grades many."""

from __future__ import annotations

import gc
import platform
import subprocess
import sys
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


ALLOCATING = """
import ctypes, sys, threading
from grader.garbage import Garbage
Garbage()
together = threading.Barrier(8)
def allocate():
    together.wait()
    bytearray(100_000)
threads = [threading.Thread(target=allocate) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
libc.malloc_info(0, ctypes.c_void_p(libc.fopen(b"/dev/stdout", b"w")))
libc.fflush(None)
"""


@pytest.mark.skipif("glibc" not in platform.libc_ver()[0], reason="the C library is another one")
def test_threads_allocate_in_one_place() -> None:
    done = subprocess.run([sys.executable, "-c", ALLOCATING], capture_output=True, text=True, check=True)
    assert done.stdout.count("<heap nr=") == 1
