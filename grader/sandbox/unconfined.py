"""Level `none`: the caller's own user, files and network, bounded in time and output; no process is left behind.

What it cannot do is stop malice: a program of the same user may read that user's files, or kill its supervisor.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from grader.errors import SandboxError
from grader.sandbox.interface import Ended, Sandbox
from grader.sandbox.limits import Limits, sentence
from grader.sandbox.pipes import PIECE_BYTES, Outputs
from grader.sandbox.stragglers import kill_marked
from grader.texts import say

SUPERVISOR = Path(__file__).with_name("supervisor.py")
GRACE_SECONDS = 25.0  # that the supervisor has beyond the time limit, to kill the tree and report


class Unconfined(Sandbox):
    """No box, but a supervisor process that outlives the grader, if need be, to kill what was started."""

    level = "none"

    def __init__(self) -> None:
        self.version = sys.platform
        tree = "process-tree-killed" if sys.platform == "linux" else "process-group-killed"
        self.guarantees = ("clean-environment", "private-copy", "time-limit", "output-limit", tree)

    def run(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        timeout_seconds: float,
        limits: Limits | None = None,
    ) -> Ended:
        """Of the limits those on time and output are kept."""
        bounds = limits or Limits()
        if sys.platform == "win32":
            from grader.sandbox.windows import run

            return run(command, environment, folder, timeout_seconds)
        started = time.monotonic()
        with _supervised(_job(command, environment, folder, timeout_seconds)) as watched:
            watched.pump(started + timeout_seconds + GRACE_SECONDS, bounds.output_mib << 20)
        if watched.verdict.endswith(b"\n"):
            return replace(_reported(watched), message=sentence("output", bounds) if watched.too_much else None)
        kill_marked(environment.get("HOME", ""))
        if watched.process.returncode >= 0:
            last = watched.outputs.stderr.text().strip().rpartition("\n")[2] or say("it said nothing")
            raise SandboxError(say("sandbox: the supervisor did not work: {last}.", last=last))
        watched.outputs.stderr.feed(b"\n[labgrade: the process that watches over this one was killed]\n")
        return _ended(watched, -signal.SIGKILL, time.monotonic() - started)


@dataclass
class _Watched:
    """A supervisor at work, and what came through its pipes so far."""

    process: subprocess.Popen[bytes]
    report: int
    outputs: Outputs = field(init=False)
    verdict: bytearray = field(default_factory=bytearray)
    too_much: bool = False

    def __post_init__(self) -> None:
        self.outputs = Outputs(_pipe(self.process.stdout), _pipe(self.process.stderr))

    def pump(self, deadline: float, most_bytes: int) -> None:
        """Read both outputs until the supervisor has reported or gone; tell it to end all where too much comes."""
        if self.outputs.pump(self.report, self._hear, deadline, most_bytes):
            return
        self.too_much = True
        _pipe_closed(self.process)
        self.outputs.pump(self.report, self._hear, time.monotonic() + GRACE_SECONDS)

    def _hear(self) -> bool:
        piece = os.read(self.report, PIECE_BYTES)
        self.verdict += piece
        return not piece


@contextmanager
def _supervised(job: bytes) -> Iterator[_Watched]:
    """A supervisor with its job; on leaving, whatever the reason, it and its tree have ended."""
    report, write_end = os.pipe()
    try:
        command = [sys.executable, "-I", "-S", str(SUPERVISOR), str(write_end)]
        process = subprocess.Popen(
            command,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=(write_end,),
            env={},  # another process of this user may read it
            cwd="/",
            start_new_session=True,  # Ctrl-C is for the grader, which then tells the supervisor
        )
    except OSError as error:
        os.close(report)
        raise SandboxError(say("sandbox: cannot start a process: {reason}.", reason=error.strerror)) from None
    finally:
        os.close(write_end)
    try:
        _send(_pipe(process.stdin), job)
        yield _Watched(process, report)
    finally:
        os.close(report)
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """The end of file on its stdin tells the supervisor to kill what it runs and go."""
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe:
            pipe.close()
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()  # stopped by the one that it watches
        process.wait()


def _job(command: Sequence[str], environment: Mapping[str, str], folder: Path, timeout_seconds: float) -> bytes:
    entries = [f"{name}={value}" for name, value in environment.items()]
    fields = [repr(float(timeout_seconds)), str(folder), str(len(command)), *command, *entries]
    body = b"".join(os.fsencode(field) + b"\0" for field in fields)
    return b"%d\n%b" % (len(body), body)


def _pipe(stream: IO[bytes] | None) -> int:
    assert stream is not None  # each is a pipe, by Popen's arguments
    return stream.fileno()


def _send(pipe: int, job: bytes) -> None:
    with suppress(BrokenPipeError):  # it died at once: that it says nothing tells
        while job:
            job = job[os.write(pipe, job) :]


def _pipe_closed(process: subprocess.Popen[bytes]) -> None:
    if process.stdin:
        process.stdin.close()


def _reported(watched: _Watched) -> Ended:
    status, timed_out, seconds, alive = watched.verdict.decode().split()
    if alive == "1":
        raise SandboxError(say("sandbox: a process that the submission started cannot be killed; end it by hand."))
    if timed_out == "1":
        return _ended(watched, None, float(seconds), timed_out=True)
    return _ended(watched, int(status), float(seconds))


def _ended(watched: _Watched, exit_code: int | None, seconds: float, timed_out: bool = False) -> Ended:
    out, err = watched.outputs.stdout, watched.outputs.stderr
    return Ended(exit_code, timed_out, seconds, out.text(), err.text(), out.cut or err.cut)
