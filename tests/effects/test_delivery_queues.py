"""What each queue receives of a message, and what becomes of what it cannot receive.

https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html
https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
https://docs.aws.amazon.com/sns/latest/dg/fifo-message-dedup.html
https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
"""

import json
from typing import Any

import pytest

from grader.effects.delivery import (
    Delivered,
    Filtered,
    Message,
    NotSubscribed,
    Queue,
    Refused,
    Subscription,
    Topic,
    conflicts,
    copy_of,
    deliveries,
    distinct,
)

ACCOUNT = "123456789012"
TOPIC = Topic(f"arn:aws:sns:us-east-1:{ACCOUNT}:orders")
FIFO_TOPIC = Topic(f"{TOPIC.arn}.fifo")
ORDER = Message.of('{"order_id": "1", "kind": "physical", "total": 5}', {"kind": "physical"})


def arn(name: str) -> str:
    return f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"


def policy(topic: str = TOPIC.arn, effect: str = "Allow", **condition: Any) -> str:
    statement = {
        "Effect": effect,
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": "*",
        "Condition": condition or {"ArnEquals": {"aws:SourceArn": topic}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def queue(name: str, topic: str = TOPIC.arn, **fields: Any) -> Queue:
    return Queue(arn(name), **{"policy": policy(topic), **fields})


def subscribed(name: str, topic: Topic = TOPIC, **attributes: Any) -> Subscription:
    named = {"TopicArn": topic.arn, "Protocol": "sqs", "Endpoint": arn(name), "PendingConfirmation": "false"}
    return Subscription.read({**named, **attributes})


def redrive(name: str) -> str:
    return json.dumps({"deadLetterTargetArn": arn(name)})


def outcome(subscription: Subscription, *queues: Queue, topic: Topic = TOPIC, message: Message = ORDER) -> Any:
    return deliveries(topic, [subscription], queues, message)[subscription.endpoint]


def whys(found: Any) -> list[str]:
    assert isinstance(found, Refused)
    return [obstacle.why for obstacle in found.obstacles]


def test_an_envelope_has_the_message_within() -> None:
    found = outcome(subscribed("billing"), queue("billing"))
    assert isinstance(found, Delivered)
    assert found.times == 1
    assert not found.copy.raw
    assert found.copy.fields == {
        "Type": "Notification",
        "TopicArn": TOPIC.arn,
        "Message": ORDER.body,
        "MessageAttributes": {"kind": {"Type": "String", "Value": "physical"}},
    }
    assert found.copy.attributes == {}


def test_raw_delivery_is_the_body_and_the_attributes() -> None:
    found = outcome(subscribed("audit", RawMessageDelivery="true"), queue("audit"))
    assert isinstance(found, Delivered)
    assert (found.copy.raw, found.copy.body, dict(found.copy.attributes)) == (True, ORDER.body, dict(ORDER.attributes))


def envelope(**changes: Any) -> str:
    fields = {
        "Type": "Notification",
        "MessageId": "m",
        "TopicArn": TOPIC.arn,
        "Message": ORDER.body,
        "Timestamp": "2026-11-23T00:00:00.000Z",
        "MessageAttributes": {"kind": {"Type": "String", "Value": "physical"}},
        **changes,
    }
    return json.dumps({name: value for name, value in fields.items() if value is not None})


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (envelope(), ()),
        (envelope(Signature="x", SigningCertURL="y"), ()),
        (envelope(Message="{}"), ("Message",)),
        (envelope(TopicArn="x", Type="y"), ("Type", "TopicArn")),
        (envelope(MessageId=None), ("MessageId",)),
        (envelope(Timestamp=None), ("Timestamp",)),
        (envelope(Subject="x"), ("Subject",)),
        (envelope(MessageAttributes=None), ("MessageAttributes",)),
        (
            ORDER.body.replace("}", ', "x": 1}'),
            ("Type", "TopicArn", "Message", "MessageAttributes", "MessageId", "Timestamp"),
        ),
        ("plain", ("body",)),
    ],
)
def test_what_was_received_is_held_against_the_envelope(body: str, wanted: tuple[str, ...]) -> None:
    assert copy_of(TOPIC, ORDER, raw=False).differences(body) == wanted


