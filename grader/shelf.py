"""What is dear to make and is wanted again: a few of it are kept, for a while."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

MOST = 4
SECONDS = 300
REMEMBERED = 10_000  # keys that were asked for once


class Kept(Protocol):
    """What can stand on a shelf."""

    def usable(self) -> bool: ...

    def close(self) -> None: ...


T = TypeVar("T", bound=Kept)


@dataclass(eq=False)
class _Place(Generic[T]):
    since: float
    kept: T | None = None
    borrowers: int = 0
    cleared: bool = False
    making: threading.Lock = field(default_factory=threading.Lock)


class Shelf(Generic[T]):
    """Keeps what is asked for a second time, the latest few of it. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._places: OrderedDict[str, _Place[T]] = OrderedDict()
        self._asked: set[str] = set()

    @contextmanager
    def lent(self, key: str, make: Callable[[], T]) -> Iterator[T | None]:
        """The one of that key, made where it is not there or of no use any more; None where it is wanted first.

        It is closed when it must make room, but not while somebody has it.
        """
        place = self._taken(key)
        if place is None:
            yield None
            return
        try:
            yield self._filled(place, make)
        finally:
            with self._lock:
                place.borrowers -= 1
            self._sweep(place)

    def close(self) -> None:
        """Again does nothing."""
        with self._lock:
            places = list(self._places.values())
            self._places.clear()
        for place in places:
            place.cleared = True
            self._sweep(place)

    def _taken(self, key: str) -> _Place[T] | None:
        with self._lock:
            if key not in self._asked:
                if len(self._asked) >= REMEMBERED:
                    self._asked.clear()
                self._asked.add(key)
                return None
            gone = self._outdated()
            place = self._places.setdefault(key, _Place(time.monotonic()))
            self._places.move_to_end(key)
            place.borrowers += 1
            while len(self._places) > MOST:
                gone.append(self._places.popitem(last=False)[1])
        for other in gone:
            other.cleared = True
            self._sweep(other)
        return place

    def _outdated(self) -> list[_Place[T]]:
        earliest = time.monotonic() - SECONDS
        return [self._places.pop(key) for key, place in list(self._places.items()) if place.since < earliest]

    def _filled(self, place: _Place[T], make: Callable[[], T]) -> T:
        with place.making:
            if place.kept is not None and not place.kept.usable():
                place.kept.close()
                place.kept = None
            if place.kept is None:
                place.kept = make()
            return place.kept

    def _sweep(self, place: _Place[T]) -> None:
        with self._lock:
            if not place.cleared or place.borrowers or place.kept is None:
                return
            kept, place.kept = place.kept, None
        kept.close()
