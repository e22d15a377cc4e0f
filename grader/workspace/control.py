"""How commands talk to a keeper: one JSON line each way, over the loopback, for whoever has the token."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from typing import Any

from grader.errors import LabgradeError
from grader.texts import say

HOST = "127.0.0.1"
CONNECT_SECONDS = 3.0
REPLY_SECONDS = 40.0  # a fork waits for requests in flight
MOST_BYTES = 1 << 20


class Silent(LabgradeError):
    """No keeper answers there."""


class Line:
    """One conversation. What the keeper lends (a fork) it takes back when this is closed."""

    def __init__(self, port: int, token: str) -> None:
        """Raises Silent."""
        try:
            self._socket = socket.create_connection((HOST, port), CONNECT_SECONDS)
        except OSError as error:
            raise Silent(
                say("nobody answers on port {port} ({reason})", port=port, reason=error.strerror or str(error))
            ) from None
        self._token = token

    def ask(self, what: str, timeout_seconds: float = REPLY_SECONDS, **more: Any) -> dict[str, Any]:
        """The keeper's reply. Raises Silent where there is none, or one that is no keeper's."""
        message = json.dumps({"do": what, "token": self._token, **more}).encode() + b"\n"
        try:
            self._socket.settimeout(timeout_seconds)
            self._socket.sendall(message)
            reply = receive(self._socket)
        except OSError as error:
            raise Silent(say("the keeper does not answer ({reason})", reason=error.strerror or str(error))) from None
        if reply is None or "token" not in reply or reply.pop("token") != self._token[::-1]:
            raise Silent(say("what answers is no keeper of this workspace"))
        return reply

    def close(self) -> None:
        """Again does nothing."""
        self._socket.close()

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def receive(connection: socket.socket) -> dict[str, Any] | None:
    """One message; None at the end, or for what is none. Raises OSError."""
    said = b""
    while not said.endswith(b"\n"):
        piece = connection.recv(65536)
        said += piece
        if not piece or len(said) > MOST_BYTES:
            return None
    try:
        message = json.loads(said)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None


def send(connection: socket.socket, message: Mapping[str, Any]) -> None:
    """Raises OSError."""
    connection.sendall(json.dumps(message).encode() + b"\n")
