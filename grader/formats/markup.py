"""Markdown as GitHub, GitLab and Gradescope read it, of texts that strangers wrote: nothing in them is markup.

What stands between backticks is shown as code, as everywhere in a report.
"""

from __future__ import annotations

import re

from grader.formats.escaping import visible

_CODE = re.compile(r"`([^`\n]{1,200})`")
# A backslash makes a letter of any of these: https://spec.commonmark.org/0.31.2/#backslash-escapes (2026-11-25). The
# rest of what Markdown knows needs one of them, or stands at the beginning of a line.
_ACTIVE = re.compile(r"[\\`*\[\]<>|~&@$]|(?<![^\W_])_|_(?![^\W_])|:(?=//|:)|:(?=[\w+-]+:)")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;", "$": "&#36;"}
_BEGINNING = re.compile(r"\A(?:[-+#=]|\d{1,9}(?=[.)](?:\s|\Z)))")
# A link without being asked: https://github.github.com/gfm/#autolinks-extension- (2026-11-25)
_LINKING = re.compile(r"(?i)\bwww(?=\.)")
_LEADING = re.compile(r"^([^\S\n]*)::", re.MULTILINE)


def inline(text: object, *, cell: bool = False) -> str:
    """The text on one line; in a `cell` of a table a bar is escaped in code, too."""
    line = " ".join(visible(text).split())
    parts = _CODE.split(line)
    shown = "".join(_code(part, cell) if n % 2 else _plain(part) for n, part in enumerate(parts))
    return _BEGINNING.sub(lambda found: f"{found[0]}\\" if found[0].isdecimal() else f"\\{found[0]}", shown)


def block(text: object) -> str:
    """The text with its line ends kept as breaks."""
    return "\\\n".join(filter(None, map(inline, visible(text).split("\n"))))


def fenced(text: str) -> str:
    """The text as it is, in a fence that is longer than any in it; no line of it is a command to a log's reader."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}text\n{_LEADING.sub(_spelled, visible(text))}\n{fence}"


def _code(text: str, cell: bool) -> str:
    padded = f" {text} " if text[0] == text[-1] == " " and text.strip() else text
    return f"`{padded.replace('|', chr(92) + '|') if cell else padded}`"


def _plain(text: str) -> str:
    escaped = _ACTIVE.sub(lambda found: _ENTITIES.get(found[0], f"\\{found[0]}"), text)
    return _LINKING.sub(lambda found: f"&#{ord(found[0][0])};{found[0][1:]}", escaped)


def _spelled(found: re.Match[str]) -> str:
    return f"{found[1]}\\x3a:"
