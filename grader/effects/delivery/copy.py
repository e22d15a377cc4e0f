"""What a queue receives of a message: SNS's envelope, or the message as it was published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from grader.effects.delivery.filters import parsed
from grader.effects.delivery.message import Attribute, Message, Topic

# Fields of the envelope whose values nobody can know beforehand.
# https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html (2026-11-23)
UNFORESEEN: Final = ("MessageId", "Timestamp", "SignatureVersion", "Signature", "SigningCertURL", "UnsubscribeURL")
OF_FIFO: Final = ("SequenceNumber",)
# These an emulator may leave out, and no consumer of a queue needs them.
OPTIONAL: Final = frozenset(UNFORESEEN[2:])


@dataclass(frozen=True)
class Copy:
    """A message in a queue. `body` is the raw body; of an envelope, `fields` are those that can be foreseen and
    `others` the names of the rest. `attributes` are the queue message's own."""

    raw: bool
    body: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    others: tuple[str, ...] = ()
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    group: str | None = None
    deduplication: str | None = None

    def differences(self, body: str, attributes: Mapping[str, Any] | None = None) -> tuple[str, ...]:
        """How a message that was received differs from this one; empty where it is this one.

        `attributes` are boto3's MessageAttributes of the message. Names are of fields, of "body", or of
        "attributes.NAME".
        """
        found = [] if not self.raw or body == self.body else ["body"]
        if not self.raw:
            envelope = parsed(body)
            found = self._of_envelope(envelope) if isinstance(envelope, dict) else ["body"]
        read = {name: Attribute.read(value) for name, value in (attributes or {}).items()}
        names = sorted({*read, *self.attributes})
        return (*found, *(f"attributes.{at}" for at in names if read.get(at) != self.attributes.get(at)))

    def _of_envelope(self, found: Mapping[str, Any]) -> list[str]:
        wrong = [name for name, value in self.fields.items() if found.get(name) != value]
        wrong += [name for name in self.others if name not in OPTIONAL and name not in found]
        return wrong + [name for name in ("Subject", "MessageAttributes") if name in found and name not in self.fields]


def copy_of(topic: Topic, message: Message, *, raw: bool, fifo: bool = False) -> Copy:
    """What a queue receives. Raw: the body, and the attributes as the queue message's own. Else the envelope, in
    which an attribute is `{"Type": …, "Value": …}`.

    https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html (2026-11-23)
    """
    group = message.group if fifo else None
    deduplication = topic.deduplication_of(message) if fifo else None
    if raw:
        return Copy(True, message.body, {}, (), dict(message.attributes), group, deduplication)
    fields: dict[str, Any] = {"Type": "Notification", "TopicArn": topic.arn, "Message": message.body}
    if message.subject is not None:
        fields["Subject"] = message.subject
    if message.attributes:
        fields["MessageAttributes"] = {
            name: {"Type": attribute.type, "Value": attribute.value} for name, attribute in message.attributes.items()
        }
    others = (*UNFORESEEN, *(OF_FIFO if topic.fifo else ()))
    return Copy(False, None, fields, others, {}, group, deduplication)
