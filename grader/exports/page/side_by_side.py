"""Two texts beside each other, line by line: what is in both stands in one row."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import NamedTuple

from grader.formats.escaping import bounded

_LINES = 160
_LINE = 160


class Row(NamedTuple):
    """A line of each, either of which may be missing."""

    left: str
    right: str
    same: bool


def side_by_side(one: str, other: str) -> tuple[Row, ...]:
    """The rows, as many as are bearable."""
    return tuple(_rows(_lines(one), _lines(other)))[:_LINES]


def _rows(one: list[str], other: list[str]) -> Iterator[Row]:
    matcher = SequenceMatcher(None, [line.strip() for line in one], [line.strip() for line in other], autojunk=False)
    for tag, first, last, start, end in matcher.get_opcodes():
        for left, right in zip_longest(one[first:last], other[start:end], fillvalue=""):
            yield Row(left, right, tag == "equal")


def _lines(text: str) -> list[str]:
    return [bounded(line.rstrip(), _LINE) for line in text.expandtabs(4).splitlines()[:_LINES]]
