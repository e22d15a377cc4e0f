"""What an emulator can show: each capability asked once per emulator version and set of mends, and remembered."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from secrets import randbelow

from grader.aws import Capability
from grader.emulators.interface import Access, Emulator, ForkUnsupported


class Capabilities:
    """Answers `Aws.can`. Probes run on a fork or in a scratch account, never in the student's own."""

    def __init__(self, emulator: Emulator, memory: Path | None = None) -> None:
        self.emulator = emulator
        self.memory = memory or _memory()
        self._known: dict[str, bool] = {}

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
            fork = self.emulator.fork()
        except ForkUnsupported:
            scratch = _scratch(self.emulator.access)
            return capability.probe(scratch) if scratch else True
        with fork:
            return capability.probe(fork.access)

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


def _scratch(access: Access) -> Access | None:
    """Another account of the same emulator, where it keeps accounts apart; None where it does not."""
    account = f"9{randbelow(10**11):011d}"
    scratch = Access(access.endpoint, account, access.secret_key, access.region, account)
    with suppress(Exception):
        if scratch.client("sts").get_caller_identity()["Account"] == account:
            return scratch
    return None


def _memory() -> Path:
    if place := os.environ.get("XDG_CACHE_HOME"):
        return Path(place, "labgrade", "capabilities.json")
    if sys.platform == "win32" and (place := os.environ.get("LOCALAPPDATA")):
        return Path(place, "labgrade", "capabilities.json")
    home = os.environ.get("HOME") or os.environ.get("USERPROFILE") or os.devnull
    return Path(home, ".cache", "labgrade", "capabilities.json")
