"""One moto that is warmed and never used: every emulator is a fork of it, which is there in ten milliseconds."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Sequence

from grader.emulators.interface import REGION, Starting
from grader.emulators.moto.launching import launch
from grader.emulators.moto.running import Moto
from grader.errors import EmulatorError

READY_SECONDS = 60.0


def can_fork() -> bool:
    """Has this system what a nursery needs?"""
    return hasattr(os, "fork") and hasattr(socket, "send_fds")


class Nursery:
    """Begun with the first emulator that is wanted; one that died is replaced. It and its forks end with the grader.

    Nobody can reach it, so nobody changes what forks begin with. Where a system cannot fork, each emulator is a
    process of its own. Thread-safe.
    """

    def __init__(self, boxed: bool = False) -> None:
        self._boxed = boxed
        self._lock = threading.Lock()
        self._mother: _Mother | None = None

    def launch(self, *, region: str = REGION, services: Sequence[str] = ()) -> Starting:
        """Returns at once. The emulator gives out ids of its own, as AWS does; the default VPC's is the nursery's."""
        if not can_fork():
            return launch(region=region, services=services, boxed=self._boxed)
        self.mother()
        return _Hatching(self, region, services)

    def mother(self, instead_of: _Mother | None = None) -> _Mother:
        """The one that is forked; where that is `instead_of`, which died, a new one."""
        with self._lock:
            if self._mother is None or self._mother is instead_of:
                self._end()
                self._mother = _Mother(self._boxed)
            return self._mother

    def close(self) -> None:
        """End it and all that came of it; again does nothing."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self._mother is not None:
            self._mother.close()
        self._mother = None


class _Mother:
    """A moto on no port, and what it is warm for."""

    def __init__(self, boxed: bool) -> None:
        self._starting = launch(services=(), port=None, boxed=boxed)
        self._moto: Moto | None = None
        self._warmed: set[str] = set()
        self._lock = threading.Lock()

    def fork(self, region: str, services: Sequence[str], seconds: float) -> Moto:
        """Raises EmulatorError."""
        with self._lock:
            self._moto = moto = self._starting.ready(seconds)
            if missing := [service for service in services if service not in self._warmed]:
                moto.warm(missing, seconds)
                self._warmed.update(missing)
        return moto.fork(region=region, anew=True)

    def alive(self) -> bool:
        """One that never came up is not."""
        return self._moto is not None and self._moto.alive()

    def close(self) -> None:
        """Again does nothing."""
        self._starting.close()


class _Hatching(Starting):
    """A fork to be."""

    def __init__(self, nursery: Nursery, region: str, services: Sequence[str]) -> None:
        self._nursery, self._region, self._services = nursery, region, services
        self._hatched: Moto | None = None

    def ready(self, timeout_seconds: float = READY_SECONDS) -> Moto:
        """Raises EmulatorError, where a second nursery fails like the first."""
        if self._hatched is None:
            self._hatched = self._fork(timeout_seconds)
        return self._hatched

    def close(self) -> None:
        """Again does nothing."""
        if self._hatched is not None:
            self._hatched.close()

    def _fork(self, seconds: float) -> Moto:
        mother = self._nursery.mother()
        try:
            return mother.fork(self._region, self._services, seconds)
        except EmulatorError:
            if mother.alive():
                raise
        return self._nursery.mother(instead_of=mother).fork(self._region, self._services, seconds)
