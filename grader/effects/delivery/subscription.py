"""A subscription of a queue to a topic, as its attributes are read, and what AWS refuses of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from grader.effects.delivery.filters import Filter, parsed
from grader.effects.delivery.message import FIFO, Topic
from grader.effects.delivery.refusal import Refusal, invalid
from grader.effects.delivery.refused_filters import of_filter

SUBSCRIBE: Final = "https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html"
FIFO_DELIVERY: Final = "https://docs.aws.amazon.com/sns/latest/dg/fifo-message-delivery.html"
DEAD_LETTERS: Final = "https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html"
TARGET: Final = "deadLetterTargetArn"  # all that a redrive policy of SNS has
# What a second Subscribe for the same endpoint must repeat.
COMPARED: Final = ("FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy", "DeliveryPolicy")
_JSON: Final = ("FilterPolicy", "RedrivePolicy", "DeliveryPolicy")


@dataclass(frozen=True)
class Subscription:
    """A subscription by boto3's GetSubscriptionAttributes; anything missing is as AWS has it by default."""

    topic: str
    protocol: str
    endpoint: str
    attributes: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, attributes: Mapping[str, Any]) -> Subscription:
        """The subscription in GetSubscriptionAttributes' `Attributes`."""
        named = (attributes.get(name) for name in ("TopicArn", "Protocol", "Endpoint"))
        topic, protocol, endpoint = (value if isinstance(value, str) else "" for value in named)
        return cls(topic, protocol, endpoint, attributes)

    @property
    def filter(self) -> Filter:
        """Its filter policy, in its scope."""
        return Filter.read(self.attributes.get("FilterPolicy"), self.attributes.get("FilterPolicyScope"))

    @property
    def raw(self) -> bool:
        """Whether the queue gets the message as it was published."""
        return str(self.attributes.get("RawMessageDelivery", "")).lower() == "true"

    @property
    def pending(self) -> bool:
        """Whether nobody has confirmed it yet; a queue of the same account needs no confirmation."""
        return str(self.attributes.get("PendingConfirmation", "")).lower() == "true"

    @property
    def dead_letter_queue(self) -> str | None:
        """The ARN of the queue that keeps what could not be delivered."""
        policy = self._redrive
        target = policy.get(TARGET) if isinstance(policy, Mapping) else None
        return target if isinstance(target, str) else None

    @property
    def _redrive(self) -> Any:
        text = self.attributes.get("RedrivePolicy")
        return text if isinstance(text, Mapping) else parsed(text)

    def refusals(self) -> tuple[Refusal, ...]:
        """Why AWS would not take it as it stands."""
        found = [*of_filter(self.attributes.get("FilterPolicy"), self.attributes.get("FilterPolicyScope"))]
        if self.protocol == "sqs" and self.endpoint.endswith(FIFO) and not Topic(self.topic).fifo:
            # In these words: moto and LocalStack's record of AWS.
            why = "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics"
            found.append(invalid("fifo_queue", why, FIFO_DELIVERY))
        return (*found, *self._redrive_refusals())

    def _redrive_refusals(self) -> tuple[Refusal, ...]:
        """The target "must point to an Amazon SQS queue in the same AWS account and Region as your subscription"."""
        if self.attributes.get("RedrivePolicy") in (None, ""):
            return ()
        policy = self._redrive
        unknown = [name for name in policy if name != TARGET] if isinstance(policy, Mapping) else []
        if unknown:
            # In these words: cloudposse/terraform-aws-sns-topic#48, of a maxReceiveCount, which only SQS has.
            why = f"RedrivePolicy: invalid JSON. Attribute {unknown[0][:200]} is unknown."
            return (invalid("redrive_attribute", why, DEAD_LETTERS),)
        target = (self.dead_letter_queue or "").split(":", 5)
        if len(target) < 6 or target[2] != "sqs":
            why = "RedrivePolicy: deadLetterTargetArn is an invalid arn"
            return (invalid("redrive", why, DEAD_LETTERS),)
        topic = self.topic.split(":", 5)
        if target[3:5] != topic[3:5]:
            why = "RedrivePolicy: must use a queue in the same AWS account and Region"
            return (invalid("redrive_elsewhere", why, DEAD_LETTERS),)
        # "FIFO topic subscriptions use FIFO queues, and standard topic subscriptions use standard queues": of a
        # standard queue subscribed to a FIFO topic that can be read either way, so either is taken.
        if target[5].endswith(FIFO) not in (Topic(self.topic).fifo, self.endpoint.endswith(FIFO)):
            why = "RedrivePolicy: must use a dead-letter queue of the subscription's type, FIFO or standard"
            return (invalid("redrive_type", why, DEAD_LETTERS),)
        return ()

    def asks_otherwise(self, first: Subscription) -> bool:
        """Whether it has an attribute that the first has otherwise; one that it leaves out does not count."""
        named = (name for name in COMPARED if name in self.attributes)
        return any(
            _meaning(name, self.attributes[name]) != _meaning(name, first.attributes.get(name)) for name in named
        )


def _meaning(name: str, value: Any) -> Any:
    """An attribute's value without its spelling: JSON as what it says, and defaults as nothing."""
    if name in _JSON:
        return parsed(value) if value not in (None, "", "{}") else None
    text = str(value or "").lower()
    return None if text in ("", "false", "messageattributes") else text


def distinct(subscriptions: Iterable[Subscription]) -> tuple[Subscription, ...]:
    """Those that AWS would keep: Subscribe is idempotent, and the first of a topic, protocol and endpoint stays.

    https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html (2026-11-23)
    """
    found: dict[tuple[str, str, str], Subscription] = {}
    for subscription in subscriptions:
        found.setdefault((subscription.topic, subscription.protocol, subscription.endpoint), subscription)
    return tuple(found.values())


def conflicts(subscriptions: Iterable[Subscription]) -> tuple[tuple[Subscription, Refusal], ...]:
    """The later subscriptions of an endpoint that AWS refuses, as they ask for something else than the first.

    In these words: localstack#8816; anomalyco/sst#4259.
    """
    listed = list(subscriptions)
    first = {(kept.topic, kept.protocol, kept.endpoint): kept for kept in distinct(listed)}
    why = "Attributes Reason: Subscription already exists with different attributes"
    refusal = invalid("other_attributes", why, SUBSCRIBE)
    kept = ((later, first[later.topic, later.protocol, later.endpoint]) for later in listed)
    return tuple((later, refusal) for later, before in kept if later is not before and later.asks_otherwise(before))
