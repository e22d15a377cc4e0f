"""What moto gives up in its box before it serves anybody: the right to be root, and memory without end."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

LOOK_SECONDS = 0.05
STATUS = Path("/proc/self/status")


def confine(settings: dict[str, Any]) -> None:
    """Become the user that nobody is."""
    if (uid := settings.get("uid")) is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)


def watch(most_mib: int, tell: Callable[[], None]) -> None:
    """End this process where it has filled more than so much, once that is told; in a fork, call it anew."""
    threading.Thread(target=_watch, args=(most_mib, tell), daemon=True, name="memory").start()


def _watch(most_mib: int, tell: Callable[[], None]) -> None:
    while _filled_kib() < most_mib << 10:
        time.sleep(LOOK_SECONDS)
    with suppress(OSError, MemoryError):  # to its grader besides: standard error is that of all its forks
        os.write(2, f"more than {most_mib} MiB were asked of it\n".encode())
        tell()
    os._exit(1)


def _filled_kib() -> int:
    for line in STATUS.read_bytes().splitlines():
        if line.startswith(b"RssAnon:"):
            return int(line.split()[1])
    return 0