def test_what_was_received_raw_is_held_against_body_and_attributes() -> None:
    copy = copy_of(TOPIC, ORDER, raw=True)
    attributes = {"kind": {"DataType": "String", "StringValue": "physical"}}
    assert copy.differences(ORDER.body, attributes) == ()
    assert copy.differences(f"{ORDER.body} ", attributes) == ("body",)
    assert copy.differences(ORDER.body) == ("attributes.kind",)
    assert copy.differences(ORDER.body, {"kind": {"DataType": "String", "StringValue": "x"}}) == ("attributes.kind",)
    assert copy_of(TOPIC, ORDER, raw=False).differences(envelope(), attributes) == ("attributes.kind",)


def test_a_subject_stands_in_the_envelope_and_not_in_raw_delivery() -> None:
    message = Message.of("hello", subject="greeting")
    assert copy_of(TOPIC, message, raw=False).fields["Subject"] == "greeting"
    assert "MessageAttributes" not in copy_of(TOPIC, message, raw=False).fields
    assert copy_of(TOPIC, message, raw=True).fields == {}


def test_raw_delivery_takes_ten_attributes() -> None:
    raw = subscribed("audit", RawMessageDelivery="true")
    ten, eleven = (Message.of("x", {f"a{n}": "v" for n in range(count)}) for count in (10, 11))
    assert isinstance(outcome(raw, queue("audit"), message=ten), Delivered)
    assert whys(outcome(raw, queue("audit"), message=eleven)) == ["too_many_attributes"]
    assert isinstance(outcome(subscribed("audit"), queue("audit"), message=eleven), Delivered)


def test_a_filter_keeps_the_message_from_the_queue_before_anything_else() -> None:
    found = outcome(subscribed("shipping", FilterPolicy='{"kind": ["digital"]}'))
    assert found == Filtered({"kind": ["digital"]}, "MessageAttributes")
    on_body = subscribed("shipping", FilterPolicy='{"kind": ["physical"]}', FilterPolicyScope="MessageBody")
    assert isinstance(outcome(on_body, queue("shipping")), Delivered)


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({}, []),
        ({"policy": None}, ["policy"]),
        ({"policy": "{"}, ["policy"]),
        ({"policy": policy(f"{TOPIC.arn}-other")}, ["policy"]),
        ({"policy": policy(effect="Deny")}, ["policy"]),
        ({"key": "alias/aws/sqs"}, ["aws_managed_key"]),
        ({"key": f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/aws/sqs"}, ["aws_managed_key"]),
        ({"key": "1234"}, ["key"]),
        ({"key": "1234", "key_policy": "{}"}, ["key"]),
        ({"policy": None, "key": "1234"}, ["policy", "key"]),
    ],
)
def test_a_queue_that_does_not_let_sns_in_gets_nothing(fields: dict[str, Any], wanted: list[str]) -> None:
    found = outcome(subscribed("billing"), queue("billing", **fields))
    assert (whys(found) if wanted else isinstance(found, Delivered)) == (wanted or True)


