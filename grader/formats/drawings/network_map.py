"""The map: the internet above, the VPC below it with its gateways on the edge, and in it zones with their subnets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element, SubElement

from grader.formats.drawings.network_ink import badge, box, line, words
from grader.formats.drawings.network_parts import Gateway, Picture, Subnet
from grader.formats.words import say

_SKY, _DOOR, _DOOR_GAP, _HEAD, _GAP, _PAD, _CHIP = 26.0, 34.0, 14.0, 24.0, 10.0, 9.0, 19.0
_LINE = 15.0
_BOLD, _SMALL = 1.25, 1.02  # letters that are wider, and narrower, than those that are measured
_CROWD = 24  # subnets: from here on each gets two lines only
Marks = Mapping[str, Sequence[tuple[int, bool]]]


def draw(svg: Element, found: Picture, width: float, columns: int, marks: Marks) -> float:
    """Draws it; returns where it ends. `marks` are the numbers of the ways by what they come to."""
    group = SubElement(svg, "g", {"class": "map"})
    box(group, (0.5, 0.5, width - 1, _SKY), "sky")
    words(group, width / 2, _SKY / 2 + 4.5, say("kind internet"), "middle")
    top = _SKY + _DOOR_GAP
    edge = top + _DOOR / 2
    frame = SubElement(group, "rect")
    doors = _doors(group, found.gateways, (top, width), marks)
    inside = max(edge, doors - _DOOR / 2) + _DOOR / 2 + 8
    heading = "  ".join(part for part in (found.name, *found.blocks[:2]) if part)
    words(group, _PAD, inside + 8, heading, "label", (width - 2 * _PAD) / _BOLD)
    bottom = _zones(group, found.subnets, (inside + 20, width), columns, marks)
    if not found.subnets:
        words(group, _PAD, bottom + 10, say("no subnets"), "quiet")
        bottom += 20
    if found.more:
        words(group, _PAD, bottom + 10, say("more subnets", count=found.more), "quiet")
        bottom += 20
    sides = {"x": "0.5", "y": f"{edge:.1f}", "width": f"{width - 1:.1f}", "height": f"{bottom - edge:.1f}"}
    frame.attrib.update({"class": "vpc", "rx": "6", **sides})
    return bottom


def _doors(group: Element, gateways: Sequence[Gateway], place: tuple[float, float], marks: Marks) -> float:
    """The gateways on the VPC's edge, side by side where there is room; returns where they end."""
    top, width = place
    each = min(250.0, width - 2 * _PAD)
    beside = max(1, int((width - _PAD) // (each + _GAP)))
    for n, gateway in enumerate(gateways):
        row, column = divmod(n, beside)
        in_row = min(beside, len(gateways) - row * beside)
        x = (width - in_row * (each + _GAP) + _GAP) / 2 + column * (each + _GAP)
        y = top + row * (_DOOR + 6)
        if gateway.attached and row == 0:
            line(group, f"M{x + each / 2:.1f} {_SKY:.1f} V{y:.1f}", "wire")
        box(group, (x, y, each, _DOOR), "door" if gateway.attached else "door apart")
        state = "" if gateway.attached else f" ({say('not attached')})"
        words(group, x + 8, y + 14, gateway.word + state, "strong", each - 40)
        words(group, x + 8, y + 28, gateway.id, "id", each - 12)
        _badges(group, x + each - 11, y + 10, marks.get(gateway.id, ()))
    rows = -(-len(gateways) // beside) if gateways else 0
    return top + max(rows, 1) * (_DOOR + 6) - 6


def _zones(group: Element, subnets: Sequence[Subnet], place: tuple[float, float], columns: int, marks: Marks) -> float:
    """Zones in rows of so many columns; returns where the last one ends."""
    top, width = place
    names = list(dict.fromkeys(subnet.zone for subnet in subnets))
    crowded = len(subnets) > _CROWD
    beside = max(1, min(columns, len(names)))
    each = (width - 2 * _PAD - (beside - 1) * _GAP) / beside
    for start in range(0, len(names), beside):
        bottom = top
        for column, name in enumerate(names[start : start + beside]):
            mine = [subnet for subnet in subnets if subnet.zone == name]
            x = _PAD + column * (each + _GAP)
            bottom = max(bottom, _zone(group, name, mine, (x, top, each), crowded, marks))
        top = bottom + _GAP
    return top


def _zone(
    group: Element,
    name: str,
    subnets: Sequence[Subnet],
    place: tuple[float, float, float],
    crowded: bool,
    marks: Marks,
) -> float:
    x, top, width = place
    frame = SubElement(group, "rect")
    words(group, x + 8, top + 16, name or "?", "zone-name", width - 16)
    y = top + _HEAD
    for subnet in subnets:
        y = _subnet(group, subnet, (x + 6, y, width - 12), crowded, marks) + 6
    sides = {"x": f"{x:.1f}", "y": f"{top:.1f}", "width": f"{width:.1f}", "height": f"{y - top:.1f}"}
    frame.attrib.update({"class": "zone", "rx": "5", **sides})
    return y


def _subnet(group: Element, subnet: Subnet, place: tuple[float, float, float], crowded: bool, marks: Marks) -> float:
    """A box with its name, its addresses and tier, where it leads, and the NAT gateways in it."""
    x, y, width = place
    lines = _lines(subnet, crowded)
    height = 8 + _LINE * len(lines) + len(subnet.nats) * (_CHIP + 3) + (2 if subnet.nats else 0)
    box(group, (x, y, width, height), f"subnet {subnet.tier or 'other'}")
    found = marks.get(subnet.id, ())
    for n, (text, looks) in enumerate(lines):
        room = width - 16 - (18 * len(found) if n == 0 else 0)
        words(group, x + 9, y + 16 + n * _LINE, text, looks, room / _BOLD if n == 0 else room * _SMALL)
    _badges(group, x + width - 12, y + 12, found)
    chip = y + 8 + _LINE * len(lines)
    for nat in subnet.nats:
        gone = "" if nat.state in ("available", "pending", "") else f" ({nat.state})"
        box(group, (x + 9, chip, width - 18, _CHIP), "nat" if not gone else "nat apart")
        room = width - 34 - 18 * len(marks.get(nat.id, ()))
        words(group, x + 15, chip + 13.5, f"{say('a nat gateway', id=nat.id)}{gone}", "small", room * _SMALL)
        _badges(group, x + width - 20, chip + 9.5, marks.get(nat.id, ()))
        chip += _CHIP + 3
    return y + height


def _lines(subnet: Subnet, crowded: bool) -> list[tuple[str, str]]:
    kind = ", ".join(
        part
        for part in (
            subnet.cidr,
            say(f"tier {subnet.tier}") if subnet.tier else say("no tier"),
            say("gives addresses") if subnet.gives_addresses else "",
        )
        if part
    )
    found = [(subnet.name or subnet.id, "label"), (kind, "small")]
    if not crowded:
        found += [(route, "small id") for route in subnet.routes[:2]] or [(say("no way out"), "small")]
    return found


def _badges(group: Element, right: float, y: float, found: Sequence[tuple[int, bool]]) -> None:
    for n, (number, fine) in enumerate(reversed(found)):
        badge(group, right - 18 * n, y, number, "fine" if fine else "wrong")
