"""Finds what a supervisor that was killed can no longer account for: processes that carry the run's mark."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

SEARCH_SECONDS = 3.0


def kill_marked(home: str) -> None:
    """Kill every process whose environment has this HOME, a folder that no other run has."""
    if home:
        _kill(lambda: _marked(b"HOME=" + os.fsencode(home)))


def kill_owned(uid: int) -> None:
    """Kill every process of that user, one whom no other run has; for root."""
    entry = f"Uid:\t{uid}\t".encode()
    _kill(lambda: [int(folder.name) for folder in Path("/proc").glob("[0-9]*") if entry in _read(folder / "status")])


def _kill(found: Callable[[], list[int]]) -> None:
    deadline = time.monotonic() + SEARCH_SECONDS
    while time.monotonic() < deadline and (pids := found()):
        for pid in pids:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.005)


def _marked(entry: bytes) -> list[int]:
    if sys.platform != "linux":
        return []
    return [int(folder.name) for folder in Path("/proc").glob("[0-9]*") if entry in _environment(folder)]


def _environment(folder: Path) -> list[bytes]:
    return _read(folder / "environ").split(b"\0")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""  # gone, or another user's
