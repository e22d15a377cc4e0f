"""Queues by AWS's own rules, called as a consumer calls them.

Order and groups: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
Duplicates: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-exactly-once-processing.html
Dead letters: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
(2026-11-25)

Where a receive may return the message of one group or of another, the older one comes first here; AWS promises nothing
of that, so callers should not ask. A standard queue promises no order at all: the oldest comes first here, too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from grader.effects.queues.queue import Queue


class Answer(StrEnum):
    """What becomes of a message that is sent. A duplicate is answered as if it were taken."""

    SENT = "sent"
    REFUSED = "refused"


class Consumer(Protocol):
    """Whoever sends and receives, in a simulation or for real. Queues are named by ARN, messages by body."""

    def send(self, queue: str, body: str, *, group: str, deduplication: str | None = None) -> Answer: ...

    def take(self, queue: str, *, hidden_seconds: int | None = None) -> str | None:
        """Receive one; None where there is none to be had. Hidden for as long as the queue says, unless told."""
        ...

    def delete(self, queue: str, body: str) -> None: ...

    def give_back(self, queue: str, body: str) -> None:
        """Let others see it at once (ChangeMessageVisibility 0)."""
        ...


@dataclass(eq=False)
class _Message:
    body: str
    group: str
    receives: int = 0
    out: bool = False


@dataclass
class _Line:
    queue: Queue
    messages: list[_Message] = field(default_factory=list)
    known: set[tuple[str, str]] = field(default_factory=set)  # duplicates are known for five minutes, deleted or not


class Simulated:
    """Some queues of an account. What a queue sends on to one that is not among them is gone from it."""

    def __init__(self, queues: Iterable[Queue]) -> None:
        self._lines = {queue.arn: _Line(queue) for queue in queues}

    def send(self, queue: str, body: str, *, group: str, deduplication: str | None = None) -> Answer:
        """Without a deduplication id only where the queue makes one of the body."""
        line = self._lines[queue]
        if line.queue.fifo:
            if deduplication is None and not line.queue.content_based:
                return Answer.REFUSED
            identity = deduplication or hashlib.sha256(body.encode()).hexdigest()
            known = (group if line.queue.dedupes_by_group else "", identity)
            if known in line.known:
                return Answer.SENT
            line.known.add(known)
        line.messages.append(_Message(body, group))
        return Answer.SENT

    def take(self, queue: str, *, hidden_seconds: int | None = None) -> str | None:
        """The oldest that may be had. One that was received often enough goes to the dead-letter queue instead."""
        line = self._lines[queue]
        while (message := self._next(line)) is not None:
            if not self._set_aside(line, message):
                message.receives += 1
                hidden = line.queue.visibility_seconds if hidden_seconds is None else hidden_seconds
                message.out = bool(hidden)
                return message.body
        return None

    def delete(self, queue: str, body: str) -> None:
        """Of a message that is out."""
        line = self._lines[queue]
        line.messages = [one for one in line.messages if one.body != body or not one.out]

    def give_back(self, queue: str, body: str) -> None:
        """Others see it again, and in a FIFO queue the rest of its group after it."""
        for message in self._lines[queue].messages:
            message.out = message.out and message.body != body

    def _next(self, line: _Line) -> _Message | None:
        """In a FIFO queue a group waits while one of its messages is out."""
        busy = {message.group for message in line.messages if message.out} if line.queue.fifo else set()
        return next((one for one in line.messages if not one.out and one.group not in busy), None)

    def _set_aside(self, line: _Line, message: _Message) -> bool:
        """ "When the ReceiveCount for a message exceeds the maxReceiveCount … moves the message": at the next receive.

        An allow policy that does not admit the queue keeps a redrive policy from being set; it stops no message.
        """
        policy = line.queue.redrive
        if policy is None or not policy.in_order or message.receives < (policy.receives or 0):
            return False
        line.messages.remove(message)
        if target := self._lines.get(policy.target or ""):
            target.messages.append(_Message(message.body, message.group))
        return True
