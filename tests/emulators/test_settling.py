"""What an emulator does by itself for a student, later: in a box it has ended before the checks."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import closing, nullcontext
from typing import Any

import pytest

from grader.emulators import launch
from grader.emulators.interface import Emulator
from grader.errors import EmulatorError, SandboxError
from grader.sandbox import open_sandbox
from grader.sandbox.bwrap.forking import Templates

pytestmark = pytest.mark.slow
NEVER = "2020-01-01T00:00:00"  # is due at once, and looked for every ten seconds


@pytest.fixture(params=["ministack", "localstack", "localstack forked"])
def emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    if sys.platform != "linux":
        pytest.skip("bubblewrap is only for Linux")
    try:
        open_sandbox("bwrap")
        name, *forked = request.param.split()
        templates = Templates() if forked else None
        starting = launch(name, region="us-east-1", boxed=True, templates=templates)
    except (SandboxError, EmulatorError) as error:
        if isinstance(error, EmulatorError) and os.environ.get("CI") == "true":
            raise
        pytest.skip(str(error))
    with closing(templates) if templates else nullcontext(), starting.ready() as emulator:
        yield emulator


def queue(emulator: Emulator) -> tuple[Any, str, str]:
    sqs = emulator.access.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    return sqs, url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def messages(sqs: Any, url: str) -> int:
    read = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
    return int(read["ApproximateNumberOfMessages"])


def begin(emulator: Emulator, url: str) -> None:
    """State machines that send messages for ever: one by itself, and two side by side in another."""
    send = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage"}
    sends = {**send, "Parameters": {"QueueUrl": url, "MessageBody": "late"}, "Next": "Wait"}
    loop = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 1, "Next": "Send"}, "Send": sends}}
    both = {"StartAt": "Both", "States": {"Both": {"Type": "Parallel", "End": True, "Branches": [loop, loop]}}}
    machines = emulator.access.client("stepfunctions", read_seconds=60)
    for name, states in (("one", loop), ("both", both)):
        role = "arn:aws:iam::123456789012:role/r"
        made = machines.create_state_machine(name=name, definition=json.dumps(states), roleArn=role)
        machines.start_execution(stateMachineArn=made["stateMachineArn"])


def test_state_machines_have_ended_and_all_else_goes_on(emulator: Emulator) -> None:
    sqs, url, _ = queue(emulator)
    begin(emulator, url)
    deadline = time.monotonic() + 30
    while messages(sqs, url) < 3 and time.monotonic() < deadline:
        time.sleep(0.1)
    emulator.settle()
    then = messages(sqs, url)
    assert then >= 3
    time.sleep(4)
    assert messages(sqs, url) == then
    assert emulator.alive()
    asked = {"QueueUrl": url, "VisibilityTimeout": 1, "MaxNumberOfMessages": 10}
    first = sqs.receive_message(**asked)["Messages"]
    time.sleep(2)  # then they are to be had again
    assert len(sqs.receive_message(**asked)["Messages"]) >= min(len(first), then)


def test_schedules_come_due_no_more(emulator: Emulator) -> None:
    if emulator.name == "localstack":
        pytest.skip("its community edition keeps schedules, and never acts on them")
    sqs, url, arn = queue(emulator)
    target = {"Arn": arn, "RoleArn": "arn:aws:iam::123456789012:role/r"}
    schedules = emulator.access.client("scheduler")
    for number in range(3):
        schedules.create_schedule(
            Name=str(number),
            ScheduleExpression=f"at({NEVER})",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target=target,
        )
    emulator.settle()
    then = messages(sqs, url)
    time.sleep(12)
    assert (messages(sqs, url), then) == (0, 0)
    assert emulator.alive()
