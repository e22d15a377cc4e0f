"""What tests ask the machine about processes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path


def living(mark: str) -> list[int]:
    """The processes that have the mark among their arguments; a zombie has none."""
    return [int(folder.name) for folder in Path("/proc").glob("[0-9]*") if mark.encode() in _arguments(folder)]


def eventually(holds: Callable[[], object], seconds: float = 10) -> bool:
    """Does it hold within that time?"""
    return any(holds() for _ in _moments(seconds))


def _arguments(folder: Path) -> bytes:
    try:
        return (folder / "cmdline").read_bytes()
    except OSError:
        return b""


def _moments(seconds: float) -> Iterator[None]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        yield
        time.sleep(0.02)
