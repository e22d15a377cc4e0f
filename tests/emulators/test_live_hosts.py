"""Which hosts labgrade calls. The resolver is a fake: no name leaves this machine."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import botocore
import pytest

from grader.emulators.hosts import is_aws, judged
from grader.errors import UsageError

NAMES = {
    "localhost": ("127.0.0.1", "::1"),
    "localhost.localstack.cloud": ("127.0.0.1",),
    "emulator.lan": ("192.168.7.9",),
    "emulator.school.example": ("203.0.114.7",),
    "two-faced.example": ("10.0.0.5", "203.0.114.7"),
    "private.localhost.example": ("203.0.114.7",),
    "metadata.example": ("169.254.169.254",),
    "on-ec2.example": ("203.0.114.7",),
    "alias.example": ("10.0.0.5",),
}
ALIASES = {
    "alias.example": "vpce-1.sqs.us-east-1.vpce.amazonaws.com",
    "on-ec2.example": "ec2-203-0-114-7.compute-1.amazonaws.com",
}


@pytest.fixture(autouse=True)
def resolver(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    asked: list[str] = []

    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        addresses = NAMES.get(host) or ((host,) if host[0].isdigit() or ":" in host else ())
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        name = ALIASES.get(host, host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, name, (address, port)) for address in addresses]

    def refuse(*_: Any) -> None:
        raise AssertionError("judging a host connects to nothing")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    return asked


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("http://127.0.0.1:4566", "http://127.0.0.1:4566"),
        ("http://127.0.0.1:4566/", "http://127.0.0.1:4566"),
        ("HTTP://LocalHost.:4566", "http://localhost:4566"),
        ("https://127.0.0.1:9297", "https://127.0.0.1:9297"),
        ("http://[::1]:4566", "http://[::1]:4566"),
        ("http://[::ffff:127.0.0.1]:4566", "http://[::ffff:7f00:1]:4566"),
        ("http://localhost", "http://localhost:80"),
        ("http://localhost.localstack.cloud:4566", "http://localhost.localstack.cloud:4566"),
        ("http://emulator.lan:4566", "http://emulator.lan:4566"),
        ("http://10.1.2.3:1", "http://10.1.2.3:1"),
    ],
)
def test_a_host_of_this_machine_or_a_private_network_is_called(url: str, canonical: str) -> None:
    assert judged(url, source="--endpoint-url").url == canonical


@pytest.mark.parametrize(
    "url",
    [
        "https://s3.amazonaws.com",
        "https://S3.AmazonAWS.com.",
        "https://sqs.us-east-1.amazonaws.com:443/",
        "https://sqs.eu-west-1.api.aws",
        "https://ec2.cn-north-1.amazonaws.com.cn",
        "https://s3.eusc-de-east-1.amazonaws.eu",
        "https://ec2.us-isob-east-1.sc2s.sgov.gov",
        "https://ec2.us-iso-east-1.c2s.ic.gov",
        "https://abc.lambda-url.us-east-1.on.aws",
        "https://console.aws.amazon.com",
        "https://amazonaws.com",
        "https://ｓ３.amazonaws.com",
        "https://s3。amazonaws。com",
    ],
)
@pytest.mark.parametrize("allow_host", [False, True])
def test_a_host_of_aws_is_refused_without_even_a_look_up(url: str, allow_host: bool, resolver: list[str]) -> None:
    with pytest.raises(UsageError, match="belongs to AWS itself"):
        judged(url, source="--endpoint-url", allow_host=allow_host)
    assert resolver == []


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1@s3.amazonaws.com",
        "http://127.0.0.1:80@s3.amazonaws.com",
        "http://127.0.0.1\\@s3.amazonaws.com",
        "http://127.0.0.1#@s3.amazonaws.com",
        "http://127.0.0.1?.s3.amazonaws.com",
        "http://127.0.0.1 .amazonaws.com",
        "http://127.0.0.1\t:4566",
        "http://s3.amazon\naws.com",
        "http://2130706433:4566",
        "http://0x7f000001:4566",
        "http://127.1:4566",
        "http://0177.0.0.1:4566",
        "http://127.0.0.1:4566/path",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:0",
        "http://:4566",
        "localhost:4566",
        "127.0.0.1:4566",
        "ftp://127.0.0.1",
        "http://[::1",
        "http://" + "a" * 70 + ".example",
        "",
    ],
)
def test_an_endpoint_that_can_be_read_in_two_ways_is_refused(url: str, resolver: list[str]) -> None:
    with pytest.raises(UsageError, match=r"--endpoint-url: .* is no endpoint; write it like http://127.0.0.1:4566"):
        judged(url, source="--endpoint-url", allow_host=True)
    assert resolver == []


@pytest.mark.parametrize(
    "url",
    [
        "http://emulator.school.example:4566",
        "http://two-faced.example:4566",
        "http://private.localhost.example:4566",
        "http://52.94.236.248",
        "http://[2600:1f00::1]:4566",
        "http://[::ffff:52.94.236.248]:4566",
        "http://[fe80::1]:4566",
    ],
)
def test_a_public_address_wants_allow_host_whatever_its_name_looks_like(url: str) -> None:
    with pytest.raises(UsageError, match="--allow-host"):
        judged(url, source="AWS_ENDPOINT_URL")
    assert judged(url, source="AWS_ENDPOINT_URL", allow_host=True).url.startswith("http://")


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254",
        "http://[::ffff:169.254.169.254]",
        "http://[fd00:ec2::254]",
        "http://metadata.example",
    ],
)
def test_the_metadata_service_is_refused_though_its_address_is_local(url: str) -> None:
    with pytest.raises(UsageError, match="keeps an instance's credentials"):
        judged(url, source="--endpoint-url", allow_host=True)


def test_an_alias_of_an_aws_host_is_refused_though_its_address_is_private() -> None:
    with pytest.raises(UsageError, match=r"another name of vpce-1\.sqs\.us-east-1\.vpce\.amazonaws\.com"):
        judged("http://alias.example", source="--endpoint-url", allow_host=True)


def test_an_emulator_on_a_rented_machine_is_called_when_it_is_allowed() -> None:
    assert judged("http://on-ec2.example:4566", source="--endpoint-url", allow_host=True).port == 4566


def test_a_name_that_is_none_is_said() -> None:
    with pytest.raises(UsageError, match=r"LOCALSTACK_HOST: there is no host nowhere\.example"):
        judged("http://nowhere.example", source="LOCALSTACK_HOST")


def test_every_partition_that_botocore_knows_is_aws() -> None:
    partitions = json.loads(Path(botocore.__file__).with_name("data").joinpath("partitions.json").read_text("utf-8"))
    suffixes = [
        partition["outputs"][key]
        for partition in partitions["partitions"]
        for key in ("dnsSuffix", "dualStackDnsSuffix")
    ]
    assert suffixes
    assert [suffix for suffix in suffixes if not is_aws(f"s3.{suffix}")] == []


@pytest.mark.parametrize("host", ["amazonaws.com.example", "notamazonaws.com", "aws", "localhost"])
def test_a_name_that_only_resembles_one_of_aws_is_not(host: str) -> None:
    assert not is_aws(host)
