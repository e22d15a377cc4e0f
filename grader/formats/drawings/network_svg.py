"""The network for a page: a map of the VPC, and below it each packet's way with the place where it ends.

Everything that is told by colour or shape stands there as a word too. The looks are in `network.css`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from grader.formats.drawings import Figure, Table, network_map, network_ways
from grader.formats.drawings.network import told
from grader.formats.drawings.network_parts import Picture, Stop, Subnet, Way, picture
from grader.formats.words import say

WIDE, NARROW = 704, 300
_COLUMNS = {WIDE: 3, NARROW: 1}
_BESIDE = {WIDE: 4, NARROW: 2}
_MARGIN = 4.0


def figure(model: Mapping[str, Any]) -> Figure | None:
    """The drawing, in two widths; None where there is neither a VPC nor anything in it."""
    found = picture(model)
    if not (found.name or found.subnets or found.ways):
        return None
    title = found.title or say("your vpc")
    return Figure(
        title=title,
        wide=_drawing(title, found, WIDE, "wide"),
        narrow=_drawing(title, found, NARROW, "narrow"),
        lines=tuple(way.reason for way in found.ways if way.reason and not way.as_asked),
        table=_table(found),
        words=tuple({way.code: way.reason for way in found.ways if way.code and way.reason}.items()),
        note=say("numbers are ways"),
    )


def _drawing(title: str, found: Picture, width: int, name: str) -> str:
    ids = f"network-{name}-title network-{name}-desc"
    svg = Element("svg", {"class": f"network {name}", "role": "img", "aria-labelledby": ids})
    SubElement(svg, "title", id=f"network-{name}-title").text = title
    SubElement(svg, "desc", id=f"network-{name}-desc").text = _described(found)
    bottom = network_map.draw(svg, found, width, _COLUMNS[width], _marks(found.ways))
    bottom = network_ways.draw(svg, found.ways, width, _BESIDE[width], bottom + 26)
    svg.attrib.update({"width": str(width), "height": f"{bottom + _MARGIN:g}"})
    svg.set("viewBox", f"0 0 {width} {bottom + _MARGIN:g}")
    return tostring(svg, encoding="unicode")


def _marks(ways: tuple[Way, ...]) -> dict[str, list[tuple[int, bool]]]:
    """By id of what is on the map, the numbers of the ways that come to it, and whether they end as asked."""
    found: dict[str, list[tuple[int, bool]]] = {}
    for number, way in enumerate(ways, 1):
        for place in dict.fromkeys((way.subnet, *(stop.id for stop in (*way.out, *way.back)))):
            if place:
                found.setdefault(place, []).append((number, way.as_asked))
    return found


def _described(found: Picture) -> str:
    return " ".join([f"{found.heading}.", *(told(way) for way in found.ways)])


def _table(found: Picture) -> Table:
    head = tuple(say(key) for key in ("part", "what it is", "where it leads", "verdict"))
    ways = [
        (way.label, _path(way.out), f"{_path(way.back)}" or "-", f"{way.result} ({way.verdict})") for way in found.ways
    ]
    return Table(head, (*(_row(subnet) for subnet in found.subnets), *ways))


def _row(subnet: Subnet) -> tuple[str, ...]:
    tier = say(f"tier {subnet.tier}") if subnet.tier else say("no tier")
    what = ", ".join(part for part in (subnet.cidr, subnet.zone, tier, *(nat.id for nat in subnet.nats)) if part)
    table = f"{subnet.table}: " if subnet.table else ""
    leads = table + (", ".join(subnet.routes) or say("no way out"))
    return (subnet.name or subnet.id, what, leads, say("gives addresses") if subnet.gives_addresses else "")


def _path(stops: tuple[Stop, ...]) -> str:
    return " → ".join(f"{stop.word} {stop.id}".strip() for stop in stops)
