"""One box: bubblewrap at work, the launcher in it, and the commands that it runs."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from grader.errors import SandboxError
from grader.sandbox.bwrap.mounts import Mounts
from grader.sandbox.interface import Ended, Room
from grader.sandbox.limits import Limits, sentence
from grader.sandbox.pipes import Outputs
from grader.sandbox.strangers import strangers_uid
from grader.texts import say

ENDPOINT = "http://127.0.0.1:4566"
INSIDE = Path(__file__).parents[1] / "inside"
OURS = "/run/labgrade"
SHOWN_INSIDE, HANDED_IN = f"{OURS}/inside", f"{OURS}/handed-in"
PLACE = "/lab"  # where what lies in the private folder is seen
START_SECONDS = 20.0
GRACE_SECONDS = 25.0  # beyond the time limit, to kill all and report
SAID_BYTES = 4096


class Box(Room):
    """Namespaces of its own, which end with the launcher, and that with its control socket."""

    def __init__(self, bwrap: str, options: Sequence[str], mounts: Mounts, private: Path | None = None) -> None:
        self._mounts = mounts
        self._uid = strangers_uid()
        self._private = private
        self._talking = threading.Lock()
        self._taken_in = False
        self._read = b""
        ours, theirs = socket.socketpair()
        self._control = ours
        with theirs, tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as arguments:
            arguments.write(b"".join(os.fsencode(word) + b"\0" for word in (*options, *mounts.arguments())))
            arguments.seek(0)
            self._said = os.dup(said.fileno())
            begin = f"from inside import launcher; launcher.main({theirs.fileno()})"
            code = f"import sys; sys.path.insert(0, {OURS!r}); {begin}"
            self._process = _spawn(
                [
                    bwrap,
                    "--args",
                    str(arguments.fileno()),
                    "--",
                    os.path.normpath(sys.executable),
                    "-I",
                    "-S",
                    "-B",
                    "-c",
                    code,
                ],
                said.fileno(),
                (theirs.fileno(), arguments.fileno()),
                self._close,
            )

    def listen(self) -> None:
        """Have the port of the emulator in here, for somebody outside to accept on."""
        _, (descriptor,) = self._ask({"do": "listen"}, START_SECONDS)
        self.listener = socket.socket(fileno=descriptor)
        self.endpoint = ENDPOINT

    def run(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        timeout_seconds: float,
        limits: Limits | None = None,
    ) -> Ended:
        """What the private folder holds is copied in before the first command; paths in it are those of the copy."""
        bounds = limits or Limits()
        self._take_in()
        order = {
            "do": "run",
            "command": [self._inside(word) for word in command],
            "environment": self._environment(environment),
            "folder": self._inside(str(folder)),
            "timeout_seconds": timeout_seconds,
            "limits": dict(bounds.to_json()),
            "writable": [PLACE, "/tmp"],
            "uid": self._uid,
        }
        (out, out_end), (err, err_end) = os.pipe(), os.pipe()
        outputs = Outputs(out, err)
        try:
            try:
                self._send(order, (out_end, err_end))
            finally:
                os.close(out_end)
                os.close(err_end)
            reply = self._pumped(outputs, time.monotonic() + timeout_seconds + GRACE_SECONDS, bounds)
        finally:
            os.close(out)
            os.close(err)
        return _ended(reply, outputs, bounds)

    def dial(self, port: int) -> socket.socket:
        """A connection to a server in the box. Raises ConnectionRefusedError."""
        with self._talking:
            reply, descriptors = self._ask({"do": "dial", "port": port}, START_SECONDS)
        if not reply["connected"]:
            raise ConnectionRefusedError(f"nobody listens on port {port} of the box")
        return socket.socket(fileno=descriptors[0])

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

    def _take_in(self) -> None:
        if self._private and not self._taken_in:
            self._ask({"do": "take_in", "source": HANDED_IN, "folder": PLACE, "uid": self._uid}, GRACE_SECONDS)
            self._taken_in = True

    def _environment(self, given: Mapping[str, str]) -> dict[str, str]:
        """Of the search path what is there; the rest would tell of the caller's folders."""
        seen = {name: self._inside(value) for name, value in given.items()}
        if path := seen.get("PATH"):
            places = [name for name in path.split(":") if name.startswith(PLACE) or self._mounts.knows(Path(name))]
            seen["PATH"] = ":".join(places)
        return seen

    def _inside(self, text: str) -> str:
        """With the paths that are seen from inside."""
        return text.replace(str(self._private), PLACE) if self._private else text

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

    def _ask(self, order: Mapping[str, Any], seconds: float) -> tuple[dict[str, Any], list[int]]:
        self._send(order)
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
        """Raises SandboxError with what bubblewrap, or the launcher, had to say."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        lines = os.pread(self._said, SAID_BYTES, 0).decode("utf-8", "replace").strip().splitlines()
        last = lines[-1] if lines else say("it said nothing")
        raise SandboxError(say("sandbox: bubblewrap did not make the box: {last}.", last=last))


def _spawn(command: Sequence[str], said: int, passed: Sequence[int], close: Any) -> subprocess.Popen[bytes]:
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
        close()
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
