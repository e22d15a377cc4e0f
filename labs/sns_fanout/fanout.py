"""What the student built, as the emulator tells it: the topic, who subscribes to it, the queues and their keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from grader.checks import Aws, Given
from grader.effects.delivery import Queue, Subscription, Topic, distinct
from grader.effects.delivery.queue import AWS_MANAGED
from grader.effects.keys import Key

from .meant import as_meant

AWS_MANAGED_FOR_SNS = "alias/aws/sns"
OPEN = '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}}'


@dataclass(frozen=True)
class Found:
    """A queue that is there. `key` is the one it is encrypted with; None where it has none, or where there is no such
    key. `queue` has the policy as it was meant, and `attributes` as it is written."""

    name: str
    queue: Queue
    attributes: Mapping[str, Any]
    key: Key | None = None

    @property
    def written(self) -> str:
        """Its policy, letter by letter; empty where it has none."""
        return str(self.attributes.get("Policy") or "")

    @property
    def key_name(self) -> str:
        """What tells the key that it is encrypted with from any other; empty where it has none."""
        return self.key.arn if self.key else self.queue.key or ""


@dataclass
class Fanout:
    """The topic and what hangs on it. `queues` holds those of the four that are there, by the lab's own name
    (`billing_queue`); `subscriptions` those of the topic that name one of the four; `others` all other endpoints;
    `tried` what a probe brought to each queue, once there was one. `topic_key` is what encrypts the topic, by the name
    that it has there, and the key; None for a name without a key. `topic_policy` is the topic's own policy."""

    topic: Topic
    arns: Mapping[str, str]
    queues: Mapping[str, Found] = field(default_factory=dict)
    subscriptions: tuple[Subscription, ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    tried: Mapping[str, Any] | None = None
    topic_key: tuple[str, Key | None] | None = None
    topic_policy: str = ""

    @cached_property
    def by_queue(self) -> dict[str, Subscription]:
        """The one subscription that AWS would have of each queue."""
        ours = {arn: role for role, arn in self.arns.items()}
        kept = (one for one in distinct(self.subscriptions) if one.protocol == "sqs" and not one.pending)
        return {ours[one.endpoint]: one for one in kept if one.endpoint in ours}

    def opened(self, role: str) -> Queue:
        """The queue as if its policy and its key let everybody in: that is another check's question."""
        return Queue(self.arns[role], OPEN)


ROLES = ("billing_queue", "shipping_queue", "audit_queue", "undelivered_queue")


def topic_arn(aws: Aws, given: Given) -> str:
    """What the topic's ARN must be."""
    return f"arn:aws:sns:{aws.region}:{aws.account}:{given.topic}"


def read(aws: Aws, given: Given, attributes: Mapping[str, Any]) -> Fanout:
    """All of it, of a topic with these attributes."""
    topic = replace(Topic.read(attributes), arn=topic_arn(aws, given))
    names = {role: str(given.parameters[role]) for role in ROLES}
    arns = {role: f"arn:aws:sqs:{aws.region}:{aws.account}:{name}" for role, name in names.items()}
    found = {role: _queue(aws, name) for role, name in names.items()}
    pages = aws.pages("sns", "list_subscriptions_by_topic", "Subscriptions", TopicArn=topic.arn)
    # Tools that make things side by side make them in another order each time, and the report is the same.
    listed = sorted(pages, key=lambda one: (str(one.get("Protocol")), str(one.get("Endpoint"))))
    ours = [one for one in listed if one.get("Endpoint") in arns.values()]
    others = [one for one in listed if one.get("Endpoint") not in arns.values()]
    return Fanout(
        topic,
        arns,
        {role: queue for role, queue in found.items() if queue},
        tuple(_subscription(aws, one) for one in ours),
        tuple((str(one.get("Protocol")), str(one.get("Endpoint"))) for one in others),
        topic_key=_topic_key(aws, attributes),
        topic_policy=str(attributes.get("Policy") or ""),
    )


def _topic_key(aws: Aws, attributes: Mapping[str, Any]) -> tuple[str, Key | None] | None:
    """AWS makes its own key for SNS where it is first named: it is always there."""
    name = str(attributes.get("KmsMasterKeyId") or "")
    return (name, _key(aws, name)) if name and not name.endswith(AWS_MANAGED_FOR_SNS) else None


def _key(aws: Aws, name: str | None) -> Key | None:
    found = (aws.find("kms", "describe_key", KeyId=name) or {}).get("KeyMetadata")
    if not found:
        return None
    reply = aws.find("kms", "get_key_policy", KeyId=str(found.get("Arn") or name), PolicyName="default") or {}
    return Key.read(found, reply.get("Policy"))


def _queue(aws: Aws, name: str) -> Found | None:
    there = aws.find("sqs", "get_queue_url", QueueName=name)
    if there is None:
        return None
    reply = aws.find("sqs", "get_queue_attributes", QueueUrl=there["QueueUrl"], AttributeNames=["All"]) or {}
    attributes = reply.get("Attributes") or {}
    arn = f"arn:aws:sqs:{aws.region}:{aws.account}:{name}"
    queue = Queue.read(attributes)
    queue = replace(queue, arn=arn, policy=as_meant(queue.policy))
    return _with_key(aws, Found(name, queue, attributes)) if queue.key else Found(name, queue, attributes)


def _with_key(aws: Aws, found: Found) -> Found:
    """With the policy of its key; one that is AWS's own is named so, whatever the queue calls it."""
    key = None if found.queue.aws_managed_key else _key(aws, found.queue.key)
    if not key:
        return found
    if key.aws_managed:
        return replace(found, queue=replace(found.queue, key=AWS_MANAGED))
    queue = replace(found.queue, key_policy=key.policy, key_arn=key.arn)
    return replace(found, queue=queue, key=key)


def _subscription(aws: Aws, listed: Mapping[str, Any]) -> Subscription:
    """What was listed, with its attributes; one that waits for a confirmation has none yet."""
    arn = str(listed.get("SubscriptionArn"))
    if not arn.startswith("arn:"):
        return Subscription.read({**listed, "PendingConfirmation": "true"})
    reply = aws.find("sns", "get_subscription_attributes", SubscriptionArn=arn) or {}
    return Subscription.read({**listed, **(reply.get("Attributes") or {})})
