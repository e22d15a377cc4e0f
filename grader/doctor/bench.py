"""What several probes work with: one moto, and a folder, both gone at the end."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from grader.errors import LabgradeError

if TYPE_CHECKING:
    from grader.emulators.interface import Emulator, Starting


class Bench:
    """Made before the probes and closed after them. `seconds` is how long each of them may take."""

    def __init__(self, seconds: float, *, start_all: bool = False) -> None:
        self.seconds = seconds
        self.start_all = start_all
        self.moto_seconds = 0.0
        self._lock, self._placing = threading.Lock(), threading.Lock()
        self._folder: Path | None = None
        self._closed = False
        self._starting: Starting | None = None
        self._failed: Exception | None = None
        self._emulator: Emulator | None = None

    def moto(self) -> Emulator:
        """Started when it is first asked for. Raises what keeps it from starting, to each who asks."""
        with self._lock:
            if self._failed is not None:
                raise self._failed
            if self._emulator is None:
                try:
                    self._emulator = self._start()
                except Exception as error:
                    self._failed = error
                    raise
            return self._emulator

    def scratch(self, name: str) -> Path:
        """An empty folder, new each time. Raises OSError where there is no place for one."""
        with self._placing:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="labgrade-doctor-")).resolve()
            return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self._folder))

    def close(self) -> None:
        """Again does nothing."""
        self._closed = True
        if self._starting is not None:
            self._starting.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self) -> Emulator:
        from grader import emulators
        from grader.access import REGION

        if self._closed:
            raise LabgradeError("too late to start it")
        began = time.monotonic()
        self._starting = emulators.launch("moto", region=REGION, services=("s3", "sqs"))
        emulator = self._starting.ready(self.seconds)
        self.moto_seconds = time.monotonic() - began
        return emulator


def environment(bench: Bench, name: str) -> dict[str, str]:
    """That of a submission on the moto, with a home of its own and labgrade's own programs in front."""
    from grader.submissions.environment import prepare

    place = bench.scratch(name)
    return prepare(place, bench.moto().access, {}, [])


def caller_has(name: str) -> str:
    """A variable of the caller's; empty where it is not set."""
    return os.environ.get(name, "").strip()
