"""The fan-out in words and on a page: what passes, what arrives, what AWS refuses, whatever anybody wrote."""

from __future__ import annotations

from typing import Any

import pytest
from formats.hostile import PAYLOADS
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from grader.formats import drawings
from grader.formats.drawings.timeline_axis import text_width
from grader.formats.layout import cells

BILLING: dict[str, Any] = {
    "name": "billing-1",
    "passes": "every order",
    "shape": "in SNS's envelope",
    "arrives": ["physical", "digital"],
    "wanted": ["digital", "physical"],
}
SHIPPING: dict[str, Any] = {
    "name": "shipping-1",
    "passes": 'by attributes {"kind": ["digital"]}',
    "shape": "as published",
    "arrives": ["digital"],
    "wanted": ["physical"],
    "refused": "There is no policy.",
    "kept": "undelivered-1",
}
AUDIT: dict[str, Any] = {"name": "audit-1", "arrives": [], "wanted": ["physical"], "open": "another topic"}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=60),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=9), inner, max_size=5),
    max_leaves=12,
)


def model(*queues: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"drawing": "fanout", "title": "Two orders", "topic": "orders-1", "queues": list(queues), **more}


def figure(*queues: dict[str, Any], **more: Any) -> drawings.Figure:
    drawn = drawings.figure(model(*queues, **more))
    assert drawn is not None
    return drawn


def words(source: str) -> str:
    return " ".join(etree.fromstring(source).xpath("//text/text()"))


def test_each_queue_has_its_way_and_what_comes_of_it_in_words() -> None:
    assert drawings.text(model(BILLING, SHIPPING, AUDIT), 76) == [
        "Two orders",
        "  orders-1",
        "    -> billing-1",
        "        in SNS's envelope, every order",
        "        arrives: physical, digital",
        "    -> shipping-1",
        '        as published, by attributes {"kind": ["digital"]}',
        "        would arrive: digital",
        "        Should arrive: physical.",
        "        AWS refuses it: There is no policy.",
        "        What cannot be delivered is kept in undelivered-1.",
        "    -> audit-1",
        "        not subscribed",
        "        arrives: nothing",
        "        Should arrive: physical.",
        "        Open to others: another topic",
    ]


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_the_page_says_the_same_and_marks_where_aws_stops_it(width: str) -> None:
    source = getattr(figure(BILLING, SHIPPING, AUDIT), width)
    told = words(source)
    for word in ("orders-1", "billing-1", "would arrive: digital", "Should arrive: physical.", "There is no policy."):
        assert word in told
    tree = etree.fromstring(source)
    groups = {way.xpath("string(text[@class='name'])"): way for way in tree.xpath("//g")}
    assert {name: group.get("class") for name, group in groups.items()} == {
        "billing-1": "way right",
        "shipping-1": "way wrong",
        "audit-1": "way wrong",
    }
    assert [name for name, group in groups.items() if group.xpath("path[@class='stop']")] == ["shipping-1"]
    assert [name for name, group in groups.items() if group.xpath("path[@class='way none']")] == ["audit-1"]


def wrong(*queues: dict[str, Any], width: str = "wide") -> list[str]:
    """What is marked as wrong: words, and boxes by what they are."""
    tree = etree.fromstring(getattr(figure(*queues), width))
    marked = tree.xpath("//text[contains(concat(' ', @class, ' '), ' wrong ')]/text()")
    return [*marked, *tree.xpath("//rect[contains(@class, ' wrong')]/@class")]


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_the_mark_stands_at_what_is_wrong_and_nowhere_else(width: str) -> None:
    def marked(**changed: Any) -> list[str]:
        return wrong({**BILLING, "kept": "undelivered-1", **changed}, width=width)

    shut = "box queue wrong"
    assert marked() == []
    assert marked(refused="No policy.") == ["AWS refuses it: No policy.", shut]
    assert marked(open="anybody") == ["Open to others: anybody", shut]
    assert " ".join(marked(arrives=["physical"])) == "arrives: physical Should arrive: digital, physical."
    assert marked(wanted_shape="as published") == ["in SNS's envelope", "Should come as published."]
    assert " ".join(marked(lost="no policy")) == "What cannot be delivered is lost: no policy"
    assert marked(passes="", shape="", arrives=[])[:2] == ["not subscribed", "arrives: nothing"]


