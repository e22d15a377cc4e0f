"""Queues that nobody else knows: a copy or a twin of the student's, or plain ones, and a consumer that calls them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from secrets import token_hex
from typing import Any

from botocore.exceptions import ClientError

from grader.access import Access
from grader.checks import Place
from grader.effects.queues import Answer, Queue

# What a twin is made of. Encryption, sizes, delays, policies and tags have no part in any trial.
COPIED = ("FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit", "VisibilityTimeout")


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


def rebuild(place: Place, queues: list[Queue]) -> None:
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


def ready(place: Place, queues: list[Queue]) -> dict[str, str]:
    """The addresses of the queues there, empty and without delay. On a copy the student's messages are in the way."""
    sqs = place.client("sqs")
    urls = {queue.arn: _url(sqs, queue.name) for queue in queues}
    if place.twin:
        return urls
    _empty(place, queues, urls)
    for queue in queues:
        set_back = {"DelaySeconds": "0"} if queue.delay_seconds else {}
        if queue.attributes.get("RedrivePolicy") == "":
            set_back["RedrivePolicy"] = ""
        if set_back:
            sqs.set_queue_attributes(QueueUrl=urls[queue.arn], Attributes=set_back)
    return urls


def _empty(place: Place, queues: list[Queue], urls: dict[str, str]) -> None:
    """Purged; or made anew where one has had a purge "within the last 60 seconds" already, the student's own.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_PurgeQueue.html (2026-11-25)
    """
    sqs = place.client("sqs")
    try:
        for queue in queues:
            sqs.purge_queue(QueueUrl=urls[queue.arn])
    except ClientError:
        for queue in queues:
            _delete(sqs, queue.name)
        rebuild(place, queues)


def _url(sqs: Any, name: str) -> str:
    url: str = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    return url


@contextmanager
def plain(access: Access) -> Iterator[dict[str, str]]:
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
