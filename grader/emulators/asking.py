"""One plain HTTP question to a server that nobody trusts yet: unsigned, bounded, and no redirect is followed."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any

from grader.emulators.dialling import Dial, Dialled
from grader.emulators.hosts import Endpoint

MOST_BYTES = 1 << 20
PATIENCE_SECONDS = 3.0


@dataclass(frozen=True)
class Answer:
    """What came back, the first MiB of it. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Mapping[str, Any]:
        """The object in the body, empty where there is none."""
        with suppress(ValueError, RecursionError):
            value = json.loads(self.body)
            return value if isinstance(value, dict) else {}
        return {}


@dataclass(frozen=True)
class Door:
    """Where questions go. botocore's proxies and credentials have no part in them."""

    endpoint: Endpoint
    ca_file: str | None = None
    dial: Dial | None = None  # how it is reached, where not by its address

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """Raises OSError where nothing answers in PATIENCE_SECONDS, or not in HTTP."""
        seconds = PATIENCE_SECONDS
        connection = self._connection(seconds)
        watch = threading.Timer(seconds, _hang_up, [connection])  # a server that drips resets every socket's time-out
        watch.daemon = True
        watch.start()
        try:
            connection.request(method, path, body, {"Connection": "close", **(headers or {})})
            response = connection.getresponse()
            named = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, named, response.read(MOST_BYTES))
        except HTTPException as error:
            raise OSError(f"it does not answer in HTTP ({type(error).__name__})") from None
        finally:
            watch.cancel()
            connection.close()

    def _connection(self, seconds: float) -> HTTPConnection:
        host, port = self.endpoint.host, self.endpoint.port
        if self.dial:
            return Dialled(self.dial, seconds)
        if not self.endpoint.secure:
            return HTTPConnection(host, port, timeout=seconds)
        return HTTPSConnection(
            host, port, timeout=seconds, context=ssl.create_default_context(cafile=self.ca_file or None)
        )


def _hang_up(connection: HTTPConnection) -> None:
    if connection.sock:
        with suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)
