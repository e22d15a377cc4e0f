"""LocalStack that is forked from one that has imported itself: as one that was started, and nobody else's."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import psutil
import pytest
from botocore.exceptions import ClientError, HTTPClientError
from workspace.evenings import wait_until

from grader.emulators import boxed, launch, localstack
from grader.emulators.own import Own
from grader.errors import EmulatorError, SandboxError
from grader.sandbox import open_sandbox
from grader.sandbox.bwrap.forking import Templates
from grader.sandbox.bwrap.template import Forked

pytestmark = pytest.mark.slow
SERVICES = ("s3", "sqs", "ec2")


@pytest.fixture(scope="module")
def templates() -> Iterator[Templates]:
    try:
        open_sandbox("bwrap")
    except SandboxError as error:
        pytest.skip(str(error))
    with closing(Templates()) as kept:
        yield kept


def begun(templates: Templates) -> Own:
    try:
        starting = launch("localstack", region="eu-west-1", services=SERVICES, boxed=True, templates=templates)
    except EmulatorError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(error))
    emulator = starting.ready()
    assert isinstance(emulator, Own)
    return emulator


def is_forked(emulator: Own) -> bool:
    assert isinstance(emulator._backend, boxed.Boxed)
    return isinstance(emulator._backend._box._process, Forked)


def test_it_is_one_like_another(templates: Templates) -> None:
    with begun(templates) as emulator:
        assert is_forked(emulator)
        assert (emulator.name, emulator.version, emulator.boxed, emulator.calls()) == ("localstack", "4.14.0", True, 0)
        assert emulator.access.client("sts").get_caller_identity()["Account"] == "123456789012"
        sqs = emulator.access.client("sqs")
        url = sqs.create_queue(QueueName="round")["QueueUrl"]
        assert url.startswith(f"{emulator.access.endpoint}/")
        sqs.send_message(QueueUrl=url, MessageBody="there and back")
        assert sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1)["Messages"][0]["Body"] == "there and back"
        stacks = emulator.access.client("cloudformation")
        stacks.create_stack(StackName="s", TemplateBody=json.dumps({"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}))
        stacks.get_waiter("stack_create_complete").wait(StackName="s", WaiterConfig={"Delay": 0.2, "MaxAttempts": 100})
        assert len(emulator.access.client("s3").list_buckets()["Buckets"]) == 1


def test_those_of_one_template_know_nothing_of_each_other(templates: Templates) -> None:
    with ThreadPoolExecutor(3) as side_by_side:
        three = [each.result() for each in [side_by_side.submit(begun, templates) for _ in range(3)]]
    try:
        made = []
        for number, emulator in enumerate(three):
            emulator.access.client("s3").create_bucket(
                Bucket=f"bucket-{number}", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
            )
            made.append(emulator.access.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"])
        names = [[one["Name"] for one in each.access.client("s3").list_buckets()["Buckets"]] for each in three]
        assert names == [["bucket-0"], ["bucket-1"], ["bucket-2"]]
        assert len(set(made)) == 3  # they make names up each for itself
        three[0].close()
        assert three[1].alive()
    finally:
        for emulator in three:
            emulator.close()
    assert not three[1].alive()


def test_what_one_holds_counts_for_it_alone(templates: Templates, monkeypatch: pytest.MonkeyPatch) -> None:
    most = dataclasses.replace(boxed.LIMITS, memory_mib=250)
    monkeypatch.setattr(boxed, "LIMITS", most)
    with begun(templates) as other, begun(templates) as small:
        client = small.access.client("sqs")
        url = client.create_queue(QueueName="q")["QueueUrl"]
        with suppress(ClientError, HTTPClientError):
            while not small.ended_by():
                client.send_message(QueueUrl=url, MessageBody="x" * 250_000)
        wait_until(lambda: str(small.ended_by()) == "it was asked to hold more than 250 MiB")
        assert other.alive()


@pytest.mark.usefixtures("templates")
def test_a_template_that_dies_is_replaced() -> None:
    with closing(Templates()) as own:
        begun(own).close()
        (template,) = own._kept.values()
        os.killpg(template._process.pid, signal.SIGKILL)  # type: ignore[attr-defined]
        template._process.wait(10)
        with begun(own) as emulator:
            assert is_forked(emulator)


@pytest.mark.usefixtures("templates")
def test_one_that_cannot_be_forked_or_ends_at_once_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "localstack"
    broken.mkdir()
    (broken / "ahead.py").write_text((boxed.INSIDE / "localstack" / "ahead.py").read_text("utf-8"), "utf-8")
    (broken / "enter.py").write_text("raise SystemExit('another version')\n", "utf-8")
    for name in ("sitecustomize.py", "ending.py"):
        (tmp_path / name).write_bytes((boxed.INSIDE / name).read_bytes())
    monkeypatch.setattr(boxed, "INSIDE", tmp_path)
    with closing(Templates()) as own:
        with begun(own) as emulator:
            assert not is_forked(emulator)
        (broken / "ahead.py").write_text("raise SystemExit('no such module')\n", "utf-8")
        own.close()
        with begun(own) as emulator:
            assert not is_forked(emulator)


GRADER = """
import sys, time
from grader.emulators import launch
from grader.sandbox.bwrap.forking import Templates
templates = Templates()
emulator = launch("localstack", region="us-east-1", services=("s3",), boxed=True, templates=templates).ready()
print("now", flush=True)
time.sleep(600)
"""


def test_a_killed_grader_leaves_nothing(templates: Templates) -> None:
    begun(templates).close()  # where there is none, this is skipped
    command = localstack._command()
    assert command
    with subprocess.Popen([sys.executable, "-c", GRADER], stdout=subprocess.PIPE, text=True) as grader:
        assert grader.stdout
        assert grader.stdout.readline() == "now\n"
        begun_by_it = psutil.Process(grader.pid).children(recursive=True)
        assert any(runs(one) and command[0] in one.cmdline() for one in begun_by_it)
        grader.send_signal(signal.SIGKILL)
    wait_until(lambda: not [one for one in begun_by_it if runs(one)])


def runs(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    return False
