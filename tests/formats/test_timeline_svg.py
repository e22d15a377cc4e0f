"""The timeline of a page: each object's life as the student has it, beside what the lab asks."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from grader.formats import drawings
from grader.formats.drawings.timeline_axis import axis, fitted, text_width
from grader.formats.drawings.timeline_lives import Row, Step, rows, told

YOURS = [[0, "Standard"], [30, "IA"], [365, "marker"], [395, "lone marker"]]
ASKED = [[0, "Standard"], [30, "IA"], [90, "Glacier"], [365, "marker"], [425, "gone"]]
ROW: dict[str, Any] = {"label": "logs/app.log, 1 MiB", "steps": YOURS, "wanted": ASKED}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=60),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=9), inner, max_size=5),
    max_leaves=12,
)


def model(*listed: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"drawing": "timeline", "title": "By day", "days": [], "rows": list(listed), **more}


def figure(*listed: dict[str, Any], **more: Any) -> drawings.Figure:
    drawn = drawings.figure(model(*listed, **more))
    assert drawn is not None
    return drawn


def svg(source: str) -> Any:
    return etree.fromstring(source)


def words(source: str, looks: str) -> list[str]:
    """What stands in the lanes of those looks."""
    return svg(source).xpath(f"//g[@class='{looks}']/text/text()")


def row(yours: list[Any], asked: list[Any]) -> Row:
    return rows(model({"label": "x", "steps": yours, "wanted": asked}))[0]


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_yours_stands_beside_what_was_asked_each_word_once(width: str) -> None:
    source = getattr(figure(ROW), width)
    assert words(source, "yours") == ["Standard", "IA", "marker", "lone marker"]
    assert words(source, "asked") == ["Standard", "IA", "Glacier", "marker", "gone"]
    assert svg(source).xpath("//text[@class='day']/text()") == ["0", "30", "90", "365", "395", "425"]


def test_a_cross_marks_the_day_from_which_a_version_is_lost() -> None:
    tree = svg(figure(ROW).wide)
    day = {text.text: float(text.get("x")) for text in tree.xpath("//text[@class='day']")}
    yours, asked = (
        [path.get("d") for path in tree.xpath(f"//g[@class='{lane}']/path[starts-with(@class, 'lost')]")]
        for lane in ("yours", "asked")
    )
    assert [d.split()[0] for d in yours] == [f"M{day['395'] - 4:.1f}"]
    assert [d.split()[0] for d in asked] == [f"M{day['425'] - 4:.1f}"]


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_an_end_is_marked_as_wrong_only_where_it_was_not_asked_for(width: str) -> None:
    ends = {"early": ([7, "gone"], [30, "gone"]), "late": ([30, "gone"], [7, "gone"]), "as asked": (ASKED[-1],) * 2}
    for name, (yours, asked) in ends.items():
        lives = {"steps": [[0, "parts"], yours], "wanted": [[0, "parts"], asked]}
        tree = svg(getattr(figure({"label": "unfinished upload", **lives}), width))
        wrong = " wrong" if name == "early" else ""
        assert tree.xpath("//g[@class='yours']/text/@class")[-1] == f"word gone{wrong}"
        assert tree.xpath("//g[@class='yours']/path/@class") == [f"lost{wrong}"]
        assert tree.xpath("//g[@class='asked']/text/@class")[-1] == "word gone"
        assert ("as asked" in tree.xpath("//text/text()")) == (name == "as asked")
    alone = svg(getattr(figure({"label": "x", "steps": [[0, "parts"], [7, "gone"]]}), width))
    assert alone.xpath("//g[@class='yours']/path/@class") == ["lost"]


def test_the_bars_reach_from_day_to_day() -> None:
    tree = svg(figure(ROW).wide)
    day = {text.text: float(text.get("x")) for text in tree.xpath("//text[@class='day']")}
    bar = tree.xpath("//g[@class='yours']/rect[@class='bar ia']")[0]
    assert float(bar.get("x")) == pytest.approx(day["30"] + 1, abs=0.2)
    assert float(bar.get("x")) + float(bar.get("width")) == pytest.approx(day["365"] - 1, abs=0.2)


def test_days_on_which_it_is_not_as_asked_are_said_and_underlined() -> None:
    drawn = figure(ROW)
    assert "not as asked: days 90 to 364, from day 395 on" in svg(drawn.wide).xpath("//text/text()")
    assert len(svg(drawn.wide).xpath("//path[@class='wrong']")) == 2


def test_what_is_as_asked_says_so_and_is_not_underlined() -> None:
    drawn = figure({**ROW, "steps": ASKED})
    assert "as asked" in svg(drawn.wide).xpath("//text/text()")
    assert not svg(drawn.wide).xpath("//path[@class='wrong']")


@pytest.mark.parametrize(
    ("yours", "asked", "verdict"),
    [
        ([[0, "A"]], [[0, "A"]], "as asked"),
        ([[0, "A"], [5, "B"]], [[0, "A"], [6, "B"]], "not as asked: day 5"),
        ([[0, "A"]], [[0, "A"], [6, "gone"]], "not as asked: from day 6 on"),
        ([[0, "A"], [9, "B"], [20, "C"]], [[0, "A"], [7, "B"], [20, "D"]], "not as asked: days 7 to 8, from day 20 on"),
        ([[0, "A"], [3, "B"], [9, "gone"]], [[0, "any class"], [9, "gone"]], "as asked"),
        ([[0, "A"], [3, "marker"]], [[0, "any class"], [9, "marker"]], "not as asked: days 3 to 8"),
        ([[5, "A"]], [[0, "A"]], "not as asked: days 0 to 4"),
        ([[0, "A"], [4, "A"]], [[0, "A"]], "as asked"),
    ],
)
def test_yours_is_compared_with_what_was_asked(yours: list[Any], asked: list[Any], verdict: str) -> None:
    assert row(yours, asked).verdict == verdict


def test_a_row_in_words_is_compared_in_words() -> None:
    lone = {"label": "lone marker", "text": "stays for ever", "wanted": "goes by itself"}
    assert figure(ROW, lone).lines == ("lone marker: stays for ever (asked: goes by itself)",)
    assert figure(ROW, {**lone, "text": "goes by itself"}).lines == ("lone marker: goes by itself (as asked)",)


def test_a_model_without_what_was_asked_is_drawn_from_its_cells() -> None:
    drawn = figure({"label": "a", "cells": ["Standard", "Standard", "gone"]}, days=[0, 30, 365])
    assert words(drawn.wide, "yours") == ["Standard", "gone"]
    assert words(drawn.wide, "asked") == []
    assert drawn.table.rows == (("a", "Standard from day 0, gone from day 365", "", ""),)


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_who_does_not_see_it_is_told_the_same(width: str) -> None:
    tree = svg(getattr(figure(ROW), width))
    named = [tree.xpath(f"//*[@id='{id_}']")[0].text for id_ in tree.get("aria-labelledby").split()]
    assert tree.get("role") == "img"
    assert named[0] == "By day"
    assert named[1] == (
        "logs/app.log, 1 MiB. "
        "Yours: Standard from day 0, IA from day 30, marker from day 365, lone marker from day 395. "
        "Asked: Standard from day 0, IA from day 30, Glacier from day 90, marker from day 365, gone from day 425. "
        "Compared: not as asked: days 90 to 364, from day 395 on."
    )


def test_the_table_has_every_row_of_the_drawing_and_those_in_words() -> None:
    drawn = figure(ROW, {"label": "u", "text": "gone on day 7"})
    assert [len(cells) for cells in drawn.table.rows] == [len(drawn.table.head)] * 2
    assert [cells[0] for cells in drawn.table.rows] == ["logs/app.log, 1 MiB", "u"]


def test_only_words_that_are_in_the_drawing_are_explained() -> None:
    assert [word for word, _ in figure(ROW).words] == ["IA", "marker", "lone marker", "Glacier", "gone"]


def test_two_drawings_of_a_page_share_no_id() -> None:
    drawn = figure(ROW)
    ids = [svg(source).xpath("//@id") for source in (drawn.wide, drawn.narrow)]
    assert len({*ids[0], *ids[1]}) == len(ids[0]) + len(ids[1])


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_a_drawing_uses_no_pattern_but_its_own(width: str) -> None:
    source = getattr(figure(ROW), width)
    used = set(re.findall(r"url\(#([\w-]+)\)", source))
    assert used == {f"{width}-ia", f"{width}-glacier"}
    assert used <= set(svg(source).xpath("//@id"))


def test_every_look_of_the_drawing_is_in_its_style_sheet() -> None:
    from grader.formats.drawings.timeline_svg import _LOOKS

    style = files("grader.formats.drawings").joinpath("timeline.css").read_text("utf-8")
    looks = {*_LOOKS.values(), "other"}
    assert {look for look in looks if not re.search(rf"\.bar\.{look} {{", style)} == set()
    coloured = looks - {"marker"}  # by day, by night and on paper
    assert {look for look in coloured if style.count(f"--bar-{look}: #") != 3} == set()


def test_every_look_but_the_plainest_has_a_pattern_of_its_own() -> None:
    from grader.formats.drawings.timeline_svg import _LOOKS, _PATTERNS

    assert {*_LOOKS.values(), "other"} - set(_PATTERNS) == {"standard", "marker"}
    assert len({path for _, path in _PATTERNS.values()}) == len(_PATTERNS)


@pytest.mark.parametrize("right", [100.0, 300.0, 704.0])
@pytest.mark.parametrize("words", [("IA", "gone", "IA"), ("Deep Archive", "Intelligent", "One Zone-IA")])
def test_every_word_has_room(words: tuple[str, ...], right: float) -> None:
    listed = rows(model(ROW, {"label": "b", "steps": [[day, word] for day, word in enumerate(words)]}))
    scale = axis(listed, 40, right)
    for life in (life for one in listed for life in (one.yours, one.asked)):
        for step, after in zip(life, [*life[1:], None], strict=False):
            assert scale.x(after.day if after else None) - scale.x(step.day) >= text_width(step.word) + 10
    assert scale.places[0] == 40
    assert scale.end >= right - 0.01


def test_longer_stretches_are_drawn_longer_where_there_is_room() -> None:
    scale = axis(rows(model({"label": "a", "steps": [[0, "a"], [10, "b"], [100, "c"], [1000, "d"]]})), 0, 704)
    first, second, third = (scale.places[n + 1] - scale.places[n] for n in range(3))
    assert first < second < third


def test_wide_letters_take_the_room_of_two() -> None:
    assert text_width("로그") == text_width("logs")
    assert fitted("x" * 100, 80) == "x" * 10 + "…"


def test_a_life_is_told_day_by_day() -> None:
    assert told((Step(0, "Standard"), Step(30, "IA"))) == "Standard from day 0, IA from day 30"


@given(
    listed=st.lists(
        json_values | st.fixed_dictionaries(dict.fromkeys(("label", "cells", "steps", "wanted", "text"), json_values)),
        max_size=4,
    )
)
@settings(max_examples=150, deadline=None)
def test_it_survives_any_rows(listed: list[Any]) -> None:
    drawn = drawings.figure({"drawing": "timeline", "days": [0, 1, 2], "rows": [*listed, ROW]})
    assert drawn is not None
    assert words(drawn.wide, "yours")[-4:] == ["Standard", "IA", "marker", "lone marker"]


@given(made=st.dictionaries(st.sampled_from(["title", "days", "rows", "lines", "x"]), json_values))
@settings(max_examples=150, deadline=None)
def test_it_survives_any_model(made: dict[str, Any]) -> None:
    drawings.figure({**made, "drawing": "timeline"})


def test_it_is_bounded() -> None:
    steps = [[day, f"word {day}" * 50] for day in range(500)]
    drawn = figure(*[{"label": "x" * 5000, "steps": steps, "wanted": steps}] * 500)
    assert len(drawn.wide) + len(drawn.narrow) < 250_000


@pytest.mark.parametrize(
    "made",
    [
        {},
        None,
        {"drawing": "mural"},
        {"drawing": "timeline_svg"},
        {"drawing": "timeline"},
        {"drawing": "timeline", "rows": [{"label": "u", "text": "t"}]},
        [],
    ],
)
def test_what_has_no_days_is_not_drawn(made: Any) -> None:
    assert drawings.figure(made) is None


@pytest.mark.parametrize("part", ["timeline_svg", "timeline_lives", "timeline_axis"])
def test_parts_of_a_drawing_are_no_drawing(part: str) -> None:
    assert drawings.text({"drawing": part, "rows": [ROW]}, 80) == []
