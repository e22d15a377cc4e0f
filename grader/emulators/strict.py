"""A request, read in the one way in which every server reads it, or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.errors import (
    FirstHeaderLineIsContinuationDefect,
    MisplacedEnvelopeHeaderDefect,
    MissingHeaderBodySeparatorDefect,
)
from email.message import Message
from io import BufferedIOBase

from grader.emulators.routes import origin_form

PIECE_BYTES = 65536
# After a line that is no header, the email parser takes the rest for a body, where another reader may see headers.
BROKEN_LINES = (MissingHeaderBodySeparatorDefect, FirstHeaderLineIsContinuationDefect, MisplacedEnvelopeHeaderDefect)
LENGTH = re.compile(r"[0-9]{1,18}")
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class Malformed(Exception):
    """A request of which two readers could make two different things."""


class TooLarge(Exception):
    """Its body has more bytes than are taken."""


def target(line: str) -> str:
    """What the request's first line asks for, without a host. Raises Malformed."""
    try:
        return origin_form(line.split()[1])
    except ValueError:
        raise Malformed("a target that is neither a path nor a URI") from None


class Body:
    """The bytes that follow the headers, `length` of them, or in chunks where that is None."""

    def __init__(self, headers: Message, stream: BufferedIOBase, most_bytes: int) -> None:
        """Nothing is read yet. Raises Malformed."""
        self.length = _length(headers)
        self._stream, self._most = stream, most_bytes

    @property
    def too_large(self) -> bool:
        """Is it announced to be?"""
        return self.length is not None and self.length > self._most

    def pieces(self) -> Iterator[bytes]:
        """As they come; of chunks the data alone. Raises EOFError where they break off, TooLarge before too much."""
        return self._chunks() if self.length is None else self._pieces(self.length)

    def _pieces(self, length: int) -> Iterator[bytes]:
        while length > 0:
            piece = self._stream.read1(min(length, PIECE_BYTES))
            if not piece:
                raise EOFError  # the client has hung up: the emulator sees the same
            length -= len(piece)
            yield piece

    def _chunks(self) -> Iterator[bytes]:
        left = self._most
        while size := self._chunk_size():
            if size > left:
                raise TooLarge
            left -= size
            yield from self._pieces(size)
            self._stream.readline(3)
        while self._stream.readline(PIECE_BYTES).strip():
            pass

    def _chunk_size(self) -> int:
        digits = self._stream.readline(PIECE_BYTES).partition(b";")[0].strip()
        if not digits or len(digits) > 15 or digits.strip(b"0123456789abcdefABCDEF"):
            raise EOFError
        return int(digits, 16)


def _length(headers: Message) -> int | None:
    """None where it comes in chunks."""
    broken = any(isinstance(defect, BROKEN_LINES) for defect in headers.defects)
    if broken or not all(TOKEN.fullmatch(name) for name in headers):
        raise Malformed("a header that has no proper name")
    lengths = set(headers.get_all("Content-Length", []))
    codings = headers.get_all("Transfer-Encoding", [])
    if codings:
        if lengths or [coding.strip().lower() for coding in codings] != ["chunked"]:
            raise Malformed("a Transfer-Encoding other than chunked, or a Content-Length beside it")
        return None
    if len(lengths) > 1 or not all(LENGTH.fullmatch(length) for length in lengths):
        raise Malformed("no single Content-Length")
    return int(lengths.pop()) if lengths else 0
