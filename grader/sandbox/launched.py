"""A launcher at work, and the commands that it runs: in a box, or among the machine's other processes."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
import time
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn, Protocol, TypeAlias

from grader.errors import SandboxError
from grader.sandbox.interface import Ended, Room
from grader.sandbox.limits import Limits, sentence
from grader.sandbox.pipes import Outputs
from grader.texts import Text, say

INSIDE = Path(__file__).with_name("inside")
GRACE_SECONDS = 25.0  # beyond the time limit, to kill all and report
SAID_BYTES = 4096


class Process(Protocol):
    """The launcher's."""

    returncode: int | None

    def wait(self, timeout: float | None = None) -> int:
        """Until it has ended. Raises subprocess.TimeoutExpired."""

    def kill(self) -> None: ...


# Given the launcher's end of the control socket, and the file for what it has to say.
Start: TypeAlias = Callable[[socket.socket, int], Process]


class Launched(Room):
    """What it runs ends with the launcher, and that with its control socket."""

    def __init__(self, start: Start) -> None:
        """Raises SandboxError."""
        self._control, theirs = socket.socketpair()
        self._read = b""
        with theirs, tempfile.TemporaryFile() as said:
            self._said = os.dup(said.fileno())
            try:
                self._process = start(theirs, said.fileno())
            except BaseException:
                self._close()
                raise

    @abstractmethod
    def _order(
        self, command: Sequence[str], environment: Mapping[str, str], folder: Path, bounds: Limits
    ) -> dict[str, Any]:
        """What the launcher is told beside the time limit; all is laid out when this returns."""

    @abstractmethod
    def _trouble(self, last: Text | str) -> Text:
        """The sentence for a launcher that did not work."""

    def run(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        timeout_seconds: float,
        limits: Limits | None = None,
    ) -> Ended:
        """What the private folder holds when its first command runs is handed over to the submission."""
        bounds = limits or Limits()
        (out, out_end), (err, err_end) = os.pipe(), os.pipe()
        outputs = Outputs(out, err)
        try:
            try:
                order = self._order(command, environment, folder, bounds)
                self._begin(order, timeout_seconds, bounds, (out_end, err_end))
            finally:
                os.close(out_end)
                os.close(err_end)
            reply = self._pumped(outputs, time.monotonic() + timeout_seconds + GRACE_SECONDS, bounds)
        finally:
            os.close(out)
            os.close(err)
        return _ended(reply, outputs, bounds)

    def _begin(
        self, order: Mapping[str, Any], timeout_seconds: float, bounds: Limits, descriptors: Sequence[int]
    ) -> None:
        """Have the launcher run it: `descriptors` are where its two outputs go, and what else it is handed."""
        common = {"do": "run", "timeout_seconds": timeout_seconds, "limits": dict(bounds.to_json())}
        self._send(common | dict(order), descriptors)

    def close(self) -> None:
        """End all that runs in it; again does nothing."""
        if self.listener:
            self.listener.close()
        self._close()
        with suppress(AttributeError):  # it was never started
            try:
                self._process.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _close(self) -> None:
        self._control.close()
        if self._said >= 0:
            os.close(self._said)
            self._said = -1

    def _pumped(self, outputs: Outputs, deadline: float, bounds: Limits) -> dict[str, Any]:
        replies: list[dict[str, Any]] = []

        def hear() -> bool:
            replies.append(self._receive(GRACE_SECONDS)[0])
            return True

        report = self._control.fileno()
        if not outputs.pump(report, hear, deadline, bounds.output_mib << 20):
            self._send({"do": "stop", "why": "output"})
            outputs.pump(report, hear, time.monotonic() + GRACE_SECONDS)
        if not replies:
            self._broken()
        return replies[0]

    def _ask(
        self, order: Mapping[str, Any], seconds: float, descriptors: Sequence[int] = ()
    ) -> tuple[dict[str, Any], list[int]]:
        self._send(order, descriptors)
        return self._receive(seconds)

    def _send(self, order: Mapping[str, Any], descriptors: Sequence[int] = ()) -> None:
        message = memoryview(json.dumps(order).encode() + b"\n")
        try:
            sent = socket.send_fds(self._control, [message], list(descriptors))
            self._control.sendall(message[sent:])
        except OSError:
            self._broken()

    def _receive(self, seconds: float) -> tuple[dict[str, Any], list[int]]:
        descriptors: list[int] = []
        self._control.settimeout(seconds)
        while b"\n" not in self._read:
            try:
                piece, passed, _, _ = socket.recv_fds(self._control, SAID_BYTES, 2)
            except OSError:
                self._broken()
            if not piece:
                self._broken()
            descriptors += passed
            self._read += piece
        line, _, self._read = self._read.partition(b"\n")
        return json.loads(line), descriptors

    def _broken(self) -> NoReturn:
        """Raises SandboxError with what was said last."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        lines = os.pread(self._said, SAID_BYTES, 0).decode("utf-8", "replace").strip().splitlines()
        last = lines[-1] if lines else say("it said nothing")
        raise SandboxError(self._trouble(last))


def spawned(command: Sequence[str], said: int, passed: Sequence[int]) -> subprocess.Popen[bytes]:
    """The launcher as a program. Raises SandboxError."""
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            pass_fds=passed,
            env={},  # the box may read it
            cwd="/",
            start_new_session=True,  # Ctrl-C is for the grader, which then closes what it has opened
        )
    except OSError as error:
        raise SandboxError(
            say("sandbox: cannot start {command}: {reason}.", command=command[0], reason=error.strerror)
        ) from None


def _ended(reply: Mapping[str, Any], outputs: Outputs, bounds: Limits) -> Ended:
    if reply["alive"]:
        raise SandboxError(say("sandbox: a process that the submission started cannot be killed; end it by hand."))
    out, err = outputs.stdout, outputs.stderr
    timed_out = reply["met"] == "time"
    exit_code = None if timed_out else int(reply["exit_code"])
    cut = out.cut or err.cut
    message = sentence(reply["met"], bounds)
    return Ended(exit_code, timed_out, float(reply["seconds"]), out.text(), err.text(), cut, message)
