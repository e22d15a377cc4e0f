"""Finds what a supervisor that was killed can no longer account for: processes that carry the run's mark."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

SEARCH_SECONDS = 3.0


def kill_marked(home: str) -> None:
    """Kill every process whose environment has this HOME, a folder that no other run has."""
    deadline = time.monotonic() + SEARCH_SECONDS
    while home and time.monotonic() < deadline:
        marked = _marked(b"HOME=" + os.fsencode(home))
        if not marked:
            return
        for pid in marked:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.005)


def _marked(entry: bytes) -> list[int]:
    if sys.platform != "linux":
        return []
    return [int(folder.name) for folder in Path("/proc").glob("[0-9]*") if entry in _environment(folder)]


def _environment(folder: Path) -> list[bytes]:
    try:
        return (folder / "environ").read_bytes().split(b"\0")
    except OSError:
        return []  # gone, or another user's
