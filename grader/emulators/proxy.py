"""The gate in front of an emulator that is a process of its own: counts calls, closes control routes, streams the rest.

It reads a request by its own lights and writes it anew, each over a connection of its own, so that the emulator can
not read two where the gate saw one.
"""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.errors import (
    FirstHeaderLineIsContinuationDefect,
    MisplacedEnvelopeHeaderDefect,
    MissingHeaderBodySeparatorDefect,
)
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote

from grader.emulators.dialling import HOST, Dial, Dialled, on_port
from grader.emulators.kinds import MARK
from grader.emulators.routes import is_control, is_switch, origin_form

PIECE_BYTES = 65536
IDLE_SECONDS = 120.0
ANSWER_SECONDS = 90.0  # an SQS receive waits for 20, a stack's creation for more
# Between two neighbours, never for the one behind: RFC 9110, section 7.6.1.
HOP = frozenset(
    {"connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te"}
    | {"trailer", "transfer-encoding", "upgrade", "http2-settings"}
)
BODILESS = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
CLOSED = "the emulator's control routes are closed; `labgrade reset` starts a workspace over"
# After a line that is no header, the email parser takes the rest for a body, where another reader may see headers.
BROKEN_LINES = (MissingHeaderBodySeparatorDefect, FirstHeaderLineIsContinuationDefect, MisplacedEnvelopeHeaderDefect)
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
PRINTABLE = "".join(chr(code) for code in range(0x21, 0x7F))


class Malformed(Exception):
    """A request of which two readers could make two different things."""


class Gate(ThreadingHTTPServer):
    """Has its port from the start, and listens once it knows where to lead.

    Until then its port is refused: MiniStack, which is told this port, will not start where somebody answers on it.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, listener: socket.socket | None = None) -> None:
        """On a port of its own, or on a listener made elsewhere."""
        super().__init__((HOST, 0), _Connection, bind_and_activate=False)
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
        second = Gate(listener)
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


class _Connection(BaseHTTPRequestHandler):
    """A client, for as long as it stays."""

    server: Gate
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = PIECE_BYTES
    timeout = IDLE_SECONDS

    def relay(self) -> None:
        """One request, and its answer."""
        try:
            target, length = self._target(), self._body_length()
        except Malformed as error:
            self.close_connection = True
            self._say(HTTPStatus.BAD_REQUEST, str(error))
            return
        if is_control(target):
            self.close_connection = True  # the body, if any, is not worth reading
            self._say(HTTPStatus.FORBIDDEN, CLOSED)
            return
        connection = self.server.connection()
        try:
            self._pass_on(connection, quote(target, safe=PRINTABLE, encoding="latin-1"), length)
        finally:
            connection.close()

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_PATCH = do_OPTIONS = relay  # noqa: N815

    def handle_expect_100(self) -> bool:
        """Go on: said at once, as the client waits for it."""
        went_on = super().handle_expect_100()
        self.wfile.flush()
        return went_on

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""

    def _target(self) -> str:
        """Raises Malformed."""
        try:
            return origin_form(self.requestline.split()[1])  # self.path has lost the slashes that some keys begin with
        except ValueError:
            raise Malformed("a target that is neither a path nor a URI") from None

    def _body_length(self) -> int | None:
        """How long the body is, None where it comes in chunks. Raises Malformed."""
        broken = any(isinstance(defect, BROKEN_LINES) for defect in self.headers.defects)
        if broken or not all(TOKEN.fullmatch(name) for name in self.headers):
            raise Malformed("a header that has no proper name")
        lengths = set(self.headers.get_all("Content-Length", []))
        codings = self.headers.get_all("Transfer-Encoding", [])
        if codings:
            if lengths or [coding.strip().lower() for coding in codings] != ["chunked"]:
                raise Malformed("a Transfer-Encoding other than chunked, or a Content-Length beside it")
            return None
        if len(lengths) > 1 or not all(length.isascii() and length.isdigit() for length in lengths):
            raise Malformed("no single Content-Length")
        return int(lengths.pop()) if lengths else 0

    def _pass_on(self, connection: HTTPConnection, target: str, length: int | None) -> None:
        try:
            self._send(connection, target, length)
            response = connection.getresponse()
        except (OSError, HTTPException) as error:
            self.close_connection = True
            self._say(HTTPStatus.BAD_GATEWAY, f"the emulator does not answer ({type(error).__name__})")
            return
        self._answer(response)

    def _send(self, connection: HTTPConnection, target: str, length: int | None) -> None:
        connection.putrequest(self.command, target, skip_host=True, skip_accept_encoding=True)
        named = {name.strip().lower() for name in self.headers.get("Connection", "").split(",")} - {"host"}
        for name, value in self.headers.items():
            if name.lower() not in HOP | named | {"content-length"} and not is_switch(name):
                connection.putheader(name, " ".join(value.splitlines()).strip())
        connection.putheader("Connection", "close")
        if length is None:
            connection.putheader("Transfer-Encoding", "chunked")
        elif length or "Content-Length" in self.headers:
            connection.putheader("Content-Length", str(length))
        connection.endheaders()
        try:
            for piece in self._chunks() if length is None else self._pieces(length):
                connection.send(b"%x\r\n%b\r\n" % (len(piece), piece) if length is None else piece)
            if length is None:
                connection.send(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # it has answered before the end, and the rest is still on the line

    def _pieces(self, length: int) -> Iterator[bytes]:
        while length > 0:
            piece = self.rfile.read1(min(length, PIECE_BYTES))
            if not piece:
                raise EOFError  # the client has hung up: the emulator sees the same
            length -= len(piece)
            yield piece

    def _chunks(self) -> Iterator[bytes]:
        """The data of a body in chunks; extensions and trailers are dropped."""
        while size := self._chunk_size():
            yield from self._pieces(size)
            self.rfile.readline(3)
        while self.rfile.readline(PIECE_BYTES).strip():
            pass

    def _chunk_size(self) -> int:
        digits = self.rfile.readline(PIECE_BYTES).partition(b";")[0].strip()
        if not digits or len(digits) > 15 or digits.strip(b"0123456789abcdefABCDEF"):
            raise EOFError
        return int(digits, 16)

    def _answer(self, response: HTTPResponse) -> None:
        self.send_response_only(response.status, response.reason)
        for name, value in response.getheaders():
            if name.lower() not in HOP:
                self.send_header(name, value)
        bodiless = self.command == "HEAD" or response.status in BODILESS
        chunked = not bodiless and response.getheader("Content-Length") is None
        if chunked and self.request_version == "HTTP/1.1":
            self.send_header("Transfer-Encoding", "chunked")
        self.close_connection |= chunked and self.request_version != "HTTP/1.1"
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if not bodiless:
            self._stream(response, chunked and self.request_version == "HTTP/1.1")
        self.wfile.flush()

    def _stream(self, response: HTTPResponse, chunked: bool) -> None:
        """Raises HTTPException or OSError where the emulator breaks off: then so do we."""
        while piece := response.read1(PIECE_BYTES):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
            if chunked:
                self.wfile.flush()
        if response.length:
            raise EOFError
        if chunked:
            self.wfile.write(b"0\r\n\r\n")

    def _say(self, status: HTTPStatus, message: str) -> None:
        body = message.encode()
        self.send_response_only(status, status.phrase)
        self.send_header(MARK, self.server.mark)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()
