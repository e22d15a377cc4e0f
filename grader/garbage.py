"""Memory of a process that grades many: what each grading leaves in cycles, boto3's clients foremost.

Left to itself, the interpreter looks for it when there is a quarter more of it than of all that stays: the process
would grow by that, and the search through all that stays would take a tenth of a second each time. So what is there
before the first grading is not searched, whosever process it is, nor what has come to stay by the second and the sixth.
https://docs.python.org/3/library/gc.html (gc.freeze), 2026-11-27.

And each check has a thread of its own: glibc would let these allocate in up to eight places for each processor, and
keep what is free in each.
https://man7.org/linux/man-pages/man3/mallopt.3.html (M_ARENA_MAX), 2026-11-27.
"""

from __future__ import annotations

import ctypes
import gc
import threading
from contextlib import suppress

LOADED = (2, 6)  # gradings after which most of what they load is there
M_ARENA_MAX = -8  # of <malloc.h>


class Garbage:
    """Collected after each grading. Thread-safe. Close it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._gradings = 0
        self._open = True
        _allocate_in_one_place()
        gc.freeze()

    def collect(self) -> None:
        """One more has ended."""
        with self._lock:
            self._gradings += 1
            gc.collect()
            if self._gradings in LOADED:
                gc.freeze()

    def close(self) -> None:
        """All is searched again; again does nothing."""
        with self._lock:
            if self._open:
                gc.unfreeze()
            if self._open and self._gradings >= LOADED[0]:
                gc.collect()  # what was on its way when all was frozen, sockets among it
            self._open = False


def _allocate_in_one_place() -> None:
    """From here on, for this process; not where the C library is another one."""
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)
