"""The gate in front of moto: no back doors, one line for a failure, and nothing kills the server."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from grader.emulators import moto
from grader.emulators.moto.gate import Gate
from grader.emulators.moto.routes import first_segment

SIGNED = "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=0"
NOT_THERE = "AWS4-HMAC-SHA256 Credential=x/20260101/{}/aws4_request, SignedHeaders=host, Signature=0"


@pytest.fixture(scope="module")
def running() -> Iterator[moto.Moto]:
    with moto.launch(most_mib=8) as starting:
        yield starting.ready()


def ask(running: moto.Moto, target: str, method: str = "POST", **headers: str) -> tuple[int, str]:
    """As written, by a client that does not tidy paths."""
    port = int(running.access.endpoint.rsplit(":", 1)[1])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.putrequest(method, target, skip_host="host" in headers)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


@pytest.mark.parametrize(
    "target",
    [
        "/moto-api/reset",
        "/moto-api/",
        "/moto-api",
        "//moto-api/reset",
        "///moto-api//reset",
        "/%6doto-api/reset",
        "/%256doto-api/reset",
        "/moto-api%2freset",
        "/moto-api%2Fdata.json",
        "/./moto-api/reset",
        "/x/../moto-api/reset",
        "/%2e/moto-api/reset",
        "/\\moto-api/reset",
        "/MOTO-API/reset",
        "/moto-api;x/reset",
        "http://127.0.0.1/moto-api/reset",
        "http://motoapi.amazonaws.com/moto-api/reset",
        "/moto-api/static/athena/query-results",
        "/moto-api/recorder/start-recording",
    ],
)
def test_control_routes_are_closed_however_they_are_spelt(running: moto.Moto, target: str) -> None:
    client = running.access.client("s3")
    client.create_bucket(Bucket="survivor")
    status, text = ask(running, target)
    assert "survivor" in [bucket["Name"] for bucket in client.list_buckets()["Buckets"]]
    assert (status, "control routes are closed" in text, len(text.splitlines())) == (403, True, 1)
    client.delete_bucket(Bucket="survivor")


@pytest.mark.parametrize(
    "scope", ["us-east-1/motoapi.amazonaws.com", "us-east-1/moto_api", "us-east-1/motoapi", "x/s3"]
)
@pytest.mark.parametrize("target", ["/moto-api/reset", "//moto-api/reset", "/moto-api/data.json", "/reset"])
def test_no_credential_scope_opens_them(running: moto.Moto, scope: str, target: str) -> None:
    client = running.access.client("s3")
    client.create_bucket(Bucket="survivor")
    ask(running, target, Authorization=NOT_THERE.format(scope))
    ask(running, target, "GET", Authorization=NOT_THERE.format(scope), host="motoapi.amazonaws.com")
    assert "survivor" in [bucket["Name"] for bucket in client.list_buckets()["Buckets"]]
    client.delete_bucket(Bucket="survivor")


def test_a_host_header_opens_nothing(running: moto.Moto) -> None:
    status, text = ask(running, "/data.json", "GET", host="motoapi.amazonaws.com")
    assert (status, "control routes are closed" in text) == (403, True)


def test_a_bucket_and_a_key_may_be_named_like_them(running: moto.Moto) -> None:
    client = running.access.client("s3")
    for bucket in ("moto-api", "ordinary"):
        client.create_bucket(Bucket=bucket)
        client.put_object(Bucket=bucket, Key="moto-api/reset", Body=b"mine")
        assert client.get_object(Bucket=bucket, Key="moto-api/reset")["Body"].read() == b"mine"
    assert client.generate_presigned_url("get_object", Params={"Bucket": "moto-api", "Key": "moto-api/reset"})


def test_metadata_of_instances_is_no_route_either(running: moto.Moto) -> None:
    status, text = ask(running, "/latest/meta-data/iam/security-credentials/", "GET")
    assert status == 404
    assert "NoSuchBucket" in text


def test_the_account_cannot_be_switched_by_a_header(running: moto.Moto) -> None:
    client = running.access.client("sqs")

    def switch(request: Any, **_: object) -> None:
        request.headers["x-moto-account-id"] = "999999999999"

    client.meta.events.register("before-send", switch)
    assert "/123456789012/" in client.create_queue(QueueName="q")["QueueUrl"]


def test_the_header_does_not_even_reach_moto() -> None:
    seen: list[dict[str, Any]] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.append(environ)
        start_response("200 OK", [])
        return [b""]

    environ = {"HTTP_X_MOTO_ACCOUNT_ID": "9", "PATH_INFO": "/", "QUERY_STRING": "", "REQUEST_METHOD": "GET"}
    Gate(app)(environ, lambda *_: None)
    assert "HTTP_X_MOTO_ACCOUNT_ID" not in seen[0]


def test_the_account_cannot_be_switched_by_a_role(running: moto.Moto) -> None:
    role = "arn:aws:iam::999999999999:role/elsewhere"
    keys = running.access.client("sts").assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]
    there = replace(running.access, access_key=keys["AccessKeyId"], secret_key=keys["SecretAccessKey"])
    assert "/123456789012/" in there.client("sqs").create_queue(QueueName="q")["QueueUrl"]


def test_a_refusal_is_not_counted_as_a_call(running: moto.Moto) -> None:
    before = running.calls()
    ask(running, "/moto-api/reset")
    assert running.calls() == before


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "code"),
    [
        ("s3", "put_bucket_policy", {"Bucket": "ordinary-one", "Policy": "{nope"}, "MalformedPolicy"),
        ("sqs", "create_queue", {"QueueName": "q", "Attributes": {"Policy": "{nope"}}, "InvalidAttributeValue"),
        ("iam", "simulate_custom_policy", {"PolicyInputList": ["{}"], "ActionNames": ["s3:*"]}, "NotImplemented"),
        ("qbusiness", "list_applications", {}, "NotImplemented"),
    ],
)
def test_a_failure_is_one_line_of_an_aws_error(
    running: moto.Moto, service: str, operation: str, arguments: dict[str, str], code: str
) -> None:
    running.access.client("s3").create_bucket(Bucket="ordinary-one")
    with pytest.raises(ClientError) as caught:
        getattr(running.access.client(service), operation)(**arguments)
    error = caught.value.response["Error"]
    assert error["Code"] == code
    assert 0 < len(error["Message"].splitlines()) == 1
    assert "<" not in error["Message"]
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 0


def test_a_failure_of_ec2_is_in_ec2s_words(running: moto.Moto) -> None:
    with pytest.raises(ClientError, match=r"\(NotImplemented\).*has not been implemented"):
        running.access.client("ec2").get_vpn_tunnel_replacement_status(
            VpnConnectionId="vpn-1", VpnTunnelOutsideIpAddress="192.0.2.1"
        )


def test_too_large_a_body_is_refused_before_it_is_sent(running: moto.Moto) -> None:
    client = running.access.client("s3")
    client.create_bucket(Bucket="roomy")
    with pytest.raises(ClientError, match=r"EntityTooLarge.*up to 8 MiB"):
        client.put_object(Bucket="roomy", Key="k", Body=b"x" * (9 << 20))
    client.put_object(Bucket="roomy", Key="k", Body=b"x" * (8 << 20))
    assert client.head_object(Bucket="roomy", Key="k")["ContentLength"] == 8 << 20


def test_too_large_a_chunked_body_is_refused(running: moto.Moto) -> None:
    port = int(running.access.endpoint.rsplit(":", 1)[1])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    chunks = (b"x" * (1 << 20) for _ in range(14))
    connection.request("PUT", "/roomy/chunked", chunks, {"Authorization": SIGNED.format("s3")}, encode_chunked=True)
    assert b"EntityTooLarge" in connection.getresponse().read()
    connection.close()


@pytest.mark.parametrize(
    "noise",
    [
        b"\x00\xff\xfe\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /%zz?%zz=%zz HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: nonsense\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"PUT /b HTTP/1.1\r\nHost: x\r\nAuthorization: AWS4 Credential=a/b/c\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: [\r\n\r\n",
        b"GET http://[::1/ HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
def test_noise_does_not_bring_the_server_down(running: moto.Moto, noise: bytes) -> None:
    port = int(running.access.endpoint.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(noise)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass
    assert running.alive()
    running.access.client("s3").list_buckets()


def test_connections_stay_open_between_requests(running: moto.Moto) -> None:
    port = int(running.access.endpoint.rsplit(":", 1)[1])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    sockets = set()
    for _ in range(3):
        connection.request("GET", "/", headers={"Authorization": SIGNED.format("s3")})
        connection.getresponse().read()
        sockets.add(id(connection.sock))
    assert sockets == {id(connection.sock)} != {id(None)}
    connection.close()


def test_many_clients_are_served_at_once(running: moto.Moto) -> None:
    client = running.access.client("s3")
    client.create_bucket(Bucket="busy")
    writers = [
        threading.Thread(target=client.put_object, kwargs={"Bucket": "busy", "Key": str(number)})
        for number in range(24)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert client.list_objects_v2(Bucket="busy")["KeyCount"] == 24


@pytest.mark.parametrize(
    ("path", "segment"),
    [("/a/b", "a"), ("", ""), ("/%25256d", "m"), ("/a/../../b", "b"), ("\\\\x\\y", "x"), ("/ moto-api /x", "moto-api")],
)
def test_the_first_segment_is_what_a_lenient_server_would_see(path: str, segment: str) -> None:
    assert first_segment(path) == segment
