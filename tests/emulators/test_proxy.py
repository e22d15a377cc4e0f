"""The gate in front of an emulator: what it closes, what it counts, and that it changes nothing else."""

from __future__ import annotations

import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import BinaryIO

import pytest

from grader.emulators.dialling import on_port
from grader.emulators.proxy import Gate

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
READ_SECONDS = 5


@dataclass
class Backend:
    """An emulator of a few lines: it keeps the bytes of each request and sends those of `reply`."""

    reply: bytes | Callable[[socket.socket], None] = PLAIN
    requests: list[bytes] = field(default_factory=list)
    port: int = 0

    def serve(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as stream, suppress(EOFError):
            self.requests.append(read_request(stream))
            if callable(self.reply):
                self.reply(connection)
            else:
                connection.sendall(self.reply)

    def head(self) -> list[str]:
        """The lines before the body of the only request."""
        (request,) = self.requests
        return request.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")

    def body(self) -> bytes:
        (request,) = self.requests
        return request.partition(b"\r\n\r\n")[2]


def read_request(stream: BinaryIO) -> bytes:
    """Raises EOFError where it breaks off."""
    read = b""
    while not read.endswith(b"\r\n\r\n"):
        read += line(stream)
    head = read.lower()
    if b"transfer-encoding: chunked" in head:
        while not read.endswith(b"\r\n0\r\n\r\n"):
            read += line(stream)
    elif b"content-length: " in head:
        read += stream.read(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
    return bytes(read)


def line(stream: BinaryIO) -> bytes:
    read = stream.readline()
    if not read:  # else this would go on for ever, and slow all that runs beside it
        raise EOFError
    return read


@pytest.fixture
def backend() -> Iterator[Backend]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        backend = Backend(port=listener.getsockname()[1])
        threading.Thread(target=backend.serve, args=(listener,), daemon=True).start()
        yield backend
        listener.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def gate(backend: Backend) -> Iterator[Gate]:
    gate = Gate()
    gate.lead_to(on_port(backend.port), "fake 1.0")
    yield gate
    gate.close()


def exchange(gate: Gate, request: bytes) -> bytes:
    """Everything that comes back until the other end closes."""
    with socket.create_connection(("127.0.0.1", gate.port), timeout=READ_SECONDS) as client:
        client.sendall(request)
        client.shutdown(socket.SHUT_WR)
        received = b""
        while piece := client.recv(65536):
            received += piece
        return received


def get(gate: Gate, target: str, headers: str = "", host: str = "x") -> bytes:
    return exchange(gate, f"GET {target} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n".encode("latin-1"))


CONTROL = [
    "/_localstack/health",
    "/_localstack",
    "/_localstack/",
    "//_localstack/health",
    "///_localstack///health",
    "/./_localstack/health",
    "/bucket/../_localstack/health",
    "/%5flocalstack/health",
    "/%5Flocalstack/health",
    "/%255flocalstack/health",
    "/%25255flocalstack/health",
    "/_localstack%2fhealth",
    "/_localstack%252fhealth",
    "/%2f_localstack/health",
    "/%2e/_localstack/health",
    "/a/%2e%2e/_localstack/health",
    "/\\_localstack/health",
    "/%5c_localstack/health",
    "/_localstack%5chealth",
    "/_LocalStack/health",
    "/_localstack;v=1/health",
    "/_localstack%3fx/health",
    "/_localstack?x=1",
    "/_localstack#x",
    "/_localstack%00/health",
    "/%20_localstack/health",
    "/%09_localstack/health",
    "http://127.0.0.1/_localstack/health",
    "HTTP://127.0.0.1:4566/_localstack/health",
    "http:///_localstack/health",
    "http://user@host//%5flocalstack/health",
    "/_localstack_lambda/x/status",
    "/_ministack/reset",
    "/_ministack/config",
    "/_ministack/rds/iam-auth",
    "/_extension/mount",
    "/_aws/sqs/messages?QueueUrl=x",
    "/_aws/sns/platform-endpoint-messages",
    "/_aws/ses",
    "/_aws/dynamodb/expired",
    "/_aws/execute-api/../sqs/messages",
    "/_aws",
]
OBJECTS = [
    "/",
    "/?Action=ListQueues",
    "/bucket/_localstack/health",
    "/bucket//_localstack/health",
    "/bucket/%5flocalstack%2fhealth",
    "/bucket/a/../_ministack",
    "/bucket/..%2f..",
    "//key-that-begins-with-a-slash",
    "/_delta_log/0.json",
    "/_SUCCESS",
    "/localstack/health",
    "/_localstacks",
    "/moto-api/a-bucket-of-that-name",
    "/bucket?prefix=/_localstack/health",
    "/bucket/%E2%82%AC%20%2B+~'()!*",
    "/bucket/100%25",
    "/_aws/execute-api/abc/prod/_aws/sqs",
    "/_aws/lambda-url/abc/",
    "/_aws/sns/SimpleNotificationService-6c6f63616c737461636b69736e696365.pem",
    "/_ministack/cfn-response/token",
    "/_ministack/lambda-code/123456789012/us-east-1/name",
    "/123456789012/queue",
    "*",
]


@pytest.mark.parametrize("target", CONTROL)
def test_a_control_route_is_closed_in_every_spelling(gate: Gate, backend: Backend, target: str) -> None:
    answer = get(gate, target)
    assert answer.startswith(b"HTTP/1.1 403 Forbidden\r\nX-Labgrade-Emulator: fake 1.0\r\n")
    assert answer.endswith(b"the emulator's control routes are closed; `labgrade reset` starts a workspace over")
    assert backend.requests == []
    assert gate.calls == 0


@pytest.mark.parametrize("target", OBJECTS)
def test_what_only_looks_like_one_goes_through_as_it_is(gate: Gate, backend: Backend, target: str) -> None:
    assert get(gate, target).endswith(b"ok")
    assert backend.head()[0] == f"GET {target} HTTP/1.1"
    assert gate.calls == 1


def test_an_absolute_target_loses_the_host_that_it_repeats(gate: Gate, backend: Backend) -> None:
    get(gate, "http://elsewhere:1/bucket/key?x=1", host="bucket.s3.localhost")
    assert backend.head()[:2] == ["GET /bucket/key?x=1 HTTP/1.1", "Host: bucket.s3.localhost"]


def test_a_target_that_is_not_ascii_is_encoded(gate: Gate, backend: Backend) -> None:
    get(gate, "/bucket/\xe4")
    assert backend.head()[0] == "GET /bucket/%E4 HTTP/1.1"


def test_headers_go_through_in_order_with_all_that_comes_twice(gate: Gate, backend: Backend) -> None:
    get(
        gate,
        "/",
        "X-Amz-Meta-A: 1\r\nAuthorization: AWS4-HMAC-SHA256 a, b=c==\r\nX-Amz-Meta-A:  2 \r\nAccept-Encoding: x\r\n",
    )
    assert backend.head()[1:] == [
        "Host: x",
        "X-Amz-Meta-A: 1",
        "Authorization: AWS4-HMAC-SHA256 a, b=c==",
        "X-Amz-Meta-A: 2",
        "Accept-Encoding: x",
        "Connection: close",
    ]


@pytest.mark.parametrize(
    "header",
    [
        "X-Localstack-Data: {}",
        "x-localstack-target: s3",
        "X-LOCALSTACK-Request-Url: http://x",
        "X-Moto-Account-Id: 999999999999",
        "x_moto_account_id: 999999999999",
        "X-Labgrade-Emulator: moto",
        "Upgrade: h2c",
        "HTTP2-Settings: AA",
        "Keep-Alive: 5",
        "Proxy-Authorization: x",
        "TE: trailers",
    ],
)
def test_a_header_that_is_not_for_aws_is_dropped(gate: Gate, backend: Backend, header: str) -> None:
    get(gate, "/", f"{header}\r\nX-Amz-Date: kept\r\n")
    assert backend.head()[1:] == ["Host: x", "X-Amz-Date: kept", "Connection: close"]


def test_the_connection_header_cannot_take_the_host_away(gate: Gate, backend: Backend) -> None:
    get(gate, "/", "Connection: host, x-secret\r\nX-Secret: 1\r\n")
    assert backend.head()[1:] == ["Host: x", "Connection: close"]


@pytest.mark.parametrize(
    "headers",
    [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: -5\r\n",
        "Content-Length: 5, 5\r\n",
        "Content-Length: \xb2\r\n",
        f"Content-Length: {'9' * 5000}\r\n",
        "Content-Length : 5\r\n",
        "no header\r\nContent-Length: 5\r\n",
        "From here\r\nContent-Length: 5\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding: x\r\n",
    ],
)
def test_a_request_that_can_be_read_in_two_ways_is_refused(gate: Gate, backend: Backend, headers: str) -> None:
    smuggled = "GET /_ministack/reset HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = exchange(gate, f"POST / HTTP/1.1\r\nHost: x\r\n{headers}\r\n0\r\n\r\n{smuggled}".encode("latin-1"))
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert answer.count(b"HTTP/1.1") == 1
    assert backend.requests == []


@pytest.mark.parametrize("target", ["_localstack/health", "http:/_localstack/health", "*/_localstack", "host:80"])
def test_a_target_that_is_neither_path_nor_uri_is_refused(gate: Gate, backend: Backend, target: str) -> None:
    assert get(gate, target).startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert backend.requests == []


def test_a_form_upload_is_no_broken_request(gate: Gate, backend: Backend) -> None:
    get(gate, "/b", "Content-Type: multipart/form-data; boundary=x\r\n")
    assert "Content-Type: multipart/form-data; boundary=x" in backend.head()


def test_what_follows_a_body_is_a_request_of_its_own(gate: Gate, backend: Backend) -> None:
    hidden = b"GET /_localstack/health HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = exchange(gate, b"PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc" + hidden)
    assert backend.body() == b"abc"
    assert b"HTTP/1.1 403 Forbidden" in answer


def test_a_large_body_goes_through_unchanged(gate: Gate, backend: Backend) -> None:
    body = bytes(range(256)) * 40_000
    head = f"PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    assert exchange(gate, head + body).endswith(b"ok")
    assert backend.body() == body


def test_a_body_in_chunks_goes_through_in_chunks(gate: Gate, backend: Backend) -> None:
    chunks = b"3;chunk-signature=0\r\nabc\r\nA\r\n0123456789\r\n0\r\nx-amz-checksum-crc32: AAAA\r\n\r\n"
    headers = b"Content-Encoding: aws-chunked\r\nTransfer-Encoding: chunked\r\nX-Amz-Decoded-Content-Length: 13\r\n"
    assert exchange(gate, b"PUT /b/k HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n" + chunks).endswith(b"ok")
    assert backend.body() == b"3\r\nabc\r\na\r\n0123456789\r\n0\r\n\r\n"
    assert {"Content-Encoding: aws-chunked", "X-Amz-Decoded-Content-Length: 13"} < set(backend.head())


@pytest.mark.parametrize("chunks", [b"zz\r\nabc\r\n", b"-3\r\nabc\r\n", b"5\r\nab", b"\r\n", b"f" * 20 + b"\r\n"])
def test_a_body_in_broken_chunks_ends_the_connection(gate: Gate, chunks: bytes) -> None:
    assert exchange(gate, b"PUT /b/k HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks) == b""


def test_a_client_that_waits_for_100_continue_is_told_to_go_on(gate: Gate, backend: Backend) -> None:
    with socket.create_connection(("127.0.0.1", gate.port), timeout=READ_SECONDS) as client:
        client.sendall(b"PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"abc")
        assert client.recv(100).startswith(b"HTTP/1.1 200 OK")
    assert backend.body() == b"abc"
    assert not [line for line in backend.head() if line.lower().startswith("expect")]


MOST = 8 << 20


@pytest.fixture
def narrow(backend: Backend) -> Iterator[Gate]:
    """A gate that takes 8 MiB."""
    gate = Gate(most_bytes=MOST)
    gate.lead_to(on_port(backend.port), "fake 1.0")
    yield gate
    gate.close()


def test_a_body_of_just_that_many_bytes_goes_through(narrow: Gate, backend: Backend) -> None:
    head = f"PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: {MOST}\r\n\r\n".encode()
    assert exchange(narrow, head + bytes(MOST)).endswith(b"ok")
    assert backend.body() == bytes(MOST)


@pytest.mark.parametrize("sent", [0, MOST + 1], ids=["unsent", "sent"])
def test_too_large_a_body_is_refused_in_the_words_of_s3(narrow: Gate, backend: Backend, sent: int) -> None:
    head = f"PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: {MOST + 1}\r\n\r\n".encode()
    answer = exchange(narrow, head + bytes(sent))
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\nX-Labgrade-Emulator: fake 1.0\r\n")
    assert b"<Code>EntityTooLarge</Code><Message>this emulator takes requests of up to 8 MiB</Message>" in answer
    assert (backend.requests, narrow.calls) == ([], 0)


def test_and_in_those_of_a_service_that_speaks_json(narrow: Gate) -> None:
    more = "X-Amz-Target: AmazonSQS.SendMessage\r\nContent-Type: application/x-amz-json-1.0\r\n"
    answer = exchange(narrow, f"POST / HTTP/1.1\r\nHost: x\r\n{more}Content-Length: {MOST + 1}\r\n\r\n".encode())
    assert b'"__type": "EntityTooLarge", "message": "this emulator takes requests of up to 8 MiB"' in answer


def test_a_client_that_asks_first_need_not_send_it(narrow: Gate) -> None:
    with socket.create_connection(("127.0.0.1", narrow.port), timeout=READ_SECONDS) as client:
        asks = f"PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: {MOST + 1}\r\nExpect: 100-continue\r\n\r\n"
        client.sendall(asks.encode())
        assert client.recv(100).startswith(b"HTTP/1.1 400 Bad Request")


@pytest.mark.parametrize(("size", "times"), [(MOST // 4 + 1, 4), (MOST + 1, 1)], ids=["many chunks", "one chunk"])
def test_too_large_a_body_in_chunks_is_refused_and_never_ends_for_the_emulator(
    narrow: Gate, backend: Backend, size: int, times: int
) -> None:
    chunk = b"%x\r\n%b\r\n" % (size, bytes(size))
    head = b"PUT /b/k HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = exchange(narrow, head + chunk * times + b"0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"<Code>EntityTooLarge</Code>" in answer
    assert b"ok" not in answer
    assert backend.requests == []  # it waits for the end that never comes


def test_a_second_gate_takes_no_more_than_the_first(narrow: Gate) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, narrow.beside(listener) as second:
        head = f"PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: {MOST + 1}\r\n\r\n".encode()
        assert b"EntityTooLarge" in exchange(second, head)


def test_head_says_how_long_the_object_is_and_the_connection_stays(gate: Gate, backend: Backend) -> None:
    backend.reply = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\nETag: x\r\n\r\n"
    client = HTTPConnection("127.0.0.1", gate.port, timeout=READ_SECONDS)
    client.request("HEAD", "/b/k")
    answer = client.getresponse()
    assert (answer.getheader("Content-Length"), answer.read()) == ("5000", b"")
    backend.reply = PLAIN
    client.request("GET", "/b/k")
    assert client.getresponse().read() == b"ok"
    client.close()


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_an_answer_that_has_no_body_gets_none(gate: Gate, backend: Backend, status: str) -> None:
    backend.reply = f"HTTP/1.1 {status}\r\nETag: x\r\n\r\n".encode()
    assert get(gate, "/b/k") == backend.reply


def test_an_answer_goes_through_with_its_words_and_all_its_headers(gate: Gate, backend: Backend) -> None:
    backend.reply = (
        b"HTTP/1.1 418 Short And Stout\r\nSet-Cookie: a\r\nx-amz-id-2: y\r\nSet-Cookie: b\r\nContent-Length: 0\r\n\r\n"
    )
    assert get(gate, "/") == backend.reply


def test_an_answer_comes_as_it_is_made(gate: Gate, backend: Backend) -> None:
    seen = threading.Event()

    def slowly(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
        assert seen.wait(READ_SECONDS)
        connection.sendall(b"6\r\nsecond\r\n0\r\n\r\n")

    backend.reply = slowly
    client = HTTPConnection("127.0.0.1", gate.port, timeout=READ_SECONDS)
    client.request("GET", "/b/k")
    answer = client.getresponse()
    assert answer.read1() == b"first"
    seen.set()
    assert answer.read() == b"second"
    client.close()


def test_an_old_client_gets_the_body_until_the_end(gate: Gate, backend: Backend) -> None:
    backend.reply = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n0\r\n\r\n"
    answer = exchange(gate, b"GET / HTTP/1.0\r\nHost: x\r\n\r\n")
    assert answer.endswith(b"\r\n\r\nfirst")
    assert b"Transfer-Encoding" not in answer


@pytest.mark.parametrize(
    "broken",
    [b"Content-Length: 10\r\n\r\nabc", b"Transfer-Encoding: chunked\r\n\r\n5\r\nab"],
)
def test_an_answer_that_breaks_off_is_never_made_whole(gate: Gate, backend: Backend, broken: bytes) -> None:
    backend.reply = b"HTTP/1.1 200 OK\r\n" + broken
    received = b""
    with socket.create_connection(("127.0.0.1", gate.port), timeout=READ_SECONDS) as client:
        client.sendall(b"GET /b/k HTTP/1.1\r\nHost: x\r\n\r\n")
        while piece := client.recv(65536):  # until the gate hangs up, as the emulator did
            received += piece
    assert received.startswith(b"HTTP/1.1 200 OK\r\n")
    assert not received.endswith(b"0\r\n\r\n")


def test_an_emulator_that_is_gone_is_a_bad_gateway(gate: Gate) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        gate._behind = on_port(probe.getsockname()[1])
        answer = get(gate, "/")
    assert answer.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
    assert answer.endswith(b"the emulator does not answer (ConnectionRefusedError)")


def test_every_call_is_counted_once(gate: Gate) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: get(gate, f"/{n}"), range(200)))
    assert all(answer.endswith(b"ok") for answer in answers)
    assert gate.calls == 200


def test_the_port_is_refused_until_it_leads_somewhere_and_after_it_is_closed(backend: Backend) -> None:
    gate = Gate()
    with pytest.raises(ConnectionRefusedError):
        get(gate, "/")
    gate.lead_to(on_port(backend.port), "fake 1.0")
    assert get(gate, "/").endswith(b"ok")
    gate.close()
    gate.close()
    with pytest.raises(ConnectionRefusedError):
        get(gate, "/")


def test_a_gate_that_never_opened_can_be_closed() -> None:
    Gate().close()


@pytest.mark.slow
def test_a_call_takes_less_than_three_milliseconds_more(gate: Gate, backend: Backend) -> None:
    def best_of(port: int) -> float:
        """The first decile: what it takes where no other process is in the way."""
        return statistics.quantiles((timed(port) for _ in range(300)), n=10)[0]

    def timed(port: int) -> float:
        client = HTTPConnection("127.0.0.1", port, timeout=READ_SECONDS)
        started = time.perf_counter()
        client.request("GET", "/b/k", headers={f"X-Amz-{n}": "x" * 50 for n in range(12)})
        client.getresponse().read()
        seconds = time.perf_counter() - started
        client.close()
        return seconds

    assert best_of(gate.port) - best_of(backend.port) < 0.003
