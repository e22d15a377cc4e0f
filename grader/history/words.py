"""Text for bash: quoted so that it arrives as it is, with variables where something is known by name."""

from __future__ import annotations

import re
from collections.abc import Mapping

BARE = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")
CALM = re.compile(r'[^"\\$`!\n]*')
MARK = "\0"


class Names:
    """Which texts are to be said by a variable's name. The longest counts where several fit.

    Without `ids` a script would not work elsewhere; `given` are known everywhere, and only better to read.
    """

    def __init__(self, ids: Mapping[str, str], given: Mapping[str, str]) -> None:
        self._ids = tuple(ids)
        self._named = {text: name for text, name in {**given, **ids}.items() if text}
        longest_first = sorted(self._named, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def wanted(self, text: str) -> bool:
        """Does it hold an id?"""
        return any(one in text for one in self._ids)

    def word(self, text: str) -> str:
        """One word of a command line."""
        if self._pattern is None or not self._pattern.search(text):
            return quoted(text)
        parts = self._pattern.sub(lambda found: f"{MARK}{self._named[found[0]]}{MARK}", text).split(MARK)
        literals = parts[::2]
        if all(CALM.fullmatch(part) for part in literals):
            return f'"{"".join(_in_double_quotes(parts))}"'
        return "".join(f'"${part}"' if n % 2 else _single(part) for n, part in enumerate(parts) if part)


def quoted(text: str) -> str:
    """As it is, where nothing in it means anything to a shell."""
    if BARE.fullmatch(text):
        return text
    return f'"{text}"' if "'" in text and CALM.fullmatch(text) else _single(text)


def _single(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _in_double_quotes(parts: list[str]) -> list[str]:
    made = []
    for n, part in enumerate(parts):
        follows = parts[n + 1][:1] if n + 1 < len(parts) else ""
        braced = re.match(r"[A-Za-z0-9_\[]", follows)
        made.append((f"${{{part}}}" if braced else f"${part}") if n % 2 else part)
    return made
