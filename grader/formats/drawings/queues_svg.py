"""Queues for a page: a box each, what it says in it, and an arrow to the next, side by side or below each other.

Everything that is told by colour or dashes stands there as a word too. The looks are in `queues.css`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from grader.formats.drawings import Figure, Table
from grader.formats.drawings.queues import Box, Fact, Way, lines, read
from grader.formats.drawings.timeline_axis import LETTER, fitted, text_width
from grader.formats.escaping import one_line
from grader.formats.words import say

WIDE, NARROW = 704.0, 300.0
_BOX, _PAD, _LINE, _BETWEEN = 268.0, 12.0, 17.0, 9.0  # a box's width in the wide drawing; heights of what is in it
_DOWN = 30.0  # of an arrow between two boxes in the narrow one, beside its words
_EDGE = 2.0  # half a border lies outside its box
_BOLD = 1.15
_NAME = 7.9 / LETTER  # a letter of a name, all of which are equally wide, beside one of other texts


def figure(model: Mapping[str, Any]) -> Figure | None:
    """The drawing, in two shapes; None where there is no queue."""
    boxes, ways = read(model)
    if not boxes:
        return None
    title = one_line(model.get("title"), 200) or say("messages")
    drawn = {name: _Drawing(title, boxes, ways, name).svg() for name in ("wide", "narrow")}
    return Figure(
        title=title,
        wide=drawn["wide"],
        narrow=drawn["narrow"],
        lines=tuple(lines(model)),
        table=_table(boxes, ways),
        words=(),
    )


def _table(boxes: list[Box], ways: list[Way]) -> Table:
    head = tuple(say(key) for key in ("queue", "setting", "as configured", "as asked for", "verdict"))
    rows: list[tuple[str, ...]] = []
    for n, box in enumerate(boxes):
        rows += [(box.name, *_cells(fact)) for fact in (box.kind, *box.facts)]
        if n < len(ways):
            rows.append((box.name, say("way"), *_cells(ways[n].fact)[1:]))
    return Table(head, tuple(rows))


def _cells(fact: Fact) -> tuple[str, ...]:
    return fact.label, fact.value, fact.wanted, fact.verdict


@dataclass(frozen=True)
class _Placed:
    """A line of a box: where it stands below the box's top, and how it looks."""

    y: float
    text: str
    looks: str


@dataclass(frozen=True)
class _Drawing:
    title: str
    boxes: list[Box]
    ways: list[Way]
    name: str

    @property
    def wide(self) -> bool:
        return self.name == "wide" and len(self.boxes) == 2

    def svg(self) -> str:
        """The whole element."""
        width = _BOX if self.wide else NARROW - 2 * _EDGE
        placed = [_contents(box, width) for box in self.boxes]
        heights = [lines[-1].y + _PAD for lines in placed]
        svg = self._root(placed)
        top = _EDGE
        for n, (box, lines_of, height) in enumerate(zip(self.boxes, placed, heights, strict=True)):
            left = n * (WIDE - _BOX - 2 * _EDGE) + _EDGE if self.wide else _EDGE
            _box(svg, box, (left, top, width, max(heights) if self.wide else height), lines_of)
            if not self.wide:
                top += height + (self._down(svg, n, top + height) if n + 1 < len(self.boxes) else _EDGE)
            elif n < len(self.ways):
                _across(svg, self.ways[n], left + width, max(heights) / 2)
        size = (WIDE, max(heights) + 2 * _EDGE) if self.wide else (NARROW, top)
        svg.set("viewBox", f"0 0 {size[0]:g} {size[1]:g}")
        svg.set("width", f"{size[0]:g}")
        svg.set("height", f"{size[1]:g}")
        return tostring(svg, encoding="unicode")

    def _root(self, placed: list[list[_Placed]]) -> Element:
        ids = f"queues-{self.name}-title queues-{self.name}-desc"
        svg = Element("svg", {"class": f"queues {self.name}", "role": "img", "aria-labelledby": ids})
        SubElement(svg, "title", id=f"queues-{self.name}-title").text = self.title
        told = [" ".join(line.text for line in lines_of) for lines_of in placed]
        said = [f"{one}." for pair in _paired(told, [way.fact.told for way in self.ways]) for one in pair]
        SubElement(svg, "desc", id=f"queues-{self.name}-desc").text = " ".join(said)
        return svg

    def _down(self, svg: Element, n: int, top: float) -> float:
        """An arrow from a box to the one below, its words beside it; how much room that takes."""
        if n >= len(self.ways):
            return _DOWN
        words = _way_words(self.ways[n], NARROW - 44)
        room = max(_DOWN, len(words) * _LINE + 14)
        _arrow(svg, self.ways[n], f"M20 {top + 3:g} V{top + room - 5:g}", (20, top + room - 4), "down")
        for line, (text, looks) in enumerate(words):
            _text(svg, 36, top + 19 + line * _LINE, text, looks)
        return room


