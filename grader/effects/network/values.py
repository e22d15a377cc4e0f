"""Reading of values that may be anything: what is of the wrong kind counts as left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def mapping(value: object) -> Mapping[str, Any]:
    """The mapping itself, or an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def items(value: object) -> Iterator[Mapping[str, Any]]:
    """The mappings in a list; nothing of anything else."""
    return (item for item in value if isinstance(item, Mapping)) if isinstance(value, list | tuple) else iter(())


def text(value: object) -> str:
    """The text itself, or an empty one for anything else."""
    return value if isinstance(value, str) else ""


def code(value: object) -> str:
    """A state, in lower case: replies spell "Available" and "available" alike."""
    return text(value).lower()
