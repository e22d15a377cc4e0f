"""Ways into a box for those outside: sockets that belong to its network and are not connected yet.

Who asks connects them: what runs in the box can hold up whoever calls it, and never this process. Each order is one
byte, and so is its answer.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress

SOCKETS, ALONE = b"s", b"a"
AT_ONCE = 8
SETTLED = "/lab/.settled"  # while it is there, the server starts nothing: emulators/inside
ENDED = "/lab/.ended"  # made by the server when it has ended what it does for others by itself
ALONE_SECONDS = 5.0


class Doors:
    """The end in the box."""

    def __init__(self, descriptor: int, pids: Callable[[], list[int]]) -> None:
        os.set_inheritable(descriptor, False)
        self._socket = socket.socket(fileno=descriptor)
        self._pids = pids

    def fileno(self) -> int:
        return self._socket.fileno()

    def answered(self, server: int) -> bool:
        """One order; False where nobody gives any more."""
        try:
            order = self._socket.recv(1)
            if order == SOCKETS:
                self._give_sockets()
            elif order == ALONE:
                self._socket.send(ALONE if self._alone(server) else b"x")
        except OSError:
            return False
        return bool(order)

    def _give_sockets(self) -> None:
        made = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(AT_ONCE)]
        socket.send_fds(self._socket, [SOCKETS], [one.fileno() for one in made])
        for one in made:
            one.close()

    def _alone(self, server: int) -> bool:
        """Kill whatever the server has started, and see to it that it starts nothing more."""
        deadline = time.monotonic() + ALONE_SECONDS
        quiet = 0
        while quiet < 2 and time.monotonic() < deadline:
            with suppress(OSError):
                os.close(os.open(SETTLED, os.O_CREAT | os.O_WRONLY, 0o644))
            others = [pid for pid in self._pids() if pid != server and not ended(pid)]
            for pid in others:
                with suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            # Twice: one may have been on its way.
            quiet = 0 if others or not _has_ended_its_own(server, deadline) else quiet + 1
        return quiet == 2


def _has_ended_its_own(server: int, deadline: float) -> bool:
    """The threads of that process that work for others: it is told to end them, and says that it has."""
    with suppress(OSError):
        os.unlink(ENDED)  # noqa: PTH108  (pathlib costs 8 ms)
    with suppress(OSError):
        os.kill(server, signal.SIGUSR1)
    while time.monotonic() < deadline and not ended(server):
        time.sleep(0.002)
        if os.path.exists(ENDED):  # noqa: PTH110
            return True
    return False


def ended(pid: int) -> bool:
    """Is it only waited for by its parent, or gone?"""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123  (pathlib costs 8 ms)
            return file.read().rpartition(b")")[2].split()[0] in (b"Z", b"X")
    except (OSError, IndexError):
        return True
