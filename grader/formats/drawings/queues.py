"""Queues, what each of them says, and the way that messages take from one to the next.

    model = {
        "drawing": "queues",
        "title": "What becomes of a message that nobody can process",
        "queues": [
            {"name": "orders.fifo", "type": "FIFO queue", "holds": True, "facts": [
                {"label": "hidden after a receive", "value": "30 seconds", "wanted": "45 seconds", "holds": False},
            ]},
            {"name": "orders-dead.fifo", "type": "FIFO queue", "holds": True, "facts": []},
        ],
        "ways": [{"text": "after 3 receives, to orders-dead.fifo", "wanted": "after 3 receives, …", "holds": True,
                  "arrives": True}],
    }

The first way leads from the first queue to the second, the second from there to the third; one that does not arrive is
drawn as ending on its way. Everything may be missing, anything may be a text or a number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grader.formats.escaping import one_line
from grader.formats.layout import cells, padded, wrapped
from grader.formats.words import say

_QUEUES, _FACTS, _LINES = 6, 12, 12  # more is no picture
_INDENT = "  "


@dataclass(frozen=True)
class Fact:
    """One thing that a queue says, and what it should; `wanted` is empty where nothing was asked."""

    label: str
    value: str
    wanted: str = ""
    holds: bool = True

    @property
    def told(self) -> str:
        """Its value, and what was asked for where that is another."""
        return (
            self.value
            if self.holds or not self.wanted
            else say("as asked in words", value=self.value, asked=self.wanted)
        )

    @property
    def verdict(self) -> str:
        """What the comparison comes to, in words."""
        return say("same") if self.holds else say("not as asked")


@dataclass(frozen=True)
class Box:
    """A queue."""

    name: str
    kind: Fact
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Way:
    """What leads from a queue to the next."""

    fact: Fact
    arrives: bool


def read(model: Mapping[str, Any]) -> tuple[list[Box], list[Way]]:
    """What is drawn of a model, which may be anything."""
    boxes = [_box(one) for one in _list(model.get("queues"))[:_QUEUES] if isinstance(one, Mapping)]
    ways = [_way(one) for one in _list(model.get("ways"))[: max(len(boxes) - 1, 0)] if isinstance(one, Mapping)]
    return boxes, ways


def lines(model: Mapping[str, Any]) -> list[str]:
    """Whole sentences below the drawing."""
    return [one_line(line) for line in _list(model.get("lines"))[:_LINES]]


def text(model: Mapping[str, Any], width: int) -> list[str]:
    """Each queue with what it says below it, and the way on between two."""
    boxes, ways = read(model)
    title = one_line(model.get("title"), 200)
    drawn = wrapped(title, width) if title else []
    for n, box in enumerate(boxes):
        drawn += [*_told(_INDENT, Fact(box.name, box.kind.told), width, 0), *_facts(box.facts, width)]
        if n < len(ways):
            drawn += _on(ways[n], width)
    return drawn + [_INDENT + line for item in lines(model) for line in wrapped(item, width - len(_INDENT))]


def _facts(facts: tuple[Fact, ...], width: int) -> list[str]:
    label = max((cells(fact.label) for fact in facts), default=0)
    return [line for fact in facts for line in _told(_INDENT * 2, fact, width, label)]


def _told(indent: str, fact: Fact, width: int, label: int) -> list[str]:
    """In two columns; where the width does not hold them, the value below."""
    line = f"{indent}{padded(fact.label, label)}  {fact.told}".rstrip()
    if cells(line) <= width:
        return [line]
    deeper = indent + _INDENT
    return [
        *(indent + part for part in wrapped(fact.label, width - len(indent))),
        *(deeper + part for part in wrapped(fact.told, width - len(deeper))),
    ]


def _on(way: Way, width: int) -> list[str]:
    indent = _INDENT * 3
    said = wrapped(way.fact.told, width - len(indent) - 2)
    return [*(f"{indent}| {line}" for line in said), f"{indent}{'v' if way.arrives else 'x'}"]


def _box(told: Mapping[str, Any]) -> Box:
    kind = Fact("", one_line(told.get("type"), 40), "", told.get("holds") is not False)
    facts = [_fact(fact) for fact in _list(told.get("facts"))[:_FACTS] if isinstance(fact, Mapping)]
    return Box(one_line(told.get("name"), 90), kind, tuple(facts))


def _way(told: Mapping[str, Any]) -> Way:
    fact = _fact({**told, "value": told.get("text")})
    return Way(fact, told.get("arrives") is True)


def _fact(told: Mapping[str, Any]) -> Fact:
    label, value, wanted = (one_line(told.get(name), 120) for name in ("label", "value", "wanted"))
    return Fact(label, value, wanted, told.get("holds") is not False)


def _list(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []
