"""The ways: for each packet, the places that it comes to, out and back, and the one where it ends."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree.ElementTree import Element, SubElement

from grader.formats.drawings.network_ink import badge, box, line, words
from grader.formats.drawings.network_parts import Stop, Way
from grader.formats.drawings.timeline_axis import broken
from grader.formats.words import say

_STOP, _ARROW, _ROW, _BETWEEN = 36.0, 14.0, 50.0, 22.0
_CAPITAL = 8.4  # of a code's bold letters, at most
_BOLD, _SMALL = 1.2, 1.06  # letters that are wider, and narrower, than those that are measured


def draw(svg: Element, ways: tuple[Way, ...], width: float, beside: int, top: float) -> float:
    """Draws them one below the other, so many places side by side; returns where they end."""
    for number, way in enumerate(ways, 1):
        top = _way(SubElement(svg, "g", {"class": "way"}), number, way, (width, beside, top)) + _BETWEEN
    return top


def _way(group: Element, number: int, way: Way, place: tuple[float, int, float]) -> float:
    width, beside, top = place
    looks = "fine" if way.as_asked else "wrong"
    badge(group, 9, top + 9, number, looks)
    bottom = top - 3
    for text in broken(way.label, (width - 26) / _BOLD):
        bottom += 16
        words(group, 24, bottom, text, "label", width - 24)
    for text in broken(f"{way.result} ({way.verdict})", (width - 26) / _BOLD):
        bottom += 16
        words(group, 24, bottom, text, f"result {looks}")
    top = bottom + 12
    blocked = way.reached is False
    top = _lane(group, say("out"), way.out, (width, beside, top), blocked and not way.back, way)
    return _lane(group, say("back"), way.back, (width, beside, top), blocked and bool(way.back), way)


def _lane(
    group: Element, name: str, stops: tuple[Stop, ...], place: tuple[float, int, float], ends: bool, way: Way
) -> float:
    """A row of places or several; the last one is marked where the way ends there."""
    width, beside, top = place
    if not stops:
        return top
    words(group, 0, top + 10, name, "lane")
    top += 16
    each = (width - (beside - 1) * _ARROW) / beside
    spots = [(n % beside * (each + _ARROW), top + n // beside * _ROW) for n in range(len(stops))]
    for (x, y), (after, below) in pairwise(spots):
        if below == y:
            line(group, f"M{x + each + 2:.1f} {y + _STOP / 2:.1f} H{after - 3:.1f} l-4 -3.5 m4 3.5 l-4 3.5", "arrow")
        else:
            middle = y + _STOP + (_ROW - _STOP) / 2
            path = f"M{x + each / 2:.1f} {y + _STOP + 1:.1f} V{middle:.1f} H{after + each / 2:.1f} V{below - 1:.1f}"
            line(group, path, "arrow")
    for n, ((x, y), stop) in enumerate(zip(spots, stops, strict=True)):
        _stop(group, stop, (x, y, each), ends and n == len(stops) - 1, way)
    bottom = spots[-1][1] + _STOP + 10
    if ends and way.code:
        bottom = _code(group, way, spots[-1][0] if width > 400 else 0, bottom, width)
    return bottom


def _code(group: Element, way: Way, x: float, bottom: float, width: float) -> float:
    """The code, whole: from under its box on where there is room, else up to the edge, in lines where it must be."""
    looks = "code fine" if way.as_asked else "code"
    for text in _pieces(way.code, int(width // _CAPITAL)):
        if x + len(text) * _CAPITAL <= width:
            words(group, x, bottom + 2, text, looks)
        else:
            words(group, width - 1, bottom + 2, text, f"{looks} end")
        bottom += 14
    return bottom


def _pieces(code: str, room: int) -> list[str]:
    """In lines of so many letters, broken behind an underscore."""
    found = [""]
    for part in re.findall(r"[^_]*_|[^_]+$", code):
        if found[-1] and len(found[-1]) + len(part) > room:
            found.append("")
        found[-1] += part
    return [piece[n : n + room] for piece in found for n in range(0, len(piece), room)]


def _stop(group: Element, stop: Stop, place: tuple[float, float, float], ends: bool, way: Way) -> None:
    x, y, width = place
    looks = "stop" if not ends else "stop blocked" if not way.as_asked else "stop shut"
    box(group, (x, y, width, _STOP), looks)
    words(group, x + 7, y + 15, stop.word, "strong", (width - (30 if ends else 12)) / _BOLD)
    words(group, x + 7, y + 29, stop.id, "small id", (width - 10) * _SMALL)
    if ends:
        right, middle = x + width, y + 11  # beside what it is, not over the id below
        line(
            group,
            f"M{right - 15:.1f} {middle - 5:.1f} l9 10 m0 -10 l-9 10",
            "cross" if not way.as_asked else "cross fine",
        )
