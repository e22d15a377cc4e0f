"""Runs one command and sees to it that all it starts is dead before this ends.

A program of its own (`python -I -S supervisor.py REPORT_FD`), so that it outlives a grader that is killed.
The job comes on stdin as its length, a line feed, and fields that end in NUL: time limit, folder, number of
arguments, the arguments, the environment's `NAME=value`. The end of file on stdin means that the grader has gone
or changed its mind. One line goes to REPORT_FD: exit code, 1 after a time-out, seconds, 1 where something could
not be killed.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator

CONTROL = 0
PROC = "/proc"
PR_SET_CHILD_SUBREAPER = 36
KILL_SECONDS = 20.0
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Job:
    """What to run, and for how long."""

    def __init__(self, timeout_seconds: float, folder: bytes, command: list[bytes], entries: list[bytes]) -> None:
        self.timeout_seconds = timeout_seconds
        self.folder = folder
        self.command = command
        self.environment = dict(entry.split(b"=", 1) for entry in entries)


def main() -> None:
    report = int(sys.argv[1])
    os.set_inheritable(report, False)
    job = read_job()
    adopt_orphans()
    signals = hear_signals()
    started = time.monotonic()
    student = start(job)
    exit_code, timed_out = wait(student, signals, started + job.timeout_seconds)
    seconds = time.monotonic() - started
    alive = end_tree(student)
    os.write(report, f"{exit_code} {int(timed_out)} {seconds:.6f} {int(alive)}\n".encode())


def read_job() -> Job:
    size = b""
    while not size.endswith(b"\n"):
        size += read_some(1)
    body = b""
    while len(body) < int(size):
        body += read_some(int(size) - len(body))
    timeout, folder, count, *fields = body.split(b"\0")[:-1]
    return Job(float(timeout), folder, fields[: int(count)], fields[int(count) :])


def read_some(size: int) -> bytes:
    piece = os.read(CONTROL, size)
    if not piece:
        sys.exit(1)  # the grader has gone before there was anything to run
    return piece


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends: no double fork leaves the tree."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def hear_signals() -> int:
    """A pipe that gets the number of each signal, so that one `select` waits for all there is to wait for."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, *STOP_SIGNALS):
        signal.signal(number, lambda *_: None)
    return reader


def start(job: Job) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()  # a signal to its process group reaches neither us nor the grader
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)  # Python ignores them, and a program inherits that
        os.chdir(job.folder)
        os.dup2(os.open(os.devnull, os.O_RDONLY), CONTROL)
        os.execve(job.command[0], job.command, job.environment)
    except OSError as error:
        os.write(2, b"cannot start %b: %b\n" % (job.command[0], str(error.strerror).encode()))
    finally:
        os._exit(127)


def wait(student: int, signals: int, deadline: float) -> tuple[int, bool]:
    """The student's exit code, that of a SIGTERM where we were stopped first; and whether its time ran out."""
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            return -signal.SIGKILL, True
        ready, _, _ = select.select([CONTROL, signals], [], [], left)
        if CONTROL in ready or (signals in ready and stopped(signals)):
            return -signal.SIGTERM, False
        for pid, code in ended_children():
            if pid == student:
                return code, False


def stopped(signals: int) -> bool:
    return any(number in STOP_SIGNALS for number in os.read(signals, 4096))


def ended_children() -> Iterator[tuple[int, int]]:
    """Children, adopted ones too, that have ended. Raises ChildProcessError where there is no child."""
    while True:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        yield pid, os.waitstatus_to_exitcode(status)


def end_tree(student: int) -> bool:
    """Kill all that descends from us, until nothing does; is something alive all the same?"""
    deadline = time.monotonic() + KILL_SECONDS
    hurry()
    while time.monotonic() < deadline:
        if sys.platform != "linux":
            kill(os.killpg, student)  # nobody adopts here: what left the process group is out of reach
        try:
            list(ended_children())
        except ChildProcessError:
            return False
        for pid in descendants():
            end(pid)
        time.sleep(0.001)
    return True


def end(pid: int) -> None:
    """Kill it with its process group: at one stroke, so that one which forks on and on does not outrun us."""
    try:
        group = os.getpgid(pid)
    except OSError:
        return
    if group != os.getpgrp():
        kill(os.killpg, group)
    kill(os.kill, pid)


def kill(how: Callable[[int, int], None], number: int) -> None:
    try:
        how(number, signal.SIGKILL)
    except OSError:
        return  # gone already, or not ours to kill: the deadline tells


def hurry() -> None:
    """Go before what is to be killed, where we may: among a bomb's processes our share is that of one."""
    try:
        os.setpriority(os.PRIO_PROCESS, 0, -20)
    except OSError:
        return


def descendants() -> list[int]:
    """Every process that has us as an ancestor. Empty where there is no /proc."""
    children: dict[int, list[int]] = {}
    for name in os.listdir(PROC) if sys.platform == "linux" else ():  # noqa: PTH208  (pathlib costs 8 ms)
        if name.isdigit():
            children.setdefault(parent(name), []).append(int(name))
    found = list(children.get(os.getpid(), ()))
    for pid in found:
        found.extend(children.get(pid, ()))
    return found


def parent(pid: str) -> int:
    try:
        with os.fdopen(os.open(f"{PROC}/{pid}/stat", os.O_RDONLY), "rb") as file:
            after_name = file.read().rpartition(b")")[2]  # a program's name may hold spaces and brackets
            return int(after_name.split()[1])
    except (OSError, IndexError):
        return 0


if __name__ == "__main__":
    main()
    os._exit(0)  # an interpreter's orderly end would cost some milliseconds
