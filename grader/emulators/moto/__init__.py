"""moto, in a process of its own, behind a gate and mended: the emulator that comes with labgrade."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.emulators.moto.launching import MotoStarting, launch
    from grader.emulators.moto.running import Moto

__all__ = ["Moto", "MotoStarting", "launch"]


def __getattr__(name: str) -> Any:
    """Imported when asked for: moto's own process begins in this package, too, and needs none of it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from grader.emulators.moto import launching

    return getattr(launching, name)
