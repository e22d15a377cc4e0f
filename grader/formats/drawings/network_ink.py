"""How a network drawing puts shapes and words on its sheet; the looks of each are in `network.css`."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement

from grader.formats.drawings.timeline_axis import fitted


def box(parent: Element, place: tuple[float, float, float, float], looks: str) -> None:
    """A rectangle at x and y, of a width and a height."""
    x, y, width, height = (f"{side:.1f}" for side in place)
    SubElement(parent, "rect", {"class": looks, "x": x, "y": y, "width": width, "height": height, "rx": "4"})


def line(parent: Element, path: str, looks: str) -> None:
    """A stroke."""
    SubElement(parent, "path", {"class": looks, "d": path})


def words(parent: Element, x: float, y: float, text: str, looks: str, width: float = 1e6) -> None:
    """A text, or as much of it as fits."""
    shown = fitted(text, width)
    if shown:
        SubElement(parent, "text", {"class": looks, "x": f"{x:.1f}", "y": f"{y:.1f}"}).text = shown


def badge(parent: Element, x: float, y: float, number: int, looks: str) -> None:
    """A number in a circle: which way it is."""
    SubElement(parent, "circle", {"class": f"badge {looks}", "cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": "8"})
    words(parent, x, y + 4, str(number), f"number {looks}")
