"""Emulators of AWS: one module or package each, behind one interface."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from grader.errors import UsageError
from grader.texts import say

if TYPE_CHECKING:
    from grader.emulators.interface import Starting
    from grader.sandbox.bwrap.forking import Templates

NAMES = ("moto", "localstack", "ministack")


def launch(
    name: str,
    *,
    region: str,
    services: Sequence[str] = (),
    boxed: bool = False,
    templates: Templates | None = None,
) -> Starting:
    """Begin a fresh, empty emulator of labgrade's own; never one that is found running.

    Where `boxed`, it is kept from this machine's files and network, if `boxed` of what comes of it says so: a
    container is not. Where there are `templates`, what takes long to start is kept in one of them, to be forked.

    Raises UsageError for a name that is none, EmulatorError where this machine has no such emulator, SandboxError where
    there is no box for it.
    """
    if name not in NAMES:
        raise UsageError(
            say("--emulator: there is no {name}; labgrade starts {names}.", name=repr(name), names=", ".join(NAMES))
        )
    module = import_module(f"{__name__}.{name}")
    kept = {"templates": templates} if templates and name != "moto" else {}  # moto has a nursery of its own
    starting: Starting = module.launch(region=region, services=tuple(services), boxed=boxed, **kept)
    return starting
