"""The marks as bars: a drawing for who sees it, which says nothing that its table does not."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from grader.exports.page.words import say

_WIDE, _HIGH, _GAP = 52, 150, 8
_BELOW, _ABOVE = 22, 18


def histogram(bars: Sequence[tuple[str, int]]) -> str:
    """An `<svg>`; empty where there are no marks."""
    if not bars:
        return ""
    width, height = _WIDE * len(bars), _ABOVE + _HIGH + _BELOW
    looks = {"class": "histogram", "viewBox": f"0 0 {width} {height}", "role": "img"}
    svg = Element("svg", {**looks, "aria-label": say("distribution")})
    most = max(count for _, count in bars) or 1
    for place, (name, count) in enumerate(bars):
        _bar(svg, place, name, count, _HIGH * count / most)
    return tostring(svg, encoding="unicode")


def _bar(svg: Element, place: int, name: str, count: int, high: float) -> None:
    left, middle, floor = place * _WIDE, place * _WIDE + _WIDE / 2, _ABOVE + _HIGH
    drawn = max(high, 1.0)
    box = {
        "x": f"{left + _GAP / 2:g}",
        "y": f"{floor - drawn:.1f}",
        "width": f"{_WIDE - _GAP:g}",
        "height": f"{drawn:.1f}",
    }
    SubElement(svg, "rect", {"class": "bar" if count else "bar none", "rx": "2", **box})
    SubElement(svg, "text", {"x": f"{middle:g}", "y": f"{floor + 16:g}", "class": "name"}).text = name
    if count:
        SubElement(svg, "text", {"x": f"{middle:g}", "y": f"{floor - drawn - 5:.1f}", "class": "count"}).text = str(
            count
        )
