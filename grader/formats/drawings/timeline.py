"""What becomes of objects, day by day.

    model = {
        "drawing": "timeline",
        "title": "What your rules do on AWS, by day",
        "days": [0, 30, 90, 365, 425],
        "rows": [
            {"label": "logs/app.log, 1 MiB", "cells": ["Standard", "IA", "Glacier", "marker", "gone"]},
            {"label": "unfinished upload", "text": "gone on day 7"},
        ],
        "lines": ["A whole sentence below the table."],
    }

A row has a cell for each of `days`: what is true from that day on; one like the cell before it is drawn `=`.
A row that is no matter of those days has `text` instead. Everything may be missing, anything may be a text or
a number, and the model may have other keys beside these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grader.formats.escaping import one_line
from grader.formats.layout import cells, padded, wrapped
from grader.formats.words import say, shown

_ROWS, _DAYS = 40, 12  # more is no picture
_INDENT, _GAP = "  ", 3


@dataclass(frozen=True)
class _Row:
    label: str
    cells: tuple[str, ...] = ()
    text: str = ""


def text(model: Mapping[str, Any], width: int) -> list[str]:
    """An aligned table; where the width does not hold it, a sentence for each row."""
    days = [one_line(day, 12) for day in _list(model.get("days"))[:_DAYS]]
    rows = [_row(row, len(days)) for row in _list(model.get("rows"))[:_ROWS] if isinstance(row, Mapping)]
    table = _table(days, rows)
    if any(cells(line) > width for line in table):
        table = [line for row in rows for line in _sentence(days, row, width)]
    lines = [line for item in _list(model.get("lines"))[:_ROWS] for line in _indented(one_line(item), width)]
    title = one_line(model.get("title"), 200)
    return (wrapped(title, width) if title else []) + table + lines


def _list(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _row(row: Mapping[str, Any], days: int) -> _Row:
    values = tuple(one_line(cell, 40) for cell in _list(row.get("cells"))[:days])
    return _Row(one_line(row.get("label"), 60), values, one_line(row.get("text"), 300))


def _table(days: list[str], rows: list[_Row]) -> list[str]:
    drawn = [[_drawn(row, n) for n in range(len(row.cells))] for row in rows]
    columns = [[day, *(line[n] for line in drawn if n < len(line))] for n, day in enumerate(days)]
    widths = [max(map(cells, column)) + _GAP for column in columns]
    label = max((cells(row.label) for row in rows), default=0) + 2
    head = [_line("", days, widths, label)] if days and any(drawn) else []
    values = [line or [row.text] for row, line in zip(rows, drawn, strict=True)]
    return head + [_line(row.label, line, widths, label) for row, line in zip(rows, values, strict=True)]


def _line(label: str, values: list[str], widths: list[int], label_width: int) -> str:
    spread = widths if len(values) > 1 else [0]
    columns = "".join(padded(value, width) for value, width in zip(values, spread, strict=False))
    return f"{_INDENT}{padded(label, label_width)}{columns}".rstrip()


def _drawn(row: _Row, n: int) -> str:
    return shown(row.cells[n]) if _new(row, n) else "="


def _sentence(days: list[str], row: _Row, width: int) -> list[str]:
    known = enumerate(days[: len(row.cells)])
    told = [say("from day", word=shown(row.cells[n]), day=day) for n, day in known if _new(row, n)]
    return _indented(say("in words", label=row.label, text=", ".join(told) or row.text), width)


def _new(row: _Row, n: int) -> bool:
    return n == 0 or row.cells[n] != row.cells[n - 1]


def _indented(sentence: str, width: int) -> list[str]:
    first, *others = wrapped(sentence, width - 4)
    return [_INDENT + first, *(_INDENT * 2 + other for other in others)]
