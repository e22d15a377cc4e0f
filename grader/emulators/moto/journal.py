"""The journal of a workspace: every call that may have changed something, each written before its reply is sent.

A file of JSON lines in UTF-8, only ever added to. Its version is `labgrade/journal/v1`.

A line with the key `journal` begins each time that the workspace's moto came up:

    {"journal": "labgrade/journal/v1", "moto": "5.2.5", "at": 1795412345.123}

Every other line with an `n` is such a call, in the order in which they took effect:

    n          its number, from 1 on, growing; gaps are calls that changed nothing after all
    at         when, in seconds since 1970, UTC; what moto's clock said during the call
    by         "student", or "scenario" for the lab's starting state
    calls      how many calls the student had made by then, reads included
    service    what it was signed for ("s3"), "" where it was not signed
    region     likewise
    operation  "CreateQueue" where the request names it (query and JSON protocols), "" for REST (S3)
    method     "PUT"
    path       as it was sent, percent-encoded: "/my-bucket/a%20b"
    query      as it was sent, without the "?"
    headers    names in lower case (as sent, where one has an underscore); without those that only concern the
               connection, without signatures and without session tokens
    body       base64
    status     200; refused calls are there, too
    reply      base64, the first 64 KiB of the body
    reply_bytes  how long the whole reply was
    reply_headers  of the reply: what S3 says there (versions, tags of entities), names in lower case

A line with `read` instead of `n` is a call of the student's that changed nothing: `read` is the number of the last
call before it. It is never done again; it is there because a later call may use an id that only it has shown. The
same answer to the same question is written once, and so are at most READ_BYTES of them.

A last line that is torn (the process was killed) is no call: nobody had its reply.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

FORMAT = "labgrade/journal/v1"
REPLY_BYTES = 1 << 16
READ_BYTES = 1 << 26
MOST_WAITING_BYTES = 1 << 26


class Journal:
    """The file, for adding to. What the disk does not take waits in memory for the next try."""

    def __init__(self, path: Path) -> None:
        """Raises OSError. A torn line at the end goes."""
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        self._bytes = _whole_lines(path)
        os.ftruncate(self._descriptor, self._bytes)
        self._adding = threading.Lock()
        self._waiting: list[bytes] = []
        self.trouble = ""  # why the latest calls are not on the disk

    def add(self, line: Mapping[str, Any]) -> None:
        """Whatever happens to the disk, the call that it tells of was answered: this raises nothing."""
        encoded = json.dumps(line, separators=(",", ":")).encode() + b"\n"
        with self._adding:
            if sum(map(len, self._waiting)) < MOST_WAITING_BYTES:
                self._waiting.append(encoded)
            try:
                while self._waiting:
                    self._write(self._waiting[0])
                    del self._waiting[0]
            except OSError as error:
                self.trouble = error.strerror or str(error)
            else:
                self.trouble = ""

    def forget(self) -> None:
        """In a fork: lets go of the file, and of a lock that a thread which is gone may have held."""
        self._adding = threading.Lock()
        os.close(self._descriptor)

    def _write(self, line: bytes) -> None:
        os.lseek(self._descriptor, self._bytes, os.SEEK_SET)  # over what an earlier try left behind
        left = memoryview(line)
        while left:
            left = left[os.write(self._descriptor, left) :]
        self._bytes += len(line)


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Its calls that may have changed something, in order. What cannot be read as one is passed over."""
    for line in lines(path):
        if isinstance(line.get("n"), int):
            yield line


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """Every whole line, headers and reads too. Raises OSError."""
    with path.open("rb") as file:
        for text in file:
            if not text.endswith(b"\n"):
                return
            try:
                line = json.loads(text)
            except ValueError:
                continue
            if isinstance(line, dict):
                yield line


def birth(path: Path) -> float | None:
    """When its first moto came up; None for one that is not there or tells nothing. Raises OSError."""
    first = next(lines(path), {}) if path.exists() else {}
    at = first.get("at")
    return float(at) if isinstance(at, int | float) else None


def _whole_lines(path: Path) -> int:
    """How many bytes are whole lines."""
    end = path.stat().st_size
    with path.open("rb") as file:
        while end:
            begin = max(0, end - 65536)
            file.seek(begin)
            newline = file.read(end - begin).rfind(b"\n")
            if newline >= 0:
                return begin + newline + 1
            end = begin
    return 0
