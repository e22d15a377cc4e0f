"""What strangers wrote, made safe to show: nothing in it moves a cursor, turns a line round, or hides."""

from __future__ import annotations

import re
import unicodedata

from grader.languages import spoken

# Categories that act or show nothing: controls, format (bidi, zero width), lone surrogates, line ends.
_ACTING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_BLANK = frozenset(map(ord, "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"))  # letters that show nothing


class _Visible(dict[int, int | str]):
    """For `str.translate`: each character as it may be shown, worked out once."""

    def __missing__(self, code: int) -> int | str:
        self[code] = _escape(code) if hides(code) else code
        return self[code]


def hides(code: int) -> bool:
    """Does this code point act on a terminal, or show nothing? Line ends and tabs do not count."""
    if chr(code) in "\n\t":
        return False
    if unicodedata.category(chr(code)) in _ACTING or code in _BLANK:
        return True
    # What is no character, by any version of Unicode, and the plane of tags and variations.
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF or 0xE0000 <= code <= 0xE0FFF


def _escape(code: int) -> str:
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


_VISIBLE = _Visible()
# Commands that GitHub's, Azure's and TeamCity's log readers obey wherever they stand: ##[error], ##vso[…].
COMMAND = re.compile(r"##(?=\w*\[)")
_LEADING = re.compile(r"^([^\S\n]*)::", re.MULTILINE)
_REMARK = 40  # about as long as a remark that something was left out


def visible(value: object) -> str:
    """The text with line ends and tabs kept, and all else that acts or hides shown as `\\x1b`; None is empty.

    What is left is legal in XML too.
    """
    text = "" if value is None else str(value)
    shown = text.replace("\r\n", "\n").replace("\r", "\n").translate(_VISIBLE)
    return COMMAND.sub(r"#\\x23", shown)


def inert(markup: str) -> str:
    """XML or HTML in which no line begins with `::`: printed to a log, GitHub would take it for a command."""
    return _LEADING.sub("\\1&#58;:", markup)


def one_line(value: object, limit: int = 1000) -> str:
    """The text on one line, at most `limit` characters and a remark long."""
    return bounded(" ".join(visible(value).split()), limit)


def paragraphs(value: object, limit: int = 1200, lines: int = 30) -> str:
    """The text with its line ends, blank lines dropped, no longer than is bearable."""
    kept = [line for line in visible(value).split("\n") if line.strip()]
    if len(kept) > lines:
        kept[lines:] = [spoken("... ({count} more lines)", count=len(kept) - lines)]
    return bounded("\n".join(kept), limit)


def bounded(text: str, limit: int) -> str:
    """The text, or its head and its tail and how much is missing between."""
    if len(text) <= limit + _REMARK:
        return text
    head, tail = limit * 2 // 3, limit - limit * 2 // 3
    missing = spoken("({count} characters left out)", count=f"{len(text) - limit:,}")
    return f"{text[:head]} ... {missing} ... {text[-tail:]}"


def encodable(text: str, encoding: str | None) -> str:
    """The text with what this encoding cannot say as `\\u2192`: it can be written without an error."""
    try:
        return text.encode(encoding or "ascii", "backslashreplace").decode(encoding or "ascii")
    except LookupError:
        return encodable(text, "ascii")
