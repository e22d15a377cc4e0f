"""One moto is warmed, nobody reaches it, and every emulator is a fork of it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.exceptions import EndpointConnectionError, HTTPClientError
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from grader.emulators import moto
from grader.emulators.interface import Emulator
from grader.emulators.moto import launching, warming
from grader.emulators.moto.nursery import Nursery
from grader.errors import EmulatorError, SandboxError
from grader.sandbox import open_sandbox

ALL = ("s3", "ec2", "sqs", "sns", "cloudformation", "iam", "kms", "sts")


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with contextlib.closing(Nursery()) as nursery:
        yield nursery


def one(nursery: Nursery, region: str = "us-east-1", services: tuple[str, ...] = ("s3",)) -> moto.Moto:
    emulator = nursery.launch(region=region, services=services).ready()
    assert isinstance(emulator, moto.Moto)
    return emulator


def gone(pid: int, seconds: float = 10) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.01)
    return False


def mother_of(nursery: Nursery) -> moto.Moto:
    return nursery.mother()._starting.ready()


def test_each_emulator_is_empty_and_keeps_what_is_made_in_it_to_itself(nursery: Nursery) -> None:
    with one(nursery) as first, one(nursery) as second:
        first.access.client("s3").create_bucket(Bucket="mine")
        first.access.client("sqs").create_queue(QueueName="mine")
        assert second.access.client("s3").list_buckets()["Buckets"] == []
        assert "QueueUrls" not in second.access.client("sqs").list_queues()
    with one(nursery) as third:
        assert third.access.client("s3").list_buckets()["Buckets"] == []


def test_warming_leaves_nothing_behind(nursery: Nursery) -> None:
    with one(nursery, services=ALL) as emulator:
        vpcs = emulator.access.client("ec2").describe_vpcs()["Vpcs"]
        assert [vpc["IsDefault"] for vpc in vpcs] == [True]
        assert vpcs[0]["OwnerId"] == "123456789012"
        assert emulator.access.client("cloudformation").list_stacks()["StackSummaries"] == []
        assert emulator.access.client("s3").create_bucket(Bucket=warming.BUCKET.strip("/"))
        assert emulator.calls() == 3


def test_every_call_that_warms_is_answered_well() -> None:
    with moto.launch(services=(), port=None) as starting:
        assert starting.ready().warm(ALL) == []


def test_no_two_emulators_give_out_the_same_ids(nursery: Nursery) -> None:
    with one(nursery, services=ALL) as first, one(nursery, services=ALL) as second:
        made = [one.access.client("ec2").create_vpc(CidrBlock="10.0.0.0/16") for one in (first, second)]
    assert made[0]["Vpc"]["VpcId"] != made[1]["Vpc"]["VpcId"]


def test_the_region_is_the_emulators_own(nursery: Nursery) -> None:
    with one(nursery, "eu-west-1") as there, one(nursery) as here:
        assert ":eu-west-1:" in there.access.client("sns").create_topic(Name="t")["TopicArn"]
        assert ":us-east-1:" in here.access.client("sns").create_topic(Name="t")["TopicArn"]


def test_it_is_there_sooner_than_a_process(nursery: Nursery) -> None:
    one(nursery).close()

    def seconds(start: object) -> float:
        began = time.perf_counter()
        start().ready().close()  # type: ignore[operator]
        return time.perf_counter() - began

    fork = min(seconds(lambda: nursery.launch(services=("s3",))) for _ in range(5))
    process = min(seconds(lambda: moto.launch(services=("s3",))) for _ in range(2))
    assert fork < process / 4


def listening(pid: int) -> set[str]:
    table = Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]
    listeners = {f"socket:[{line.split()[9]}]" for line in table if line.split()[3] == "0A"}
    return listeners & {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()}


def test_nobody_reaches_the_one_that_is_forked(nursery: Nursery) -> None:
    with one(nursery) as emulator:
        assert len(listening(emulator.pid)) == 1
        assert listening(mother_of(nursery).pid) == set()


def test_what_is_withdrawn_is_reached_by_nobody_and_can_be_forked(nursery: Nursery) -> None:
    with one(nursery) as kept:
        client = kept.access.client("s3", attempts=1)
        client.create_bucket(Bucket="kept")
        kept.withdraw()
        assert listening(kept.pid) == set()
        with pytest.raises(EndpointConnectionError):
            kept.access.client("s3", attempts=1).list_buckets()
        assert kept.alive()
        with kept.fork() as copy:
            assert [bucket["Name"] for bucket in copy.access.client("s3").list_buckets()["Buckets"]] == ["kept"]


def test_many_threads_share_one() -> None:
    with contextlib.closing(Nursery()) as fresh, ThreadPoolExecutor(8) as pool:
        emulators = list(pool.map(lambda _: one(fresh), range(8)))
        assert all(emulator.alive() for emulator in emulators)
        assert len({emulator.access.endpoint for emulator in emulators}) == 8
        parents = {
            Path(f"/proc/{emulator.pid}/stat").read_text().rpartition(")")[2].split()[1] for emulator in emulators
        }
        assert parents == {str(mother_of(fresh).pid)}


def test_one_that_died_is_replaced_and_its_forks_died_with_it() -> None:
    with contextlib.closing(Nursery()) as nursery:
        before = one(nursery)
        os.kill(mother_of(nursery).pid, signal.SIGKILL)
        assert gone(before.pid)
        after = one(nursery)
        assert after.access.client("s3").list_buckets()["Buckets"] == []
        assert not before.alive()


def test_one_that_cannot_be_started_is_tried_twice_and_then_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.emulators.moto.child.COMMAND", "raise OSError('no such luck')")
    with (
        contextlib.closing(Nursery()) as nursery,
        pytest.raises(EmulatorError, match="moto died: OSError: no such luck"),
    ):
        nursery.launch(services=("s3",)).ready()


def test_a_service_that_there_is_not_is_named_and_harms_no_other(nursery: Nursery) -> None:
    with pytest.raises(EmulatorError, match=r"no service at nonsense\.us-east-1"):
        nursery.launch(services=("nonsense",)).ready()
    before = mother_of(nursery).pid
    with one(nursery) as emulator:
        assert emulator.alive()
    assert mother_of(nursery).pid == before


ORPHAN = """
import os, signal
from grader.emulators.moto.nursery import Nursery
nursery = Nursery()
forks = [nursery.launch(services=("s3",)).ready() for _ in range(2)]
print(nursery.mother()._starting.ready().pid, *(fork.pid for fork in forks), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_it_and_its_forks_die_with_a_grader_that_was_killed() -> None:
    ended = subprocess.run([sys.executable, "-c", ORPHAN], stdout=subprocess.PIPE, text=True, timeout=60, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert len(ended.stdout.split()) == 3
    assert all(gone(int(pid)) for pid in ended.stdout.split())


def test_closing_it_ends_all_that_came_of_it() -> None:
    nursery = Nursery()
    emulator, mother = one(nursery), mother_of(nursery).pid
    nursery.close()
    nursery.close()
    assert gone(emulator.pid)
    assert gone(mother)


@pytest.mark.parametrize("lacking", ["fork", "send_fds"])
def test_a_system_without_fork_starts_processes_behind_the_same_interface(
    lacking: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os if lacking == "fork" else socket, lacking)
    nursery = Nursery()
    with contextlib.closing(nursery.launch(region="eu-west-1", services=("s3",))) as starting:
        emulator: Emulator = starting.ready()
        assert emulator.access.region == "eu-west-1"
        assert emulator.access.client("s3").list_buckets()["Buckets"] == []
    assert nursery._mother is None
    assert not emulator.alive()


def private_mib(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


def test_an_idle_emulator_holds_little_of_its_own(nursery: Nursery) -> None:
    with one(nursery) as emulator:
        emulator.access.client("s3").list_buckets()
        assert private_mib(emulator.pid) < 20


def test_forks_sign_with_the_key_that_was_made_for_all(nursery: Nursery) -> None:
    with one(nursery, services=("sns", "sqs")) as first, one(nursery, services=("sns", "sqs")) as second:
        assert signer(first) == signer(second)


def signer(emulator: moto.Moto) -> bytes:
    """The public key in the certificate of a message that a topic brings."""
    sns, sqs = (emulator.access.client(name) for name in ("sns", "sqs"))
    url, topic = sqs.create_queue(QueueName="q")["QueueUrl"], sns.create_topic(Name="t")["TopicArn"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    sns.publish(TopicArn=topic, Message="an order")
    message = json.loads(sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"])
    name = message["SigningCertURL"].rpartition("/")[2]
    signed = "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/sns/aws4_request, SignedHeaders=host, Signature=0"
    asked = urllib.request.Request(f"{emulator.access.endpoint}/{name}", headers={"Authorization": signed})
    with urllib.request.urlopen(asked, timeout=10) as answer:
        certificate = x509.load_pem_x509_certificate(answer.read())
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.skipif(sys.platform != "linux", reason="boxes are made on Linux alone")
def test_a_boxed_one_that_was_asked_to_hold_too_much_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        open_sandbox("bwrap")
    except SandboxError as error:
        pytest.skip(str(error))
    monkeypatch.setattr(launching, "STATE_MIB", 200)
    with contextlib.closing(Nursery(boxed=True)) as boxed, one(boxed, services=("sqs",)) as other:
        with one(boxed, services=("sqs",)) as filled:
            assert filled.ended_by() is None
            sqs = filled.access.client("sqs")
            url = sqs.create_queue(QueueName="q")["QueueUrl"]
            with contextlib.suppress(HTTPClientError, EndpointConnectionError):
                while True:
                    sqs.send_message(QueueUrl=url, MessageBody="x" * 250_000)
            assert not filled.alive()
            assert str(filled.ended_by()) == "it was asked to hold more than 200 MiB"
        assert other.alive()
        assert other.ended_by() is None
