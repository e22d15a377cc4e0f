"""The first process in a box: offers the emulator's port, runs one command after the other, and watches over them.

It obeys a control socket: JSON lines, descriptors beside them. Its end, or the grader's in whatever way, is the
socket's, and with this process, which is number 1 there, the kernel ends all others of the box. `neighbours` has it
do the same where there is no box.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NoReturn

from . import confinement, landlock, script, seccomp, usage
from .doors import Doors

PORT = 4566
BACKLOG = 128
CHUNK = 1 << 16
MOST_DESCRIPTORS = 3
DIGITS = 20  # at the end of what was packed: how long its files are together
KILL_SECONDS = 20.0
Job = dict[str, Any]


class Crowd:
    """The submission's processes: in a box all that there are, but this one."""

    def pids(self) -> list[int]:
        return [int(name) for name in os.listdir("/proc") if name.isdigit() and name != "1"]  # noqa: PTH208

    def tree(self, job: Job) -> usage.Tree:
        return usage.Tree(job["limits"], job["writable"])

    def end_all(self) -> bool:
        """Kill every process of the box but this one; is something alive all the same?"""
        deadline = time.monotonic() + KILL_SECONDS
        while time.monotonic() < deadline:
            with suppress(OSError):
                os.kill(-1, signal.SIGKILL)
            if reaped():
                return False
            time.sleep(0.001)
        return True


def gone() -> NoReturn:
    os._exit(0)


class Control:
    """The launcher's end of the socket."""

    def __init__(self, descriptor: int, gone: Callable[[], NoReturn] = gone) -> None:
        self.descriptor = descriptor
        self._gone = gone
        self.socket = socket.socket(fileno=descriptor)
        self.socket.set_inheritable(False)
        self._read = b""

    def receive(self) -> tuple[Job, list[int]]:
        """The next order; ends this process where nobody gives any more."""
        descriptors: list[int] = []
        while b"\n" not in self._read:
            try:
                piece, passed, _, _ = socket.recv_fds(self.socket, CHUNK, MOST_DESCRIPTORS)
            except OSError:
                piece, passed = b"", []
            for descriptor in passed:
                os.set_inheritable(descriptor, False)
            descriptors += passed
            self._read += piece
            if not piece:
                self._gone()
        line, _, self._read = self._read.partition(b"\n")
        order: Job = json.loads(line)
        return order, descriptors

    def send(self, reply: Job, descriptors: tuple[int, ...] = ()) -> None:
        try:
            socket.send_fds(self.socket, [json.dumps(reply).encode() + b"\n"], descriptors)
        except OSError:
            self._gone()


def main(descriptor: int, crowd: Crowd | None = None, gone: Callable[[], NoReturn] = gone) -> None:
    os.umask(0o022)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a student of the same user may send it
    confinement.stay_private()
    if crowd is None:
        confinement.prctl(confinement.PR_SET_PDEATHSIG, signal.SIGKILL)
    control = Control(descriptor, gone)
    crowd = crowd or Crowd()
    signals = hear_children()
    while True:
        order, descriptors = control.receive()
        if order["do"] == "listen":
            with socket.create_server(("127.0.0.1", PORT), backlog=BACKLOG) as listener:
                control.send({}, (listener.fileno(),))
        elif order["do"] == "take_in":
            take_in(descriptors[0], order["folder"], order["uid"])
            control.send({})
        else:
            control.send(run(order, descriptors, control, signals, crowd))


def take_in(packed: int, folder: str, uid: int | None) -> None:
    """Unpack what was handed in to where it may be written to; it is the student's then. See bwrap/box.py."""
    whole = os.fstat(packed).st_size
    size = int(os.pread(packed, DIGITS, whole - DIGITS))
    entries = json.loads(os.pread(packed, whole - DIGITS - size, size))
    at = 0
    for name, executable, length in entries:
        target = f"{folder}/{name}"
        if length < 0:
            os.mkdir(target, 0o755)  # noqa: PTH102
        else:
            copy(packed, at, length, target, 0o755 if executable else 0o644)
            at += length
    os.close(packed)
    if uid is not None:
        for name, _, _ in entries:
            os.chown(f"{folder}/{name}", uid, uid)


def copy(source: int, at: int, length: int, target: str, mode: int) -> None:
    writing = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    end = at + length
    while at < end:
        at += os.sendfile(writing, source, at, end - at)
    os.close(writing)


