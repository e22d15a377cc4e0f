"""A workspace survives: killed, kept, torn or short of disk, `start` brings back what was there, with the same ids."""

from __future__ import annotations

import itertools
import json
import os
import random
import resource
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import pytest
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError
from conftest import LABGRADE
from workspace.evenings import Evening, listening, wait_until

from grader.access import Access

BUCKET = "labgrade-hello-5e11a0"


def built(evening: Evening) -> None:
    """Something of everything whose ids, order or time matter."""
    s3, sqs, sns, ec2 = (evening.client(name) for name in ("s3", "sqs", "sns", "ec2"))
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"one", b"two\x00\xff"):
        s3.put_object(Bucket=BUCKET, Key="a key/é?#", Body=body, Metadata={"under_score": "kept"})
    s3.delete_object(Bucket=BUCKET, Key="a key/é?#")
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="unfinished")["UploadId"]
    s3.upload_part(Bucket=BUCKET, Key="unfinished", UploadId=upload, PartNumber=1, Body=b"part")
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.1.0/24")
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1})
    attributes = {"RedrivePolicy": policy, "VisibilityTimeout": "0"}
    queue = sqs.create_queue(QueueName="queue", Attributes=attributes)["QueueUrl"]
    topic = sns.create_topic(Name="topic")["TopicArn"]
    source = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=source)
    sqs.send_message(QueueUrl=queue, MessageBody="dead")
    sqs.receive_message(QueueUrl=queue)
    time.sleep(0.01)
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)  # which moves it to the other queue
    moved = sqs.receive_message(QueueUrl=dead)["Messages"][0]
    sqs.delete_message(QueueUrl=dead, ReceiptHandle=moved["ReceiptHandle"])
    sqs.send_message(QueueUrl=queue, MessageBody="in flight")
    time.sleep(0.01)
    assert sqs.receive_message(QueueUrl=queue, VisibilityTimeout=600)["Messages"]
    with suppress(Exception):
        ec2.delete_vpc(VpcId="vpc-00000000000000000")


def everything(evening: Evening) -> str:
    """What can be read, times and ids and all."""
    s3, sqs, sns, ec2 = (evening.client(name) for name in ("s3", "sqs", "sns", "ec2"))
    queues = [url.rpartition("/")[2] for url in sqs.list_queues().get("QueueUrls", [])]
    told = {
        "buckets": s3.list_buckets()["Buckets"],
        "versions": s3.list_object_versions(Bucket=BUCKET),
        "uploads": s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads"),
        "vpcs": ec2.describe_vpcs()["Vpcs"],
        "subnets": ec2.describe_subnets()["Subnets"],
        "groups": ec2.describe_security_groups()["SecurityGroups"],
        "topics": sns.list_subscriptions()["Subscriptions"],
        "queues": {
            name: sqs.get_queue_attributes(
                QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"], AttributeNames=["All"]
            )["Attributes"]
            for name in queues
        },
    }
    told["versions"].pop("ResponseMetadata")
    return json.dumps(told, default=str, indent=1, sort_keys=True)


def test_a_killed_workspace_comes_back_to_the_letter(evening: Evening) -> None:
    evening.start()
    # The default VPC is made by whoever looks first, and that call is in no journal.
    evening.client("ec2").describe_vpcs()
    built(evening)
    before = everything(evening)
    assert '"ApproximateNumberOfMessagesNotVisible": "1"' in before  # the one in flight
    evening.kill()
    assert "has ended unexpectedly" in evening("status").out
    refused = evening("run", "hello")
    assert (refused.code, "`labgrade start hello` brings it back" in refused.err) == (2, True)
    done = evening("start", "hello")
    assert "with the same ids" in " ".join(done.out.split())
    assert "came out otherwise" not in done.out
    assert everything(evening) == before
    assert evening.kept()["endpoint"].endswith(f":{evening.port}")


