"""A queue, as its attributes are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.effects.queues.policies import AllowPolicy, RedrivePolicy
from grader.effects.written import whole

# What AWS has where nothing was said; an attribute that an emulator does not know is never read back.
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html (2026-11-25)
DEFAULTS = {
    "DelaySeconds": 0,
    "MessageRetentionPeriod": 345600,
    "ReceiveMessageWaitTimeSeconds": 0,
    "VisibilityTimeout": 30,
}


@dataclass(frozen=True)
class Queue:
    """A queue by boto3's GetQueueAttributes."""

    arn: str
    attributes: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @classmethod
    def read(cls, attributes: Mapping[str, Any]) -> Queue:
        """The queue in GetQueueAttributes' `Attributes`."""
        return cls(str(attributes.get("QueueArn", "")), attributes)

    @property
    def name(self) -> str:
        """The last part of its ARN."""
        return self.arn.rpartition(":")[2]

    @property
    def fifo(self) -> bool:
        """Whether it keeps order. A standard queue is read back without the attribute, or with false."""
        return self._says("FifoQueue", "true")

    @property
    def content_based(self) -> bool:
        """Whether a message without a deduplication id gets one from its body."""
        return self._says("ContentBasedDeduplication", "true")

    @property
    def dedupes_by_group(self) -> bool:
        """Whether the same id in another group is another message, as in high-throughput mode."""
        return self._says("DeduplicationScope", "messagegroup")

    @property
    def visibility_seconds(self) -> int | None:
        """How long a message that was received is hidden from others; None for what is no number."""
        return self._number("VisibilityTimeout")

    @property
    def wait_seconds(self) -> int | None:
        """How long a receive that says nothing of it waits for a message."""
        return self._number("ReceiveMessageWaitTimeSeconds")

    @property
    def delay_seconds(self) -> int | None:
        """How long every new message is held back."""
        return self._number("DelaySeconds")

    @property
    def retention_seconds(self) -> int | None:
        """How long a message is kept that nobody deletes."""
        return self._number("MessageRetentionPeriod")

    @property
    def redrive(self) -> RedrivePolicy | None:
        """Where messages go that were received too often."""
        return RedrivePolicy.read(self.attributes.get("RedrivePolicy"))

    @property
    def allows(self) -> AllowPolicy:
        """Whose dead letters it takes."""
        return AllowPolicy.read(self.attributes.get("RedriveAllowPolicy"))

    def _says(self, name: str, value: str) -> bool:
        return str(self.attributes.get(name, "")).lower() == value

    def _number(self, name: str) -> int | None:
        return whole(self.attributes.get(name, DEFAULTS[name]))
