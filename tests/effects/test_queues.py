"""What a FIFO queue does by AWS's rules: order, groups, duplicates, visibility, dead letters, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.effects.queues import AllowPolicy, Answer, Queue, RedrivePolicy, Simulated, refusals

ARN = "arn:aws:sqs:us-east-1:123456789012:"
FIFO = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}


def queue(name: str = "q.fifo", **attributes: Any) -> Queue:
    return Queue.read({"QueueArn": ARN + name, **FIFO, **attributes})


def redriven(receives: object, name: str = "q.fifo", target: str = "dead.fifo", **more: Any) -> Queue:
    policy = json.dumps({"deadLetterTargetArn": ARN + target, "maxReceiveCount": receives})
    return queue(name, RedrivePolicy=policy, **more)


def sent(found: Queue, *messages: tuple[str, str], also: tuple[Queue, ...] = ()) -> Simulated:
    consumer = Simulated([found, *also])
    for body, group in messages:
        assert consumer.send(found.arn, body, group=group) is Answer.SENT
    return consumer


# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html


def test_a_group_keeps_its_order_and_waits_for_what_is_out() -> None:
    found = queue()
    consumer = sent(found, ("1", "a"), ("2", "a"), ("x", "b"))
    assert [consumer.take(found.arn) for _ in range(3)] == ["1", "x", None]
    consumer.delete(found.arn, "1")
    assert consumer.take(found.arn) == "2"


def test_what_is_given_back_comes_again_before_the_rest_of_its_group() -> None:
    found = queue()
    consumer = sent(found, ("1", "a"), ("2", "a"))
    assert consumer.take(found.arn) == "1"
    consumer.give_back(found.arn, "1")
    assert consumer.take(found.arn) == "1"


def test_a_message_that_is_not_out_cannot_be_deleted() -> None:
    found = queue()
    consumer = sent(found, ("1", "a"))
    consumer.delete(found.arn, "1")
    assert consumer.take(found.arn) == "1"


def test_hidden_for_no_time_is_not_hidden() -> None:
    found = queue(VisibilityTimeout="0")
    consumer = sent(found, ("1", "a"))
    assert [consumer.take(found.arn) for _ in range(3)] == ["1"] * 3
    assert consumer.take(found.arn, hidden_seconds=9) == "1"
    assert consumer.take(found.arn) is None


def test_a_standard_queue_knows_no_groups_and_no_duplicates() -> None:
    found = Queue.read({"QueueArn": f"{ARN}standard"})
    consumer = sent(found, ("1", "a"), ("1", "a"))
    assert [consumer.take(found.arn) for _ in range(3)] == ["1", "1", None]


# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-exactly-once-processing.html


def test_equal_bodies_are_one_message_also_once_the_first_is_gone() -> None:
    found = queue()
    consumer = sent(found, ("1", "a"), ("1", "a"), ("1", "b"))
    assert consumer.take(found.arn) == "1"
    consumer.delete(found.arn, "1")
    assert consumer.send(found.arn, "1", group="a") is Answer.SENT
    assert consumer.take(found.arn) is None


def test_duplicates_go_by_group_where_the_queue_says_so() -> None:
    found = queue(DeduplicationScope="messageGroup")
    consumer = sent(found, ("1", "a"), ("1", "a"), ("1", "b"))
    assert [consumer.take(found.arn) for _ in range(3)] == ["1", "1", None]


def test_an_id_goes_before_the_body() -> None:
    found = queue(ContentBasedDeduplication="false")
    consumer = Simulated([found])
    assert consumer.send(found.arn, "1", group="a") is Answer.REFUSED
    assert consumer.send(found.arn, "1", group="a", deduplication="x") is Answer.SENT
    assert consumer.send(found.arn, "2", group="a", deduplication="x") is Answer.SENT
    assert consumer.take(found.arn) == "1"
    consumer.delete(found.arn, "1")
    assert consumer.take(found.arn) is None


# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html


@given(st.integers(1, 30))
def test_a_message_moves_at_the_receive_after_the_last_that_is_allowed(receives: int) -> None:
    found, dead = redriven(receives), queue("dead.fifo")
    consumer = sent(found, ("bad", "a"), ("good", "a"), also=(dead,))
    taken = [consumer.take(found.arn, hidden_seconds=0) for _ in range(receives)]
    assert taken == ["bad"] * receives
    assert consumer.take(dead.arn) is None
    assert consumer.take(found.arn) == "good"
    assert consumer.take(dead.arn) == "bad"


def test_a_dead_letter_is_counted_anew() -> None:
    found, dead = redriven(1), redriven(2, "dead.fifo", "buried.fifo")
    consumer = sent(found, ("bad", "a"), also=(dead,))
    assert [consumer.take(found.arn, hidden_seconds=0) for _ in range(2)] == ["bad", None]
    assert [consumer.take(dead.arn, hidden_seconds=0) for _ in range(3)] == ["bad", "bad", None]


@pytest.mark.parametrize("policy", [None, "", "{}", "nope", '{"maxReceiveCount": 1}', redriven(0).redrive])
def test_without_a_policy_that_aws_could_read_nothing_is_set_aside(policy: Any) -> None:
    written = policy.written if isinstance(policy, RedrivePolicy) else policy
    found = queue(RedrivePolicy=written)
    consumer = sent(found, ("bad", "a"))
    assert [consumer.take(found.arn, hidden_seconds=0) for _ in range(20)] == ["bad"] * 20


def test_policies_are_read_in_every_spelling() -> None:
    assert redriven("3").redrive == RedrivePolicy(redriven("3").attributes["RedrivePolicy"], f"{ARN}dead.fifo", 3)
    assert RedrivePolicy.read({"deadLetterTargetArn": "x"}) == RedrivePolicy('{"deadLetterTargetArn": "x"}', "x", 10)
    assert RedrivePolicy.read("[]") == RedrivePolicy("[]")
    assert AllowPolicy.read(None) == AllowPolicy.read("{}") == AllowPolicy("allowAll")
    assert AllowPolicy.read('{"redrivePermission": "byQueue", "sourceQueueArns": ["x"]}').sources == ("x",)


@pytest.mark.parametrize(
    ("policy", "admits"),
    [
        ({}, True),
        ({"redrivePermission": "allowAll"}, True),
        ({"redrivePermission": "denyAll"}, False),
        ({"redrivePermission": "byQueue", "sourceQueueArns": [f"{ARN}q.fifo"]}, True),
        ({"redrivePermission": "byQueue", "sourceQueueArns": [f"{ARN}other.fifo"]}, False),
        ({"redrivePermission": "byQueue", "sourceQueueArns": []}, False),
        ({"redrivePermission": "byQueue", "sourceQueueArns": f"{ARN}q.fifo"}, False),
        ({"redrivePermission": "byQueue", "sourceQueueArns": [f"{ARN}q.fifo"] * 11}, False),
        ({"redrivePermission": "allowAll", "sourceQueueArns": [f"{ARN}q.fifo"]}, False),
        ({"redrivePermission": "ByQueue", "sourceQueueArns": [f"{ARN}q.fifo"]}, False),
    ],
)
def test_an_allow_policy_admits_whom_it_names(policy: Any, admits: bool) -> None:
    assert AllowPolicy.read(json.dumps(policy)).admits(f"{ARN}q.fifo") is admits


# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("DelaySeconds", 0, 900),
        ("KmsDataKeyReusePeriodSeconds", 60, 86400),
        ("MaximumMessageSize", 1024, 1048576),
        ("MessageRetentionPeriod", 60, 1209600),
        ("ReceiveMessageWaitTimeSeconds", 0, 20),
        ("VisibilityTimeout", 0, 43200),
    ],
)
def test_every_number_has_its_limits(name: str, least: int, most: int) -> None:
    for value, taken in ((least, True), (most, True), (least - 1, False), (most + 1, False), ("x", False)):
        found = refusals(queue(**{name: str(value)}))
        assert [one.attribute for one in found] == ([] if taken else [name])


def test_throughput_by_group_wants_duplicates_by_group() -> None:
    fast = {"FifoThroughputLimit": "perMessageGroupId"}
    assert [one.attribute for one in refusals(queue(**fast))] == ["FifoThroughputLimit"]
    assert refusals(queue(**fast, DeduplicationScope="messageGroup")) == ()
    assert refusals(queue(DeduplicationScope="messageGroup", FifoThroughputLimit="perQueue")) == ()


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
policies = (
    anything
    | anything.map(json.dumps)
    | st.builds(
        lambda target, receives: json.dumps({"deadLetterTargetArn": target, "maxReceiveCount": receives}),
        anything,
        anything,
    )
)


@given(
    st.dictionaries(
        st.sampled_from(
            ["RedrivePolicy", "RedriveAllowPolicy", "Policy", "VisibilityTimeout", "DelaySeconds", "DeduplicationScope"]
        ),
        policies,
    )
)
def test_no_attribute_is_an_exception(attributes: dict[str, Any]) -> None:
    found = queue(**attributes)
    assert all(str(one.text) for one in refusals(found))
    assert found.allows.admits(found.arn) in (True, False)
    consumer = sent(found, ("1", "a"))
    assert consumer.take(found.arn) == "1"


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 99)), max_size=20))
def test_whatever_is_sent_comes_out_in_the_order_of_its_group(messages: list[tuple[str, int]]) -> None:
    found = queue(DeduplicationScope="messageGroup")
    consumer = sent(found, *((str(number), group) for group, number in messages))
    out: list[str] = []
    while (body := consumer.take(found.arn, hidden_seconds=9)) is not None:
        out.append(body)
        consumer.delete(found.arn, body)
    firsts = list(dict.fromkeys(messages))
    assert len(out) == len(firsts)
    for group in "abc":
        wanted = [str(number) for one, number in firsts if one == group]
        rest = iter(out)
        assert all(body in rest for body in wanted)
