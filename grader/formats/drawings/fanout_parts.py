"""What a drawing of a fan-out shows, read from a report's model.

    model = {
        "drawing": "fanout",
        "title": "What becomes of two orders on AWS",
        "topic": "orders-c40f7e",
        "queues": [
            {
                "name": "shipping-c40f7e",
                "passes": "by attributes {\"kind\": [\"physical\"]}",
                "shape": "in SNS's envelope",
                "arrives": ["physical"],
                "wanted": ["physical"],
                "wanted_shape": "as published",
                "refused": "why AWS keeps the topic out, in a sentence",
                "open": "who else gets in, in a sentence",
                "kept": "undelivered-c40f7e",
                "lost": "why what cannot be delivered is not kept, in a sentence",
            },
        ],
        "more": 997,
        "lines": ["A whole sentence below."],
    }

`wanted_shape` stands there where the shape is another than was asked for. `more` counts the subscriptions that are not
drawn. A queue without `passes` is not subscribed. Everything may be missing, and anything may be a text or a number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grader.formats.escaping import one_line
from grader.formats.words import say

_QUEUES, _KINDS, _LINES = 8, 6, 12  # more is no picture


@dataclass(frozen=True)
class Queue:
    """One queue, and the subscription that leads to it."""

    name: str
    passes: str = ""
    shape: str = ""
    arrives: tuple[str, ...] = ()
    wanted: tuple[str, ...] | None = None
    refused: str = ""
    open: str = ""
    kept: str = ""
    lost: str = ""
    wanted_shape: str = ""

    @property
    def path(self) -> str:
        """What the subscription lets through, and in which shape."""
        return ", ".join(part for part in (self.shape, self.passes) if part) or say("not subscribed")

    @property
    def arrival(self) -> str:
        """`arrives: physical`; what AWS stops would only arrive."""
        found = ", ".join(self.arrives) or say("nothing")
        return say("would arrive", what=found) if self.refused and self.arrives else say("arrives", what=found)

    @property
    def is_right(self) -> bool:
        """Does just what was asked arrive, on AWS?"""
        return self.arrives_as_asked and not (self.refused or self.open or self.lost or self.wanted_shape)

    @property
    def arrives_as_asked(self) -> bool:
        """Do the orders come that were asked for, and no others, whatever else is wrong?"""
        return self.wanted is None or set(self.wanted) == set(self.arrives)

    @property
    def is_open_to_the_topic_alone(self) -> bool:
        """Does the queue itself let in the topic, and nobody else?"""
        return not (self.refused or self.open)

    @property
    def kept_in(self) -> str:
        """Where what cannot be delivered is kept: nothing that is wrong."""
        return say("kept in", queue=self.kept) if self.kept and not self.lost else ""

    @property
    def remarks(self) -> tuple[str, ...]:
        """All that there is to say besides."""
        return (*self.faults, *((self.kept_in,) if self.kept_in else ()))

    @property
    def faults(self) -> tuple[str, ...]:
        """What was asked where that is not what comes, what AWS says to it, and what is lost."""
        other = not self.arrives_as_asked
        asked = say("should arrive", what=", ".join(self.wanted or ()) or say("nothing")) if other else ""
        shape = say("should come", shape=self.wanted_shape) if self.wanted_shape else ""
        refused = say("AWS refuses", why=self.refused) if self.refused else ""
        open_to = say("open to others", who=self.open) if self.open else ""
        lost = say("lost", why=self.lost) if self.lost else ""
        return tuple(part for part in (asked, shape, refused, open_to, lost) if part)


@dataclass(frozen=True)
class Fanout:
    """A topic and where it leads."""

    title: str
    topic: str
    queues: tuple[Queue, ...]
    more: int
    lines: tuple[str, ...]

    @property
    def remainder(self) -> str:
        """The subscriptions that are not drawn; empty where there are none."""
        return say("more subscriptions", count=self.more) if self.more else ""


def read(model: Mapping[str, Any]) -> Fanout:
    """What of the model can be shown; nothing in it acts or hides."""
    more = model.get("more")
    return Fanout(
        one_line(model.get("title"), 200),
        one_line(model.get("topic"), 120),
        tuple(_queue(each) for each in _list(model.get("queues"))[:_QUEUES] if isinstance(each, Mapping)),
        more if isinstance(more, int) and not isinstance(more, bool) and 0 < more < 10**9 else 0,
        tuple(one_line(line) for line in _list(model.get("lines"))[:_LINES]),
    )


def _queue(value: Mapping[str, Any]) -> Queue:
    wanted = value.get("wanted")
    return Queue(
        one_line(value.get("name"), 120),
        one_line(value.get("passes"), 200),
        one_line(value.get("shape"), 60),
        _kinds(value.get("arrives")),
        _kinds(wanted) if isinstance(wanted, list | tuple) else None,
        one_line(value.get("refused"), 400),
        one_line(value.get("open"), 400),
        one_line(value.get("kept"), 120),
        one_line(value.get("lost"), 400),
        one_line(value.get("wanted_shape"), 60),
    )


def _kinds(value: object) -> tuple[str, ...]:
    return tuple(one_line(kind, 40) for kind in _list(value)[:_KINDS])


def _list(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []
