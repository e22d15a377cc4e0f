"""A submission among the machine's other processes: who belongs to it, and how all of it ends.

Nobody who is started here leaves: orphans come to the launcher, and where they have a user of their own, that is
theirs alone.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress
from typing import Any, NoReturn

from . import confinement, launcher, usage

PR_SET_CHILD_SUBREAPER = 36
DISK_PAUSE_SECONDS = 0.25


class Neighbours(launcher.Crowd):
    """Those who descend from this process."""

    def __init__(self, uid: int | None) -> None:
        confinement.prctl(PR_SET_CHILD_SUBREAPER, 1)
        self._uid = uid

    def pids(self) -> list[int]:
        found = children(os.getpid())
        for pid in found:
            found.extend(children(pid))
        return found

    def tree(self, job: launcher.Job) -> usage.Tree:
        """The disk is the machine's, so what is in the folder is counted."""
        if job["uid"] is None:
            job["limits"]["others"] = tasks_of_mine()
        return Tree(job["limits"], job["writable"])

    def end_all(self) -> bool:
        """Kill and reap until nothing is left; is something alive all the same?"""
        deadline = time.monotonic() + launcher.KILL_SECONDS
        hurry()
        while time.monotonic() < deadline:
            if self._uid is not None:
                kill_user(self._uid)
            for pid in self.pids():
                kill_group(pid)
            if launcher.reaped():
                return False
            time.sleep(0.001)
        return True


class Tree(usage.Tree):
    """What they use, where no file system of their own bounds what they store."""

    def __init__(self, limits: dict[str, Any], folders: list[str]) -> None:
        super().__init__(limits, folders)
        self._looked, self._full = 0.0, False

    def exceeded(self, pids: Any) -> str:
        return super().exceeded(pids) or ("disk" if self._filled() else "")

    def reached(self) -> str:
        met = super().reached()
        return "" if met == "disk" else met  # that the machine's is full is no limit of ours

    def _filled(self) -> bool:
        if time.monotonic() - self._looked > DISK_PAUSE_SECONDS:
            self._full = any(usage.stored(folder) > self._limits["disk_mib"] * usage.MIB for folder in self._folders)
            self._looked = time.monotonic()
        return self._full


def main(descriptor: int, uid: int | None) -> None:
    crowd = Neighbours(uid)

    def gone() -> NoReturn:
        crowd.end_all()
        os._exit(0)

    launcher.main(descriptor, crowd, gone)


def children(pid: int) -> list[int]:
    try:
        threads = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208
    except OSError:
        return []
    return [int(child) for thread in threads for child in usage.read(f"/proc/{pid}/task/{thread}/children").split()]


def kill_user(uid: int) -> None:
    """All of that user's at one stroke: by one of them, so that nobody else can be meant."""
    pid = os.fork()
    if pid == 0:
        try:
            confinement.become_user(uid)
            os.kill(-1, signal.SIGKILL)
        finally:
            os._exit(0)
    with suppress(ChildProcessError):
        os.waitpid(pid, 0)


def kill_group(pid: int) -> None:
    with suppress(OSError):
        group = os.getpgid(pid)
        if group != os.getpgrp():
            os.killpg(group, signal.SIGKILL)
        os.kill(pid, signal.SIGKILL)


def hurry() -> None:
    """Go before what is to be killed, where we may: among a bomb's processes our share is that of one."""
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, -20)


def tasks_of_mine() -> int:
    """Threads that this user has now: the kernel counts them all against what its submission may have."""
    mine = str(os.getuid())
    count = 0
    for name in os.listdir("/proc"):  # noqa: PTH208
        lines = usage.read(f"/proc/{name}/status").decode("ascii", "replace").splitlines() if name.isdigit() else []
        state = dict(line.split(":", 1) for line in lines if ":" in line)
        if state.get("Uid", "").split()[:1] == [mine]:
            count += int(state["Threads"])
    return count


def probe() -> None:
    """Say in one line what this kernel gives: Landlock's version, and whether it filters calls."""
    from . import landlock, seccomp

    abi = landlock.version()
    sys.stdout.write(f"{abi} {int(seccomp.install(streams_only=True))}\n")
