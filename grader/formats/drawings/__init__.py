"""Drawings of a report's `model`: a module for each `model["drawing"]`, with `text(model, width)`.

`NAME_svg` beside it draws the same for a page, with `figure(model)`. A module with an underscore in its name is
part of the drawing that it is named for, and none of its own.
"""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from typing import Any

_MODULES = frozenset(module.name for module in pkgutil.iter_modules(__path__))
DRAWINGS: frozenset[str] = frozenset(name for name in _MODULES if "_" not in name)


@dataclass(frozen=True)
class Table:
    """The drawing's content for those who do not see it: a heading for each column, and rows that begin with one."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Figure:
    """A drawing for a page. `wide` and `narrow` are the same as whole `<svg>` elements, already escaped."""

    title: str
    wide: str
    narrow: str
    lines: tuple[str, ...]
    table: Table
    words: tuple[tuple[str, str], ...]  # those of the drawing that want explaining, and what they mean
    note: str = ""  # how to read it, in a sentence


def text(model: object, width: int) -> list[str]:
    """The drawing in words, in lines of at most this many columns; none for a model without one we know."""
    name = _name(model)
    lines: list[str] = _module(name).text(model, width) if name else []
    return lines


def figure(model: object) -> Figure | None:
    """The drawing for a page; None for a model without one we know, or with nothing to draw."""
    name = _name(model)
    if f"{name}_svg" not in _MODULES:
        return None
    drawn: Figure | None = _module(f"{name}_svg").figure(model)
    return drawn


def style(model: object) -> str:
    """The style sheet of the drawing, a path below `grader/formats`; the timeline's for a model without one we know."""
    return f"drawings/{_name(model) or 'timeline'}.css"


def _name(model: object) -> str:
    name = model.get("drawing") if isinstance(model, dict) else None
    return name if isinstance(name, str) and name in DRAWINGS else ""


def _module(name: str) -> Any:
    from importlib import import_module

    return import_module(f"grader.formats.drawings.{name}")
