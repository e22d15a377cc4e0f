"""What moto forgets of SQS, and that the mended one does not.

Each blind spot is asserted on moto as it is, too: the day it sees, that test fails and the mend goes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError

from grader.access import Access
from grader.emulators import moto

NAMES = (f"queue-{number}.fifo" for number in count())
FIFO = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
DENY = json.dumps({"redrivePermission": "denyAll"})
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}],
    }
)


@pytest.fixture(scope="module")
def mended() -> Iterator[Access]:
    with moto.launch(services=["sqs"]) as starting:
        yield starting.ready().access


@pytest.fixture(scope="module")
def unmended() -> Iterator[Access]:
    with moto.launch(services=["sqs"], mended=False) as starting:
        yield starting.ready().access


def made(sqs: Any, **attributes: str) -> str:
    url: str = sqs.create_queue(QueueName=next(NAMES), Attributes={**FIFO, **attributes})["QueueUrl"]
    return url


def read(sqs: Any, url: str) -> dict[str, str]:
    attributes: dict[str, str] = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return attributes


def bodies(sqs: Any, url: str, most: int = 1) -> list[str]:
    asked = {"QueueUrl": url, "MaxNumberOfMessages": most, "WaitTimeSeconds": 0, "VisibilityTimeout": 0}
    return [message["Body"] for message in sqs.receive_message(**asked).get("Messages", [])]


def allow_policy_at_birth(access: Access) -> object:
    sqs = access.client("sqs")
    return read(sqs, made(sqs, RedriveAllowPolicy=DENY)).get("RedriveAllowPolicy")


def allow_policy_of_its_own_name(access: Access) -> object:
    sqs = access.client("sqs")
    url = made(sqs, RedriveAllowPolicy=DENY)
    try:
        told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedriveAllowPolicy"])
    except sqs.exceptions.ClientError:
        return None
    return told["Attributes"].get("RedriveAllowPolicy")


def policy_after_another_setting(access: Access) -> object:
    sqs = access.client("sqs")
    url = made(sqs, Policy=POLICY)
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "40"})
    return json.loads(read(sqs, url).get("Policy", "null"))


def equal_bodies_of_two_groups(access: Access) -> object:
    sqs = access.client("sqs")
    url = made(sqs, DeduplicationScope="messageGroup", FifoThroughputLimit="perMessageGroupId")
    for group in ("a", "a", "b"):
        sqs.send_message(QueueUrl=url, MessageBody="equal", MessageGroupId=group)
    return read(sqs, url)["ApproximateNumberOfMessages"]


def batch_that_comes_back(access: Access) -> object:
    sqs = access.client("sqs")
    url = made(sqs)
    for body in ("first", "second", "third"):
        sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="a")
    assert bodies(sqs, url, 10) == ["first", "second", "third"]
    return bodies(sqs, url, 10)


def batch_that_nobody_deletes(access: Access) -> object:
    sqs = access.client("sqs")
    dead = made(sqs)
    redrive = json.dumps({"deadLetterTargetArn": read(sqs, dead)["QueueArn"], "maxReceiveCount": 2})
    url = made(sqs, RedrivePolicy=redrive)
    for body in ("first", "second", "third"):
        sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="a")
    for _ in range(3):
        bodies(sqs, url, 10)
    return read(sqs, dead)["ApproximateNumberOfMessages"]


def template_of(name: str, **properties: object) -> str:
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name, "FifoQueue": True, **properties}}
    return json.dumps({"Resources": {"Queue": queue}})


def allow_policy_of_a_template(access: Access) -> object:
    name = next(NAMES)
    body = template_of(name, RedriveAllowPolicy={"redrivePermission": "denyAll"})
    access.client("cloudformation").create_stack(StackName=name.partition(".")[0], TemplateBody=body)
    sqs = access.client("sqs")
    return json.loads(read(sqs, sqs.get_queue_url(QueueName=name)["QueueUrl"]).get("RedriveAllowPolicy", "null"))


def retention_of_an_updated_template(access: Access) -> object:
    name, cloudformation = next(NAMES), access.client("cloudformation")
    stack = name.partition(".")[0]
    cloudformation.create_stack(StackName=stack, TemplateBody=template_of(name))
    body = template_of(name, MessageRetentionPeriod=1209600, ContentBasedDeduplication=True)
    cloudformation.update_stack(StackName=stack, TemplateBody=body)
    sqs = access.client("sqs")
    attributes = read(sqs, sqs.get_queue_url(QueueName=name)["QueueUrl"])
    return attributes["MessageRetentionPeriod"], attributes["ContentBasedDeduplication"], attributes["FifoQueue"]


ORDERED = ["first", "second", "third"]
BLIND = {
    allow_policy_at_birth: (None, DENY),
    allow_policy_of_its_own_name: (None, DENY),
    policy_after_another_setting: (None, json.loads(POLICY)),
    equal_bodies_of_two_groups: ("1", "2"),
    batch_that_comes_back: (["third"], ORDERED),
    batch_that_nobody_deletes: ("1", "3"),
    allow_policy_of_a_template: (None, {"redrivePermission": "denyAll"}),
    retention_of_an_updated_template: (("345600", "false", "true"), ("1209600", "true", "true")),
}


@pytest.mark.parametrize("asked", BLIND, ids=lambda asked: asked.__name__)
def test_moto_as_it_is_does_not_see_it(unmended: Access, asked: Any) -> None:
    assert asked(unmended) == BLIND[asked][0], "moto does it itself now: its mend can go"


@pytest.mark.parametrize("asked", BLIND, ids=lambda asked: asked.__name__)
def test_the_mended_moto_sees_it(mended: Access, asked: Any) -> None:
    assert asked(mended) == BLIND[asked][1]


def redrive_of(sqs: Any, count: object) -> str:
    dead = made(sqs)
    arn = read(sqs, dead)["QueueArn"]
    return json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": count})


@pytest.mark.parametrize("count", [3.5, "three", "3.0", True, None])
def test_a_count_of_receives_that_is_no_whole_number_is_refused(mended: Access, count: object) -> None:
    sqs = mended.client("sqs")
    with pytest.raises(ClientError, match="Invalid value for maxReceiveCount"):
        made(sqs, RedrivePolicy=redrive_of(sqs, count))


def test_moto_itself_rounds_it_off_and_a_whole_one_is_kept(mended: Access, unmended: Access) -> None:
    careless, sqs = unmended.client("sqs"), mended.client("sqs")
    for client, receives in ((careless, 3.5), (sqs, "3"), (sqs, 3)):
        said = read(client, made(client, RedrivePolicy=redrive_of(client, receives)))["RedrivePolicy"]
        assert json.loads(said)["maxReceiveCount"] == 3


def test_an_empty_text_takes_a_redrive_allow_policy_away(mended: Access) -> None:
    sqs = mended.client("sqs")
    url = made(sqs, RedriveAllowPolicy=DENY)
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedriveAllowPolicy": ""})
    assert "RedriveAllowPolicy" not in read(sqs, url)


def test_a_policy_can_be_replaced_and_taken_away(mended: Access) -> None:
    sqs = mended.client("sqs")
    url = made(sqs, Policy=POLICY)
    other = POLICY.replace("Allow", "Deny")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": other})
    assert json.loads(read(sqs, url)["Policy"]) == json.loads(other)
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    assert "Policy" not in read(sqs, url)


def test_a_queue_that_never_had_one_has_no_redrive_allow_policy(mended: Access) -> None:
    sqs = mended.client("sqs")
    assert "RedriveAllowPolicy" not in read(sqs, made(sqs))


def test_equal_bodies_of_one_group_stay_one_message(mended: Access) -> None:
    sqs = mended.client("sqs")
    for scope in ("queue", "messageGroup"):
        url = made(sqs, DeduplicationScope=scope)
        for _ in range(2):
            sqs.send_message(QueueUrl=url, MessageBody="equal", MessageGroupId="a")
        assert read(sqs, url)["ApproximateNumberOfMessages"] == "1"


def test_a_group_still_waits_for_what_is_out(mended: Access) -> None:
    sqs = mended.client("sqs")
    url = made(sqs)
    for body in ("first", "second"):
        sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="a")
    assert len(sqs.receive_message(QueueUrl=url, VisibilityTimeout=60)["Messages"]) == 1
    assert bodies(sqs, url, 10) == []