STACK = """
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.3.0.0/16}}
  One: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.3.1.0/24}}
  Two: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.3.2.0/24}}
  Three: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref Vpc, GroupDescription: three}}
  Four: {Type: AWS::SQS::Queue}
  Five: {Type: AWS::S3::Bucket}
"""


def test_a_stack_comes_back_with_the_ids_of_all_that_it_made(evening: Evening) -> None:
    evening.start()
    evening.client("cloudformation").create_stack(StackName="stack", TemplateBody=STACK)

    def made() -> dict[str, str]:
        resources = evening.client("cloudformation").list_stack_resources(StackName="stack")
        return {
            one["LogicalResourceId"]: one["PhysicalResourceId"].rpartition("/")[2]
            for one in resources["StackResourceSummaries"]
        }

    before = made()
    assert len(before) == 6
    evening.kill()
    assert evening("start", "hello").code == 0
    assert made() == before


def test_what_is_made_later_has_ids_of_its_own(evening: Evening) -> None:
    evening.start()
    first = evening.client("ec2").create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    evening.kill()
    evening("start", "hello")
    second = evening.client("ec2").create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
    found = [vpc["VpcId"] for vpc in evening.client("ec2").describe_vpcs()["Vpcs"]]
    assert len({first, second} & set(found)) == 2


def test_a_dead_moto_takes_its_keeper_along_and_both_come_back(evening: Evening) -> None:
    evening.start()
    evening.client("s3").create_bucket(Bucket=BUCKET)
    keeper = evening.kept("keeper.json")["pid"]
    children = subprocess.run(["pgrep", "-P", str(keeper)], capture_output=True, text=True).stdout.split()
    os.kill(int(children[0]), signal.SIGKILL)
    wait_until(lambda: not evening.status()["running"])
    wait_until(lambda: subprocess.run(["ps", "-p", str(keeper)], capture_output=True).returncode)
    evening("start", "hello")
    assert evening.report()["score"] == 40


def test_stop_keep_is_brought_back_with_its_facts(evening: Evening) -> None:
    evening.start("s3-lifecycle")
    s3 = evening.client("s3", "s3-lifecycle")
    before = s3.list_object_versions(Bucket="labgrade-recovery-3fa9c1")["Versions"]
    facts = evening.kept(lab="s3-lifecycle")["facts"]
    assert {version["id"] for version in facts["versions"]} == {version["VersionId"] for version in before}
    assert evening("stop", "s3-lifecycle", "--keep").code == 0
    assert not listening(evening.port)
    assert "stopped and kept" in evening("status").out
    assert evening("start", "s3-lifecycle").code == 0
    again = evening.client("s3", "s3-lifecycle").list_object_versions(Bucket="labgrade-recovery-3fa9c1")["Versions"]
    assert again == before
    assert evening.status("s3-lifecycle")["calls"] == 2  # the look of before and that just now, none of the scenario's


def test_a_torn_line_and_a_broken_one_are_survived_and_said(evening: Evening) -> None:
    evening.start()
    s3 = evening.client("s3")
    for name in ("first-bucket", "second-bucket", BUCKET):
        s3.create_bucket(Bucket=name)
    evening.kill()
    journal = evening.folder() / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    broken = json.loads(lines[1])
    del broken["body"]
    journal.write_bytes(
        b"".join([lines[0], json.dumps(broken).encode() + b"\n", b"rubbish\n", *lines[2:], b'{"n": 4, "a'])
    )
    done = evening("start", "hello")
    assert "Not everything: 1 call came out otherwise" in " ".join(done.out.split())
    names = {bucket["Name"] for bucket in evening.client("s3").list_buckets()["Buckets"]}
    assert names == {"second-bucket", BUCKET}
    evening.client("s3").create_bucket(Bucket="after-the-tear")
    evening.kill()
    evening("start", "hello")
    assert len(evening.client("s3").list_buckets()["Buckets"]) == 3
    assert b'{"n": 4, "a' not in journal.read_bytes()