@pytest.mark.parametrize("key", ["1234", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234", "alias/mine"])
def test_a_key_that_admits_sns_is_no_obstacle(key: str) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": ["kms:GenerateDataKey*", "kms:Decrypt"],
        "Resource": f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234",
        "Condition": {"StringEquals": {"kms:ViaService": "sqs.us-east-1.amazonaws.com"}},
    }
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    named = {"key": key, "key_policy": text, "key_arn": f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234"}
    assert isinstance(outcome(subscribed("billing"), queue("billing", **named)), Delivered)
    if not key.startswith("alias"):
        assert isinstance(outcome(subscribed("billing"), queue("billing", **{**named, "key_arn": None})), Delivered)


def test_whether_a_policy_lets_sns_in_may_be_uncertain() -> None:
    unclear = policy(StringSimilar={"aws:SourceArn": TOPIC.arn})
    found = outcome(subscribed("billing"), queue("billing", policy=unclear))
    assert isinstance(found, Refused)
    assert not found.certain
    assert outcome(subscribed("billing"), queue("billing", policy=None)).certain


def test_a_refusal_says_why_in_sentences() -> None:
    found = outcome(subscribed("billing"), queue("billing", policy=None))
    assert isinstance(found, Refused)
    assert str(found.obstacles[0].text) == (
        "The queue's policy does not let SNS send for this topic. There is no policy, so nothing allows it."
    )
    assert found.obstacles[0].to_json()["decision"]["basis"] == "no_policy"


def test_what_cannot_be_delivered_is_kept_in_the_dead_letter_queue() -> None:
    subscription = subscribed("shipping", RedrivePolicy=redrive("dead"))
    found = outcome(subscription, queue("dead"))
    assert isinstance(found, Refused)
    assert (whys(found), found.kept, found.dead_letter_queue) == (["no_queue"], True, arn("dead"))
    assert outcome(subscription, queue("shipping"), queue("dead")).times == 1


@pytest.mark.parametrize(
    ("target", "queues", "lost"),
    [
        ("dead", [], ["no_queue"]),
        ("dead", [queue("dead", policy=None)], ["policy"]),
        ("dead", [queue("dead", topic=f"{TOPIC.arn}-other")], ["policy"]),
        ("dead", [queue("dead", key="alias/aws/sqs")], ["aws_managed_key"]),
        ("dead.fifo", [queue("dead.fifo")], ["subscription"]),
    ],
)
def test_what_the_dead_letter_queue_cannot_take_is_lost(target: str, queues: list[Queue], lost: list[str]) -> None:
    found = outcome(subscribed("shipping", RedrivePolicy=redrive(target)), *queues)
    assert isinstance(found, Refused)
    assert not found.kept
    assert [obstacle.why for obstacle in found.lost] == lost


@pytest.mark.parametrize("text", [None, "", "{", "{}", "[]", '{"deadLetterTargetArn": 5}'])
def test_without_a_dead_letter_queue_the_message_is_gone(text: Any) -> None:
    found = outcome(subscribed("shipping", RedrivePolicy=text))
    assert isinstance(found, Refused)
    assert (found.kept, found.dead_letter_queue, found.lost) == (False, None, ())


def refused(subscription: Subscription) -> list[str]:
    return [refusal.name for refusal in subscription.refusals()]


@pytest.mark.parametrize(
    ("subscription", "wanted"),
    [
        (subscribed("q"), []),
        (subscribed("q", RedrivePolicy=redrive("dead")), []),
        (subscribed("q", RedrivePolicy="{}"), ["redrive"]),
        (subscribed("q", RedrivePolicy='{"deadLetterTargetArn": "dead"}'), ["redrive"]),
        (subscribed("q", RedrivePolicy=json.dumps({"deadLetterTargetArn": TOPIC.arn})), ["redrive"]),
        (
            subscribed(
                "q", RedrivePolicy=json.dumps({"deadLetterTargetArn": arn("dead").replace("us-east-1", "eu-west-1")})
            ),
            ["redrive_elsewhere"],
        ),
        (
            subscribed("q", RedrivePolicy=json.dumps({"deadLetterTargetArn": arn("dead").replace(ACCOUNT, "9" * 12)})),
            ["redrive_elsewhere"],
        ),
        (subscribed("q", RedrivePolicy=redrive("dead.fifo")), ["redrive_type"]),
        (subscribed("q.fifo", FIFO_TOPIC, RedrivePolicy=redrive("dead")), ["redrive_type"]),
        (subscribed("q.fifo", FIFO_TOPIC, RedrivePolicy=redrive("dead.fifo")), []),
        (subscribed("q", FIFO_TOPIC, RedrivePolicy=redrive("dead")), []),
        (subscribed("q", FIFO_TOPIC, RedrivePolicy=redrive("dead.fifo")), []),
        (subscribed("q.fifo"), ["fifo_queue"]),
        (subscribed("q", FilterPolicy="{"), ["not_json"]),
    ],
)
def test_a_subscription_that_aws_refuses_is_named(subscription: Subscription, wanted: list[str]) -> None:
    assert refused(subscription) == wanted


def test_a_fifo_queue_gets_nothing_from_a_standard_topic() -> None:
    found = outcome(subscribed("q.fifo"), queue("q.fifo"))
    assert whys(found) == ["fifo_queue"]


def test_a_fifo_topic_gives_group_and_deduplication_id_to_any_queue() -> None:
    message = Message.of("x", group="g", deduplication="d")
    for name in ("q.fifo", "q"):
        found = outcome(subscribed(name, FIFO_TOPIC), queue(name, FIFO_TOPIC.arn), topic=FIFO_TOPIC, message=message)
        assert isinstance(found, Delivered)
        assert (found.copy.group, found.copy.deduplication) == ("g", "d")
        assert "SequenceNumber" in found.copy.others
    standard = outcome(subscribed("q"), queue("q"), message=message)
    assert (standard.copy.group, standard.copy.deduplication) == (None, None)


def test_a_fifo_topic_wants_a_group_and_a_deduplication_id() -> None:
    based = Topic(FIFO_TOPIC.arn, content_based_deduplication=True)
    names = [[at.name for at in topic.refusals(Message.of("x"))] for topic in (FIFO_TOPIC, based, TOPIC)]
    assert names == [["no_group", "no_deduplication"], ["no_group"], []]
    found = outcome(subscribed("q.fifo", FIFO_TOPIC), queue("q.fifo", FIFO_TOPIC.arn), topic=FIFO_TOPIC)
    assert whys(found) == ["publish", "publish"]
    assert Topic.read({"TopicArn": FIFO_TOPIC.arn, "ContentBasedDeduplication": "true"}) == based
    assert Topic.read({}) == Topic("")


def test_a_fifo_topic_delivers_nothing_twice_within_five_minutes() -> None:
    based = Topic(FIFO_TOPIC.arn, content_based_deduplication=True)
    first, soon, late = (Message.of("x", {"n": str(at)}, group=str(at), at=at) for at in (0.0, 299.9, 300.0))
    assert based.kept([first, soon]) == (first,)
    assert based.kept([first, late]) == (first, late)
    assert based.kept([first, Message.of("y", group="g")]) == (first, Message.of("y", group="g"))
    assert len(TOPIC.kept([first, soon])) == 2
    named = [Message.of("x", deduplication=name) for name in ("a", "b", "a")]
    assert FIFO_TOPIC.kept(named) == tuple(named[:2])


def test_subscribing_twice_is_one_subscription() -> None:
    one, again = subscribed("billing"), subscribed("billing")
    assert distinct([one, again]) == (one,)
    assert conflicts([one, again]) == ()
    assert deliveries(TOPIC, [one, again], [queue("billing")], ORDER)[arn("billing")].times == 1


@pytest.mark.parametrize(
    ("first", "second", "refused_"),
    [
        ({}, {"RawMessageDelivery": "true"}, True),
        ({"RawMessageDelivery": "True"}, {"RawMessageDelivery": "true"}, False),
        ({"RawMessageDelivery": "true"}, {}, False),  # what is left out is not compared: localstack#9167
        ({}, {"RawMessageDelivery": "false"}, False),
        ({"FilterPolicy": '{"a": ["x"]}'}, {"FilterPolicy": '{ "a":["x"] }'}, False),
        ({"FilterPolicy": '{"a": ["x"]}'}, {"FilterPolicy": '{"a": ["y"]}'}, True),
        ({"FilterPolicy": '{"a": ["x"]}'}, {"FilterPolicyScope": "MessageBody"}, True),
        ({}, {"FilterPolicyScope": "MessageAttributes"}, False),
        ({}, {"RedrivePolicy": redrive("dead")}, True),
    ],
)
def test_the_same_endpoint_with_other_attributes_is_refused(first: Any, second: Any, refused_: bool) -> None:
    before, after = subscribed("billing", **first), subscribed("billing", **second)
    found = conflicts([before, after])
    assert [subscription for subscription, _ in found] == ([after] if refused_ else [])
    if found:
        assert found[0][1].message == (
            "Invalid parameter: Attributes Reason: Subscription already exists with different attributes"
        )


def test_the_first_subscription_of_an_endpoint_is_the_one_that_counts() -> None:
    first, second = subscribed("billing", RawMessageDelivery="true"), subscribed("billing")
    found = deliveries(TOPIC, [first, second], [queue("billing")], ORDER)[arn("billing")]
    assert isinstance(found, Delivered)
    assert found.copy.raw


def test_other_topics_protocols_and_pending_subscriptions_do_not_matter() -> None:
    elsewhere = subscribed("billing", Topic(f"{TOPIC.arn}-other"))
    pending = subscribed("billing", PendingConfirmation="true")
    mail = subscribed("billing", Protocol="email")
    found = deliveries(TOPIC, [elsewhere, pending, mail], [queue("billing")], ORDER)
    assert found == {arn("billing"): NotSubscribed()}


def test_a_queue_is_read_from_its_attributes() -> None:
    found = Queue.read({"QueueArn": arn("q"), "Policy": "", "KmsMasterKeyId": "k"}, "{}", "arn")
    assert found == Queue(arn("q"), None, "k", "{}", "arn")
    assert Queue.read({}) == Queue("")
    assert Queue("").region == ""


def test_a_topic_of_a_thousand_subscriptions_is_no_trouble() -> None:
    names = [f"q{n}" for n in range(1000)]
    found = deliveries(TOPIC, [subscribed(name) for name in names], [queue(name) for name in names], ORDER)
    assert len(found) == 1000
    assert all(isinstance(at, Delivered) for at in found.values())
