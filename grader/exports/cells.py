"""Cells of a CSV file that a spreadsheet opens: nothing in them is a formula, and no line ends in the middle of one."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from grader.formats.escaping import visible

# What makes a cell a formula: https://owasp.org/www-community/attacks/CSV_Injection (2026-11-25). The wide forms are
# what spreadsheets take for the narrow ones.
_FORMULA = tuple("=+-@\t\r＝＋－＠")


def plain(text: str, limit: int = 1000) -> str:
    """The text on one line, with an apostrophe in front where a spreadsheet would reckon."""
    line = exact(text)[:limit]
    return f"'{line}" if line.startswith(_FORMULA) else line


def exact(text: str) -> str:
    """The text on one line as it is: for what another program looks up."""
    return " ".join(visible(text).split())


def number(value: float | None) -> str:
    """Two decimals at most; empty for None."""
    return "" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


def written(rows: Iterable[Sequence[str]]) -> str:
    """The rows as CSV, with commas and quotes as RFC 4180 has them."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()
