"""Queues drawn from a report's model alone: in words, and as a picture that says in words what is wrong."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.formats import drawings
from grader.formats.layout import cells

SVG = "{http://www.w3.org/2000/svg}"
RIGHT: dict[str, Any] = {
    "drawing": "queues",
    "title": "What becomes of it",
    "queues": [
        {
            "name": "orders.fifo",
            "type": "FIFO queue",
            "holds": True,
            "facts": [{"label": "hidden for", "value": "45 seconds", "wanted": "45 seconds", "holds": True}],
        },
        {"name": "dead.fifo", "type": "FIFO queue", "holds": True, "facts": []},
    ],
    "ways": [{"text": "after 3 receives", "wanted": "after 3 receives", "holds": True, "arrives": True}],
}
WRONG: dict[str, Any] = {
    **RIGHT,
    "queues": [
        {**RIGHT["queues"][0], "facts": [{"label": "hidden for", "value": "30", "wanted": "45", "holds": False}]},
        {"name": "dead.fifo", "type": "is not there", "holds": False, "facts": []},
    ],
    "ways": [{"text": "nothing is set aside", "wanted": "after 3 receives", "holds": False, "arrives": False}],
}
HOSTILE = "</svg><script>alert(1)</script>\x1b[31m\u202e&\"'"
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=90),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=9), inner, max_size=5),
    max_leaves=12,
)
texts = st.text(max_size=120) | st.integers() | st.none()
facts = st.fixed_dictionaries({}, optional={"label": texts, "value": texts, "wanted": texts, "holds": st.booleans()})
queues = st.fixed_dictionaries({}, optional={"name": texts, "type": texts, "facts": st.lists(facts, max_size=4)})


def figure(model: Any) -> drawings.Figure:
    drawn = drawings.figure(model)
    assert drawn is not None
    return drawn


def shapes(model: Any) -> list[Element]:
    drawn = figure(model)
    return [fromstring(drawn.wide), fromstring(drawn.narrow)]


def words(svg: Element) -> list[str]:
    return [text.text or "" for text in svg.iter("text")]


def looks(svg: Element) -> set[str]:
    return {path.get("class") or "" for path in svg.iter("path")}


def test_in_words_each_queue_stands_with_what_it_says_and_the_way_on_between() -> None:
    assert drawings.text(RIGHT, 76) == [
        "What becomes of it",
        "  orders.fifo  FIFO queue",
        "    hidden for  45 seconds",
        "      | after 3 receives",
        "      v",
        "  dead.fifo  FIFO queue",
    ]


def test_what_is_not_as_asked_says_what_was_asked() -> None:
    assert drawings.text(WRONG, 76)[2:5] == [
        "    hidden for  30 (asked: 45)",
        "      | nothing is set aside (asked: after 3 receives)",
        "      x",
    ]
    for svg in shapes(WRONG):
        assert words(svg)[:5] == ["orders.fifo", "FIFO queue", "hidden for", "30", "asked: 45"]
        assert "nothing is set aside" in " ".join(words(svg))
        assert "is not there" in words(svg)


def test_a_way_that_does_not_arrive_looks_otherwise() -> None:
    for svg in shapes(RIGHT):
        assert looks(svg) == {"way", "way head"}
    for svg in shapes(WRONG):
        assert looks(svg) == {"way astray", "way astray head"}


def test_a_queue_that_is_not_there_looks_otherwise() -> None:
    assert [[box.get("class") for box in svg.iter("rect")] for svg in shapes(WRONG)] == [["box", "box missing"]] * 2


def test_the_table_has_every_fact_and_the_way() -> None:
    assert figure(WRONG).table.rows == (
        ("orders.fifo", "", "FIFO queue", "", "as asked"),
        ("orders.fifo", "hidden for", "30", "45", "not as asked"),
        ("orders.fifo", "The way on", "nothing is set aside", "after 3 receives", "not as asked"),
        ("dead.fifo", "", "is not there", "", "not as asked"),
    )


def test_who_sees_no_picture_is_told_the_same() -> None:
    told = shapes(WRONG)[0].find("desc")
    assert told is not None
    assert told.text == (
        "orders.fifo FIFO queue hidden for 30 asked: 45. nothing is set aside (asked: after 3 receives). "
        "dead.fifo is not there."
    )


def test_two_queues_stand_side_by_side_on_a_wide_page_and_below_each_other_on_a_narrow_one() -> None:
    wide, narrow = ([(box.get("x"), box.get("y")) for box in svg.iter("rect")] for svg in shapes(RIGHT))
    assert wide[0][1] == wide[1][1]
    assert wide[0][0] != wide[1][0]
    assert narrow[0][0] == narrow[1][0]
    assert narrow[0][1] != narrow[1][1]


@pytest.mark.parametrize("length", [1, 40, 80])
def test_names_at_their_limits_stay_in_their_box(length: int) -> None:
    name = "W" * (length - 5) + ".fifo" if length > 5 else "q"
    model = {**RIGHT, "queues": [{**queue, "name": name} for queue in RIGHT["queues"]]}
    for svg in shapes(model):
        names = [text for text in svg.iter("text") if text.get("class") == "name"]
        assert "".join(text.text or "" for text in names) == name * 2
        width = min(float(box.get("width") or 0) for box in svg.iter("rect"))
        assert max(7.9 * len(text.text or "") for text in names) <= width - 24


def test_hostile_names_are_text_and_nothing_else() -> None:
    model = {
        "drawing": "queues",
        "title": HOSTILE,
        "queues": [{"name": HOSTILE, "type": HOSTILE, "facts": [{"label": HOSTILE, "value": HOSTILE}]}] * 2,
        "ways": [{"text": HOSTILE, "wanted": HOSTILE, "holds": False}],
        "lines": [HOSTILE],
    }
    drawn = figure(model)
    for svg in (drawn.wide, drawn.narrow):
        assert "<script" not in svg
        assert "\x1b" not in svg
        assert {element.tag for element in fromstring(svg).iter()} == {
            "svg",
            "title",
            "desc",
            "g",
            "rect",
            "text",
            "path",
        }
    assert not any("\x1b" in line or "\u202e" in line for line in drawings.text(model, 76))


def test_many_queues_are_cut_off_and_none_are_not_drawn() -> None:
    many = {**RIGHT, "queues": RIGHT["queues"] * 60, "ways": RIGHT["ways"] * 60}
    assert len(list(shapes(many)[1].iter("rect"))) == 6
    assert drawings.figure({"drawing": "queues", "queues": []}) is None
    assert drawings.text({"drawing": "queues"}, 76) == []


@given(st.dictionaries(st.sampled_from(["title", "queues", "ways", "lines"]), json_values))
def test_any_model_is_drawn_or_is_none(model: dict[str, Any]) -> None:
    model = {"drawing": "queues", **model}
    assert all(cells(line) <= 76 for line in drawings.text(model, 76))
    drawings.figure(model)


@given(st.lists(queues, min_size=1, max_size=3), st.integers(30, 90))
def test_any_queue_fits_the_width(found: list[dict[str, Any]], width: int) -> None:
    model = {"drawing": "queues", "queues": found, "ways": [{"text": "on", "arrives": True}] * 2}
    assert all(cells(line) <= width for line in drawings.text(model, width))
    for svg in shapes(model):
        assert svg.get("viewBox") == f"0 0 {svg.get('width')} {svg.get('height')}"
