"""User ids that are nobody's, for root to turn a student's processes into."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

# Above all that systems, directories and containers' subordinate ids hand out; below what a signed number holds.
HIGH = range(1 << 30, (1 << 31) - 2)
LEAST = 1000  # of ids, that a container must leave for this


def strangers_uid() -> int | None:
    """One at random; None for a caller that cannot become anybody else."""
    ids = _spare()
    return ids[secrets.randbelow(len(ids))] if ids else None


def _spare() -> range | None:
    if sys.platform == "win32" or os.geteuid() != 0:
        return None
    mapped = [range(first, first + count) for first, count in _map()]
    if any(HIGH.start in ids and HIGH[-1] in ids for ids in mapped):
        return HIGH
    widest = max(mapped, key=len, default=range(0))
    return widest[len(widest) // 2 : -2] if len(widest) > 2 * LEAST else None


def _map() -> list[tuple[int, int]]:
    """Which ids there are in our user namespace: all, or those that its maker gave it."""
    try:
        lines = Path("/proc/self/uid_map").read_text("ascii").splitlines()
    except OSError:
        return [(0, 1 << 32)]
    return [(int(line.split()[0]), int(line.split()[2])) for line in lines]
