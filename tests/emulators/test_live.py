"""The emulator that a student works against: found, recognised, and told from AWS before anything is asked of it."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from grader.access import ForkUnsupported
from grader.emulators import asking, live
from grader.emulators.live import find
from grader.errors import NothingToGrade, UsageError

Reply = tuple[int, Mapping[str, str], bytes]
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@pytest.fixture(autouse=True)
def stay_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is asked: no name is looked up, and no connection made, beyond this machine."""
    lookup, connect = socket.getaddrinfo, socket.socket.connect

    def local_lookup(host: Any, *rest: Any, **named: Any) -> Any:
        assert host in LOOPBACK, f"{host} was looked up"
        return lookup(host, *rest, **named)

    def local_connect(self: socket.socket, address: Any) -> None:
        assert self.family not in (socket.AF_INET, socket.AF_INET6) or address[0] in LOOPBACK, f"{address} was called"
        connect(self, address)

    monkeypatch.setattr(socket, "getaddrinfo", local_lookup)
    monkeypatch.setattr(socket.socket, "connect", local_connect)


@dataclass
class Fake:
    """A server with a few answers. Everything else is a 404, as of a bucket that is not there."""

    answers: dict[str, Reply | Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    url: str = ""
    port: int = 0

    @contextmanager
    def serving(self, context: ssl.SSLContext | None = None) -> Iterator[Fake]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                key = f"{self.command} {self.path}"
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                fake.asked.append((key, {name.lower(): value for name, value in self.headers.items()}))
                reply = fake.answers.get(key, (404, {}, b"<Error><Code>NoSuchBucket</Code></Error>"))
                if callable(reply):
                    reply(self)
                    return
                self.send_response_only(reply[0])
                for name, value in {**reply[1], "Content-Length": str(len(reply[2]))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply[2])

            do_GET = do_POST = answer  # noqa: N815

            def log_message(self, *_: Any) -> None: ...

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        self.port = int(server.server_address[1])
        self.url = f"http{'s' if context else ''}://127.0.0.1:{self.port}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()


def identity(account: str, user: str) -> Reply:
    body = f"<GetCallerIdentityResult><UserId>{user}</UserId><Account>{account}</Account></GetCallerIdentityResult>"
    return 200, {"Content-Type": "text/xml"}, body.encode()


LOCALSTACK: dict[str, Any] = {
    "GET /_localstack/health": (
        200,
        {},
        b'{"services": {"s3": "running"}, "edition": "community", "version": "4.14.0"}',
    ),
    "POST /": identity("000000000000", "AKIAIOSFODNN7EXAMPLE"),
}


@pytest.fixture
def localstack() -> Iterator[Fake]:
    with Fake(dict(LOCALSTACK)).serving() as fake:
        yield fake


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_moto_server_is_graded_where_the_environment_names_it(moto: str) -> None:
    found = find(environ={"AWS_ENDPOINT_URL": moto, "AWS_REGION": "eu-west-1"})
    assert found.emulator.to_json() == {"name": "moto", "version": "", "endpoint": moto, "fresh": False}
    assert str(found.reason) == f"moto, account 123456789012, region eu-west-1: AWS_ENDPOINT_URL names {moto}."
    found.emulator.access.client("sqs").create_queue(QueueName="seen")
    assert found.emulator.access.client("sqs").list_queues()["QueueUrls"][0].endswith("/seen")


def test_a_found_emulator_is_never_stopped(moto: str) -> None:
    emulator = find(endpoint_url=moto, environ={}).emulator
    with emulator:
        assert not emulator.fresh
    assert emulator.alive()
    assert emulator.calls() is None
    with pytest.raises(ForkUnsupported):
        emulator.fork()


def test_a_dead_emulator_is_not_alive() -> None:
    with Fake(dict(LOCALSTACK)).serving() as fake:
        emulator = find(endpoint_url=fake.url, environ={}).emulator
        assert emulator.alive()
    assert not emulator.alive()


def test_the_flag_goes_before_the_environment(localstack: Fake, moto: str) -> None:
    found = find(endpoint_url=localstack.url, environ={"AWS_ENDPOINT_URL": moto})
    assert found.emulator.access.endpoint == localstack.url
    assert str(found.reason) == (
        f"LocalStack 4.14.0, account 000000000000, region us-east-1: --endpoint-url names {localstack.url}."
    )


def test_the_environment_goes_before_localstack_client(localstack: Fake, moto: str) -> None:
    found = find(environ={"AWS_ENDPOINT_URL": moto, "LOCALSTACK_HOST": f"localhost:{localstack.port}"})
    assert found.emulator.name == "moto"


def test_localstack_is_found_where_localstack_client_looks(localstack: Fake) -> None:
    found = find(environ={"AWS_ENDPOINT_URL": " ", "LOCALSTACK_HOST": f"localhost:{localstack.port}"})
    assert (found.emulator.name, found.emulator.version) == ("localstack", "4.14.0")
    assert str(found.reason).endswith(f"LOCALSTACK_HOST names http://localhost:{localstack.port}.")


def test_a_localstack_host_without_a_port_number_is_said() -> None:
    with pytest.raises(UsageError, match="LOCALSTACK_HOST: 'localhost:edge' is no host with a port"):
        find(environ={"LOCALSTACK_HOST": "localhost:edge"})


def test_where_nothing_runs_the_message_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"http://localhost:{free_port()}"
    monkeypatch.setattr(live, "_localstack_url", lambda _: url)
    with pytest.raises(NothingToGrade) as caught:
        find(environ={})
    assert caught.value.exit_code == 2
    assert str(caught.value) == (
        f"nothing to grade: no submission is named, AWS_ENDPOINT_URL is not set, and nothing answers at {url}. "
        "Name a submission, or an emulator with --endpoint-url; `labgrade start LAB` opens one; "
        "`docker compose up -d` starts LocalStack."
    )


def test_an_endpoint_that_does_not_answer_is_named_with_the_cure() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(UsageError, match=f"AWS_ENDPOINT_URL: no emulator answers at {url} .*docker compose up -d"):
        find(environ={"AWS_ENDPOINT_URL": url})


def test_a_host_is_judged_before_the_first_call(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("a call went out")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("52.94.236.248", 80))])
    for url in ("https://sqs.us-east-1.amazonaws.com", "http://52.94.236.248"):
        with pytest.raises(UsageError, match=r"belongs to AWS|--allow-host"):
            find(environ={"AWS_ENDPOINT_URL": url})


