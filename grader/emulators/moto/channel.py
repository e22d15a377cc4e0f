"""JSON lines between the grader and its emulator, over a socket that nobody else has."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping, Sequence
from typing import Any

CHUNK = 65536
MOST_DESCRIPTORS = 4


class Channel:
    """One end. Descriptors travel beside a message where the platform can pass them."""

    def __init__(self, ours: socket.socket) -> None:
        self._socket = ours
        self._read = b""
        self._descriptors: list[int] = []

    def send(self, message: Mapping[str, Any], descriptors: Sequence[int] = ()) -> None:
        """Raises OSError where the other end is gone."""
        line = json.dumps(message).encode() + b"\n"
        sent = socket.send_fds(self._socket, [line], list(descriptors)) if descriptors else 0
        self._socket.sendall(line[sent:])

    def receive(self, timeout_seconds: float | None = None) -> dict[str, Any] | None:
        """The next message, None at the end of file. Raises TimeoutError."""
        self._socket.settimeout(timeout_seconds)
        while b"\n" not in self._read:
            chunk = self._receive_chunk()
            if not chunk:
                return None
            self._read += chunk
        line, _, self._read = self._read.partition(b"\n")
        message: dict[str, Any] = json.loads(line)
        return message

    def take_descriptors(self) -> list[int]:
        """What came beside the messages since the last time; the caller's to close."""
        taken, self._descriptors = self._descriptors, []
        return taken

    def close(self) -> None:
        """Lets go of this end; again does nothing."""
        self._socket.close()
        for descriptor in self.take_descriptors():
            os.close(descriptor)

    def _receive_chunk(self) -> bytes:
        try:
            if not hasattr(socket, "recv_fds"):
                return self._socket.recv(CHUNK)
            chunk, descriptors, _, _ = socket.recv_fds(self._socket, CHUNK, MOST_DESCRIPTORS)
        except ConnectionError:
            return b""
        self._descriptors += descriptors
        return chunk