def test_a_journal_of_another_moto_is_done_again_with_a_word(evening: Evening) -> None:
    evening.start()
    evening.client("s3").create_bucket(Bucket=BUCKET)
    evening.kill()
    journal = evening.folder() / "journal.jsonl"
    journal.write_text(journal.read_text().replace('"moto":"5.2.5"', '"moto":"5.0.1"'))
    done = evening("start", "hello")
    assert "made with moto 5.0.1, and is now moto 5.2.5: ids may differ" in " ".join(done.out.split())
    assert evening.report()["score"] == 40


def test_a_full_disk_is_said_and_costs_nothing_while_it_runs(evening: Evening) -> None:
    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    done = subprocess.run(
        [LABGRADE, "start", "hello", "--port", str(evening.port)],
        env=evening.environment(),
        preexec_fn=small,
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    s3 = evening.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="large", Body=b"x" * 40_000)
    s3.put_object(Bucket=BUCKET, Key="small", Body=b"x")
    assert len(s3.list_objects_v2(Bucket=BUCKET)["Contents"]) == 2
    assert "is not written down (File too large)" in " ".join(evening("status").out.split())
    evening.kill()
    evening("start", "hello")
    assert [bucket["Name"] for bucket in evening.client("s3").list_buckets()["Buckets"]] == [BUCKET]


def test_a_clock_that_jumps_changes_no_id(evening: Evening) -> None:
    evening.start()
    evening.client("s3").create_bucket(Bucket=BUCKET)
    evening.client("s3").create_bucket(Bucket="of-tomorrow")
    evening.kill()
    journal = evening.folder() / "journal.jsonl"
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    lines[1]["at"] += 86400 * 400  # and the second is earlier than the first
    journal.write_text("".join(json.dumps(line) + "\n" for line in lines))
    kept = evening.kept()
    (evening.folder() / "workspace.json").write_text(json.dumps({**kept, "started_at": time.time() + 86400 * 400}))
    assert evening("start", "hello").code == 0
    assert {one["Name"] for one in evening.client("s3").list_buckets()["Buckets"]} == {BUCKET, "of-tomorrow"}
    assert evening("status").code == 0
    assert evening.report()["score"] == 40


@pytest.mark.long
@pytest.mark.slow
def test_fifty_kills_under_load_cost_at_most_the_calls_in_flight(evening: Evening) -> None:
    evening.start()
    load = _Load(evening)
    for kill in range(50):
        with load.running():
            time.sleep(random.Random(kill).uniform(0.02, 0.15))
            evening.kill()
        done = evening("start", "hello")
        assert done.code == 0, done.err
        pages = load.s3.get_paginator("list_object_versions").paginate(Bucket=BUCKET)
        ids = {one["Key"]: one["VersionId"] for page in pages for one in page.get("Versions", [])}
        assert load.answered.items() <= ids.items()
        assert len(ids) - len(load.answered) <= load.THREADS * (kill + 1)  # done, journaled, and nobody had the answer
    assert load.broken_off >= 100, "hardly a call was in flight"
    assert len(load.answered) >= 200


class _Load:
    """Threads that write, each until a call of its own is broken off or finds nobody."""

    THREADS = 4

    def __init__(self, evening: Evening) -> None:
        self.s3 = Access(evening.kept()["endpoint"]).client("s3", attempts=1)
        self.s3.create_bucket(Bucket=BUCKET)
        self.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        self.answered: dict[str, str] = {}  # by key, the id that was drawn for it
        self.broken_off = 0
        self._number = itertools.count()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Within, until the emulator is gone."""
        with ThreadPoolExecutor(self.THREADS) as pool:
            writing = [pool.submit(self._write) for _ in range(self.THREADS)]
            yield
        ends = [one.exception() for one in writing]
        assert all(isinstance(end, ConnectionClosedError | EndpointConnectionError) for end in ends), ends
        self.broken_off += sum(isinstance(end, ConnectionClosedError) for end in ends)

    def _write(self) -> None:
        for n in self._number:
            done = self.s3.put_object(Bucket=BUCKET, Key=f"key-{n}", Body=str(n).encode())
            self.answered[f"key-{n}"] = done["VersionId"]