def test_ministack_is_not_taken_for_localstack() -> None:
    health = (200, {}, b'{"services": {}, "edition": "light", "version": "1.5.33"}')
    answers = {**LOCALSTACK, "GET /_ministack/health": health, "GET /_localstack/health": health}
    with Fake(answers).serving() as fake:
        found = find(endpoint_url=fake.url, environ={}).emulator
    assert (found.name, found.version) == ("ministack", "1.5.33")


def test_the_account_is_that_of_the_callers_key(localstack: Fake) -> None:
    find(endpoint_url=localstack.url, environ={"AWS_ACCESS_KEY_ID": "210987654321"})
    find(endpoint_url=localstack.url, environ={})
    keys = [h["authorization"].split("/")[0] for key, h in localstack.asked if key == "POST /"]
    assert keys == ["AWS4-HMAC-SHA256 Credential=210987654321", "AWS4-HMAC-SHA256 Credential=test"]


def test_the_callers_secret_goes_nowhere(localstack: Fake) -> None:
    environ = {
        "AWS_ACCESS_KEY_ID": "AKIAXXXXXXXXXXXXXXXX",
        "AWS_SECRET_ACCESS_KEY": "hush/hush",
        "AWS_SESSION_TOKEN": "hush-token",
    }
    access = find(endpoint_url=localstack.url, environ=environ).emulator.access
    assert access.access_key == "AKIAXXXXXXXXXXXXXXXX"
    assert "hush" not in f"{access} {localstack.asked}"
    (asked,) = [headers for key, headers in localstack.asked if key == "POST /"]
    assert asked["authorization"].endswith(f"Signature={'0' * 64}")


def test_another_kind_than_was_asked_for_is_said(localstack: Fake) -> None:
    with pytest.raises(
        UsageError, match=r"--emulator: --endpoint-url names .*, and it is LocalStack 4.14.0, not moto\."
    ):
        find(endpoint_url=localstack.url, emulator="moto", environ={})
    assert find(endpoint_url=localstack.url, emulator="localstack", environ={}).emulator.name == "localstack"


