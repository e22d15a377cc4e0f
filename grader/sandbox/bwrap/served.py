"""A program in a box of its own that those outside call, and strangers, through it, too."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from grader.errors import SandboxError
from grader.sandbox.bwrap import SHARED_MIB, programs, trial, writable
from grader.sandbox.bwrap.box import PLACE, SHOWN_INSIDE, Box, alone
from grader.sandbox.bwrap.mounts import Mounts
from grader.sandbox.bwrap.servers import options
from grader.sandbox.bwrap.template import Template
from grader.sandbox.inside.doors import ALONE, AT_ONCE, SOCKETS
from grader.sandbox.launched import INSIDE
from grader.sandbox.limits import Limits
from grader.sandbox.pipes import Outputs
from grader.sandbox.strangers import strangers_uid

FOLDER = Path(PLACE)  # where it may write
LONGEST_SECONDS = 1e6  # than which no grading takes longer
ANSWER_SECONDS = 10.0
ADDRESS_MIB = 1 << 16  # hundreds of threads reserve a stack each


class Served(Box):
    """It runs until it is closed, or meets a limit; with it end all processes that it has started."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        shown: Mapping[Path, Path],
        limits: Limits,
        template: Template | None = None,
        services: Sequence[str] = (),
    ) -> None:
        """Start it. `shown` are folders, by where it sees them. Raises SandboxError.

        Of a template it is a fork that has loaded those services, and the last word of the command is a script.
        """
        if template:
            mounts = template.mounts
            start = template.start(writable(limits), services)
        else:
            mounts = served_mounts(Path(command[0]), shown, limits)
            start = alone(trial.program(), options(strangers_uid()), mounts)
        super().__init__(start, mounts)
        self._forked = template is not None
        self._limits = limits
        self._sockets: list[socket.socket] = []
        self._asking = threading.Lock()
        self._reply: dict[str, Any] | None = None
        self._doors, theirs = socket.socketpair()
        self._doors.settimeout(ANSWER_SECONDS)
        (out, out_end), (err, err_end) = os.pipe(), os.pipe()
        self._outputs, self._pipes = Outputs(out, err), [out, err]
        self._watching = threading.Thread(target=self._watch, daemon=True, name="boxed-server")
        try:
            order = self._order(command, environment, FOLDER, limits)
            self._begin(order, LONGEST_SECONDS, limits, (out_end, err_end, theirs.fileno()))
            self._watching.start()
        except BaseException:
            self.close()
            raise
        finally:
            theirs.close()
            os.close(out_end)
            os.close(err_end)

    def running(self) -> bool:
        """Has it not ended?"""
        return self._watching.is_alive()

    def met(self) -> str:
        """The limit at which it ended; empty where there was none."""
        return str(self._reply["met"]) if self._reply else ""

    def printed(self) -> str:
        """What it has printed, the errors last."""
        return f"{self._outputs.stdout.text()}\n{self._outputs.stderr.text()}"

    def dial(self, port: int, seconds: float | None) -> socket.socket:
        """A connection to that port of the box. Raises OSError."""
        connection = self._socket()
        try:
            connection.settimeout(seconds)
            connection.connect(("127.0.0.1", port))
        except BaseException:
            connection.close()
            raise
        return connection

    def leave_alone(self) -> bool:
        """End what it has started, and let it start nothing more; False where that was not to be had."""
        with self._asking:
            try:
                self._doors.sendall(ALONE)
                return self._doors.recv(1) == ALONE
            except OSError:
                return False

    def close(self) -> None:
        """End it; again does nothing."""
        with suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)  # which wakes who waits at our end, and ends the other
        if self._watching.ident is not None:
            self._watching.join()
        super().close()
        with self._asking:
            self._doors.close()
            for one in self._sockets:
                one.close()
            self._sockets = []
        while self._pipes:
            os.close(self._pipes.pop())

    def _order(
        self, command: Sequence[str], environment: Mapping[str, str], folder: Path, bounds: Limits
    ) -> dict[str, Any]:
        order = super()._order(command, environment, folder, bounds)
        script = {"script": command[-1]} if self._forked else {}
        return order | script | {"limits": {**bounds.to_json(), "address_mib": ADDRESS_MIB}}

    def _watch(self) -> None:
        with suppress(SandboxError):  # the box is gone: so is what ran in it
            self._reply = self._pumped(self._outputs, time.monotonic() + LONGEST_SECONDS, self._limits)

    def _socket(self) -> socket.socket:
        with self._asking:
            if not self._sockets:
                self._doors.sendall(SOCKETS)
                said, descriptors, _, _ = socket.recv_fds(self._doors, 1, AT_ONCE)
                if not said:
                    raise ConnectionRefusedError("the box is gone")
                self._sockets = [socket.socket(fileno=descriptor) for descriptor in descriptors]
            return self._sockets.pop()


def served_mounts(program: Path, shown: Mapping[Path, Path], limits: Limits) -> Mounts:
    """What a server sees: itself, what is installed for it, and `shown`."""
    mounts = Mounts()
    mounts.writable(Path("/tmp"), limits.disk_mib)
    mounts.writable(FOLDER, limits.disk_mib)
    programs.system(mounts)
    programs.interpreter(mounts, programs.own_interpreter())  # which runs the launcher
    programs.server(mounts, program)
    mounts.devices()
    mounts.bind(Path(SHOWN_INSIDE), INSIDE)
    for place, source in shown.items():
        mounts.bind(place, source)
    mounts.writable(Path("/dev/shm"), SHARED_MIB)
    return mounts
