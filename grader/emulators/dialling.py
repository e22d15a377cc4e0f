"""HTTP over a connection that somebody else makes: into a box, say."""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import partial
from http.client import HTTPConnection
from typing import TypeAlias

HOST = "127.0.0.1"
Dial: TypeAlias = Callable[[float | None], socket.socket]  # given the patience in seconds; raises OSError


def on_port(port: int) -> Dial:
    """To a server on this machine."""
    return partial(socket.create_connection, (HOST, port))


class Dialled(HTTPConnection):
    """One that is made when it is first needed."""

    def __init__(self, dial: Dial, seconds: float) -> None:
        super().__init__(HOST, timeout=seconds)
        self._dial, self._seconds = dial, seconds

    def connect(self) -> None:
        """Raises OSError."""
        self.sock = self._dial(self._seconds)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
