"""Level `none`: the caller's own user, files and network, bounded in time and output; no process is left behind.

What it cannot do is stop malice: a program of the same user may read that user's files, or kill its supervisor.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from grader.errors import SandboxError
from grader.sandbox.interface import Ended, Sandbox
from grader.sandbox.output import Kept
from grader.sandbox.stragglers import kill_marked
from grader.texts import say

SUPERVISOR = Path(__file__).with_name("supervisor.py")
GRACE_SECONDS = 25.0  # that the supervisor has beyond the time limit, to kill the tree and report
DRAIN_BYTES = 1 << 20  # as much as a pipe can hold
PIECE_BYTES = 1 << 16


class Unconfined(Sandbox):
    """No box, but a supervisor process that outlives the grader, if need be, to kill what was started."""

    level = "none"

    def __init__(self) -> None:
        self.version = sys.platform
        tree = "process-tree-killed" if sys.platform == "linux" else "process-group-killed"
        self.guarantees = ("clean-environment", "private-copy", "time-limit", "output-limit", tree)

    def run(
        self, command: Sequence[str], *, environment: Mapping[str, str], folder: Path, timeout_seconds: float
    ) -> Ended:
        if sys.platform == "win32":
            from grader.sandbox.windows import run

            return run(command, environment, folder, timeout_seconds)
        started = time.monotonic()
        with _supervised(_job(command, environment, folder, timeout_seconds)) as watched:
            watched.pump(started + timeout_seconds + GRACE_SECONDS)
        if watched.verdict.endswith(b"\n"):
            return _reported(watched)
        kill_marked(environment.get("HOME", ""))
        if watched.process.returncode >= 0:
            last = watched.stderr.text().strip().rpartition("\n")[2] or say("it said nothing")
            raise SandboxError(say("sandbox: the supervisor did not work: {last}.", last=last))
        watched.stderr.feed(b"\n[labgrade: the process that watches over this one was killed]\n")
        return _ended(watched, -signal.SIGKILL, time.monotonic() - started)


@dataclass
class _Watched:
    """A supervisor at work, and what came through its pipes so far."""

    process: subprocess.Popen[bytes]
    report: int
    stdout: Kept = field(default_factory=Kept)
    stderr: Kept = field(default_factory=Kept)
    verdict: bytearray = field(default_factory=bytearray)

    def pump(self, deadline: float) -> None:
        """Read both outputs until the supervisor has reported or gone, then what is still in the pipes.

        Not until their end: a process out of reach may hold a pipe open for ever.
        """
        stdout, stderr = _pipe(self.process.stdout), _pipe(self.process.stderr)
        sinks = {stdout: self.stdout.feed, stderr: self.stderr.feed}
        with selectors.DefaultSelector() as selector:
            for pipe in (*sinks, self.report):
                os.set_blocking(pipe, False)
                selector.register(pipe, selectors.EVENT_READ, sinks.get(pipe, self.verdict.extend))
            while self.report in selector.get_map() and time.monotonic() < deadline:
                for key, _ in selector.select(max(0.0, deadline - time.monotonic())):
                    piece = os.read(key.fd, PIECE_BYTES)
                    key.data(piece)
                    if not piece:
                        selector.unregister(key.fd)
        for pipe, feed in sinks.items():
            _drain(pipe, feed)


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


def _drain(pipe: int, feed: Callable[[bytes], None]) -> None:
    """Take what lies in the pipe, no more than a pipe holds: who writes on is none of ours."""
    left = DRAIN_BYTES
    with suppress(BlockingIOError):
        while left > 0 and (piece := os.read(pipe, PIECE_BYTES)):
            feed(piece)
            left -= len(piece)


def _reported(watched: _Watched) -> Ended:
    status, timed_out, seconds, alive = watched.verdict.decode().split()
    if alive == "1":
        raise SandboxError(say("sandbox: a process that the submission started cannot be killed; end it by hand."))
    if timed_out == "1":
        return _ended(watched, None, float(seconds), timed_out=True)
    return _ended(watched, int(status), float(seconds))


def _ended(watched: _Watched, exit_code: int | None, seconds: float, timed_out: bool = False) -> Ended:
    out, err = watched.stdout, watched.stderr
    return Ended(exit_code, timed_out, seconds, out.text(), err.text(), out.cut or err.cut)