def _paired(told: list[str], ways: list[str]) -> list[tuple[str, ...]]:
    return [(one, *ways[n : n + 1]) for n, one in enumerate(told)]


def _contents(box: Box, width: float) -> list[_Placed]:
    """The lines of a box, from its name on."""
    room, y = width - 2 * _PAD, _PAD + 9
    placed: list[_Placed] = []
    for line in _pieces(box.name, room / _NAME):
        placed.append(_Placed(y, line, "name"))
        y += _LINE
    for line in _pieces(box.kind.value, room):
        placed.append(_Placed(y, line, "kind" if box.kind.holds else "kind wrong"))
        y += _LINE
    y -= _LINE
    for fact in box.facts:
        y += _LINE + _BETWEEN
        placed.append(_Placed(y, fitted(fact.label, room), "label"))
        for text, looks in _value(fact, room):
            y += _LINE
            placed.append(_Placed(y, text, looks))
    return placed


def _value(fact: Fact, room: float) -> list[tuple[str, str]]:
    if fact.holds or not fact.wanted:
        return [(line, "value") for line in _pieces(fact.value, room / _BOLD)]
    asked = say("differs in words", asked=fact.wanted)
    return [
        *((line, "value wrong") for line in _pieces(fact.value, room / _BOLD)),
        *((line, "asked") for line in _pieces(asked, room)),
    ]


def _box(svg: Element, box: Box, place: tuple[float, float, float, float], placed: list[_Placed]) -> None:
    left, top, width, height = place
    group = SubElement(svg, "g", {"class": "queue"})
    looks = "box" if box.kind.holds else "box missing"
    size = {"x": f"{left:g}", "y": f"{top:g}", "width": f"{width:g}", "height": f"{height:g}"}
    SubElement(group, "rect", {"class": looks, "rx": "6", **size})
    for line in placed:
        _text(group, left + _PAD, top + line.y, line.text, line.looks)


def _across(svg: Element, way: Way, left: float, middle: float) -> None:
    """An arrow to the box on the right, its words above it and what was asked below."""
    right = WIDE - _BOX - 2 * _EDGE
    _arrow(svg, way, f"M{left + 4:g} {middle:g} H{right - 5:g}", (right - 4, middle), "right")
    words = _way_words(way, right - left - 12)
    above = [word for word in words if word[1] != "asked"]
    for n, (text, looks) in enumerate(above):
        _text(svg, (left + right) / 2, middle - 9 - (len(above) - 1 - n) * _LINE, text, f"{looks} middle")
    for n, (text, looks) in enumerate(word for word in words if word[1] == "asked"):
        _text(svg, (left + right) / 2, middle + 20 + n * _LINE, text, f"{looks} middle")


def _arrow(svg: Element, way: Way, line: str, end: tuple[float, float], towards: str) -> None:
    looks = "way" if way.arrives else "way astray"
    x, y = end
    SubElement(svg, "path", {"class": looks, "d": line})
    if not way.arrives:
        head = f"M{x - 5:g} {y - 5:g} l10 10 m0 -10 l-10 10"
    elif towards == "right":
        head = f"M{x - 7:g} {y - 5:g} L{x:g} {y:g} L{x - 7:g} {y + 5:g}"
    else:
        head = f"M{x - 5:g} {y - 7:g} L{x:g} {y:g} L{x + 5:g} {y - 7:g}"
    SubElement(svg, "path", {"class": f"{looks} head", "d": head})


def _way_words(way: Way, room: float) -> list[tuple[str, str]]:
    return _value(way.fact, room)


def _pieces(text: str, room: float) -> list[str]:
    """The text in lines of that width, broken between words, and within one that is longer than a line."""
    found: list[str] = []
    for word in text.split():
        if found and text_width(f"{found[-1]} {word}") <= room:
            found[-1] += f" {word}"
            continue
        rest = word
        while text_width(rest) > room:
            most = next(n for n in range(len(rest), 0, -1) if n == 1 or text_width(rest[:n]) <= room)
            found.append(rest[:most])
            rest = rest[most:]
        if rest:
            found.append(rest)
    return found or [""]


def _text(parent: Element, x: float, y: float, text: str, looks: str) -> None:
    SubElement(parent, "text", {"x": f"{x:.1f}", "y": f"{y:.1f}", "class": looks}).text = text
