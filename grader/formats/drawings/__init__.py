"""Drawings of a report's `model`: a module for each `model["drawing"]`, with `text(model, width)`."""

from __future__ import annotations

import pkgutil
from typing import Any

DRAWINGS: frozenset[str] = frozenset(module.name for module in pkgutil.iter_modules(__path__))


def text(model: object, width: int) -> list[str]:
    """The drawing in words, in lines of at most this many columns; none for a model without one we know."""
    from importlib import import_module

    name = model.get("drawing") if isinstance(model, dict) else None
    if not isinstance(name, str) or name not in DRAWINGS:
        return []
    drawing: Any = import_module(f"grader.formats.drawings.{name}")
    lines: list[str] = drawing.text(model, width)
    return lines
