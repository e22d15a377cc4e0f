"""The score as a strip: a piece for each requirement, as wide as its points. It says nothing that the text does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from grader.report import FULL, Outcome

_HIGH, _GAP, _EDGE = 3, 0.5, 0.5


def strip(checks: Sequence[dict[str, Any]]) -> str:
    """An `<svg>` for who sees it; empty where there is nothing to divide."""
    whole = sum(check["max_points"] for check in checks)
    if not whole:
        return ""
    looks = {"class": "strip", "viewBox": f"0 0 {FULL} {_HIGH}", "preserveAspectRatio": "none"}
    svg = Element("svg", {**looks, "aria-hidden": "true", "focusable": "false"})
    left = 0.0
    for check in checks:
        wide = FULL * check["max_points"] / whole
        outcome = check["outcome"] if check["outcome"] in set(Outcome) else "other"
        _piece(svg, left, max(wide - _GAP, _EDGE), outcome)
        left += wide
    return tostring(svg, encoding="unicode")


def _piece(svg: Element, left: float, wide: float, looks: str) -> None:
    place = {"x": f"{left:.2f}", "width": f"{wide:.2f}"}
    SubElement(svg, "rect", {"class": looks, "y": "0", "height": str(_HIGH), **place})
    if looks == Outcome.FAILED:  # an edge below, so that lost points are not told by hue alone
        SubElement(svg, "rect", {"class": f"{looks} edge", "y": f"{_HIGH - 0.6:g}", "height": "0.6", **place})