def hear_children() -> int:
    """A pipe that gets a byte whenever a child ends, so that one `select` waits for all there is to wait for."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return reader


def run(job: Job, descriptors: list[int], control: Control, signals: int, crowd: Crowd) -> Job:
    """Run one command; when this returns, it and all that it has started are dead.

    The first two descriptors are its outputs; a third, where there is one, leads to its doors.
    """
    started = time.monotonic()
    tree = crowd.tree(job)
    outputs, doors = descriptors[:2], [Doors(descriptor, crowd.pids) for descriptor in descriptors[2:]]
    student = start(job, outputs)
    for descriptor in outputs:
        os.close(descriptor)
    exit_code, met = wait(student, signals, started + job["timeout_seconds"], (tree, crowd), control, doors)
    seconds = time.monotonic() - started
    alive = crowd.end_all()
    return {"exit_code": exit_code, "met": met or tree.left_behind(), "seconds": seconds, "alive": alive}


def start(job: Job, descriptors: list[int]) -> int:
    if job["uid"] is None or "walls" in job:
        pid = os.fork()
        return pid or become_the_student(job, descriptors)
    told, tell = os.pipe()
    go, say_go = os.pipe()
    pid = os.fork()
    if not pid:

        def mapped(own_namespace: bool) -> None:
            os.write(tell, b"1" if own_namespace else b"0")
            os.read(go, 1)

        become_the_student(job, descriptors, mapped)
    if os.read(told, 1) == b"1":
        confinement.map_ids(pid, job["uid"])
    os.write(say_go, b".")
    for end in (told, tell, go, say_go):
        os.close(end)
    return pid


def become_the_student(job: Job, descriptors: list[int], mapped: Any = None) -> NoReturn:
    """Give up what is not the student's, and be the command; or the script, where the interpreter is here already."""
    try:
        os.setsid()
        for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)  # Python ignores some, we others, and a program inherits that
        confinement.die_first()
        if mapped:
            confinement.become(job["uid"], mapped)
        elif job["uid"] is not None:
            confinement.become_user(job["uid"])
        confinement.forgo_capabilities()
        confinement.limit(job["limits"])
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(descriptors[0], 1)
        os.dup2(descriptors[1], 2)
        os.chdir(job["folder"])
        confine(job)
        if not (job.get("script") and script.can_run(job["script"])):
            os.execve(job["command"][0], job["command"], job["environment"])
    except OSError as error:
        os.write(2, f"cannot start {job['command'][0]}: {error.strerror}\n".encode("utf-8", "replace"))
        os._exit(127)
    except BaseException:
        os._exit(127)
    raise script.Begun(job)


def confine(job: Job) -> None:
    """Where there is no box: Landlock's walls, where the kernel has them, and no datagrams."""
    walls = job.get("walls")
    if walls:
        confinement.prctl(confinement.PR_SET_PDEATHSIG, signal.SIGKILL)  # of the launcher; a change of user undoes it
    if walls and walls["abi"]:
        confinement.prctl(seccomp.PR_SET_NO_NEW_PRIVS, 1)
        landlock.restrict(walls, walls["abi"])
    seccomp.install(streams_only=walls is not None)


def wait(
    student: int,
    signals: int,
    deadline: float,
    watched: tuple[usage.Tree, Crowd],
    control: Control,
    doors: list[Doors],
) -> tuple[int | None, str]:
    """The student's exit code, and the limit that was met; an order while it runs is to stop."""
    met = ""
    tree, crowd = watched
    while (left := deadline - time.monotonic()) > 0:
        ways: list[Any] = [control.descriptor, signals, *doors]
        heard, _, _ = select.select(ways, [], [], min(left, usage.PAUSE_SECONDS))
        if control.descriptor in heard:
            order, _ = control.receive()
            return -signal.SIGKILL, order["why"]
        doors = [door for door in doors if door not in heard or door.answered(student)]
        if signals in heard:
            os.read(signals, 4096)
        exceeded = tree.exceeded(crowd.pids())
        met = met or tree.reached()
        for pid, code in ended_children():
            if pid == student:
                return code, met or ("cpu" if code == -signal.SIGXCPU else "")
        if exceeded:
            return -signal.SIGKILL, exceeded
    return None, "time"


def ended_children() -> Iterator[tuple[int, int]]:
    """Children, adopted ones too, that have ended."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        yield pid, os.waitstatus_to_exitcode(status)


def reaped() -> bool:
    """Bury the dead; is nobody left?"""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return True
    return False


if __name__ == "__main__":
    main(int(sys.argv[1]))
