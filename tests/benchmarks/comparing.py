"""Two sides of a comparison, measured in turns."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Side:
    """What is done, and how often at once: its time is that of one."""

    about: str
    call: Callable[[], object]
    times: int = 1


@dataclass(frozen=True)
class Comparison:
    """Ours against some floors, and the ratio to each that is aimed at."""

    ours: Side
    floors: Sequence[tuple[Side, float]]


@dataclass(frozen=True)
class Figure:
    """One ratio."""

    ours: str
    floor: str
    seconds: float
    floor_seconds: float
    aim: float

    @property
    def ratio(self) -> float:
        return self.seconds / self.floor_seconds

    @property
    def row(self) -> str:
        times = f"{self.seconds * 1000:.0f} ms | {self.floor_seconds * 1000:.0f} ms"
        return f"| {self.ours} | {self.floor} | {times} | **{self.ratio:.2f}** | ≤ {self.aim:.2f} |"


def measured(comparison: Comparison, rounds: int) -> list[Figure]:
    """The median of so many rounds, in each of which every side has its turn."""
    sides = [comparison.ours, *(floor for floor, _ in comparison.floors)]
    taken: dict[str, list[float]] = {side.about: [] for side in sides}
    for side in sides:  # once unmeasured: byte code and disk caches
        side.call()
    for _ in range(rounds):
        for side in sides:
            began = time.perf_counter()
            side.call()
            taken[side.about].append((time.perf_counter() - began) / side.times)
    ours = statistics.median(taken[comparison.ours.about])
    return [
        Figure(comparison.ours.about, floor.about, ours, statistics.median(taken[floor.about]), aim)
        for floor, aim in comparison.floors
    ]
