"""Faults to inject, and where."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from grader import attempts, engine
from grader.emulators.interface import Emulator
from grader.sandbox.launched import Launched


class Killer:
    """Kills the emulator that is in use, so many times."""

    def __init__(self, times: int) -> None:
        self.left = times

    def kill(self, emulator: Any) -> None:
        if self.left:
            self.left -= 1
            os.kill(number_here(emulator), signal.SIGKILL)


def number_here(emulator: Any) -> int:
    """Its process's number on this machine: in a box it has another one."""
    if not emulator.boxed:
        return int(emulator.pid)
    numbers = [int(process.name) for process in Path("/proc").iterdir() if process.name.isdigit()]
    (found,) = (one for one in numbers if _is(one, emulator.pid) and _ours(one))
    return found


def _is(number: int, inside: int) -> bool:
    """Is that a boxed emulator which is called so in its box?"""
    try:
        program = Path(f"/proc/{number}/cmdline").read_bytes()
        status = Path(f"/proc/{number}/status").read_text()
    except OSError:
        return False
    names = next(line.split()[1:] for line in status.splitlines() if line.startswith("NSpid:"))
    return b"emulators" in program and len(names) > 1 and int(names[-1]) == inside


def _ours(number: int) -> bool:
    """Does it come of this process? Others may be at work here."""
    while number not in (0, os.getpid()):
        try:
            number = int(Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            return False
    return number != 0


@contextmanager
def killed_before(times: int) -> Iterator[Killer]:
    """Between the scenario and the submission."""
    killer, check = Killer(times), attempts._check

    def checked(emulator: Emulator) -> None:
        killer.kill(emulator)
        check(emulator)

    with mock.patch.object(attempts, "_check", checked):
        yield killer


@contextmanager
def killed_around_the_run(times: int, *, first: bool) -> Iterator[Killer]:
    """While the submission runs: before its first call, or after its last."""
    killer, run = Killer(times), attempts.submissions.run
    emulators: list[Emulator] = []
    check = attempts._check

    def seen(emulator: Emulator) -> None:
        emulators.append(emulator)
        check(emulator)

    def run_it(*args: Any, **named: Any) -> Any:
        if first:
            killer.kill(emulators[-1])
        ended = run(*args, **named)
        if not first:
            killer.kill(emulators[-1])
        return ended

    with mock.patch.object(attempts, "_check", seen), mock.patch.object(attempts.submissions, "run", run_it):
        yield killer


@contextmanager
def killed_in_the_run(times: int, seconds: float) -> Iterator[Killer]:
    """So long after the submission could begin."""
    killer, check = Killer(times), attempts._check

    def checked(emulator: Emulator) -> None:
        check(emulator)
        threading.Timer(seconds, killer.kill, [emulator]).start()

    with mock.patch.object(attempts, "_check", checked):
        yield killer


@contextmanager
def killed_in(check: str, times: int) -> Iterator[Killer]:
    """When that check begins."""
    killer, result = Killer(times), engine._Judge.result

    def killing(self: Any, aws: Any, *rest: Any) -> Any:
        if self.check.id == check:
            killer.kill(aws.emulator)
        return result(self, aws, *rest)

    with mock.patch.object(engine._Judge, "result", killing):
        yield killer


@contextmanager
def box_killed_in_the_run(times: int, seconds: float) -> Iterator[Killer]:
    """bubblewrap, and with it the launcher that watches the submission and holds its way to the emulator."""
    killer, run = Killer(times), Launched.run

    def dying(self: Any, *args: Any, **named: Any) -> Any:
        if killer.left:
            killer.left -= 1
            threading.Timer(seconds, self._process.kill).start()
        return run(self, *args, **named)

    with mock.patch.object(Launched, "run", dying):
        yield killer


def failing(error: Exception, times: int, instead_of: Callable[..., Any]) -> Callable[..., Any]:
    """A function that raises so many times, and then does its work."""
    left = [times]

    def call(*args: Any, **named: Any) -> Any:
        if left[0]:
            left[0] -= 1
            raise error
        return instead_of(*args, **named)

    return call
