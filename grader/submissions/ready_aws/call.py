"""A call of `aws`, as ask.py makes it and serve.py takes it."""

from __future__ import annotations

import os
import resource
import socket
import struct

BOUNDS = [getattr(resource, name) for name in dir(resource) if name.startswith("RLIMIT_")]
PIECE_BYTES = 1 << 16
READ_SECONDS = 10.0
DIGITS = 16
DESCRIPTORS = 4


class Call:
    """With what, where from, and by whom."""

    def __init__(self, connection: socket.socket) -> None:
        """Raises OSError and ValueError where it is none."""
        self.connection = connection
        connection.settimeout(READ_SECONDS)
        piece, self.descriptors, _, _ = socket.recv_fds(connection, PIECE_BYTES, DESCRIPTORS)
        body = bytearray(piece)
        while len(body) < DIGITS or len(body) < DIGITS + int(body[:DIGITS]):
            piece = connection.recv(PIECE_BYTES)
            if not piece:
                raise ValueError("it broke off")
            body += piece
        connection.settimeout(None)
        mask, ignored, count, *fields = bytes(body[DIGITS:]).split(b"\0")[:-1]
        self.umask = int(mask)
        self.ignored = set(map(int, ignored.split()))
        self.words = [os.fsdecode(word) for word in fields[: int(count)]]
        self.environment = dict(entry.split(b"=", 1) for entry in fields[int(count) :])

    def like_ours(self) -> bool:
        """Is it this user's, within the same limits?"""
        size = struct.calcsize("3i")
        found = self.connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
        pid, *ids = struct.unpack("3i", found)
        if ids != [os.geteuid(), os.getegid()] or len(self.descriptors) != DESCRIPTORS:
            return False
        return all(resource.prlimit(pid, bound) == resource.getrlimit(bound) for bound in BOUNDS)

    def close(self) -> None:
        """But for the connection."""
        for descriptor in self.descriptors:
            os.close(descriptor)
