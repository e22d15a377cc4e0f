"""A program that is run to see whether it works: bounded in time and output, and ended with all that it started."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from grader.doctor.finding import Mark
from grader.texts import Text, say

MOST_BYTES = 1 << 16
SECONDS = 10.0
DRAIN_SECONDS = 1.0
_running: set[subprocess.Popen[bytes]] = set()


@dataclass(frozen=True)
class Attempt:
    """How it went. `code` is None where it could not be started or did not end in time."""

    code: int | None
    output: str  # both streams
    seconds: float = 0.0
    ended: bool = True

    @property
    def succeeded(self) -> bool:
        return self.code == 0

    @property
    def mark(self) -> Mark:
        """That of a finding about one that did not succeed."""
        return Mark.BROKEN if self.ended else Mark.SLOW

    @property
    def last_line(self) -> str:
        """What it said last, which of an error is the error."""
        lines = [line.strip() for line in self.output.splitlines() if line.strip()]
        return lines[-1][:300] if lines else "it said nothing"

    @property
    def trouble(self) -> Text:
        """`ended with 1: no such thing`."""
        if not self.ended:
            return say("had not ended after {seconds} s", seconds=format(self.seconds, ".0f"))
        if self.code is None:
            return say("could not be started: {output}", output=self.output)
        return say("ended with {code}: {last_line}", code=self.code, last_line=self.last_line)


def attempt(
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    seconds: float = SECONDS,
) -> Attempt:
    """Run it without input; with the caller's environment, unless another is given. Never raises."""
    began = time.monotonic()
    try:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=None if environment is None else dict(environment),
            cwd=folder,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        return Attempt(None, str(getattr(error, "strerror", None) or error))
    _running.add(process)
    said: list[bytes] = []
    reader = threading.Thread(target=_read, args=(process, said), daemon=True)
    reader.start()
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    code = process.poll()
    reader.join(0 if code is None else DRAIN_SECONDS)  # what it has left behind may hold the pipe for ever
    _end(process)
    return Attempt(code, _text(said), time.monotonic() - began, ended=code is not None)


def end_all() -> None:
    """Whatever still runs: for an examination that is broken off."""
    for process in list(_running):
        _end(process)


def _read(process: subprocess.Popen[bytes], said: list[bytes]) -> None:
    assert process.stdout is not None
    left = MOST_BYTES
    with suppress(OSError, ValueError):
        while left > 0 and (piece := os.read(process.stdout.fileno(), left)):
            said.append(piece)
            left -= len(piece)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Its process group too: what it started must not keep us, nor stay behind."""
    with suppress(OSError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        process.wait(2)
    _running.discard(process)


def _text(said: list[bytes]) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", b"".join(tuple(said)).decode("utf-8", "replace"))
