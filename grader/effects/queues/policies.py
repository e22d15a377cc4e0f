"""Which queue gets the messages that nobody can process, and which queues it takes them from.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html (2026-11-25)
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from grader.effects.written import parsed, whole

PERMISSIONS: Final = ("allowAll", "denyAll", "byQueue")
MOST_SOURCES: Final = 10
DEFAULT_RECEIVES: Final = 10  # "maxReceiveCount … Default: 10"
MOST_RECEIVES: Final = 1000  # the console's: "a value between 1 and 1,000"
# "Only following attributes are supported: [maxReceiveCount, deadLetterTargetArn]", in AWS's words; and of an allow
# policy with others, that it is "in an unsupported format".
OF_REDRIVE: Final = frozenset({"deadLetterTargetArn", "maxReceiveCount"})
OF_ALLOWING: Final = frozenset({"redrivePermission", "sourceQueueArns"})


@dataclass(frozen=True)
class RedrivePolicy:
    """Of the queue that messages leave. `target` and `receives` are None where they are not told, or not to be read."""

    written: str
    target: str | None = None
    receives: int | None = None
    unknown: tuple[str, ...] = ()  # what else it has

    @classmethod
    def read(cls, text: object) -> RedrivePolicy | None:
        """None where there is none; an empty text and `{}` take a policy away."""
        said = parsed(text)
        if text is None or text == "" or said == {}:
            return None
        written = text if isinstance(text, str) else json.dumps(text, default=str)
        if not isinstance(said, Mapping):
            return cls(written)
        target = said.get("deadLetterTargetArn")
        receives = whole(said.get("maxReceiveCount", DEFAULT_RECEIVES))
        # What is missing is another fault, and most often its name is what is unknown.
        unknown = tuple(name for name in said if name not in OF_REDRIVE) if said.keys() >= OF_REDRIVE else ()
        return cls(written, target if isinstance(target, str) else None, receives, unknown)

    @property
    def in_order(self) -> bool:
        """Whether AWS could read it."""
        return self.target is not None and self.receives is not None and 1 <= self.receives <= MOST_RECEIVES


@dataclass(frozen=True)
class AllowPolicy:
    """Of the queue that messages come to. Without one, any queue of the account and Region may send it its own."""

    permission: str = "allowAll"
    sources: tuple[str, ...] = ()
    written: str | None = None
    fault: str | None = None  # a name for what AWS refuses of it

    @classmethod
    def read(cls, text: object) -> AllowPolicy:
        """As it is by default where there is none."""
        said = parsed(text)
        if text is None or text == "" or said == {}:
            return cls()
        written = text if isinstance(text, str) else json.dumps(text, default=str)
        if not isinstance(said, Mapping):
            return cls("", written=written, fault="no_json")
        permission, sources = said.get("redrivePermission", "allowAll"), said.get("sourceQueueArns")
        listed = tuple(str(one) for one in sources) if isinstance(sources, list) else ()
        fault = "unknown" if said.keys() - OF_ALLOWING else _fault(permission, sources)
        return cls(str(permission), listed, written, fault)

    def admits(self, queue: str) -> bool:
        """Whether the queue of this ARN may send its dead letters here."""
        if self.fault or self.permission == "denyAll":
            return False
        return self.permission == "allowAll" or queue in self.sources


def _fault(permission: object, sources: object) -> str | None:
    if permission not in PERMISSIONS:
        return "permission"
    if permission != "byQueue":
        return "sources_without_by_queue" if sources else None
    if not isinstance(sources, list) or not sources:
        return "no_sources"
    return "too_many_sources" if len(sources) > MOST_SOURCES else None