def test_an_emulator_that_is_none_is_said() -> None:
    with pytest.raises(UsageError, match="there is no 'floci'; labgrade knows moto, localstack, ministack"):
        find(emulator="floci", environ={})


def test_an_unknown_emulator_is_graded_as_an_endpoint() -> None:
    answers: dict[str, Any] = {"POST /": identity("000000000000", "AIDA" + "A" * 17)}
    with Fake(answers).serving() as fake:
        found = find(endpoint_url=fake.url, environ={})
    assert (found.emulator.name, found.emulator.version) == ("endpoint", "")
    assert str(found.reason).startswith("an emulator of AWS, account 000000000000")


def test_an_emulator_without_sts_gives_the_account_that_the_key_means() -> None:
    with Fake({"POST /": (501, {}, b"")}).serving() as fake:
        keyed = find(endpoint_url=fake.url, environ={"AWS_ACCESS_KEY_ID": "210987654321"})
        assert keyed.emulator.access.account == "210987654321"
        assert find(endpoint_url=fake.url, environ={}).emulator.access.account == "000000000000"


AWS_LIKE: dict[str, dict[str, Any]] = {
    "a tunnel to S3": {"GET /": (307, {"Location": "https://aws.amazon.com/s3/", "Server": "AmazonS3"}, b"")},
    "a tunnel to STS": {"GET /": (302, {"Location": "https://aws.amazon.com/iam"}, b"")},
    "one that checks signatures": {"POST /": (403, {}, b"<Code>InvalidClientTokenId</Code>")},
    "one that wants credentials": {"POST /": (401, {}, b"<Code>AuthFailure</Code>")},
    "a proxy that signs as a user": {"POST /": identity("734512098871", "AIDAQWERTYUIOPASDFGHJ")},
    "a proxy that signs as a role": {"POST /": identity("734512098871", "AROAQWERTYUIOPASDFGHJ:me")},
    "a proxy that signs as root": {"POST /": identity("734512098871", "734512098871")},
}


