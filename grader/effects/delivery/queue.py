"""A queue as SNS meets it: its type, its policy, and the key that it is encrypted with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from grader.effects.delivery.message import FIFO

if TYPE_CHECKING:  # of what is here an emulator wants filters alone, and loads in half the time without policies
    from grader.effects.policy import Decision

# AWS's own key for SQS, whose policy nobody can change: it admits the account's principals, and no service.
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html (2026-11-23)
AWS_MANAGED: Final = "alias/aws/sqs"


@dataclass(frozen=True)
class Queue:
    """A queue by boto3's GetQueueAttributes. `key` (an id, an ARN or an alias) is None where no key of KMS is used;
    SSE-SQS is no obstacle. `key_policy` is that key's policy, None where there is no such key; `key_arn` names the key
    where `key` is not its ARN."""

    arn: str
    policy: str | None = None
    key: str | None = None
    key_policy: str | None = None
    key_arn: str | None = None

    @classmethod
    def read(cls, attributes: Mapping[str, Any], key_policy: str | None = None, key_arn: str | None = None) -> Queue:
        """The queue in GetQueueAttributes' `Attributes`, and its key's policy (GetKeyPolicy) and ARN (DescribeKey)."""
        named = (attributes.get(name) for name in ("QueueArn", "Policy", "KmsMasterKeyId"))
        arn, policy, key = (value if isinstance(value, str) and value else None for value in named)
        return cls(arn or "", policy, key, key_policy, key_arn)

    @property
    def fifo(self) -> bool:
        """Whether it keeps order; the name says so."""
        return self.arn.endswith(FIFO)

    @property
    def region(self) -> str:
        """The Region in its ARN."""
        parts = self.arn.split(":", 5)
        return parts[3] if len(parts) > 3 else ""

    @property
    def aws_managed_key(self) -> bool:
        """Whether it uses AWS's own key for SQS."""
        return self.key is not None and self.key.endswith(AWS_MANAGED)

    def admits(self, topic: str) -> Decision:
        """Whether its policy lets SNS send for this topic."""
        from grader.effects.policy import sns_may_send

        return sns_may_send(self.policy, topic, self.arn)

    def key_admits(self, topic: str) -> Decision | None:
        """Whether its key lets SNS encrypt for it; None where there is no key, or AWS's own."""
        if self.key is None or self.aws_managed_key:
            return None
        from grader.effects.policy import key_admits

        via = f"sqs.{self.region}.amazonaws.com"
        return key_admits(self.key_policy, self._key_arn(self.key), via=via, resource=topic)

    def _key_arn(self, key: str) -> str:
        if self.key_arn or key.startswith("arn:"):
            return self.key_arn or key
        parts = self.arn.split(":", 5)
        return ":".join([*parts[:2], "kms", *parts[3:5], f"key/{key}"])
