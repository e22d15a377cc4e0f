"""Grading leaves no trace: queues and messages are after it what they were, also where it is killed half-way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conftest import LABGRADE, clean_environment

from grader.access import ACCOUNT, Access
from grader.emulators import launch
from grader.errors import EmulatorError

QUEUE, DEAD = "orders-7d20b4.fifo", "orders-dead-7d20b4.fifo"
SECONDS = 120
# The real command, which stops for ever in the first place that it has made to try things in.
STOPPING = """
import sys, time
from grader import places
made, remade = places.Places._made, places._remade
def stop(account):
    print("now", account, flush=True)
    time.sleep(600)
def fork(self, rebuild):
    place, end = made(self, rebuild)
    return (place, end) if place.twin else (stop(place.account), end)
def twin(place, rebuild):
    remade(place, rebuild)
    stop(place.account)
places.Places._made, places._remade = fork, twin
from grader.cli import main
main()
"""


@dataclass(frozen=True)
class Home:
    """A student's queues, with messages in them, in an emulator that was running before anybody graded."""

    access: Access
    environment: dict[str, str]
    where: tuple[str, ...]  # what the command is told of it

    def client(self) -> Any:
        return self.access.client("sqs")

    def words(self) -> list[str]:
        return ["run", "sqs-fifo", *self.where, "--format", "json"]

    def graded(self) -> dict[str, Any]:
        told = [LABGRADE, *self.words()]
        done = subprocess.run(told, env=self.environment, capture_output=True, timeout=SECONDS)
        assert done.returncode == 0, done.stderr.decode() + done.stdout.decode()
        report: dict[str, Any] = json.loads(done.stdout)
        return report

    @contextmanager
    def half_way(self) -> Iterator[tuple[subprocess.Popen[str], str]]:
        """The command at work in a place, and the account that this is."""
        told = [sys.executable, "-c", STOPPING, *self.words()]
        with subprocess.Popen(told, env=self.environment, stdout=subprocess.PIPE, text=True) as grading:
            assert grading.stdout
            said, account = grading.stdout.readline().split()
            assert said == "now"
            yield grading, account
            grading.wait(SECONDS)


def fill(access: Access) -> None:
    """The lab's right answer, with three messages in the queue and one in the other; two of them are out."""
    sqs = access.client("sqs")
    fifo = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    of = f"arn:aws:sqs:{access.region}:{access.account}:"
    allow = json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [of + QUEUE]})
    redrive = json.dumps({"deadLetterTargetArn": of + DEAD, "maxReceiveCount": 3})
    letters = {**fifo, "MessageRetentionPeriod": "1209600", "RedriveAllowPolicy": allow}
    orders = {**fifo, "VisibilityTimeout": "45", "ReceiveMessageWaitTimeSeconds": "20", "RedrivePolicy": redrive}
    for name, attributes in ((DEAD, letters), (QUEUE, orders)):
        sqs.create_queue(QueueName=name, Attributes=attributes)
    for name, group, body in ((QUEUE, "a", "1"), (QUEUE, "a", "2"), (QUEUE, "b", "3"), (DEAD, "a", "4")):
        sqs.send_message(QueueUrl=url(sqs, name), MessageBody=body, MessageGroupId=group)
    sqs.receive_message(QueueUrl=url(sqs, QUEUE), VisibilityTimeout=3600)
    sqs.receive_message(QueueUrl=url(sqs, DEAD), VisibilityTimeout=3600)


def url(sqs: Any, name: str) -> str:
    found: str = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    return found


def state(home: Home) -> list[Any]:
    """All that can be read without a trace of one's own: every queue, with all that it says and how much is in it."""
    sqs = home.client()
    listed = sorted(sqs.list_queues()["QueueUrls"])
    return [sqs.get_queue_attributes(QueueUrl=one, AttributeNames=["All"])["Attributes"] for one in listed]


def received(home: Home) -> list[tuple[str, str]]:
    """What is left to receive, and how often it was: this is what a probe would have changed. It ends the state."""
    sqs, asked = home.client(), ["ApproximateReceiveCount"]
    told = {"QueueUrl": url(sqs, QUEUE), "MaxNumberOfMessages": 10, "WaitTimeSeconds": 1}
    found = sqs.receive_message(**told, MessageSystemAttributeNames=asked).get("Messages", [])
    return [(message["Body"], message["Attributes"]["ApproximateReceiveCount"]) for message in found]


@contextmanager
def running(name: str, folder: Path) -> Iterator[Home]:
    """An emulator of somebody else's, graded by its address."""
    try:
        emulator = launch(name, region="us-east-1", services=["sqs"]).ready()
    except EmulatorError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(error))
    with emulator:
        fill(emulator.access)
        environment = {**clean_environment(folder), "AWS_ACCESS_KEY_ID": ACCOUNT}
        yield Home(emulator.access, environment, ("--endpoint-url", emulator.access.endpoint))


@contextmanager
def workspace(folder: Path) -> Iterator[Home]:
    """What `labgrade start` opens."""
    environment = clean_environment(folder)

    def call(*words: str) -> str:
        told = [LABGRADE, *words]
        done = subprocess.run(told, env=environment, capture_output=True, text=True, timeout=SECONDS)
        assert done.returncode == 0, done.stderr
        return done.stdout

    call("start", "sqs-fifo")
    try:
        told = json.loads(call("env", "sqs-fifo", "--format", "json"))
        access = Access(told["AWS_ENDPOINT_URL"], told["AWS_ACCESS_KEY_ID"], told["AWS_SECRET_ACCESS_KEY"])
        fill(access)
        yield Home(access, environment, ())
    finally:
        call("stop", "sqs-fifo", "--yes")


SLOW = pytest.mark.slow
HOMES: dict[str, Callable[[Path], Any]] = {
    "workspace": workspace,
    "ministack": lambda folder: running("ministack", folder),
    "localstack": lambda folder: running("localstack", folder),
}


@pytest.fixture(params=["ministack", pytest.param("workspace", marks=SLOW), pytest.param("localstack", marks=SLOW)])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Home]:
    with HOMES[request.param](tmp_path) as home:
        yield home


def test_grading_once_and_again_leaves_everything_as_it_was(home: Home) -> None:
    before = state(home)
    assert [one["ApproximateNumberOfMessagesNotVisible"] for one in before] == ["1", "1"]
    first, again = home.graded(), home.graded()
    assert state(home) == before
    assert [check["message"] for check in first["checks"]] == [check["message"] for check in again["checks"]]
    assert (first["score"], first["max_score"], again["score"]) == (100, 100, 100)
    assert received(home) == [("3", "1")], "group a waits for its first message, which is out"


@SLOW
@pytest.mark.skipif(sys.platform == "win32", reason="no signals")
def test_grading_that_is_told_to_end_half_way_leaves_nothing(home: Home) -> None:
    before = state(home)
    with home.half_way() as (grading, account):
        grading.send_signal(signal.SIGTERM)
    assert grading.returncode == 143
    assert state(home) == before
    if account != home.access.account:
        twin = Access(home.access.endpoint, account, account=account)
        assert not twin.client("sqs").list_queues().get("QueueUrls")
    assert received(home) == [("3", "1")]


@SLOW
@pytest.mark.skipif(sys.platform == "win32", reason="no signals")
def test_grading_that_is_killed_half_way_leaves_nothing_of_it_with_the_student(home: Home) -> None:
    before = state(home)
    with home.half_way() as (grading, _account):
        grading.kill()
    assert state(home) == before
    assert home.graded()["score"] == 100
    assert state(home) == before
    assert received(home) == [("3", "1")]
