"""What the queues are put through: by AWS's rules, on paper; and for real, on a copy or a twin of them.

Each trial is told as one script over a `Consumer`, so that both go the same way and their ends can be compared.
No trial waits: a message that is out is given back by hand, and a receive on an empty queue is told not to wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from secrets import token_hex
from typing import Any

from botocore.exceptions import ClientError

from grader.access import Access
from grader.checks import Aws, CannotProbe, Capability, Failure, Given, Place, Text, capability, say
from grader.effects.queues import Answer, Consumer, Queue, Simulated

GUIDE = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/"
OUT_OF_SIGHT = 60  # seconds: longer than any trial
MOST_RECEIVES = 9  # that a trial makes of one message
# What a twin is made of. Encryption, sizes, delays, policies and tags have no part in any trial.
COPIED = ("FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit", "VisibilityTimeout")

Ending = tuple[Any, ...]


class OnPlace:
    """A consumer in a place, where the queues have their own names and maybe another account number."""

    def __init__(self, place: Access, queues: dict[str, str]) -> None:
        self._sqs = place.client("sqs")
        self._urls = queues
        self._handles: dict[tuple[str, str], str] = {}
        self._mark = token_hex(4)  # no body is one that was sent before

    def send(self, queue: str, body: str, *, group: str, deduplication: str | None = None) -> Answer:
        told = {} if deduplication is None else {"MessageDeduplicationId": f"{self._mark}-{deduplication}"}
        message = {"MessageBody": self._marked(body), "MessageGroupId": f"{self._mark}-{group}", **told}
        try:
            self._sqs.send_message(QueueUrl=self._urls[queue], **message)
        except ClientError:
            return Answer.REFUSED
        return Answer.SENT

    def take(self, queue: str, *, hidden_seconds: int | None = None) -> str | None:
        hidden = {} if hidden_seconds is None else {"VisibilityTimeout": hidden_seconds}
        asked = {"QueueUrl": self._urls[queue], "MaxNumberOfMessages": 1, "WaitTimeSeconds": 0}
        for message in self._sqs.receive_message(**asked, **hidden).get("Messages", []):
            self._handles[queue, message["Body"]] = message["ReceiptHandle"]
            return str(message["Body"]).removesuffix(f" {self._mark}")
        return None

    def delete(self, queue: str, body: str) -> None:
        if received := self._received(queue, body):
            self._sqs.delete_message(**received)

    def give_back(self, queue: str, body: str) -> None:
        if received := self._received(queue, body):
            self._sqs.change_message_visibility(**received, VisibilityTimeout=0)

    def _marked(self, body: str) -> str:
        return f"{body} {self._mark}"

    def _received(self, queue: str, body: str) -> dict[str, str]:
        """Nothing where it never came: a trial goes on, and ends otherwise."""
        handle = self._handles.get((queue, self._marked(body)))
        return {"QueueUrl": self._urls[queue], "ReceiptHandle": handle} if handle else {}


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


@capability("read a redrive allow policy back", evidence=f"{GUIDE}sqs-configure-dead-letter-queue.html")
def reads_allow_policies_back(access: Access) -> bool:
    with _plain(access) as urls:
        sqs, policy = access.client("sqs"), '{"redrivePermission":"denyAll"}'
        sqs.set_queue_attributes(QueueUrl=urls["dead"], Attributes={"RedriveAllowPolicy": policy})
        read = sqs.get_queue_attributes(QueueUrl=urls["dead"], AttributeNames=["All"])["Attributes"]
        return "denyAll" in str(read.get("RedriveAllowPolicy"))


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
        with aws.probe(lambda place: _rebuild(place, queues)) as place:
            seen = trial.script(OnPlace(place, _ready(place, queues)), [queue.arn for queue in queues])
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
    """The queues without a way to any other: what a trial is not about has no part in it."""
    arns = {queue.arn for queue in queues}
    return [
        Queue(queue.arn, {**queue.attributes, "RedrivePolicy": ""})
        if queue.redrive and queue.redrive.target not in arns
        else queue
        for queue in queues
    ]


def _rebuild(place: Place, queues: list[Queue]) -> None:
    """Twins in a scratch account, the last first: the dead-letter queue must be there when it is named."""
    sqs = place.client("sqs")
    for queue in reversed(queues):
        kept = {name: str(queue.attributes[name]) for name in COPIED if name in queue.attributes}
        if queue.redrive:
            kept["RedrivePolicy"] = place.here(queue.redrive.written)
        place.afterwards(partial(_delete, sqs, queue.name))
        sqs.create_queue(QueueName=queue.name, Attributes=kept)


def _delete(sqs: Any, name: str) -> None:
    sqs.delete_queue(QueueUrl=_url(sqs, name))


def _ready(place: Place, queues: list[Queue]) -> dict[str, str]:
    """The addresses of the queues there, empty and without delay. On a copy the student's messages are in the way."""
    sqs = place.client("sqs")
    if not place.twin:
        _empty(place, queues)
    urls = {queue.arn: _url(sqs, queue.name) for queue in queues}
    for queue in queues if not place.twin else ():
        set_back = {"DelaySeconds": "0"} if queue.delay_seconds else {}
        if queue.attributes.get("RedrivePolicy") == "":
            set_back["RedrivePolicy"] = ""
        if set_back:
            sqs.set_queue_attributes(QueueUrl=urls[queue.arn], Attributes=set_back)
    return urls


def _empty(place: Place, queues: list[Queue]) -> None:
    """Purged; or made anew where one has had a purge "within the last 60 seconds" already, the student's own.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_PurgeQueue.html (2026-11-25)
    """
    sqs = place.client("sqs")
    try:
        for queue in queues:
            sqs.purge_queue(QueueUrl=_url(sqs, queue.name))
    except ClientError:
        for queue in queues:
            _delete(sqs, queue.name)
        _rebuild(place, queues)


def _url(sqs: Any, name: str) -> str:
    url: str = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    return url


def _shows(access: Access, script: Callable[[Consumer, list[str]], Ending]) -> bool:
    """Does it end on plain queues as it does by AWS's rules?"""
    with _plain(access) as urls:
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


@contextmanager
def _plain(access: Access) -> Iterator[dict[str, str]]:
    """Two queues with nothing but what the lab asks for."""
    sqs, mark = access.client("sqs"), token_hex(4)
    dead_letters = f"labgrade-probe-dead-{mark}.fifo"
    fifo = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    arn = f"arn:aws:sqs:{access.region}:{access.account}:{dead_letters}"
    redrive = f'{{"deadLetterTargetArn":"{arn}","maxReceiveCount":2}}'
    urls: dict[str, str] = {}
    try:
        urls["dead"] = sqs.create_queue(QueueName=dead_letters, Attributes=fifo)["QueueUrl"]
        name, attributes = f"labgrade-probe-{mark}.fifo", {**fifo, "RedrivePolicy": redrive}
        urls["queue"] = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        yield urls
    finally:
        for url in urls.values():
            sqs.delete_queue(QueueUrl=url)
