"""Clauses about queues, filters and statements, short enough to stand in a sentence."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from grader.effects.delivery import Filter


def shortened(text: str, most: int = 160) -> str:
    """A student's text, short enough to stand in a sentence."""
    return text if len(text) <= most else f"{text[: most - 30]}…{text[-26:]}"


def written(chosen: Filter, most: int = 160) -> str:
    """A filter policy as JSON."""
    return shortened(json.dumps(chosen.content, ensure_ascii=False, default=_number), most)


def name_of(arn: str) -> str:
    """What an ARN ends in."""
    return arn.rpartition(":")[2]


def _number(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)
