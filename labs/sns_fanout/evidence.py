"""Failures of deliveries, with their evidence: what came where, by which subscription, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from grader.checks import Failure, Given, Text, say
from grader.effects.delivery import Filter, Refusal

from .fanout import Fanout
from .orders import Order
from .words import name_of, shortened, written

_GUIDE = "https://docs.aws.amazon.com/sns/latest/dg/"
RAW = f"{_GUIDE}sns-large-payload-raw-message-delivery.html"
SUBSCRIBING = f"{_GUIDE}subscribe-sqs-queue-to-sns-topic.html"
SCOPES = {"MessageAttributes": say("the message attributes"), "MessageBody": say("the body")}


def no_queue(name: str) -> Failure:
    """The queue is not there."""
    return Failure(
        say("there is no queue named {queue}.", queue=name),
        fix=say("A queue has to be there before anything can arrive. Its whole name is in the task."),
    )


def not_subscribed(fanout: Fanout, role: str, given: Given) -> Failure:
    """No subscription of the topic brings anything to the queue."""
    queue, topic = given.parameters[role], given.topic
    near = next((endpoint for _, endpoint in fanout.others if queue in endpoint), None)
    if near:
        found = say(
            "a subscription of {topic} goes to {endpoint}, and none to {arn}, which is the queue.",
            topic=topic,
            endpoint=shortened(near),
            arn=fanout.arns[role],
        )
        fix = say("For SNS a queue's address is its ARN, letter by letter, and the protocol is sqs.")
        return Failure(found, fix=fix, doc=SUBSCRIBING)
    count = len(fanout.subscriptions) + len(fanout.others)
    if not count:
        found = say("{topic} has no subscriptions, so what is published to it goes nowhere.", topic=topic)
        return Failure(found, fix=say("A subscription tells a topic where its messages go."), doc=SUBSCRIBING)
    found = say(
        "{topic} has subscriptions, {count} in all, and none goes to {queue}.", topic=topic, count=count, queue=queue
    )
    return Failure(found, fix=say("Each queue needs a subscription of its own."), doc=SUBSCRIBING)


def refused(fanout: Fanout, role: str, refusal: Refusal) -> Failure:
    """AWS would not have taken the subscription."""
    found = say(
        "AWS would not take the subscription of {queue} with the filter policy {policy}. {answer}",
        queue=name_of(fanout.arns[role]),
        policy=written(fanout.by_queue[role].filter),
        answer=refusal.text,
    )
    why = say("A subscription that AWS refuses is not there, and nothing arrives. The emulator took it all the same.")
    fix = say("Compare the filter policy with the page below, form by form.")
    return Failure(found, why=why, fix=fix, doc=refusal.doc)


def refused_redrive(queue: str, refusal: Refusal) -> Failure:
    """AWS would not have taken the subscription for its redrive policy."""
    found = say(
        "AWS would not take the redrive policy of {queue}'s subscription. {answer}", queue=queue, answer=refusal.text
    )
    fix = say("The page below shows all that a subscription's redrive policy has.")
    return Failure(found, fix=fix, doc=refusal.doc)


def misled(fanout: Fanout, role: str, order: Order, given: Given) -> Failure:
    """An order arrives that should not, or does not and should."""
    chosen, queue = fanout.by_queue[role].filter, name_of(fanout.arns[role])
    if not chosen.content:
        found = say(
            "{order} reaches {queue}: its subscription has no filter policy, and so it gets everything.",
            order=order.text,
            queue=queue,
        )
        return Failure(found, fix=say("A filter policy belongs to one subscription, and keeps the others as they are."))
    told: dict[str, Any] = {
        "order": order.text,
        "queue": queue,
        "policy": written(chosen),
        "scope": SCOPES[chosen.scope],
    }
    if chosen.accepts(order.message):
        found = say("{order} reaches {queue}: the filter policy {policy} looks at {scope} and accepts it.", **told)
    else:
        found = say(
            "{order} never reaches {queue}: the filter policy {policy} looks at {scope} and does not accept it.", **told
        )
    return Failure(found, fix=_nudge(chosen, role, order, given))


def _nudge(chosen: Filter, role: str, order: Order, given: Given) -> Text | None:
    """Where the policy goes wrong, as far as it shows."""
    if role != "shipping_queue":
        return say("This queue is to get every order. Does its subscription need a filter policy at all?")
    for value in _texts(chosen.content):
        if value != given.goods_kind and value.strip().casefold() == given.goods_kind:
            return say(
                'The policy says "{value}", and the orders say "{kind}". Capitals and spaces count.',
                value=value,
                kind=given.goods_kind,
            )
    if not chosen.accepts(order.message) and _other_scope(chosen).accepts(order.message):
        other = _other_scope(chosen)
        return say(
            "An order fits the same policy once it looks at {scope}. FilterPolicyScope says where it looks.",
            scope=SCOPES[other.scope],
        )
    if given.file_kind in list(_texts(chosen.content)):
        return say(
            "{goods} is LAB_GOODS_KIND and {files} is LAB_FILE_KIND. Which of them does a van carry?",
            goods=given.goods_kind,
            files=given.file_kind,
        )
    return None


def _other_scope(chosen: Filter) -> Filter:
    return replace(chosen, scope="MessageBody" if chosen.scope == "MessageAttributes" else "MessageAttributes")


def _texts(content: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    values = content.values() if isinstance(content, dict) else content if isinstance(content, list) else ()
    for value in values if depth < 8 else ():
        yield from _texts(value, depth + 1)


def comes_again(queue: str, other: str) -> Failure:
    """The dead letters of another queue are sent to this one."""
    return Failure(
        say(
            "what cannot be delivered to {other}, or is not deleted there, goes to {queue} too.",
            queue=queue,
            other=other,
        ),
        why=say("Such an order was in the queue already: billing gets it a second time, and sends a second invoice."),
        fix=say("Dead letters belong in a queue of their own. Who else names this one in a redrive policy?"),
        doc="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html",
    )


def in_another_shape(fanout: Fanout, role: str, given: Given) -> Failure:
    """The queue gets the envelope where it should get the bare order, or the other way round."""
    queue = given.parameters[role]
    if fanout.by_queue[role].raw:
        return Failure(
            say("{queue} gets the bare JSON of each order: its subscription has raw message delivery on.", queue=queue),
            why=say("Its consumer opens the envelope first: without Type, TopicArn and Message it finds no order."),
            fix=say("RawMessageDelivery is one subscription's own setting. Which one should have it?"),
            doc=RAW,
        )
    return Failure(
        say(
            "{queue} gets each order inside SNS's envelope, as a text in its field Message, and kind inside "
            "MessageAttributes there: raw message delivery is off.",
            queue=queue,
        ),
        fix=say("A subscription has a setting that leaves the envelope out."),
        doc=RAW,
    )
