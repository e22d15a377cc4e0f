"""The timeline for a page: for each object what the student's rules do to it, beside what the lab asks.

Everything that is told by colour or pattern stands there as a word too. The looks are in `timeline.css`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from grader.formats.drawings import Figure, Table
from grader.formats.drawings.timeline_axis import Axis, axis, broken, fitted, text_width
from grader.formats.drawings.timeline_lives import GONE, LONE_MARKER, Life, Row, rows, told
from grader.formats.escaping import one_line
from grader.formats.words import meaning, say, shown

WIDE, NARROW = 704, 300
_LOOKS: Mapping[str, str] = {
    "Standard": "standard",
    "IA": "ia",
    "One Zone-IA": "zone",
    "Intelligent": "tiering",
    "Glacier IR": "instant",
    "Glacier": "glacier",
    "Deep Archive": "deep",
    "marker": "marker",
    "lone marker": "marker",
    "old version": "old",
    "parts": "parts",
}
# name -> (size of a tile, path in it): told apart on paper, and by who sees no colours
_PATTERNS: Mapping[str, tuple[int, str]] = {
    "ia": (8, "M-2 2 L2 -2 M0 8 L8 0 M6 10 L10 6"),
    "zone": (8, "M-2 6 L2 10 M0 0 L8 8 M6 -2 L10 2"),
    "tiering": (8, "M3.4 4 L4.6 4"),
    "instant": (6, "M0 3 L6 3"),
    "glacier": (8, "M0 0 L8 8 M8 0 L0 8"),
    "deep": (5, "M2.5 0 L2.5 5"),
    "old": (6, "M2.6 1.5 L3.4 1.5"),
    "parts": (6, "M2.6 3 L3.4 3"),
    "other": (10, "M0 5 L5 5"),
}
_AXIS, _LABEL, _VERDICT, _YOURS, _ASKED, _GAP, _BETWEEN = 24.0, 20.0, 17.0, 26.0, 19.0, 5.0, 20.0
_MARGIN, _CROSS = 9.0, 10.0
_LINES = 12
_BOLD = 1.3  # how much wider bold letters of a label are than those that are measured


def figure(model: Mapping[str, Any]) -> Figure | None:
    """The drawing, in two widths; None where no row has days."""
    listed = rows(model)
    drawn = [row for row in listed if row.yours]
    if not drawn:
        return None
    title = one_line(model.get("title"), 200) or say("what becomes")
    lines = model.get("lines")
    said = [one_line(line) for line in lines[:_LINES]] if isinstance(lines, list) else []
    words = {step.word: meaning(step.word) for row in drawn for step in (*row.yours, *row.asked)}
    return Figure(
        title=title,
        wide=_drawing(title, drawn, WIDE, "wide"),
        narrow=_drawing(title, drawn, NARROW, "narrow"),
        lines=(*(_in_words(row) for row in listed if not row.yours), *said),
        table=_table(listed),
        words=tuple((shown(word), means) for word, means in words.items() if means),
        note=say("not to scale"),
    )


def _sentence(row: Row) -> str:
    yours = told(row.yours) or row.text
    asked = told(row.asked) or row.asked_text
    if not row.is_compared:
        return say("row", label=row.label, yours=yours)
    return say("row beside asked", label=row.label, yours=yours, asked=asked, verdict=row.verdict)


def _in_words(row: Row) -> str:
    words = say("in words", label=row.label, text=row.text)
    return say("in words beside asked", row=words, verdict=row.verdict) if row.asked_text else words


def _table(listed: list[Row]) -> Table:
    head = tuple(say(key) for key in ("object", "as configured", "as asked for", "verdict"))
    return Table(
        head,
        tuple(
            (row.label, told(row.yours) or row.text, told(row.asked) or row.asked_text, row.verdict) for row in listed
        ),
    )


@dataclass(frozen=True)
class _Sheet:
    """What a drawing is drawn on: `name` keeps the ids of two drawings of one page apart."""

    svg: Element
    axis: Axis
    name: str
    left: float
    right: float
    is_narrow: bool


def _drawing(title: str, drawn: list[Row], width: float, name: str) -> str:
    left = max(text_width(say(key)) for key in ("yours", "asked", "day")) + 8
    scale = axis(drawn, left, width - _MARGIN)
    heights = [_height(row, width == NARROW) for row in drawn]
    whole = max(width, scale.end + _MARGIN), _AXIS + sum(heights)
    svg = _root(title, drawn, whole, name)
    sheet = _Sheet(svg, scale, name, left, whole[0] - _MARGIN, width == NARROW)
    _definitions(sheet)
    _days(sheet, whole[1])
    top = _AXIS
    for row, height in zip(drawn, heights, strict=True):
        _row(sheet, row, top)
        top += height
    return tostring(svg, encoding="unicode")


def _root(title: str, drawn: list[Row], size: tuple[float, float], name: str) -> Element:
    width, height = (f"{side:g}" for side in size)
    ids = f"timeline-{name}-title timeline-{name}-desc"
    fits = " fits" if size[0] <= max(WIDE if name == "wide" else NARROW, NARROW * 1.2) else ""
    looks = {"class": f"timeline {name}{fits}", "viewBox": f"0 0 {width} {height}", "width": width, "height": height}
    svg = Element("svg", {**looks, "role": "img", "aria-labelledby": ids})
    SubElement(svg, "title", id=f"timeline-{name}-title").text = title
    SubElement(svg, "desc", id=f"timeline-{name}-desc").text = " ".join(map(_sentence, drawn))
    return svg


def _definitions(sheet: _Sheet) -> None:
    definitions = SubElement(sheet.svg, "defs")
    for name, (size, path) in _PATTERNS.items():
        tile = {"width": str(size), "height": str(size), "patternUnits": "userSpaceOnUse"}
        pattern = SubElement(definitions, "pattern", {"id": f"{sheet.name}-{name}", **tile})
        SubElement(pattern, "path", {"d": path, "class": "pattern"})


def _days(sheet: _Sheet, bottom: float) -> None:
    _text(sheet.svg, 0, 14, say("day"), "lane")
    for day in sheet.axis.days:
        x = sheet.axis.x(day)
        SubElement(sheet.svg, "path", {"class": "grid", "d": f"M{x:.1f} {_AXIS - 4:g} V{bottom - 14:.1f}"})
        _text(sheet.svg, x, 14, str(day), "day")


def _verdict(row: Row, narrow: bool) -> list[str]:
    """What the comparison comes to, in lines: beside the label where there is room, else below it."""
    width = (NARROW - _MARGIN if narrow else WIDE * 0.6) / _BOLD
    return broken(row.verdict, width) if narrow else [fitted(row.verdict, width)]


def _height(row: Row, narrow: bool) -> float:
    asked = _GAP + _ASKED if row.asked else 0
    below = _VERDICT * len(_verdict(row, narrow)) if narrow else 0
    return _LABEL + below + _YOURS + asked + _BETWEEN


def _row(sheet: _Sheet, row: Row, top: float) -> None:
    """The label and what it comes to, yours, and what was asked below it."""
    group = SubElement(sheet.svg, "g", {"class": "row"})
    top = _heading(sheet, group, row, top)
    _text(group, 0, top + _YOURS / 2 + 4, say("yours"), "lane")
    _life(sheet, group, row.yours, (top, _YOURS), "yours", row.differences)
    if row.asked:
        below = top + _YOURS + _GAP
        _text(group, 0, below + _ASKED / 2 + 4, say("asked"), "lane")
        _life(sheet, group, row.asked, (below, _ASKED), "asked")
        for first, last in row.differences:
            middle, start, end = top + _YOURS + _GAP / 2, sheet.axis.x(first), sheet.axis.x(last)
            SubElement(group, "path", {"class": "wrong", "d": f"M{start:.1f} {middle:.1f} H{end:.1f}"})


def _heading(sheet: _Sheet, group: Element, row: Row, top: float) -> float:
    """The label and the verdict; returns where the lanes begin."""
    verdict = _verdict(row, sheet.is_narrow)
    looks = "verdict" if row.verdict == say("same") else "verdict wrong"
    room = NARROW - _MARGIN if sheet.is_narrow else sheet.right - max(map(text_width, verdict)) * _BOLD - 12
    _backed(group, 0, top + 13, fitted(row.label, room / _BOLD), "label")
    if sheet.is_narrow:
        for n, line in enumerate(verdict):
            _backed(group, 0, top + 13 + _VERDICT * (n + 1) - 2, line, looks)
        return top + _LABEL + _VERDICT * len(verdict)
    _backed(group, sheet.right, top + 13, verdict[0], f"{looks} right")
    return top + _LABEL


def _life(
    sheet: _Sheet,
    group: Element,
    life: Life,
    place: tuple[float, float],
    looks: str,
    differences: Sequence[tuple[int, int | None]] = (),
) -> None:
    """The bars of a life; that it ends is marked as wrong only where it was to go on."""
    lane = SubElement(group, "g", {"class": looks})
    top, height = place
    for step, after in pairwise([*life, None]):
        if step is None:
            continue
        start, end = sheet.axis.x(step.day), sheet.axis.x(after.day if after else None)
        middle = top + height / 2
        wrong = " wrong" if any(a <= step.day and (b is None or step.day < b) for a, b in differences) else ""
        if step.word == GONE:
            _text(lane, start + _CROSS, middle + 4, shown(step.word), f"word gone{wrong}")
        else:
            box = {"x": f"{start + 1:.1f}", "y": f"{top:g}", "width": f"{end - start - 2:.1f}", "height": f"{height:g}"}
            _bar(sheet, lane, step.word, box)
            _text(lane, start + _CROSS, middle + 4, fitted(shown(step.word), max(end - start - _CROSS, 8)), "word")
            if after is None:
                _on(lane, end + 3, middle)
        if step.word in (GONE, LONE_MARKER) and step is not life[0]:
            _lost(lane, start, middle, f"lost{wrong}")


def _bar(sheet: _Sheet, lane: Element, word: str, box: dict[str, str]) -> None:
    looks = _LOOKS.get(word, "other")
    SubElement(lane, "rect", {"class": f"bar {looks}", "rx": "3", **box})
    if looks in _PATTERNS:
        SubElement(lane, "rect", {"fill": f"url(#{sheet.name}-{looks})", "rx": "3", **box})


def _lost(lane: Element, x: float, y: float, looks: str) -> None:
    """A cross at the beginning of the day from which it is gone."""
    SubElement(lane, "path", {"class": looks, "d": f"M{x - 4:.1f} {y - 5:.1f} l8 10 m0 -10 l-8 10"})


def _on(lane: Element, x: float, y: float) -> None:
    """An arrow behind the last bar: it stays so."""
    SubElement(lane, "path", {"class": "on", "d": f"M{x:.1f} {y - 4:.1f} l4 4 l-4 4"})


def _backed(parent: Element, x: float, y: float, text: str, looks: str) -> None:
    """A text that the lines of the days do not run through."""
    _text(parent, x, y, text, f"{looks} backed")


def _text(parent: Element, x: float, y: float, text: str, looks: str) -> None:
    if not text:
        return
    SubElement(parent, "text", {"x": f"{x:.1f}", "y": f"{y:.1f}", "class": looks}).text = text