@pytest.mark.parametrize("kind", AWS_LIKE)
def test_what_looks_like_aws_is_refused_before_a_signed_call(kind: str) -> None:
    with (
        Fake(AWS_LIKE[kind]).serving() as fake,
        pytest.raises(UsageError, match=f"{fake.url} looks like AWS itself.*only ever calls emulators"),
    ):
        find(endpoint_url=fake.url, environ={"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "hush"})
    signed = [headers["authorization"] for _, headers in fake.asked if "authorization" in headers]
    assert all(header.endswith("0" * 64) for header in signed)
    assert "authorization" not in fake.asked[0][1]


@pytest.mark.parametrize("status", [200, 302, 405, 500])
def test_a_server_that_is_no_emulator_is_said(status: int) -> None:
    with (
        Fake({"POST /": (status, {"Location": "http://127.0.0.1:1/"}, b"hello")}).serving() as fake,
        pytest.raises(UsageError, match=rf"no emulator of AWS that labgrade understands \(HTTP {status} to sts"),
    ):
        find(endpoint_url=fake.url, environ={})


def test_a_redirect_is_never_followed() -> None:
    with Fake(dict(LOCALSTACK)).serving() as elsewhere:
        away = (307, {"Location": f"{elsewhere.url}/_localstack/health"}, b"")
        with (
            Fake({"GET /_localstack/health": away, "POST /": away}).serving() as fake,
            pytest.raises(UsageError, match="HTTP 307"),
        ):
            find(endpoint_url=fake.url, environ={})
    assert elsewhere.asked == []


def drip(handler: BaseHTTPRequestHandler) -> None:
    while True:
        handler.wfile.write(b"H")
        handler.wfile.flush()
        time.sleep(0.1)


def flood(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        handler.wfile.write(b'{"services":' + b" " * 65536)


def test_a_server_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "PATIENCE_SECONDS", 0.5)
    started = time.monotonic()
    with (
        Fake({"GET /_ministack/health": drip}).serving() as fake,
        pytest.raises(UsageError, match="no emulator answers"),
    ):
        find(endpoint_url=fake.url, environ={})
    assert time.monotonic() - started < 5


def test_a_server_that_never_ends_is_read_for_a_mebibyte(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "PATIENCE_SECONDS", 20.0)
    started = time.monotonic()
    with Fake({"GET /_ministack/health": flood, **LOCALSTACK}).serving() as fake:
        assert find(endpoint_url=fake.url, environ={}).emulator.name == "localstack"
    assert time.monotonic() - started < 15


def test_what_does_not_speak_http_is_said() -> None:
    def gibberish(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"SSH-2.0-OpenSSH_9.9\r\n")

    with (
        Fake({"GET /_ministack/health": gibberish}).serving() as fake,
        pytest.raises(UsageError, match="does not answer in HTTP"),
    ):
        find(endpoint_url=fake.url, environ={})


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "emulator")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_certificate_that_nobody_vouches_for_is_said_with_the_cure(
    context: ssl.SSLContext, certificate: Path
) -> None:
    with Fake(dict(LOCALSTACK)).serving(context) as fake:
        with pytest.raises(UsageError, match=f"AWS_CA_BUNDLE.*aws/emulator/{fake.port}/ca.pem"):
            find(endpoint_url=fake.url, environ={})
        trusted = find(endpoint_url=fake.url, environ={"AWS_CA_BUNDLE": str(certificate)})
    assert trusted.emulator.access.endpoint == fake.url


def test_a_bundle_that_is_not_there_is_said(context: ssl.SSLContext) -> None:
    with (
        Fake(dict(LOCALSTACK)).serving(context) as fake,
        pytest.raises(UsageError, match=r"AWS_CA_BUNDLE: there is no file /nowhere\.pem"),
    ):
        find(endpoint_url=fake.url, environ={"AWS_CA_BUNDLE": "/nowhere.pem"})


def aws_emulator(handler: BaseHTTPRequestHandler) -> None:
    """It takes the keys of its own run, signed, and no others."""
    given = handler.headers.get("Authorization", "")
    taken = "Credential=EMUKEY/" in given and not given.endswith("0" * 64)
    status, _, body = identity("000000000000", "000000000000") if taken else (403, {}, b"<Code>AccessDenied</Code>")
    if taken:
        body = b"<GetCallerIdentityResponse>" + body + b"</GetCallerIdentityResponse>"
    handler.send_response_only(status)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    return tmp_path


def test_aws_emulator_is_signed_for_with_the_keys_that_it_has_made(home: Path) -> None:
    with Fake({"POST /": aws_emulator}).serving() as fake:
        folder = home / ".aws" / "emulator" / str(fake.port)
        folder.mkdir(parents=True)
        folder.joinpath("credentials").write_text(
            "[default]\naws_access_key_id = EMUKEY\naws_secret_access_key = of-this-run\n", "utf-8"
        )
        found = find(endpoint_url=fake.url, environ={"HOME": str(home), "AWS_SECRET_ACCESS_KEY": "hush"})
    assert (found.emulator.name, found.emulator.access.account) == ("aws-emulator", "000000000000")
    assert (found.emulator.access.access_key, found.emulator.access.secret_key) == ("EMUKEY", "of-this-run")


def test_the_keys_of_another_run_are_said(home: Path) -> None:
    with Fake({"POST /": aws_emulator}).serving() as fake:
        folder = home / ".aws" / "emulator" / str(fake.port)
        folder.mkdir(parents=True)
        folder.joinpath("credentials").write_text("[default]\naws_access_key_id=A\naws_secret_access_key=B\n", "utf-8")
        with pytest.raises(UsageError, match="Are they those of another run"):
            find(endpoint_url=fake.url, environ={"HOME": str(home)})


@pytest.mark.parametrize("content", ["", "[other]\n", "[default]\naws_access_key_id=A\n", "no ini", "\0"])
def test_a_broken_credentials_file_is_no_key(home: Path, content: str) -> None:
    with Fake({"POST /": aws_emulator}).serving() as fake:
        folder = home / ".aws" / "emulator" / str(fake.port)
        folder.mkdir(parents=True)
        folder.joinpath("credentials").write_text(content, "utf-8")
        with pytest.raises(UsageError, match="or start it with --auth off"):
            find(endpoint_url=fake.url, environ={"HOME": str(home)})
