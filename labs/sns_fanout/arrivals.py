"""Which orders come to a queue and in which shape: by the subscription's own rules on AWS, and in a probe."""

from __future__ import annotations

from dataclasses import dataclass

from grader.checks import Given
from grader.effects.delivery import Delivered, Outcome, deliveries
from grader.effects.queues.policies import RedrivePolicy

from . import evidence
from .fanout import Fanout
from .orders import Order, samples


@dataclass(frozen=True)
class Wanted:
    """What a queue should get: orders of these kinds, raw or in SNS's envelope or, where None, in either."""

    kinds: frozenset[str]
    raw: bool | None


def wanted(role: str, given: Given) -> Wanted:
    """What the lab asks for."""
    both = frozenset({given.goods_kind, given.file_kind})
    if role == "shipping_queue":
        return Wanted(frozenset({given.goods_kind}), raw=None)
    return Wanted(both, raw=role == "audit_queue")


def outcome(fanout: Fanout, role: str, order: Order) -> Outcome:
    """What AWS does with the order, were the queue's policy and key no obstacle."""
    subscriptions = [one for one in (fanout.by_queue.get(role),) if one]
    return deliveries(fanout.topic, subscriptions, [fanout.opened(role)], order.message)[fanout.arns[role]]


def require_right(fanout: Fanout, role: str, given: Given) -> None:
    """Raise Failure where the queue gets something else, or something in another shape, than the lab asks."""
    if role not in fanout.queues:
        raise evidence.no_queue(given.parameters[role])
    subscription, asked = fanout.by_queue.get(role), wanted(role, given)
    if subscription is None:
        raise evidence.not_subscribed(fanout, role, given)
    for refusal in subscription.refusals():
        if not refusal.name.startswith("redrive"):
            raise evidence.refused(fanout, role, refusal)
        if role != "shipping_queue":  # whose redrive policy has a check of its own
            raise evidence.refused_redrive(given.parameters[role], refusal)
    for order in samples(given, subscription.filter):
        if isinstance(outcome(fanout, role, order), Delivered) != (order.kind in asked.kinds):
            raise evidence.misled(fanout, role, order, given)
    if asked.raw is not None and subscription.raw != asked.raw:
        raise evidence.in_another_shape(fanout, role, given)
    if role == "billing_queue":
        _require_once(fanout, role, given)


def _require_once(fanout: Fanout, role: str, given: Given) -> None:
    """An order may come a second time, out of another queue: as a dead letter of the queue itself, which was received
    there and not deleted, or of its subscription. That of shipping has a check of its own.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html (2026-11-26)
    """
    arn = fanout.arns[role]
    for other, found in fanout.queues.items():
        redrive = RedrivePolicy.read(found.attributes.get("RedrivePolicy"))
        if other != role and redrive is not None and redrive.target == arn:
            raise evidence.comes_again(given.parameters[role], found.name)
    audit = fanout.by_queue.get("audit_queue")
    if audit is not None and audit.dead_letter_queue == arn:
        raise evidence.comes_again(given.parameters[role], given.audit_queue)
