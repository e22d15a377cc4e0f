"""Memory of a process that grades many: what each grading leaves in cycles, boto3's clients foremost.

Left to itself, the interpreter looks for it when there is a quarter more of it than of all that stays: the process
would grow by that, and the search through all that stays would take a tenth of a second each time.
https://docs.python.org/3/library/gc.html (gc.freeze), 2026-11-27.
"""

from __future__ import annotations

import gc
import threading

LOADED = (2, 6)  # gradings after which much of what stays is there, and is searched no more


class Garbage:
    """Collected after each grading. Thread-safe. Close it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._gradings = 0
        self._frozen = False

    def collect(self) -> None:
        """One more has ended."""
        with self._lock:
            self._gradings += 1
            gc.collect()
            if self._gradings in LOADED:
                gc.freeze()
                self._frozen = True

    def close(self) -> None:
        """All is searched again; again does nothing."""
        with self._lock:
            if self._frozen:
                gc.unfreeze()
            self._frozen = False
