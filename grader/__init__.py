"""labgrade: grades hands-on AWS labs on an emulator, by what the work does on AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.version import VERSION as __version__  # noqa: N811  (the name that packages give it)

if TYPE_CHECKING:
    from grader.grading import grade

__all__ = ["__version__", "grade"]

_PUBLIC = frozenset({"checks", "effects", "formats", "testing"})


def __getattr__(name: str) -> object:
    # `import grader` stays light: the command's start-up is part of its speed.
    if name == "grade":
        from grader.grading import grade

        return grade
    if name in _PUBLIC:
        from importlib import import_module

        return import_module(f"grader.{name}")
    raise AttributeError(f"module 'grader' has no attribute {name!r}")
