"""The way to a value in a reply, as the JMESPath that `--query` takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.history.call import Path

PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Way:
    """`query` finds the value; `leaf` names it: the last key, or what its element of a list is known by."""

    query: str
    leaf: str


def way(reply: Any, path: Path, stays: Callable[[str], bool]) -> Way:
    """Elements of lists are found by what they are known by, where that `stays` the same, and by their place."""
    query, leaf, at = "", "", reply
    for step in path:
        if isinstance(step, str):
            query += ("." if query and not query.endswith("| ") else "") + _key(step)
            leaf = _leaf(step, leaf)
        else:
            known, step_query = _element(at, step, stays)
            query += step_query
            leaf = f"{leaf} {known}" if known else leaf
        at = at[step]
    return Way(query, leaf)


def _key(name: str) -> str:
    return name if PLAIN.fullmatch(name) else '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _leaf(step: str, before: str) -> str:
    """`OutputValue` says nothing: what the output is known by does."""
    _, _, known = before.rpartition(" ")
    if step in ("OutputValue", "PhysicalResourceId", "Value") and known:
        return known
    if step in ("Arn", "Id", "Name", "ARN"):
        return f"{before.partition(' ')[0].removesuffix('Metadata').removesuffix('s')}{step.capitalize()}"
    return step


def _element(elements: Sequence[Any], n: int, stays: Callable[[str], bool]) -> tuple[str, str]:
    """What the element is known by, and the step to it."""
    best: tuple[int, str, str] | None = None
    for key, value in _marks(elements[n], stays):
        alike = [one for one in elements if isinstance(one, Mapping) and one.get(key) == value]
        if best is None or len(alike) < best[0]:
            best = (len(alike), key, value)
    if best is None or (best[0] == len(elements) and len(elements) > 1) or len(elements) == 1:
        return (best[2] if best and len(elements) == 1 else ""), f"[{n}]"
    _, key, value = best
    place = sum(1 for one in elements[:n] if isinstance(one, Mapping) and one.get(key) == value)
    literal = value.replace("\\", "\\\\").replace("'", "\\'")
    return value, f"[?{_key(key)}=='{literal}'] | [{place}]"


def _marks(element: Any, stays: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    if isinstance(element, Mapping):
        yield from ((key, value) for key, value in element.items() if isinstance(value, str) and stays(value))
