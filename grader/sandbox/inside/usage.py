"""What a tree of processes uses together, read from /proc: the kernel limits each process by itself alone."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

TICKS = os.sysconf("SC_CLK_TCK")
KIB_PER_MIB = 1024
MIB = 1 << 20
PAUSE_SECONDS = 0.02  # between two looks
MOST_ENTRIES = 10_000


class Tree:
    """The processes that are to be watched, and what they may use."""

    def __init__(self, limits: dict[str, Any], folders: Sequence[str]) -> None:
        self._limits = limits
        self._folders = folders
        self._before = children_seconds()

    def exceeded(self, pids: Iterable[int]) -> str:
        """The limit that they have passed and that nobody but us keeps, `memory` or `cpu`; empty where none is."""
        seconds, kib, self._tasks, self._crowded = children_seconds() - self._before, 0, 0, False
        most, seen = self._limits["memory_mib"] * KIB_PER_MIB, list(pids)
        for pid in seen:
            seconds += cpu_seconds(pid)
            state = status(pid)
            kib += state["RssAnon"] + state["RssShmem"]
            self._tasks += state["Threads"]
            self._crowded |= 2 * state["FDSize"] > self._limits["open_files"] <= open_files(pid) + 1
        if kib > most and sum(map(share_kib, seen)) > most:
            return "memory"
        return "cpu" if seconds > self._limits["cpu_seconds"] else ""

    def reached(self) -> str:
        """The limit that they are at now, as of the last look, and that the kernel lets nobody pass."""
        if self._tasks >= self._limits["processes"] - 1:
            return "processes"
        if self._crowded:
            return "files"
        return "disk" if any(full(folder) for folder in self._folders) else ""

    def left_behind(self) -> str:
        """`file` where one has the size that none may pass."""
        most = self._limits["file_mib"] * MIB
        return "file" if any(used(folder) >= most and has_file_of(folder, most) for folder in self._folders) else ""


def full(folder: str) -> bool:
    state = os.statvfs(folder)
    return state.f_blocks > 0 and state.f_bavail == 0


def used(folder: str) -> int:
    state = os.statvfs(folder)
    return (state.f_blocks - state.f_bfree) * state.f_frsize


def stored(folder: str) -> int:
    """Bytes of the disk that its files take, as far as one look may go."""
    entries = (os.path.join(place, name) for place, _, names in os.walk(folder) for name in names)  # noqa: PTH118
    return sum(taken_by(path) for path in islice(entries, MOST_ENTRIES))


def taken_by(path: str) -> int:
    try:
        return os.stat(path, follow_symlinks=False).st_blocks * 512  # noqa: PTH116
    except OSError:
        return 0


def has_file_of(folder: str, size: int) -> bool:
    entries = (os.path.join(place, name) for place, _, names in os.walk(folder) for name in names)  # noqa: PTH118
    return any(size_of(path) == size for path in islice(entries, MOST_ENTRIES))


def size_of(path: str) -> int:
    try:
        return os.stat(path, follow_symlinks=False).st_size  # noqa: PTH116
    except OSError:
        return -1


def children_seconds() -> float:
    """Of those that have ended and were waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def cpu_seconds(pid: int) -> float:
    fields = read(f"/proc/{pid}/stat").rpartition(b")")[2].split()  # a name may hold spaces and brackets
    return sum(map(int, fields[11:15])) / TICKS if len(fields) > 15 else 0.0


def status(pid: int) -> dict[str, int]:
    """KiB that no file backs (shared ones count for each that has touched them), threads, room for files."""
    wanted = {"RssAnon": 0, "RssShmem": 0, "Threads": 0, "FDSize": 0}
    for line in read(f"/proc/{pid}/status").decode("ascii", "replace").splitlines():
        name, _, value = line.partition(":")
        if name in wanted:
            wanted[name] = int(value.split()[0])
    return wanted


def share_kib(pid: int) -> int:
    """As `status` counts it, but what several processes hold is shared among them: a fork has all that it came from.

    Dear to ask for. https://docs.kernel.org/filesystems/proc.html, smaps_rollup, 2026-11-26.
    """
    lines = read(f"/proc/{pid}/smaps_rollup").splitlines()
    shares = [int(line.split()[1]) for line in lines if line.startswith((b"Pss_Anon:", b"Pss_Shmem:"))]
    return sum(shares) if shares else sum(status(pid)[name] for name in ("RssAnon", "RssShmem"))


def open_files(pid: int) -> int:
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208
    except OSError:
        return 0


def read(path: str) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return b""
    try:
        return os.read(descriptor, 8192)
    except OSError:
        return b""
    finally:
        os.close(descriptor)
