"""A VPC, and what becomes of packets in it.

    model = {
        "drawing": "network",
        "title": "Your VPC, and what becomes of a packet in it",
        "vpc": {"id": "vpc-1", "name": "shop", "cidr": ["10.20.0.0/16"]},
        "gateways": [{"kind": "internet-gateway", "id": "igw-1", "attached": True}],
        "subnets": [
            {"id": "subnet-1", "name": "", "cidr": "10.20.0.0/24", "zone": "us-east-1a", "tier": "public",
             "table": "rtb-1", "main": False, "routes": ["0.0.0.0/0 → igw-1"], "public_ip": True,
             "nats": [{"id": "nat-1", "state": "available"}]},
        ],
        "more": 0,
        "ways": [
            {"label": "A public host opens HTTPS to the internet", "subnet": "subnet-1", "reached": True,
             "wanted": True, "out": [{"kind": "host", "id": "subnet-1", "rules": []}], "back": [], "code": "",
             "reason": "", "away": ""},
        ],
    }

`more` counts the subnets that are left out; `code` is that of AWS's Reachability Analyzer for where a way ends, and
`reason` the sentence to it; `away` is what a packet was handed to and is not followed beyond. Everything may be
missing, and the model may have other keys beside these.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.formats.drawings.network_parts import Subnet, Way, picture
from grader.formats.layout import cells, padded, wrapped
from grader.formats.words import say

_INDENT, _MOST = "  ", 48  # subnets: more is no picture


def text(model: Mapping[str, Any], width: int) -> list[str]:
    """Zone by zone, the subnets and where their routes lead; then each way, and where it ends."""
    found = picture(model)
    lines = wrapped(found.title, width) if found.title else []
    lines += _indented(found.heading, width, 1) if found.heading else []
    shown = found.subnets[:_MOST]
    columns = [max((cells(value) for value in column), default=0) for column in zip(*map(_cells, shown), strict=True)]
    for zone in dict.fromkeys(subnet.zone for subnet in shown):
        lines += _indented(zone or "?", width, 1)
        for subnet in (one for one in shown if one.zone == zone):
            lines += _indented(_row(_cells(subnet), columns), width, 2)
            lines += [line for nat in subnet.nats for line in _indented(say("a nat gateway", id=nat.id), width, 3)]
    left_out = found.more + len(found.subnets) - len(shown)
    lines += _indented(say("more subnets", count=left_out), width, 1) if left_out else []
    for way in found.ways:
        lines += _indented(told(way), width, 1)
    return lines


def told(way: Way) -> str:
    """`A private host opens HTTPS to the internet: gets there. (as asked)`."""
    return say("way in words", label=way.label, result=way.result, verdict=way.verdict)


def _cells(subnet: Subnet) -> tuple[str, ...]:
    return (subnet.tier or "-", subnet.cidr, ", ".join(subnet.routes[:2]) or say("no way out"))


def _row(values: tuple[str, ...], columns: list[int]) -> str:
    return "  ".join(padded(value, width) for value, width in zip(values, columns, strict=True)).rstrip()


def _indented(sentence: str, width: int, depth: int) -> list[str]:
    """A line that fits stays as it is, gaps and all."""
    if cells(sentence) <= width - len(_INDENT) * depth:
        return [_INDENT * depth + sentence]
    first, *others = wrapped(" ".join(sentence.split()), width - len(_INDENT) * (depth + 1))
    return [_INDENT * depth + first, *(_INDENT * (depth + 1) + other for other in others)]
