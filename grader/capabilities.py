"""What an emulator can show: each capability asked once per emulator version and set of mends, and remembered."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

from grader import cache
from grader.aws import Capability
from grader.emulators.interface import Emulator
from grader.places import NoPlace, Place, Places


class Capabilities:
    """Answers `Aws.can`. Probes run on a fork or in a scratch account, never in the student's own."""

    def __init__(self, emulator: Emulator, memory: Path | None = None) -> None:
        self.emulator = emulator
        self.memory = memory or _memory()
        self._known: dict[str, bool] = {}
        self._places = Places(emulator)

    def close(self) -> None:
        """End every place in which something is still being asked."""
        self._places.close()

    def __call__(self, capability: Capability) -> bool:
        """True where the emulator does as AWS does, or where nothing tells that it does not."""
        key = f"{self.emulator.name} {self.emulator.version} {self.emulator.mends} {capability.id}"
        if key not in self._known:
            self._known.update(self._remembered())
        if key not in self._known:
            self._known[key] = self._ask(capability)
            self._remember()
        return self._known[key]

    def _ask(self, capability: Capability) -> bool:
        try:
            with self._places.opened(_as_it_is) as place:
                return capability.probe(place)
        except NoPlace:
            return True

    def _remembered(self) -> dict[str, bool]:
        with suppress(OSError, ValueError, AttributeError):
            kept = json.loads(self.memory.read_text("utf-8"))
            return {key: value for key, value in kept.items() if isinstance(value, bool)}
        return {}

    def _remember(self) -> None:
        # Without a version nobody knows whether it is the same emulator tomorrow.
        if not self.emulator.version:
            return
        with suppress(OSError):  # no home directory: asked again next time
            self.memory.parent.mkdir(parents=True, exist_ok=True)
            draft = self.memory.with_suffix(f".{os.getpid()}")
            draft.write_text(json.dumps(self._remembered() | self._known, indent=1, sort_keys=True), "utf-8")
            draft.replace(self.memory)


def _as_it_is(_place: Place) -> None:
    """A scratch account needs nothing in it to be asked what it can do."""


def _memory() -> Path:
    return cache.folder() / "capabilities.json"
