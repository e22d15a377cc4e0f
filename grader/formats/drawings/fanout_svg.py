"""The fan-out for a page: the topic, a way to each queue, what lets through on it, and where AWS stops it.

Everything that is told by a line or a colour stands there as a word too. The looks are in `fanout.css`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from grader.formats.drawings import Figure, Table
from grader.formats.drawings.fanout_parts import Fanout, Queue, read
from grader.formats.drawings.timeline_axis import broken, fitted
from grader.formats.words import say

WIDE, NARROW = 704.0, 300.0
_LINE, _PAD, _GAP, _BOX = 17.0, 9.0, 22.0, 46.0
_MOST_LINES = 5  # of one remark
_BOLD = 1.25  # how much wider bold letters are than those that are measured


@dataclass(frozen=True)
class _Places:
    """Where things stand: x and width of the topic, of what a subscription lets through, and of the queue."""

    name: str
    width: float
    topic: tuple[float, float]
    passes: tuple[float, float]
    queue: tuple[float, float]
    below: float  # how far under what it lets through the queue stands


_PLACES = (
    _Places("wide", WIDE, (0.0, 148.0), (186.0, 238.0), (466.0, 236.0), 0.0),
    _Places("narrow", NARROW, (0.0, 220.0), (30.0, 266.0), (30.0, 266.0), _BOX + 16.0),
)


def figure(model: Mapping[str, Any]) -> Figure | None:
    """The drawing, in two widths; None where there is no topic."""
    drawn = read(model)
    if not drawn.topic and not drawn.queues:
        return None
    wide, narrow = (tostring(_drawing(drawn, places), encoding="unicode") for places in _PLACES)
    head = tuple(say(key) for key in ("queue", "lets through", "arrives there", "remarks"))
    rows = tuple((one.name, one.path, one.arrival, " ".join(one.remarks)) for one in drawn.queues)
    said = (*((drawn.remainder,) if drawn.remainder else ()), *drawn.lines)
    return Figure(drawn.title or drawn.topic, wide, narrow, said, Table(head, rows), ())


def _drawing(drawn: Fanout, places: _Places) -> Element:
    heights = [_height(queue, places) for queue in drawn.queues]
    top = 0.0 if places.name == "wide" else _BOX + _GAP
    svg = _root(drawn, places, max(top + sum(heights), _BOX) + 4)
    middles = [top + sum(heights[:n]) + _BOX / 2 for n in range(len(heights))]
    _trunk(svg, middles, places)
    _box(svg, places.topic, 0.0, (drawn.topic, say("topic")), "topic")
    for queue, middle in zip(drawn.queues, middles, strict=True):
        _way(svg, queue, middle, places)
    return svg


def _root(drawn: Fanout, places: _Places, height: float) -> Element:
    ids = f"fanout-{places.name}-title fanout-{places.name}-desc"
    size = {"viewBox": f"-2 -2 {places.width + 4:g} {height + 4:g}", "width": f"{places.width + 4:g}"}
    looks = {"class": f"fanout {places.name}", **size, "height": f"{height + 4:g}"}
    svg = Element("svg", {**looks, "role": "img", "aria-labelledby": ids})
    SubElement(svg, "title", id=f"fanout-{places.name}-title").text = drawn.title or drawn.topic
    told = " ".join(f"{one.name}: {one.path}; {one.arrival}. {' '.join(one.remarks)}" for one in drawn.queues)
    SubElement(svg, "desc", id=f"fanout-{places.name}-desc").text = told
    return svg


def _remarks(queue: Queue, places: _Places) -> list[tuple[str, str]]:
    """What stands below a way, in lines, and how it looks; the last line of one says that there was more."""
    room = places.width - places.passes[0]
    found = []
    for remark in queue.remarks:
        wrong = remark in queue.faults  # in bold letters
        looks = "remark wrong" if wrong else "remark"
        lines = broken(remark, room / _BOLD if wrong else room)
        shown = lines if len(lines) <= _MOST_LINES else [*lines[: _MOST_LINES - 1], "…"]
        found += [(line, looks) for line in shown]
    return found


def _height(queue: Queue, places: _Places) -> float:
    return places.below + _BOX + 4 + _LINE * len(_remarks(queue, places)) + _GAP


def _trunk(svg: Element, middles: list[float], places: _Places) -> None:
    """From the topic to where the ways part."""
    if not middles:
        return
    x, width = places.topic
    if places.name == "wide":
        turn = x + width + 14
        path = f"M{x + width:g} {_BOX / 2:g} H{turn:g} V{middles[-1]:g}"
    else:
        path = f"M{x + 12:g} {_BOX:g} V{middles[-1]:g}"
    SubElement(svg, "path", {"class": "way", "d": path})


def _way(svg: Element, queue: Queue, middle: float, places: _Places) -> None:
    """One subscription: what it lets through, the way on to the queue, a cross where AWS stops it, and remarks."""
    group = SubElement(svg, "g", {"class": "way right" if queue.is_right else "way wrong"})
    start = places.topic[0] + (places.topic[1] + 14 if places.name == "wide" else 12)
    looks = "way" if queue.passes else "way none"
    SubElement(group, "path", {"class": looks, "d": f"M{start:g} {middle:g} H{places.passes[0]:g}"})
    path, astray = _path(queue, places.passes[1] - 2 * _PAD), not queue.passes and not queue.arrives_as_asked
    _box(group, places.passes, middle - _BOX / 2, path, "passes", (0,) if queue.wanted_shape or astray else ())
    _on(group, queue, middle, places, looks)
    top = middle - _BOX / 2 + places.below
    wrong = (1,) if not queue.arrives_as_asked else ()
    _box(group, places.queue, top, (queue.name, queue.arrival), "queue", wrong, queue.is_open_to_the_topic_alone)
    for n, (line, looks) in enumerate(_remarks(queue, places)):
        _text(group, places.passes[0], top + _BOX + 4 + _LINE * (n + 1) - 4, line, looks)


def _path(queue: Queue, room: float) -> tuple[str, ...]:
    """What leads to the queue; a wrong shape stands in a line of its own where that leaves room for the rest."""
    if queue.wanted_shape and queue.shape and len(broken(queue.passes, room)) == 1:
        return fitted(queue.shape, room / _BOLD), queue.passes
    return _two(queue.path, room)


def _two(sentence: str, room: float) -> tuple[str, ...]:
    """The sentence in two lines; where it has more, the second says so."""
    lines = broken(sentence, room)
    return tuple(lines) if len(lines) <= 2 else (lines[0], fitted(" ".join(lines[1:]), room))


def _on(group: Element, queue: Queue, middle: float, places: _Places, looks: str) -> None:
    if places.below:
        x, y = places.passes[0] + 20, middle + _BOX / 2
        end, cross = y + places.below - _BOX, (x, y + (places.below - _BOX) / 2)
        path, head = f"M{x:g} {y:g} V{end:g}", f"M{x - 4:g} {end - 5:g} l4 5 l4 -5"
    else:
        x, end = places.passes[0] + places.passes[1], places.queue[0]
        cross = ((x + end) / 2, middle)
        path, head = f"M{x:g} {middle:g} H{end:g}", f"M{end - 5:g} {middle - 4:g} l5 4 l-5 4"
    SubElement(group, "path", {"class": looks, "d": path})
    SubElement(group, "path", {"class": looks, "d": head})
    if queue.refused:
        SubElement(group, "path", {"class": "stop", "d": f"M{cross[0] - 6:g} {cross[1] - 6:g} l12 12 m0 -12 l-12 12"})


def _box(
    parent: Element,
    place: tuple[float, float],
    top: float,
    lines: tuple[str, ...],
    looks: str,
    wrong: tuple[int, ...] = (),
    fine: bool = True,
) -> None:
    """A box with its lines; `wrong` are those at which there is a mistake, `fine` is False for the box itself."""
    x, width = place
    box = {"x": f"{x:g}", "y": f"{top:g}", "width": f"{width:g}", "height": f"{_BOX:g}", "rx": "5"}
    SubElement(parent, "rect", {"class": f"box {looks}" if fine else f"box {looks} wrong", **box})
    first = top + (_BOX / 2 + 4 if len(lines) < 2 else 19)
    for n, line in enumerate(lines[:2]):
        room = (width - 2 * _PAD) / (_BOLD if n == 0 and looks != "passes" else 1)
        kind = "name" if n == 0 and looks != "passes" else looks
        mark = f"{kind} wrong" if n in wrong else kind
        _text(parent, x + _PAD, first + _LINE * n, fitted(line, room), mark)


def _text(parent: Element, x: float, y: float, text: str, looks: str) -> None:
    if text:
        SubElement(parent, "text", {"x": f"{x:.1f}", "y": f"{y:.1f}", "class": looks}).text = text
