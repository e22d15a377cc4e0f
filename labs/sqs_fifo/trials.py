"""What the queues are put through: by AWS's rules, on paper; and for real, on a copy or a twin of them.

Each trial is told as one script over a `Consumer`, so that both go the same way and their ends can be compared.
No trial waits: a message that is out is given back by hand, and a receive on an empty queue is told not to wait.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from grader.access import Access
from grader.checks import Aws, CannotProbe, Capability, Failure, Given, Text, capability, say
from grader.effects.queues import Consumer, Queue, Simulated

from .copies import OnPlace, plain, ready, rebuild

GUIDE = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/"
OUT_OF_SIGHT = 60  # seconds: longer than any trial
MOST_RECEIVES = 9  # that a trial makes of one message

Ending = tuple[Any, ...]


@dataclass(frozen=True)
class Trial:
    """A script, the page of the rule that it tries, how its end reads, and what is said where it cannot be shown."""

    script: Callable[[Consumer, list[str]], Ending]
    doc: str
    told: Callable[[Ending], Text]
    shown_here: Capability  # an emulator that fails the script on plain queues cannot show what it tries
    not_shown: Text


def keep_order(consumer: Consumer, queues: list[str]) -> Ending:
    """Two orders of one group and one of another: what can be had, what then, and what once the first is done."""
    queue = queues[0]
    for body, group in (("first", "a"), ("second", "a"), ("other", "b")):
        consumer.send(queue, body, group=group, deduplication=body)
    at_once = {consumer.take(queue, hidden_seconds=OUT_OF_SIGHT) for _ in range(2)}
    then = consumer.take(queue, hidden_seconds=OUT_OF_SIGHT)
    consumer.delete(queue, "first")
    return tuple(sorted(map(str, at_once))), then, consumer.take(queue, hidden_seconds=OUT_OF_SIGHT)


def deliver_once(consumer: Consumer, queues: list[str]) -> Ending:
    """The same body twice, without a deduplication id: the answer, and how many there are to be had."""
    queue = queues[0]
    answers = [consumer.send(queue, "same", group="a") for _ in range(2)]
    delivered = 0
    while delivered < 3 and consumer.take(queue, hidden_seconds=OUT_OF_SIGHT):
        consumer.delete(queue, "same")
        delivered += 1
    return str(answers[0]), delivered


def hide_and_show(consumer: Consumer, queues: list[str]) -> Ending:
    """A message that was received: for whom it is there then, and once it is given back."""
    queue = queues[0]
    consumer.send(queue, "order", group="a", deduplication="order")
    first, meanwhile = consumer.take(queue), consumer.take(queue)
    consumer.give_back(queue, "order")
    return first, meanwhile, consumer.take(queue)


def set_aside(consumer: Consumer, queues: list[str]) -> Ending:
    """A message that nobody deletes: how often it is received, and what is in the dead-letter queue then."""
    queue, dead_letters = queues
    consumer.send(queue, "bad", group="a", deduplication="bad")
    receives = 0
    while receives <= MOST_RECEIVES and consumer.take(queue, hidden_seconds=0):
        receives += 1
    return receives, consumer.take(dead_letters, hidden_seconds=OUT_OF_SIGHT)


@capability(
    "keep the order of a group as a FIFO queue of AWS does", evidence=f"{GUIDE}FIFO-queues-understanding-logic.html"
)
def keeps_order(access: Access) -> bool:
    return _shows(access, keep_order)


@capability("deliver equal bodies of a group once", evidence=f"{GUIDE}FIFO-queues-exactly-once-processing.html")
def delivers_once(access: Access) -> bool:
    return _shows(access, deliver_once)


@capability("hide a message that was received until it is given back", evidence=f"{GUIDE}sqs-visibility-timeout.html")
def hides_and_shows(access: Access) -> bool:
    return _shows(access, hide_and_show)


@capability("set a message aside that was received too often", evidence=f"{GUIDE}sqs-dead-letter-queues.html")
def sets_aside(access: Access) -> bool:
    return _shows(access, set_aside)


ORDER = Trial(
    keep_order,
    f"{GUIDE}FIFO-queues-understanding-logic.html",
    lambda end: say("of two messages of one group and one of another, {bodies} could be had at once", bodies=[*end[0]]),
    keeps_order,
    say("This emulator does not keep the order of a group. AWS does: your queues were judged by its rules."),
)
ONCE = Trial(
    deliver_once,
    f"{GUIDE}FIFO-queues-exactly-once-processing.html",
    lambda end: say("the same body, sent twice without a deduplication id, was delivered {count} times", count=end[1]),
    delivers_once,
    say("This emulator does not deliver equal bodies of a group once. AWS does: your queues were judged by its rules."),
)
HIDING = Trial(
    hide_and_show,
    f"{GUIDE}sqs-visibility-timeout.html",
    lambda end: (
        say("a message that was out was shown to another consumer")
        if end[1]
        else say("a message that was given back was shown to nobody")
    ),
    hides_and_shows,
    say(
        "This emulator does not hide a message that is out, and show it when it is given back. "
        "AWS does: your queues were judged by its rules."
    ),
)
ASIDE = Trial(
    set_aside,
    f"{GUIDE}sqs-dead-letter-queues.html",
    lambda end: (
        say(
            "a message that nobody deleted was received {count} times and was then in the dead-letter queue",
            count=end[0],
        )
        if end[1]
        else say(
            "a message that nobody deleted was received {count} times and then in no dead-letter queue", count=end[0]
        )
    ),
    sets_aside,
    say(
        "This emulator does not set a message aside that was received too often. "
        "AWS does: your queues were judged by its rules."
    ),
)


def on_paper(trial: Trial, queues: list[Queue]) -> Ending:
    """How it ends by AWS's own rules."""
    return trial.script(Simulated(queues), [queue.arn for queue in queues])


