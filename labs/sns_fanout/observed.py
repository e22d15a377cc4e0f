"""What really arrives: two orders, published on a copy of the topic that nobody else knows."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from grader.checks import Aws
from grader.effects.delivery import Subscription

from .fanout import Fanout
from .orders import Order

COPIED = ("RawMessageDelivery", "FilterPolicyScope", "FilterPolicy")
PATIENCE_SECONDS = 2.0


@dataclass(frozen=True)
class Received:
    """A message as it came out of a queue."""

    body: str
    attributes: Mapping[str, Any]


Arrived = Mapping[str, tuple[Received, ...]]


def arrived(aws: Aws, fanout: Fanout, orders: tuple[Order, ...], expected: Mapping[str, int]) -> Arrived:
    """By the queue's role, what each of the subscriptions brought of these orders.

    The copy is made of what was read of the subscriptions; its queues have no policy. `expected` says for how many
    messages to wait. Raises CannotProbe where there is no place to try it.
    """
    with aws.probe(lambda _place: None) as place:
        sns, sqs, name = place.client("sns"), place.client("sqs"), f"labgrade-probe-{token_hex(6)}"
        topic = sns.create_topic(Name=name)["TopicArn"]
        place.afterwards(lambda: sns.delete_topic(TopicArn=topic))

        def subscribed(role: str) -> str:
            queue = f"{name}-{role.partition('_')[0]}"
            url = _queue(sqs, place, queue)
            arn = f"arn:aws:sqs:{place.region}:{place.account}:{queue}"
            chosen = _attributes(fanout.by_queue[role])
            sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=chosen)
            return url

        def published(order: Order) -> None:
            kind = {"kind": {"DataType": "String", "StringValue": order.kind}}
            sns.publish(TopicArn=topic, Message=order.body, MessageAttributes=kind)

        with ThreadPoolExecutor(max(len(expected), len(orders))) as side_by_side:  # each call mostly waits
            urls = dict(zip(expected, side_by_side.map(subscribed, expected), strict=True))
            list(side_by_side.map(published, orders))
            found = {role: side_by_side.submit(_received, aws, sqs, urls[role], expected[role]) for role in expected}
            return {role: one.result() for role, one in found.items()}


def _queue(sqs: Any, place: Any, name: str) -> str:
    url: str = sqs.create_queue(QueueName=name)["QueueUrl"]
    place.afterwards(lambda: sqs.delete_queue(QueueUrl=url))
    return url


def _attributes(subscription: Subscription) -> dict[str, str]:
    """Those that decide what arrives, as texts; what says nothing is left out."""
    read = {name: subscription.attributes.get(name) for name in COPIED}
    if not read["FilterPolicy"] or read["FilterPolicy"] == "{}":
        read["FilterPolicy"] = read["FilterPolicyScope"] = None
    return {name: str(value).lower() if name == COPIED[0] else str(value) for name, value in read.items() if value}


def _received(aws: Aws, sqs: Any, url: str, count: int) -> tuple[Received, ...]:
    """Asked again until as many have come as should, and no longer than anybody would wait."""
    found: dict[str, Received] = {}

    def enough() -> bool:
        reply = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
        for message in reply.get("Messages", []):
            found[message["MessageId"]] = Received(message["Body"], message.get("MessageAttributes") or {})
        return len(found) >= count

    aws.until(enough, timeout_seconds=PATIENCE_SECONDS)
    return tuple(found.values())
