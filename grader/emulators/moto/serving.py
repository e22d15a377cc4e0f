"""The HTTP server: connections that stay open, requests read whole before moto sees them."""

from __future__ import annotations

import os
import socket
import threading
from contextlib import suppress
from http import HTTPStatus
from io import BufferedReader, BytesIO
from time import monotonic, sleep
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import ThreadedWSGIServer

from grader.emulators.faults import Reply, too_large
from grader.emulators.moto import faults
from grader.emulators.moto.gate import WsgiApp

IDLE_SECONDS = 120
DRAIN_SECONDS = 1


class Server(ThreadedWSGIServer):
    """Serves `app` on `listener` from a thread of its own."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, listener: socket.socket, app: WsgiApp, most_bytes: int) -> None:
        host, port = listener.getsockname()[:2]
        super().__init__(host, port, app, Handler, fd=listener.fileno())  # which it duplicates
        listener.close()
        self.most_bytes = most_bytes
        self.moving = threading.Lock()
        self._ended = False
        self._connections: set[socket.socket] = set()
        self._thread = threading.Thread(target=self.serve_forever, daemon=True, name="moto-accept")
        self._thread.start()

    @property
    def serving(self) -> bool:
        """Does anybody take connections?"""
        return self._thread.is_alive()

    def end(self, timeout_seconds: float) -> bool:
        """Take no more connections, cut those that there are, and wait until nobody works for one of them."""
        with self.moving:
            self._ended = True
            for one in self._connections:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
        threading.Thread(target=self._shut, daemon=True).start()  # it takes until the next turn of the server's loop
        until = monotonic() + timeout_seconds
        while self._connections and monotonic() < until:
            sleep(0.002)
        return not self._connections

    def _shut(self) -> None:
        self.shutdown()
        self.server_close()

    def abandon(self) -> None:
        """In a fork: lets go of the copies of the parent's sockets without a word to their other ends."""
        for one in (self.socket, *self._connections):
            if (descriptor := one.detach()) >= 0:
                os.close(descriptor)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Under the lock that a fork takes: a connection is either known or not yet taken."""
        with self.moving:
            connection, address = super().get_request()
            if self._ended:
                connection.close()
                raise ConnectionAbortedError  # which the server's loop takes for a client that has gone
            self._connections.add(connection)
        return connection, address

    def close_request(self, request: Any) -> None:
        """Forgets the connection."""
        with self.moving:
            self._connections.discard(request)
            super().close_request(request)

    def log(self, type: str, message: str, *args: Any) -> None:
        """Nothing: the gate keeps the journal."""


class Handler(MotoRequestHandler):
    """One connection. werkzeug's own handler closes after each answer, and 10 ms late."""

    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65536
    timeout = IDLE_SECONDS

    def handle_expect_100(self) -> bool:
        """A body that is too large is refused before it is sent."""
        if self._announced_bytes() > self.server.most_bytes:
            return True
        went_on = super().handle_expect_100()
        self.wfile.flush()
        return went_on

    def run_wsgi(self) -> None:
        """Reads the request to its end, so that a slow client is never in flight."""
        environ = self.make_environ()
        body = self._body(environ)
        if body is None:
            self.close_connection = True
            self._write(too_large(environ, self.server.most_bytes))
            self._drain()
            return
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        environ |= {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        self._write(faults.answer(self.server.app, environ))

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: the gate keeps the journal."""

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a client that hangs up is no news."""

    def _announced_bytes(self) -> int:
        length = self.headers.get("Content-Length", "0")
        return int(length) if length.isdecimal() else 0

    def _body(self, environ: dict[str, Any]) -> bytes | None:
        most = self.server.most_bytes
        announced = self._announced_bytes()
        if announced > most:
            return None
        if environ.get("wsgi.input_terminated"):
            body = BufferedReader(environ["wsgi.input"]).read(most + 1)
            return body if len(body) <= most else None
        body = self.rfile.read(announced) if announced else b""
        if len(body) < announced:
            raise ConnectionAbortedError  # the client went while it sent: that is no request
        return body

    def _drain(self) -> None:
        """A connection that is closed with data unread is reset, and the client never sees the answer."""
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(DRAIN_SECONDS)
            left = self.server.most_bytes
            while left > 0 and (chunk := self.rfile.read1(1 << 16)):
                left -= len(chunk)

    def _write(self, reply: Reply) -> None:
        code, _, phrase = reply.status.partition(" ")
        self.send_response(int(code), phrase)
        for name, value in self._headers(reply):
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)
        self.wfile.flush()

    def _headers(self, reply: Reply) -> list[tuple[str, str]]:
        length = ("content-length", "connection", "transfer-encoding")
        # HEAD says how long the object is, and sends none of it.
        known = () if self.command == "HEAD" else length
        headers = [(name, value) for name, value in reply.headers if name.lower() not in known]
        if known and reply.code not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            headers.append(("Content-Length", str(len(reply.body))))
        if self.close_connection:
            headers.append(("Connection", "close"))
        return headers
