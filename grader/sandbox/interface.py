"""What a sandbox is, and how a command ends in it."""

from __future__ import annotations

import os
import socket
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from grader.sandbox.limits import Limits
from grader.sandbox.output import clipped
from grader.texts import Text

# How a script of a submission is run. -u: what was printed before a kill is kept; -s: nothing of the user's own
# site-packages.
PYTHON = (os.path.normpath(sys.executable), "-u", "-B", "-s")

Level: TypeAlias = Literal["auto", "bwrap", "user", "none"]


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said. Nothing that it started is left."""

    exit_code: int | None  # None after a time-out, negative for a signal, as subprocess has it
    timed_out: bool
    seconds: float
    stdout: str
    stderr: str
    truncated: bool  # of an output that was longer than is kept, the middle was left out
    message: Text | None = None  # which limit it met


class Room(ABC):
    """Where the commands of one submission run, one after the other, in the same folder."""

    endpoint: str | None = None  # where its programs find the emulator, if that is not where everybody does
    listener: socket.socket | None = None  # accept on it, and that endpoint answers

    @abstractmethod
    def run(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        timeout_seconds: float,
        limits: Limits | None = None,
    ) -> Ended:
        """Run it in that folder with exactly that environment and no input; when it ends, so does all it started.

        Whatever the command does, this returns. Raises SandboxError where the sandbox itself fails.
        """


class Sandbox(Room):
    """A level of separation. Each guarantee that it names holds whenever `run` has returned."""

    level: str
    version: str
    guarantees: tuple[str, ...]
    gaps: tuple[Text, ...] = ()  # what the report says that it does not stop

    @contextmanager
    def room(self, private: Path, limits: Limits | None = None, shown: Sequence[Path] = ()) -> Iterator[Room]:
        """A room for what lies in that folder when its first command runs. With it all processes of it end.

        `shown` are programs and folders that its commands need beside the system's own.
        """
        yield self

    def expect_script(self, shown: Sequence[Path] = ()) -> None:
        """A room that shows these will soon run one with PYTHON: what takes a while may begin."""


def joined(parts: Sequence[Ended]) -> Ended:
    """Commands that ran in turn, as one: the last one's exit code, the output of all, cut once more."""
    stdout, stdout_cut = clipped("".join(part.stdout for part in parts))
    stderr, stderr_cut = clipped("".join(part.stderr for part in parts))
    return Ended(
        exit_code=parts[-1].exit_code,
        timed_out=any(part.timed_out for part in parts),
        seconds=sum(part.seconds for part in parts),
        stdout=stdout,
        stderr=stderr,
        truncated=stdout_cut or stderr_cut or any(part.truncated for part in parts),
        message=next((part.message for part in parts if part.message), None),
    )
