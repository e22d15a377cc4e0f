"""The recorder in front of a workspace's moto: what it writes down, whom it counts, and whom it lets wait."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.access import Access
from grader.emulators import moto
from grader.emulators.moto import journal

KEYS = {"grader": "LABGRADE0000GRADER", "scenario": "LABGRADE00SCENARIO"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.jsonl"


@pytest.fixture
def running(path: Path) -> Iterator[moto.Moto]:
    record = {"journal": str(path), "seed": "seed", "keys": KEYS}
    with moto.launch(services=["s3", "sqs"], record=record).ready() as running:
        yield running


def by(running: moto.Moto, whose: str) -> Access:
    return replace(running.access, access_key=KEYS[whose])


def test_a_line_tells_the_whole_call(running: moto.Moto, path: Path) -> None:
    s3, sqs = running.access.client("s3"), running.access.client("sqs")
    s3.create_bucket(Bucket="some-bucket")
    s3.put_object(Bucket="some-bucket", Key="a b/é", Body=b"\x00body", Metadata={"x": "y"})
    sqs.create_queue(QueueName="q")
    first, *calls = journal.lines(path)
    assert (first["journal"], first["moto"]) == ("labgrade/journal/v1", running.version)
    bucket, put, queue = calls
    assert [call["n"] for call in calls] == [1, 2, 3]
    assert (put["by"], put["method"], put["path"], put["status"]) == (
        "student",
        "PUT",
        "/some-bucket/a%20b/%C3%A9",
        200,
    )
    assert b"\x00body" in base64.b64decode(put["body"])
    assert put["headers"]["x-amz-meta-x"] == "y"
    assert (bucket["service"], bucket["region"], bucket["calls"]) == ("s3", "us-east-1", 1)
    assert queue["operation"] == "CreateQueue"
    assert "/123456789012/q" in base64.b64decode(queue["reply"]).decode()
    assert abs(queue["at"] - time.time()) < 60


def test_no_signature_and_no_session_token_is_written_down(path: Path, running: moto.Moto) -> None:
    import boto3

    client = boto3.client(
        "sqs", endpoint_url=running.access.endpoint, region_name="us-east-1",
        aws_access_key_id="ASIAREAL", aws_secret_access_key="x", aws_session_token="REALTOKEN",
    )  # fmt: skip
    client.create_queue(QueueName="q")
    assert "REALTOKEN" not in path.read_text()
    assert "Signature=" not in path.read_text()
    assert "ASIAREAL" in path.read_text()  # without which nobody knows the service


def test_only_the_students_calls_are_counted_and_the_graders_are_not_written_down(
    running: moto.Moto, path: Path
) -> None:
    by(running, "scenario").client("s3").create_bucket(Bucket="prepared")
    by(running, "grader").client("s3").list_buckets()
    by(running, "grader").client("s3").create_bucket(Bucket="nobodys")
    assert running.recorded() == {"calls": 0, "changes": 0, "trouble": ""}
    running.access.client("s3").list_buckets()
    running.access.client("s3").delete_bucket(Bucket="prepared")
    assert running.recorded() == {"calls": 2, "changes": 1, "trouble": ""}
    assert [call["by"] for call in journal.read(path)] == ["scenario", "student"]


def test_a_read_is_written_down_once_and_is_no_call_to_do_again(running: moto.Moto, path: Path) -> None:
    s3 = running.access.client("s3")
    s3.create_bucket(Bucket="some-bucket")
    for _ in range(3):
        s3.list_buckets()
    by(running, "grader").client("s3").list_objects_v2(Bucket="some-bucket")
    s3.create_bucket(Bucket="another-bucket")
    s3.list_buckets()
    with pytest.raises(s3.exceptions.ClientError):
        s3.head_bucket(Bucket="nowhere-at-all")
    assert [("n" in line, "read" in line) for line in journal.lines(path)][1:] == [
        (True, False),
        (False, True),
        (True, False),
        (False, True),
    ]
    assert [call["n"] for call in journal.read(path)] == [1, 2]
    looks = [line for line in journal.lines(path) if "read" in line]
    assert [look["read"] for look in looks] == [1, 2]
    assert b"another-bucket" in base64.b64decode(looks[1]["reply"])


def test_what_only_the_reply_says_of_a_version_is_written_down(running: moto.Moto, path: Path) -> None:
    s3 = running.access.client("s3")
    s3.create_bucket(Bucket="some-bucket")
    s3.put_bucket_versioning(Bucket="some-bucket", VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket="some-bucket", Key="key", Body=b"body")["VersionId"]
    *_, put = journal.read(path)
    assert put["reply_headers"]["x-amz-version-id"] == version


def test_what_happens_in_a_fork_is_not_written_down(running: moto.Moto, path: Path) -> None:
    running.access.client("s3").create_bucket(Bucket="real")
    before = path.read_bytes()
    with running.fork(as_parent=True) as fork:
        fork.access.client("s3").create_bucket(Bucket="tried")
        url = fork.access.client("sqs").create_queue(QueueName="q")["QueueUrl"]
        assert url.startswith(running.access.endpoint)
        assert fork.recorded()["changes"] == 1  # of before
    running.access.client("s3").create_bucket(Bucket="real-too")
    assert path.read_bytes().startswith(before)
    assert [call["path"] for call in journal.read(path)] == ["/real", "/real-too"]


def test_a_long_poll_holds_up_neither_a_sender_nor_a_copy(running: moto.Moto) -> None:
    sqs = running.access.client("sqs", read_seconds=30)
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    got: list[Any] = []
    poll = threading.Thread(target=lambda: got.append(sqs.receive_message(QueueUrl=url, WaitTimeSeconds=15)))
    began = time.monotonic()
    poll.start()
    time.sleep(0.3)
    running.fork(timeout_seconds=5).close()
    running.access.client("sqs").send_message(QueueUrl=url, MessageBody="there")
    poll.join()
    assert got[0]["Messages"][0]["Body"] == "there"
    assert time.monotonic() - began < 10


def test_a_worker_that_polls_in_vain_writes_nothing(running: moto.Moto, path: Path) -> None:
    sqs = running.access.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    for _ in range(5):
        sqs.receive_message(QueueUrl=url)
    assert [call["operation"] for call in journal.read(path)] == ["CreateQueue"]


def test_reads_change_no_ids(tmp_path: Path) -> None:
    found = []
    for name, reads in (("quiet", 0), ("busy", 7)):
        record = {"journal": str(tmp_path / name), "seed": "seed", "keys": KEYS}
        with moto.launch(services=["ec2"], record=record).ready() as running:
            ec2 = running.access.client("ec2")
            for _ in range(reads):
                ec2.describe_subnets()
            found.append(ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"])
    assert found[0] == found[1]


def test_a_journal_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    from grader.errors import EmulatorError

    record = {"journal": str(tmp_path / "no" / "journal"), "seed": "s", "keys": KEYS}
    with pytest.raises(EmulatorError, match=r"journal.*No such file"):
        moto.launch(record=record).ready()


def test_lines_are_one_json_object_each(running: moto.Moto, path: Path) -> None:
    running.access.client("s3").create_bucket(Bucket="some-bucket")
    assert all(isinstance(json.loads(line), dict) for line in path.read_bytes().splitlines())
