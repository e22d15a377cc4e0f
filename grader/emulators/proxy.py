"""The gate in front of an emulator that is a process of its own: counts calls, closes control routes, streams the rest.

It reads a request by its own lights and writes it anew, each over a connection of its own, so that the emulator can
not read two where the gate saw one.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from http.server import ThreadingHTTPServer
from typing import Any

from grader.emulators.dialling import HOST, Dial, Dialled, on_port
from grader.emulators.faults import MOST_MIB
from grader.emulators.relay import Connection

ANSWER_SECONDS = 90.0  # an SQS receive waits for 20, a stack's creation for more


class Gate(ThreadingHTTPServer):
    """Has its port from the start, and listens once it knows where to lead.

    Until then its port is refused: MiniStack, which is told this port, will not start where somebody answers on it.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, listener: socket.socket | None = None, most_bytes: int = MOST_MIB << 20) -> None:
        """On a port of its own, or on a listener made elsewhere. `most_bytes` bounds the body of a request."""
        super().__init__((HOST, 0), Connection, bind_and_activate=False)
        if listener is None:
            self.server_bind()
        else:
            self.socket.close()
            self.socket = listener.dup()
            self._name(listener.getsockname())
        self._connections: set[Any] = set()
        self._ended = False
        self.mark = ""  # the name and version of what stands behind it
        self.calls = 0
        self.most_bytes = most_bytes
        self._behind: Dial = on_port(0)
        self._counting = threading.Lock()
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def lead_to(self, emulator: Dial, mark: str) -> None:
        """Open, to that emulator."""
        self._behind, self.mark = emulator, mark
        self.server_activate()
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True, name="gate"
        )
        self._thread.start()

    @contextmanager
    def beside(self, listener: socket.socket) -> Iterator[Gate]:
        """A second gate to the same emulator. When it ends, what was asked through it has been answered."""
        second = Gate(listener, self.most_bytes)
        second.lead_to(self._behind, self.mark)
        try:
            yield second
        finally:
            second.cut(ANSWER_SECONDS)
            second.close()

    def cut(self, timeout_seconds: float) -> None:
        """Take no more connections, cut those that there are, and wait until nobody works for one of them."""
        with self._counting:
            self._ended = True
            for one in self._connections:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
        until = time.monotonic() + timeout_seconds
        while self._connections and time.monotonic() < until:
            time.sleep(0.005)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Known from the start, or not taken."""
        connection, address = super().get_request()
        with self._counting:
            if self._ended:
                connection.close()
                raise ConnectionAbortedError  # which the server's loop takes for a client that has gone
            self._connections.add(connection)
        return connection, address

    def close_request(self, request: Any) -> None:
        """Forgets the connection."""
        with self._counting:
            self._connections.discard(request)
        super().close_request(request)

    def close(self) -> None:
        """No more connections; again does nothing."""
        if self._thread and self._thread.is_alive():
            self.shutdown()
            self._thread.join()
        self.server_close()

    def connection(self) -> HTTPConnection:
        """A new one to the emulator; it counts as a call."""
        with self._counting:
            self.calls += 1
        return Dialled(self._behind, ANSWER_SECONDS)

    def server_bind(self) -> None:
        """Without the look-up of the machine's name that http.server makes."""
        self.socket.bind(self.server_address)
        self._name(self.socket.getsockname())

    def _name(self, address: tuple[str, int]) -> None:
        self.server_address = address
        self.server_name, self.server_port = HOST, self.port

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: a client that hangs up is no news."""