def confirm(aws: Aws, given: Given, trial: Trial, queues: list[Queue]) -> None:
    """It ends so for real, too. Raises Failure that names the rule, where this emulator shows it and these do not."""
    queues = _alone(queues)
    by_rule = on_paper(trial, queues)
    try:
        with aws.probe(lambda place: rebuild(place, queues), shared=not _moves(queues)) as place:
            seen = trial.script(OnPlace(place, ready(place, queues)), [queue.arn for queue in queues])
    except CannotProbe:
        given.note(say("This emulator cannot be copied: the queues were judged by their attributes alone."))
        return
    if seen == by_rule:
        return
    if not aws.can(trial.shown_here):
        given.note(trial.not_shown)
        return
    raise Failure(
        say("by AWS's rules for what your queues say it should hold, but on a copy {seen}.", seen=trial.told(seen)),
        doc=trial.doc,
    )


def _alone(queues: list[Queue]) -> list[Queue]:
    """The queues without a way to any but the next: what a trial is not about has no part in it."""
    following = [*(queue.arn for queue in queues[1:]), ""]
    return [
        Queue(queue.arn, {**queue.attributes, "RedrivePolicy": ""})
        if queue.redrive and queue.redrive.target != after
        else queue
        for queue, after in zip(queues, following, strict=True)
    ]


def _moves(queues: list[Queue]) -> bool:
    """Is it tried where dead letters go? A copy on which they go nowhere is the same for all other trials."""
    return any(queue.redrive and queue.attributes.get("RedrivePolicy") for queue in queues)


def _shows(access: Access, script: Callable[[Consumer, list[str]], Ending]) -> bool:
    """Does it end on plain queues as it does by AWS's rules?"""
    with plain(access) as urls:
        sqs = access.client("sqs")
        ordered = [urls["queue"], urls["dead"]]
        read = [sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"] for url in ordered]
        queues = [Queue.read(attributes) for attributes in read]
        arns = [queue.arn for queue in queues]
        try:
            seen = script(OnPlace(access, dict(zip(arns, ordered, strict=True))), arns)
        except ClientError:
            return False
        return seen == script(Simulated(queues), arns)
