"""Where the days of a timeline lie: in order, wide enough for every word, and only then by how long they last."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

from grader.formats.drawings.timeline_lives import Life, Row
from grader.formats.words import shown

LETTER = 6.7  # of the drawing's 12 px, on the generous side: fonts differ
_LEAST, _TAIL, _FOR_EVER = 27.0, 34.0, 40
_PADDING = 19.0


@dataclass(frozen=True)
class Axis:
    """The days that matter, and the x of each; `end` is where the last stretch, which is for ever, leaves."""

    days: tuple[int, ...]
    places: tuple[float, ...]
    end: float

    def x(self, day: int | None) -> float:
        """Where that day begins; None is the end."""
        return self.end if day is None else self.places[self.days.index(day)]


def axis(rows: Iterable[Row], left: float, right: float) -> Axis:
    """From `left` to `right`, or as far beyond as the words need."""
    lives = [life for row in rows for life in (row.yours, row.asked) if life]
    days = tuple(sorted({0, *(step.day for life in lives for step in life)}))
    widths = [_LEAST] * (len(days) - 1) + [_TAIL]
    for first, last, word in sorted(_stretches(lives, days), key=lambda s: s[1] - s[0]):
        missing = text_width(word) + _PADDING - sum(widths[first:last])
        if missing > 0:
            longest = max(range(first, last), key=lambda n: _lasts(days, n))
            widths[longest] += missing
    _spread(widths, days, right - left)
    places = [left + sum(widths[:n]) for n in range(len(days))]
    return Axis(days, tuple(places), left + sum(widths))


def text_width(text: str) -> float:
    """About how wide the text is, in the drawing's units."""
    return LETTER * sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def fitted(text: str, width: float) -> str:
    """The text, or as much of its beginning as fits, and an ellipsis."""
    if text_width(text) <= width:
        return text
    kept = text
    while kept and text_width(kept + "…") > width:
        kept = kept[:-1]
    return f"{kept}…"


def broken(text: str, width: float) -> list[str]:
    """The text in lines of that width, broken between words."""
    lines: list[str] = []
    for word in text.split():
        if lines and text_width(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(fitted(word, width))
    return lines


def _stretches(lives: Iterable[Life], days: tuple[int, ...]) -> Iterable[tuple[int, int, str]]:
    for life in lives:
        for step, after in pairwise([*life, None]):
            last = len(days) if after is None else days.index(after.day)
            if step is not None:
                yield days.index(step.day), last, shown(step.word)


def _spread(widths: list[float], days: tuple[int, ...], room: float) -> None:
    """What room is left goes to the stretches by how long they last; by the root, or a year would leave none."""
    left = room - sum(widths)
    shares = [sqrt(_lasts(days, n)) for n in range(len(days))]
    if left > 0:
        for n, share in enumerate(shares):
            widths[n] += left * share / sum(shares)


def _lasts(days: tuple[int, ...], n: int) -> int:
    return days[n + 1] - days[n] if n + 1 < len(days) else _FOR_EVER
