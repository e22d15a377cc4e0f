"""Keeps the head and the tail of an output of any length, in bounded memory."""

from __future__ import annotations

import codecs

KEPT_BYTES = 64 * 1024  # of stdout and of stderr each
HALF = KEPT_BYTES // 2


class Kept:
    """Takes an output piece by piece, and remembers how it began and how it ended."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._tail = bytearray()
        self._left_out = 0

    def feed(self, piece: bytes) -> None:
        """Take the next piece."""
        room = HALF - len(self._head)
        self._head += piece[:room]
        self._tail += piece[room:]
        if len(self._tail) > 16 * HALF:  # now and then: to move the tail for each piece would be slow
            self._trim()

    def text(self) -> str:
        """What was kept. Bytes that are no UTF-8 are shown as U+FFFD; the cut splits no character."""
        self._trim()
        if not self._left_out:
            return (self._head + self._tail).decode("utf-8", "replace")
        head = codecs.getincrementaldecoder("utf-8")("replace").decode(bytes(self._head))
        tail = _from_a_character(self._tail).decode("utf-8", "replace")
        return f"{head}\n[... {self._left_out} bytes left out ...]\n{tail}"

    @property
    def cut(self) -> bool:
        self._trim()
        return self._left_out > 0

    def _trim(self) -> None:
        extra = len(self._tail) - HALF
        if extra > 0:
            del self._tail[:extra]
            self._left_out += extra


def clipped(text: str) -> tuple[str, bool]:
    """The text within the bounds of an output, and whether it had to be cut."""
    kept = Kept()
    kept.feed(text.encode("utf-8", "replace"))
    return kept.text(), kept.cut


def _from_a_character(tail: bytearray) -> bytearray:
    """The tail without the rest of a character whose first bytes were left out."""
    start = 0
    while start < 3 and start < len(tail) and tail[start] & 0xC0 == 0x80:
        start += 1
    return tail[start:]
