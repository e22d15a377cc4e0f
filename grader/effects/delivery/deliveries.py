"""Where a message goes on AWS: topic, subscriptions and queues in, what each queue receives out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from grader.effects.delivery.copy import copy_of
from grader.effects.delivery.message import Message, Topic
from grader.effects.delivery.outcome import Delivered, Filtered, NotSubscribed, Obstacle, Outcome, Refused
from grader.effects.delivery.queue import Queue
from grader.effects.delivery.subscription import Subscription, distinct

# "For SQS subscriptions, a maximum of 10 message attributes can be sent when Raw Message Delivery is enabled … will be
# discarded as client side errors." https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html (2026-11-23)
RAW_ATTRIBUTES: Final = 10


def deliveries(
    topic: Topic, subscriptions: Iterable[Subscription], queues: Iterable[Queue], message: Message
) -> dict[str, Outcome]:
    """What becomes of one message, by the ARN of the queue: all of `queues`, and those that are subscribed.

    A queue's only subscription to a topic is the first that was made. Subscriptions of other topics and to
    endpoints other than queues do not matter. What AWS would refuse of a subscription is judged as if it were mended
    (`Subscription.refusals` says what), but for a filter, which then accepts nothing in what is refused of it.
    """
    known = {queue.arn: queue for queue in queues}
    found: dict[str, Outcome] = {arn: NotSubscribed() for arn in known}
    refusals = topic.refusals(message)
    for subscription in distinct(subscriptions):
        if subscription.topic != topic.arn or subscription.protocol != "sqs" or subscription.pending:
            continue
        if refusals:
            found[subscription.endpoint] = Refused(tuple(Obstacle("publish", refusal=at) for at in refusals))
        else:
            found[subscription.endpoint] = _outcome(topic, subscription, known, message)
    return found


def _outcome(topic: Topic, subscription: Subscription, queues: Mapping[str, Queue], message: Message) -> Outcome:
    chosen = subscription.filter
    if not chosen.accepts(message):
        return Filtered(chosen.content, chosen.scope)
    queue = queues.get(subscription.endpoint)
    obstacles = list(obstacles_to(topic, queue))
    if subscription.raw and len(message.attributes) > RAW_ATTRIBUTES:
        obstacles.append(Obstacle("too_many_attributes"))
    if obstacles or queue is None:
        return _refused(topic, subscription, queues, tuple(obstacles))
    return Delivered(copy_of(topic, message, raw=subscription.raw, fifo=topic.fifo))


def _refused(
    topic: Topic, subscription: Subscription, queues: Mapping[str, Queue], obstacles: tuple[Obstacle, ...]
) -> Refused:
    target = subscription.dead_letter_queue
    if target is None:
        return Refused(obstacles)
    refused = [at for at in subscription.refusals() if at.name.startswith("redrive")]
    lost = [Obstacle("subscription", refusal=refusal) for refusal in refused]
    return Refused(obstacles, target, (*lost, *obstacles_to(topic, queues.get(target), dead_letters=True)))


def obstacles_to(topic: Topic, queue: Queue | None, *, dead_letters: bool = False) -> tuple[Obstacle, ...]:
    """What keeps SNS from sending to a queue for this topic: its type, its policy, its key.

    A dead-letter queue must let SNS in just as well.
    https://docs.aws.amazon.com/sns/latest/dg/sns-configure-dead-letter-queue.html (2026-11-23)
    """
    if queue is None:
        return (Obstacle("no_queue"),)
    found = []
    if queue.fifo and not topic.fifo and not dead_letters:
        found.append(Obstacle("fifo_queue"))
    policy = queue.admits(topic.arn)
    if not policy.allowed:
        found.append(Obstacle("policy", policy))
    if queue.aws_managed_key:
        found.append(Obstacle("aws_managed_key"))
    key = queue.key_admits(topic.arn)
    if key and not key.allowed:
        found.append(Obstacle("key", key))
    return tuple(found)
