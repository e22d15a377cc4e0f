"""Emulators of AWS: one module or package each, behind one interface."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from grader.errors import UsageError
from grader.texts import say

if TYPE_CHECKING:
    from grader.emulators.interface import Starting

NAMES = ("moto", "localstack", "ministack")


def launch(name: str, *, region: str, services: Sequence[str] = (), boxed: bool = False) -> Starting:
    """Begin a fresh, empty emulator of labgrade's own; never one that is found running.

    Raises UsageError for a name that is none, EmulatorError where this machine has no such emulator.
    """
    if name not in NAMES:
        raise UsageError(
            say("--emulator: there is no {name}; labgrade starts {names}.", name=repr(name), names=", ".join(NAMES))
        )
    more = {"boxed": boxed} if name == "moto" else {}
    starting: Starting = import_module(f"{__name__}.{name}").launch(region=region, services=tuple(services), **more)
    return starting
