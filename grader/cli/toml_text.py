"""One key of a TOML file set or taken out, with every other line left as its author wrote it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from grader.formats.escaping import hides

_LINES = re.compile(r"(?<=\n)")  # str.splitlines would also cut at characters that may stand inside a string
_SHORT = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def edited(text: str, key: str, value: str | None) -> str:
    """The text with that key of the topmost table saying `value`, or gone where it is None.

    Every edit is tried, and only one that changes nothing else counts. Raises ValueError where there is none, and
    tomllib.TOMLDecodeError where the text is no TOML.
    """
    table = _parsed(text)
    wanted = {name: kept for name, kept in table.items() if name != key}
    if value is not None:
        wanted[key] = value
    if wanted == table:
        return text
    for candidate in _candidates(text, key, table.get(key), value):
        if _means(candidate, wanted):
            return candidate
    raise ValueError(key)


def quoted(text: str) -> str:
    """A TOML string on one line, in which nothing acts or hides. Raises ValueError for what is no Unicode text."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError(text)
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in _SHORT:
        return _SHORT[character]
    code = ord(character)
    if not hides(code):
        return character
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _candidates(text: str, key: str, old: Any, value: str | None) -> Iterator[str]:
    lines = [line for line in _LINES.split(text) if line]
    end = "\r\n" if "\r\n" in text else "\n"
    if old is None:
        yield from _inserted(lines, f"{key} = {quoted(value or '')}{end}", end)
        return
    for first, behind, comment in _statements(lines, key, old):
        changed = [] if value is None else [f"{key} = {quoted(value)}{comment or end}"]
        yield "".join([*lines[:first], *changed, *lines[behind:]])


def _inserted(lines: list[str], line: str, end: str) -> Iterator[str]:
    """Behind what comes before the first table, or at the very top."""
    first_table = next((n for n, text in enumerate(lines) if text.lstrip().startswith("[")), len(lines))
    place = first_table
    while place and lines[place - 1].lstrip().startswith("#") and first_table < len(lines):
        place -= 1  # these comments belong to the table
    before = "".join(lines[:place])
    gap = end if before and not before.endswith("\n") else ""
    yield "".join([before, gap, line, *([end] if place < len(lines) else []), *lines[place:]])
    yield "".join([line, *lines])


def _statements(lines: list[str], key: str, old: Any) -> Iterator[tuple[int, int, str]]:
    """What may be the key's statement: its first line, the one behind its last, and the comment that ends it."""
    begins = re.compile(rf"""[ \t]*(?:{key}|"{key}"|'{key}')[ \t]*=""")
    for first, line in enumerate(lines):
        if not begins.match(line):
            continue
        for behind in range(first + 1, len(lines) + 1):
            if _means("".join(lines[first:behind]), {key: old}):
                yield first, behind, _comment(lines[first:behind], {key: old})
                break


def _comment(statement: list[str], table: Mapping[str, Any]) -> str:
    """The comment at the statement's end with the blanks before it and the line end behind it; empty without one."""
    *above, last = statement
    for mark in re.finditer(r"[ \t]*#", last):
        if _means("".join([*above, last[: mark.start()]]), table):
            return last[mark.start() :]
    return ""


def _means(text: str, table: Mapping[str, Any]) -> bool:
    try:
        return _parsed(text) == table
    except tomllib.TOMLDecodeError:
        return False


def _parsed(text: str) -> dict[str, Any]:
    return tomllib.loads(text, parse_float=str)  # not a number is not equal to itself
