"""The orders that are published, on paper and in a probe: of both kinds, small and large, and on a filter's edges."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from grader.checks import Given, Text, say
from grader.effects.delivery import Filter, Message

IDS = ("A-1001", "7", "주문-42")
TOTALS = (Decimal("19.99"), Decimal(0), Decimal("0.01"), Decimal(250), Decimal(1_000_000))
MOST_EDGES = 12  # of a filter that names more numbers, the first
DEEPEST = 8


@dataclass(frozen=True)
class Order:
    """What the shop publishes: the JSON, and its kind as a message attribute too."""

    id: str
    kind: str
    total: Decimal

    @property
    def body(self) -> str:
        total = int(self.total) if self.total == self.total.to_integral_value() else float(self.total)
        return json.dumps({"order_id": self.id, "kind": self.kind, "total": total}, ensure_ascii=False)

    @property
    def message(self) -> Message:
        return Message.of(self.body, {"kind": self.kind})

    @property
    def text(self) -> Text:
        """`the order {"order_id": "7", "kind": "digital", "total": 0}`."""
        return say("the order {body}", body=self.body)


def plain(given: Given) -> tuple[Order, Order]:
    """One order of goods and one of files, as any other."""
    return Order(IDS[0], given.goods_kind, TOTALS[0]), Order("A-1002", given.file_kind, Decimal(5))


def samples(given: Given, chosen: Filter) -> Iterator[Order]:
    """Orders of both kinds: any order may be published, so any that a filter tells apart from another must be tried."""
    yield from plain(given)
    edges = [total for number in _numbers(chosen.content) for total in (number - 1, number, number + 1) if total >= 0]
    for total in dict.fromkeys((*TOTALS, *edges)):
        for name in IDS:
            for kind in (given.goods_kind, given.file_kind):
                yield Order(name, kind, total)


def _numbers(content: Any, depth: int = 0) -> list[Decimal]:
    """The numbers that a filter policy names, as far as an order's total may be one."""
    if isinstance(content, Decimal):
        return [content] if content.is_finite() and abs(content) <= 10**9 else []
    values = content.values() if isinstance(content, dict) else content if isinstance(content, list) else ()
    found = [number for value in values if depth < DEEPEST for number in _numbers(value, depth + 1)]
    return list(dict.fromkeys(found))[:MOST_EDGES]
