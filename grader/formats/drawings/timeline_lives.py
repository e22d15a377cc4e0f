"""A timeline's rows as lives: what is true from which day on, as the student has it and as the lab asks.

Beside what `timeline` reads, a row may have

    "steps":  [[0, "Standard"], [30, "IA"], [365, "marker"], [425, "gone"]],
    "wanted": [[0, "Standard"], [30, "IA"], [365, "marker"], [425, "gone"]],

the student's life to the day, where `cells` know only some days, and the one that the lab asks for; of a row that
has `text`, `wanted` may be a text. A wanted `any class` is met by whatever is still there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from grader.formats.escaping import one_line
from grader.formats.words import say, shown

MARKER, LONE_MARKER, GONE, ANY = "marker", "lone marker", "gone", "any class"
_ROWS, _STEPS, _WORD, _LATEST = 16, 12, 24, 10**6  # more is no picture


@dataclass(frozen=True)
class Step:
    """What is true from that day on."""

    day: int
    word: str


Life = tuple[Step, ...]


@dataclass(frozen=True)
class Row:
    """One object: its life, or a sentence where days say nothing. `asked` is empty where the model does not tell."""

    label: str
    yours: Life = ()
    asked: Life = ()
    text: str = ""
    asked_text: str = ""

    @property
    def is_compared(self) -> bool:
        return bool(self.asked if self.yours else self.asked_text)

    @property
    def differences(self) -> list[tuple[int, int | None]]:
        """The days on which yours is not what was asked: from, and up to but without; None for ever."""
        if not self.yours or not self.asked:
            return []
        days = sorted({step.day for step in (*self.yours, *self.asked)})
        stretches = list(zip(days, [*days[1:], None], strict=True))
        wrong = [(a, b) for a, b in stretches if not _meets(word_on(self.yours, a), word_on(self.asked, a))]
        joined: list[tuple[int, int | None]] = []
        for first, last in wrong:
            start = joined.pop()[0] if joined and joined[-1][1] == first else first
            joined.append((start, last))
        return joined

    @property
    def verdict(self) -> str:
        """`as asked`, or on which days it is not; empty where nothing was asked."""
        if not self.is_compared:
            return ""
        if not self.yours:
            return say("same") if self.text == self.asked_text else say("differs in words", asked=self.asked_text)
        wrong = ", ".join(_days(*stretch) for stretch in self.differences)
        return say("differs", days=wrong) if wrong else say("same")


def rows(model: Mapping[str, Any]) -> list[Row]:
    """Those of the model that can be shown; nothing in them acts or hides."""
    days = model.get("days")
    listed = [row for row in _list(model.get("rows"))[:_ROWS] if isinstance(row, Mapping)]
    return [row for row in (_row(each, _list(days)) for each in listed) if row.yours or row.text]


def word_on(life: Life, day: int) -> str:
    """What is true on that day; empty before the life begins."""
    return next((step.word for step in reversed(life) if step.day <= day), "")


def told(life: Life) -> str:
    """`Standard from day 0, IA from day 30`."""
    return ", ".join(say("from day", word=shown(step.word), day=step.day) for step in life)


def _days(first: int, last: int | None) -> str:
    if last is None:
        return say("from day on", day=first)
    if last - first == 1:
        return say("one day", day=first)
    return say("days between", first=first, last=last - 1)


def _meets(word: str, wanted: str) -> bool:
    return word == wanted or (wanted == ANY and word not in (MARKER, LONE_MARKER, GONE, ""))


def _row(row: Mapping[str, Any], days: list[Any]) -> Row:
    yours = _life(row.get("steps")) or _life(list(zip(days, _list(row.get("cells")), strict=False)))
    wanted = row.get("wanted")
    asked_text = one_line(wanted, 300) if isinstance(wanted, str) else ""
    return Row(one_line(row.get("label"), 120), yours, _life(wanted), one_line(row.get("text"), 300), asked_text)


def _life(value: object) -> Life:
    """In order, each day once and each word only where it is new."""
    pairs = [pair for pair in _list(value) if isinstance(pair, list | tuple) and len(pair) == 2]
    words = {day: _short(one_line(word, 200)) for day, word in pairs if _is_day(day)}
    return tuple(_changes(sorted(words.items())))[:_STEPS]


def _short(word: str) -> str:
    return word if len(word) <= _WORD else f"{word[: _WORD - 1]}…"


def _changes(pairs: Iterable[tuple[int, str]]) -> Iterable[Step]:
    before = ""
    for day, word in pairs:
        if word != before:
            yield Step(day, word)
        before = word


def _is_day(day: object) -> bool:
    return isinstance(day, int) and not isinstance(day, bool) and 0 <= day <= _LATEST


def _list(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []
