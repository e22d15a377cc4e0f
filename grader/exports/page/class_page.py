"""The class page, put together: facts first, then what to look at, then everybody, then likenesses."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup

from grader.classroom import Gradebook
from grader.exports.page import insights
from grader.exports.page.class_data import class_data, columns, names
from grader.exports.page.histogram import histogram
from grader.exports.page.likeness import Likenesses, alike
from grader.exports.page.side_by_side import Row, side_by_side
from grader.exports.page.traces import CLASS, foreign, shared, telling
from grader.exports.page.words import say
from grader.formats.escaping import one_line
from grader.formats.page.document import document
from grader.languages import current
from grader.version import VERSION

_SHOWN = 12  # likenesses that come with their texts
_LISTED = 100  # rows of a list; of the rest it is said how many there are


@dataclass(frozen=True)
class Works:
    """What was handed in for a lab, by person, and what everybody had."""

    texts: Mapping[str, str] = field(default_factory=dict)
    solutions: Sequence[str] = ()
    starter: Sequence[str] = ()

    @property
    def taken_away(self) -> str:
        """The sentence on what was taken away before anything was compared."""
        has = " and ".join(name for name in ("starter", "solutions") if getattr(self, name))
        return say(f"taken away: {has or 'nothing'}")


@dataclass(frozen=True)
class Alike:
    """A likeness as it is shown."""

    whose: tuple[str, ...]
    how: str
    rows: tuple[Row, ...]


def class_page(book: Gradebook, works: Mapping[str, Works] | None = None, *, now: datetime | None = None) -> str:
    """The whole file. Without `works`, by lab, nothing is compared, and the page says so."""
    called = names(book)
    median, slowest = insights.slowest(book)
    labs = [lab.id for lab in book.assignment.labs]
    handed = {lab: (works or {}).get(lab, Works()) for lab in labs}
    bare = insights.bare_findings(book)
    return document(
        "class.html.j2",
        lang=current(),
        styles=("page/class.css",),
        script="page/class.js",
        word=say,
        spent=insights.spent,
        title=one_line(book.assignment.title, 200),
        course=one_line(book.assignment.course, 80),
        facts=insights.facts(book),
        bars=insights.distribution(book),
        histogram=Markup(histogram(insights.distribution(book))),  # numbers of ours
        checks=[check["text"] for lab in columns(book) for check in lab["checks"]],
        missed=insights.missed(book, bare),
        look=insights.to_look_at(book),
        late=insights.late(book),
        median=median,
        slowest=slowest,
        names=called,
        listed=_LISTED,
        several=len(labs) > 1,
        compared=bool(works),
        taken_away=[(lab, handed[lab].taken_away) for lab in labs if handed[lab].texts],
        alike=[one for lab in labs for one in _alike(book, lab, handed[lab], called)],
        odd=[one for lab in labs for one in shared(_of_lab(bare, lab))],
        few=CLASS if all(len(_of_lab(bare, lab)) < CLASS for lab in labs) else 0,
        foreign=[
            one for lab in labs for one in foreign((works or {}).get(lab, Works()).texts, insights.drawn(book, lab))
        ],
        requirements=_requirements(book),
        made=say("made", when=f"{now or datetime.now(UTC):%Y-%m-%d %H:%M UTC}", version=VERSION),
        labels=json.dumps({key: say(key) for key in ("student", "section", "mark", "late", "time")}),
        data=Markup(_inert(class_data(book))),
    )


def _of_lab(bare: Mapping[tuple[str, str], Mapping[str, str]], lab: str) -> dict[str, dict[str, str]]:
    """By person, what was found; what only waits for another check has no finding of its own."""
    mine = {who: found for (where, who), found in bare.items() if where == lab}
    return {who: {check: text for check, text in found.items() if text} for who, found in mine.items()}


def _alike(book: Gradebook, lab: str, works: Works, called: Mapping[str, str]) -> list[Alike]:
    values = {who: telling(drawn) for who, drawn in insights.drawn(book, lab).items()}
    texts = _once_a_team(book, works.texts)
    found = alike(texts, [*works.starter, *works.solutions], values)
    return [*_groups(found, texts, called), *_pairs(found, texts, called)]


def _groups(found: Likenesses, texts: Mapping[str, str], called: Mapping[str, str]) -> list[Alike]:
    return [
        Alike(
            tuple(called.get(who, who) for who in whose),
            say("the same", count=len(whose)),
            side_by_side(texts[whose[0]], texts[whose[1]]) if n < _SHOWN else (),
        )
        for n, whose in enumerate(found.groups)
    ]


def _pairs(found: Likenesses, texts: Mapping[str, str], called: Mapping[str, str]) -> list[Alike]:
    return [
        Alike(
            (called.get(pair.one, pair.one), called.get(pair.other, pair.other)),
            say("in common", percent=f"{100 * pair.share:.0f}"),
            side_by_side(texts[pair.one], texts[pair.other]) if n < _SHOWN else (),
        )
        for n, pair in enumerate(found.pairs)
    ]


def _once_a_team(book: Gradebook, texts: Mapping[str, str]) -> dict[str, str]:
    """A team's work is everybody's in it, and like itself."""
    kept: dict[str, str] = {}
    teams: set[str] = set()
    for person in book.people:
        if person.id in texts and not (person.team and person.team in teams):
            kept[person.id] = texts[person.id]
            teams.add(person.team)
    return kept


def _requirements(book: Gradebook) -> dict[str, str]:
    found: dict[str, str] = {}
    for lab in columns(book):
        found |= dict(zip(lab["keys"], (check["text"] for check in lab["checks"]), strict=True))
    return found


def _inert(data: Mapping[str, Any]) -> str:
    """JSON inside a page: no `<` in it could end its element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
