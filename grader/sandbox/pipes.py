"""Reads what a command prints, in bounded memory, while something else tells when to stop."""

from __future__ import annotations

import os
import selectors
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from grader.sandbox.output import Kept

DRAIN_BYTES = 1 << 20  # as much as a pipe can hold
PIECE_BYTES = 1 << 16


@dataclass
class Outputs:
    """Both outputs of a command, by the descriptors of their pipes."""

    out: int
    err: int
    stdout: Kept = field(default_factory=Kept)
    stderr: Kept = field(default_factory=Kept)
    total: int = 0

    def pump(self, report: int, hear: Callable[[], bool], deadline: float, most_bytes: int | None = None) -> bool:
        """Read until `hear`, called when `report` can be read, says that it is over; False where too much came.

        Not until the pipes' end: a process out of reach may hold one open for ever. What lies in them then is taken.
        """
        sinks = {self.out: self.stdout.feed, self.err: self.stderr.feed}
        over = False
        with selectors.DefaultSelector() as selector:
            for pipe in (*sinks, report):
                os.set_blocking(pipe, pipe == report)
                selector.register(pipe, selectors.EVENT_READ)
            while not over and time.monotonic() < deadline:
                for key, _ in selector.select(max(0.0, deadline - time.monotonic())):
                    if key.fd == report:
                        over = hear()
                    elif not self._take(key.fd, sinks[key.fd]):
                        selector.unregister(key.fd)
                if most_bytes is not None and self.total > most_bytes:
                    return False
        for pipe, feed in sinks.items():
            _drain(pipe, feed)
        return True

    def _take(self, pipe: int, feed: Callable[[bytes], None]) -> bool:
        piece = os.read(pipe, PIECE_BYTES)
        feed(piece)
        self.total += len(piece)
        return bool(piece)


def _drain(pipe: int, feed: Callable[[bytes], None]) -> None:
    """Take what lies in the pipe, no more than a pipe holds: who writes on is none of ours."""
    left = DRAIN_BYTES
    with suppress(BlockingIOError):
        while left > 0 and (piece := os.read(pipe, PIECE_BYTES)):
            feed(piece)
            left -= len(piece)
