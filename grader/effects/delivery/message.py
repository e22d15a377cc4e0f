"""A message as it is published, and the topic that it is published to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from grader.effects.delivery.refusal import Refusal, invalid

FIFO: Final = ".fifo"
DEDUPLICATION_SECONDS: Final = 300.0
_FIFO_DOC: Final = "https://docs.aws.amazon.com/sns/latest/dg/fifo-message-dedup.html"
_GROUP_DOC: Final = "https://docs.aws.amazon.com/sns/latest/dg/fifo-message-grouping.html"


@dataclass(frozen=True)
class Attribute:
    """A message attribute: its data type (String, String.Array, Number, Binary) and its value as text."""

    type: str
    value: str

    @classmethod
    def read(cls, value: object) -> Attribute:
        """One of boto3's `{"DataType": …, "StringValue": …}`, or of an envelope's `{"Type": …, "Value": …}`."""
        fields = value if isinstance(value, Mapping) else {}
        kind = fields.get("DataType", fields.get("Type"))
        text = fields.get("StringValue", fields.get("Value", ""))
        return cls(kind if isinstance(kind, str) else "", text if isinstance(text, str) else "")


@dataclass(frozen=True)
class Message:
    """What Publish is given. `at` is in seconds, for deduplication."""

    body: str
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    subject: str | None = None
    group: str | None = None
    deduplication: str | None = None
    at: float = 0.0

    @classmethod
    def of(cls, body: str, attributes: Mapping[str, Any] | None = None, **fields: Any) -> Message:
        """A message with boto3's MessageAttributes; a plain text among them is a String."""
        read = {
            name: Attribute("String", value) if isinstance(value, str) else Attribute.read(value)
            for name, value in (attributes or {}).items()
        }
        return cls(body, read, **fields)


@dataclass(frozen=True)
class Topic:
    """A topic. It is FIFO by its name, which must then end in `.fifo`."""

    arn: str
    content_based_deduplication: bool = False

    @classmethod
    def read(cls, attributes: Mapping[str, Any]) -> Topic:
        """The topic in boto3's GetTopicAttributes."""
        arn = attributes.get("TopicArn")
        based = str(attributes.get("ContentBasedDeduplication", "")).lower() == "true"
        return cls(arn if isinstance(arn, str) else "", based)

    @property
    def fifo(self) -> bool:
        """Whether it keeps order and publishes nothing twice."""
        return self.arn.endswith(FIFO)

    def refusals(self, message: Message) -> tuple[Refusal, ...]:
        """Why Publish would fail."""
        if not self.fifo:
            return ()
        found = []
        if not message.group:
            why = "The MessageGroupId parameter is required for FIFO topics"
            found.append(invalid("no_group", why, _GROUP_DOC))
        if not message.deduplication and not self.content_based_deduplication:
            why = (
                "The topic should either have ContentBasedDeduplication enabled or "
                "MessageDeduplicationId provided explicitly"
            )
            found.append(invalid("no_deduplication", why, _FIFO_DOC))
        return tuple(found)

    def deduplication_of(self, message: Message) -> str | None:
        """The deduplication id that a FIFO queue gets: given, or the body's hash ("attributes are not included")."""
        if not self.fifo:
            return None
        return message.deduplication or hashlib.sha256(message.body.encode(errors="surrogatepass")).hexdigest()

    def kept(self, messages: Iterable[Message]) -> tuple[Message, ...]:
        """The messages that go on to the subscriptions: of two with one deduplication id within five minutes, the
        first. "Message deduplication applies to an entire SNS FIFO topic, not to an individual message group."

        https://docs.aws.amazon.com/sns/latest/dg/fifo-message-dedup.html (2026-11-23)
        """
        last: dict[str, float] = {}
        found = []
        for message in messages:
            key = self.deduplication_of(message)
            if key is not None and key in last and message.at - last[key] < DEDUPLICATION_SECONDS:
                continue
            if key is not None:
                last[key] = message.at
            found.append(message)
        return tuple(found)
