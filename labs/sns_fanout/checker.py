"""An order is published once: each queue gets just what it should, AWS lets the topic in and nobody else, and nothing
is lost."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError

from grader.checks import Aws, Given, check, require, say

from . import admission, picture
from .fanout import Fanout, read, topic_arn
from .judging import require_arrivals
from .readback import KEY, POLICY, SUBSCRIPTION, unless_dropped

_SNS = "https://docs.aws.amazon.com/sns/latest/dg/"
TOPICS = f"{_SNS}sns-create-topic.html"
ENVELOPE = f"{_SNS}sns-message-and-json-formats.html"
FILTERS = f"{_SNS}sns-subscription-filter-policies.html"
RAW = f"{_SNS}sns-large-payload-raw-message-delivery.html"
POLICIES = f"{_SNS}subscribe-sqs-queue-to-sns-topic.html"
REDRIVE = f"{_SNS}sns-configure-dead-letter-queue.html"
OTHER_REGIONS = ("us-east-1", "us-east-2", "us-west-2", "eu-central-1", "eu-west-1", "ap-northeast-2")
SOURCES = "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html"


@check(
    weight=5,
    doc=TOPICS,
    why="Whoever publishes an order knows the topic, by its name and by nothing else.",
    fix="The whole name is in LAB_TOPIC. Take it from there, and nothing can be mistyped.",
)
def topic_exists(aws: Aws, given: Given) -> Fanout:
    """There is a topic named {topic}."""
    reply = aws.find("sns", "get_topic_attributes", TopicArn=topic_arn(aws, given))
    if reply is None:
        for region in OTHER_REGIONS:
            elsewhere = (
                "" if region == aws.region else topic_arn(aws, given).replace(f":{aws.region}:", f":{region}:", 1)
            )
            if elsewhere and _is_there(aws, region, elsewhere):
                require(
                    False, say("there is no such topic in {here}: it is in {there}.", here=aws.region, there=region)
                )
        names = sorted(str(one["TopicArn"]).rpartition(":")[2] for one in aws.pages("sns", "list_topics", "Topics"))
        require(names, say("the account has no topic at all."))
        require(False, say("there is no such topic, only {names}.", names=names[:20]))
    return read(aws, given, (reply or {}).get("Attributes") or {})


def _is_there(aws: Aws, region: str, arn: str) -> bool:
    """An emulator that does not know the region has no topic there."""
    with suppress(ClientError):
        return aws.find("sns", "get_topic_attributes", region=region, TopicArn=arn) is not None
    return False


@check(
    weight=15,
    needs=topic_exists,
    doc=ENVELOPE,
    why="Billing sends an invoice for each order that it hears of: for one it misses, nobody ever pays.",
    fix="Follow one order from the topic to the queue: what does each step do to it?",
)
@unless_dropped(SUBSCRIPTION)
def billing_gets_every_order(aws: Aws, given: Given) -> None:
    """Every order reaches {billing_queue} once, in SNS's envelope."""
    require_arrivals(aws, given, given.found(topic_exists), "billing_queue")


@check(
    weight=20,
    needs=topic_exists,
    doc=FILTERS,
    why="What arrives is packed: an order that is missing is never sent, and a file has nothing to put into a parcel.",
    fix="Try the filter policy on an order of each kind, attribute by attribute and letter by letter.",
)
@unless_dropped(SUBSCRIPTION)
def shipping_gets_goods_alone(aws: Aws, given: Given) -> None:
    """{shipping_queue} gets every order of the kind `{goods_kind}`, and nothing else."""
    require_arrivals(aws, given, given.found(topic_exists), "shipping_queue")


@check(
    weight=15,
    needs=topic_exists,
    doc=RAW,
    why="The auditors compare what they get with what was published, byte by byte. An envelope around it is no order.",
    fix="What does an order look like when it comes out of the queue, and what did it look like when it went in?",
)
@unless_dropped(SUBSCRIPTION)
def audit_gets_orders_as_published(aws: Aws, given: Given) -> None:
    """{audit_queue} gets every order as it was published: the bare JSON, with `kind` as a message attribute."""
    require_arrivals(aws, given, given.found(topic_exists), "audit_queue")


@check(
    weight=15,
    needs=topic_exists,
    doc=POLICIES,
    why="On AWS nothing arrives that the queue's policy, or the key that encrypts it, does not let in. Emulators "
    "deliver all the same, and so nobody notices before the first real order.",
    fix="Read the policy of the queue as AWS does: who calls, what for, on which queue, and on behalf of which topic?",
)
@unless_dropped(POLICY, KEY)
def topic_may_send(aws: Aws, given: Given) -> None:
    """On AWS, {topic} may send to each of the three queues."""
    del aws
    admission.require_topic_may_send(given.found(topic_exists), given)


@check(
    weight=15,
    needs=topic_exists,
    doc=SOURCES,
    why="An order that anybody can put into a queue is invoiced, packed and sent like any other.",
    fix="Who else fits each statement of the policy?",
)
@unless_dropped(POLICY, KEY)
def nobody_else_may_send(aws: Aws, given: Given) -> None:
    """The queues are open to somebody, and closed to all others: other topics, other accounts, strangers."""
    del aws
    admission.require_nobody_else(given.found(topic_exists), given)


@check(
    weight=15,
    needs=topic_exists,
    doc=REDRIVE,
    why="When a queue cannot take a message (its policy was changed, or it was deleted), SNS tries for a while and "
    "then forgets it. A parcel that nobody knows of is not even missed.",
    fix="A subscription may name a queue for what it could not deliver, and SNS must be let into that one too.",
)
@unless_dropped(SUBSCRIPTION, POLICY, KEY)
def undelivered_orders_are_kept(aws: Aws, given: Given) -> None:
    """An order that SNS cannot deliver to {shipping_queue} is kept in {undelivered_queue}, which admits it."""
    del aws
    admission.require_leftovers_kept(given.found(topic_exists), given)


def model(aws: Aws, given: Given) -> Mapping[str, Any]:
    """Topic, filters, queues, what arrived and what AWS would refuse, for the report's picture."""
    del aws
    with suppress(KeyError):  # without the topic there is nothing to draw
        return picture.drawn(given.found(topic_exists), given)
    return {}
