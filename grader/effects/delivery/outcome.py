"""What becomes of a message on its way to one queue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from grader.effects.delivery.copy import Copy
from grader.effects.delivery.refusal import Refusal
from grader.texts import Text, sentences

if TYPE_CHECKING:
    from grader.effects.policy import Decision

Why = Literal[
    "aws_managed_key",
    "fifo_queue",
    "key",
    "no_queue",
    "policy",
    "publish",
    "subscription",
    "too_many_attributes",
]
_SQS: Final = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/"
_SNS: Final = "https://docs.aws.amazon.com/sns/latest/dg/"
WHYS: Final[dict[Why, tuple[str, str]]] = {
    "aws_managed_key": (
        "The queue is encrypted with AWS's own key for SQS, which SNS may not use.",
        f"{_SQS}sqs-key-management.html",
    ),
    "fifo_queue": ("A FIFO queue cannot subscribe to a standard topic.", f"{_SNS}fifo-message-delivery.html"),
    "key": ("The key of the queue does not let SNS use it.", f"{_SQS}sqs-key-management.html"),
    "no_queue": ("There is no such queue.", f"{_SNS}sns-dead-letter-queues.html"),
    "policy": (
        "The queue's policy does not let SNS send for this topic.",
        f"{_SNS}subscribe-sqs-queue-to-sns-topic.html",
    ),
    "publish": ("AWS refuses to publish the message.", "https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"),
    "subscription": (
        "AWS would not take the subscription as it stands.",
        "https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html",
    ),
    "too_many_attributes": (
        "Raw delivery to a queue takes ten message attributes at most.",
        f"{_SNS}sns-message-attributes.html",
    ),
}


@dataclass(frozen=True)
class Obstacle:
    """What stops a message: the reason, and the decision or refusal behind it, where there is one.

    Where the decision is inconclusive, so is the obstacle: nobody can say whether the message gets through.
    """

    why: Why
    decision: Decision | None = None
    refusal: Refusal | None = None

    @property
    def certain(self) -> bool:
        """Whether AWS stops the message for certain."""
        return self.decision is None or self.decision.denied

    @property
    def text(self) -> Text:
        """Sentences for the student."""
        more = (part.text for part in (self.decision, self.refusal) if part)
        return sentences(Text(WHYS[self.why][0]), *more)

    def to_json(self) -> dict[str, Any]:
        """The obstacle in plain values."""
        decision, refusal = (part.to_json() if part else None for part in (self.decision, self.refusal))
        return {"why": self.why, "decision": decision, "refusal": refusal, "doc": WHYS[self.why][1]}


@dataclass(frozen=True)
class Delivered:
    """The queue receives the message, once however often it was subscribed."""

    copy: Copy
    times: int = 1


@dataclass(frozen=True)
class Filtered:
    """The subscription's filter policy does not accept the message."""

    policy: Any
    scope: str


@dataclass(frozen=True)
class Refused:
    """The message cannot be delivered. It is kept in `dead_letter_queue` unless `lost` says why not.

    With neither there is no dead-letter queue, and the message is gone.
    """

    obstacles: tuple[Obstacle, ...]
    dead_letter_queue: str | None = None
    lost: tuple[Obstacle, ...] = ()

    @property
    def kept(self) -> bool:
        """Whether the dead-letter queue has the message, for certain."""
        return self.dead_letter_queue is not None and not self.lost

    @property
    def certain(self) -> bool:
        """Whether it is refused for certain."""
        return any(obstacle.certain for obstacle in self.obstacles)


@dataclass(frozen=True)
class NotSubscribed:
    """No confirmed subscription of this topic names the queue."""


Outcome: TypeAlias = "Delivered | Filtered | Refused | NotSubscribed"
Outcomes: TypeAlias = Mapping[str, Outcome]