def test_a_wrong_shape_makes_a_way_wrong_and_is_said_in_words() -> None:
    queue = {**BILLING, "wanted_shape": "as published"}
    assert etree.fromstring(figure(queue).wide).xpath("//g/@class") == ["way wrong"]
    assert "        Should come as published." in drawings.text(model(queue), 76)


def test_what_was_asked_is_not_said_where_just_that_arrives() -> None:
    assert "Should arrive" not in words(figure(BILLING).wide)


def test_what_is_lost_makes_a_way_wrong() -> None:
    tree = etree.fromstring(figure({**BILLING, "lost": "no redrive policy"}).wide)
    assert tree.xpath("//g/@class") == ["way wrong"]
    assert "What cannot be delivered is lost: no redrive policy" in words(
        figure({**BILLING, "lost": "no redrive policy"}).wide
    )


def test_a_thousand_subscriptions_are_counted_and_not_drawn() -> None:
    drawn = figure(BILLING, more=997)
    assert drawn.lines == ("997 more subscriptions of the topic go elsewhere.",)
    many = figure(*[{**BILLING, "name": f"queue-{n}"} for n in range(1000)])
    assert len(etree.fromstring(many.wide).xpath("//g")) == len(many.table.rows) == 8
    assert len(drawings.text(model(*[BILLING] * 1000), 76)) < 60


def test_a_topic_without_subscriptions_is_drawn_alone() -> None:
    assert words(figure().wide) == "orders-1 topic"
    assert drawings.text(model(), 76) == ["Two orders", "  orders-1"]


def test_nothing_is_drawn_without_a_topic() -> None:
    assert drawings.figure({"drawing": "fanout"}) is None
    assert drawings.text({"drawing": "fanout"}, 76) == []


def test_a_filter_that_is_too_long_for_its_box_says_that_it_goes_on() -> None:
    source = figure({**BILLING, "passes": "by body " + '{"kind": ["physical"]} ' * 6}).wide
    assert words(source).count("…") == 1


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_a_long_remark_in_bold_letters_ends_within_the_drawing(width: str) -> None:
    refused = " ".join(f"the-policy-of-queue-{n}: Statement {n} is allow" for n in range(6))
    tree = etree.fromstring(getattr(figure({**BILLING, "refused": refused}), width))
    left, _, whole, _ = map(float, tree.get("viewBox").split())
    remarks = tree.xpath("//text[@class='remark wrong']")
    assert len(remarks) > 2
    for one in remarks:  # bold letters are a quarter wider than those that are measured
        assert float(one.get("x")) + 1.25 * text_width(one.text) <= left + whole, one.text


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_nothing_that_anybody_wrote_acts_or_breaks_the_drawing(payload: str) -> None:
    hostile = {name: payload if isinstance(value, str) else [payload] * 3 for name, value in SHIPPING.items()}
    drawn = figure(hostile, {**hostile, "open": payload, "lost": payload}, topic=payload, lines=[payload])
    for source in (drawn.wide, drawn.narrow):
        names = {etree.QName(element).localname for element in etree.fromstring(source).iter()}
        assert names <= {"svg", "title", "desc", "g", "rect", "path", "text"}
    lines = drawings.text(model(hostile, topic=payload), 76)
    assert not [line for line in lines if cells(line) > 76 or "\x1b" in line]


@settings(deadline=None, max_examples=60)
@given(json_values, st.integers(20, 120))
def test_any_json_at_all_is_drawn_or_left_out(value: Any, width: int) -> None:
    for wild in ({"topic": "t", "queues": value}, {"queues": [{"name": value, "arrives": value, "wanted": value}]}):
        drawn = drawings.figure({"drawing": "fanout", **wild, "more": value, "lines": value})
        assert drawn is None or etree.fromstring(drawn.wide) is not None
        assert all(cells(line) <= width for line in drawings.text({"drawing": "fanout", **wild}, width))
