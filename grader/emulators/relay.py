"""A client at the gate: each request is read strictly, written anew for the emulator, and its answer streamed back."""

from __future__ import annotations

import socket
from contextlib import closing, suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING
from urllib.parse import quote

from grader.emulators.faults import Reply, too_large
from grader.emulators.kinds import MARK
from grader.emulators.routes import is_control, is_switch
from grader.emulators.strict import PIECE_BYTES, Body, Malformed, TooLarge, target

if TYPE_CHECKING:
    from grader.emulators.proxy import Gate

IDLE_SECONDS = 120.0
DRAIN_SECONDS = 1.0
# Between two neighbours, never for the one behind: RFC 9110, section 7.6.1.
HOP = frozenset(
    {"connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te"}
    | {"trailer", "transfer-encoding", "upgrade", "http2-settings"}
)
BODILESS = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
CLOSED = "the emulator's control routes are closed; `labgrade reset` starts a workspace over"
PRINTABLE = "".join(chr(code) for code in range(0x21, 0x7F))


class Connection(BaseHTTPRequestHandler):
    """A client, for as long as it stays."""

    server: Gate
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = PIECE_BYTES
    timeout = IDLE_SECONDS

    def relay(self) -> None:
        """One request, and its answer."""
        try:
            asked, body = target(self.requestline), self._body()  # self.path has lost slashes that some keys begin with
        except Malformed as error:
            self.close_connection = True
            self._say(HTTPStatus.BAD_REQUEST, str(error))
            return
        if is_control(asked):
            self.close_connection = True  # the body, if any, is not worth reading
            self._say(HTTPStatus.FORBIDDEN, CLOSED)
            return
        if body.too_large:
            self._refuse(asked)
            return
        try:
            with closing(self.server.connection()) as connection:
                self._pass_on(connection, quote(asked, safe=PRINTABLE, encoding="latin-1"), body)
        except TooLarge:
            self._refuse(asked)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_PATCH = do_OPTIONS = relay  # noqa: N815

    def handle_expect_100(self) -> bool:
        """Go on: said at once, as the client waits for it; not where the body will be refused."""
        with suppress(Malformed):
            if not self._body().too_large:
                super().handle_expect_100()
                self.wfile.flush()
        return True

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""

    def _body(self) -> Body:
        """Not read yet. Raises Malformed."""
        return Body(self.headers, self.rfile, self.server.most_bytes)

    def _pass_on(self, connection: HTTPConnection, asked: str, body: Body) -> None:
        """Raises TooLarge."""
        try:
            self._send(connection, asked, body)
            response = connection.getresponse()
        except (OSError, HTTPException) as error:
            self.close_connection = True
            self._say(HTTPStatus.BAD_GATEWAY, f"the emulator does not answer ({type(error).__name__})")
            return
        self._answer(response)

    def _send(self, connection: HTTPConnection, asked: str, body: Body) -> None:
        connection.putrequest(self.command, asked, skip_host=True, skip_accept_encoding=True)
        named = {name.strip().lower() for name in self.headers.get("Connection", "").split(",")} - {"host"}
        for name, value in self.headers.items():
            if name.lower() not in HOP | named | {"content-length"} and not is_switch(name):
                connection.putheader(name, " ".join(value.splitlines()).strip())
        connection.putheader("Connection", "close")
        if body.length is None:
            connection.putheader("Transfer-Encoding", "chunked")
        elif body.length or "Content-Length" in self.headers:
            connection.putheader("Content-Length", str(body.length))
        connection.endheaders()
        try:
            for piece in body.pieces():
                connection.send(b"%x\r\n%b\r\n" % (len(piece), piece) if body.length is None else piece)
            if body.length is None:
                connection.send(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # it has answered before the end, and the rest is still on the line

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

    def _refuse(self, asked: str) -> None:
        """A body that is too large."""
        self.close_connection = True
        self._write(too_large(self._environ(asked), self.server.most_bytes))
        # A connection that is closed with data unread is reset, and the client never sees the answer.
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(DRAIN_SECONDS)
            left = self.server.most_bytes
            while left > 0 and (piece := self.rfile.read1(PIECE_BYTES)):
                left -= len(piece)

    def _environ(self, asked: str) -> dict[str, str]:
        """What tells the protocol that the request was made in."""
        told = {"AUTHORIZATION": "Authorization", "X_AMZ_TARGET": "X-Amz-Target"}
        return {
            "REQUEST_METHOD": self.command,
            "QUERY_STRING": asked.partition("?")[2],
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            **{f"HTTP_{key}": self.headers.get(name, "") for key, name in told.items()},
        }

    def _say(self, status: HTTPStatus, message: str) -> None:
        kind = (("Content-Type", "text/plain; charset=utf-8"),)
        self._write(Reply(f"{status.value} {status.phrase}", kind, message.encode()))

    def _write(self, reply: Reply) -> None:
        self.send_response_only(reply.code, reply.status.partition(" ")[2])
        self.send_header(MARK, self.server.mark)
        for name, value in (*reply.headers, ("Content-Length", str(len(reply.body)))):
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)
        self.wfile.flush()
