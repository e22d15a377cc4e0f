"""The network: a map of the VPC and the ways through it, in words and for a page, from the report's model alone."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from grader.formats import drawings
from grader.formats.layout import cells

SUBNETS: list[dict[str, Any]] = [
    {
        "id": "subnet-1",
        "name": "",
        "cidr": "10.20.0.0/24",
        "zone": "us-east-1a",
        "tier": "public",
        "table": "rtb-1",
        "routes": ["0.0.0.0/0 → igw-1"],
        "public_ip": True,
        "nats": [{"id": "nat-1", "state": "deleted"}],
    },
    {"id": "subnet-2", "name": "data", "cidr": "10.20.9.0/24", "zone": "us-east-1b", "tier": "private", "routes": []},
]
STOPS = [{"kind": "host", "id": "subnet-2"}, {"kind": "network-acl", "id": "acl-1"}, {"kind": "internet", "id": ""}]
STUCK = {
    "label": "A private host opens HTTPS",
    "subnet": "subnet-2",
    "reached": False,
    "wanted": True,
    "out": STOPS,
    "back": STOPS[::-1][:2],
    "code": "SUBNET_ACL_RESTRICTION",
    "reason": "The network ACL acl-1 has no rule that lets ports 32768-60999 through.",
}
SHUT = {**STUCK, "label": "Anybody comes in", "wanted": False, "out": STOPS[:2], "back": []}
MODEL: dict[str, Any] = {
    "drawing": "network",
    "title": "Your VPC",
    "vpc": {"id": "vpc-1", "name": "shop", "cidr": ["10.20.0.0/16"]},
    "gateways": [
        {"kind": "internet-gateway", "id": "igw-1", "attached": True},
        {"kind": "internet-gateway", "id": "igw-2", "attached": False},
    ],
    "subnets": SUBNETS,
    "ways": [STUCK, SHUT],
}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=60),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=10,
)
KEYS = (
    "id",
    "name",
    "cidr",
    "zone",
    "tier",
    "routes",
    "nats",
    "kind",
    "label",
    "out",
    "back",
    "reached",
    "code",
    "reason",
)
items = st.lists(json_values | st.fixed_dictionaries(dict.fromkeys(KEYS, json_values)), max_size=3)
WIDTHS = pytest.mark.parametrize("width", ["wide", "narrow"])


def figure(**changed: Any) -> drawings.Figure:
    drawn = drawings.figure({**MODEL, **changed})
    assert drawn is not None
    return drawn


def words(source: str, looks: str = "") -> list[str]:
    """All texts of the drawing, or those of a look."""
    condition = f"[contains(concat(' ', @class, ' '), ' {looks} ')]" if looks else ""
    found: list[str] = etree.fromstring(source).xpath(f"//text{condition}/text()")
    return found


def boxes(source: str, looks: str) -> list[Any]:
    found: list[Any] = etree.fromstring(source).xpath(f"//rect[@class='{looks}']")
    return found


def test_in_words_it_is_told_zone_by_zone_and_way_by_way() -> None:
    assert drawings.text(MODEL, 90) == [
        "Your VPC",
        "  shop, 10.20.0.0/16, internet gateway igw-1, internet gateway igw-2 (not attached)",
        "  us-east-1a",
        "    public   10.20.0.0/24  0.0.0.0/0 → igw-1",
        "      NAT gateway nat-1",
        "  us-east-1b",
        "    private  10.20.9.0/24  no route out of the VPC",
        "  A private host opens HTTPS: stuck at network ACL acl-1, SUBNET_ACL_RESTRICTION (not as",
        "    asked)",
        "  Anybody comes in: kept out, SUBNET_ACL_RESTRICTION (as asked)",
    ]


@pytest.mark.parametrize("width", [34, 50, 76])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert max(map(cells, drawings.text(MODEL, width))) <= width


@WIDTHS
def test_every_part_of_the_vpc_is_on_the_map(width: str) -> None:
    told = words(getattr(figure(), width))
    for part in ("internet", "igw-1", "shop  10.20.0.0/16", "us-east-1a", "us-east-1b", "subnet-1", "data"):
        assert part in told
    assert "NAT gateway nat-1 (deleted)" in told
    assert "internet gateway (not attached)" in told
    assert "no route out of the VPC" in told


@WIDTHS
def test_the_place_where_a_packet_is_stuck_is_marked_with_its_code(width: str) -> None:
    source = getattr(figure(), width)
    assert len(boxes(source, "stop blocked")) == 1
    assert words(source, "code")[0] == "SUBNET_ACL_RESTRICTION"
    assert len(etree.fromstring(source).xpath("//path[@class='cross']")) == 1


@WIDTHS
@pytest.mark.parametrize("stops", range(1, 9))
@pytest.mark.parametrize("code", ["NGW_SOURCE_ADDRESS_REASSIGNED", "_".join(["ABCDEFGHI"] * 8)])
def test_a_code_is_whole_wherever_its_box_stands(width: str, stops: int, code: str) -> None:
    out = [{"kind": "host", "id": f"i-{n}"} for n in range(stops)]
    source = getattr(figure(ways=[{**STUCK, "out": out, "back": [], "code": code}]), width)
    texts = etree.fromstring(source).xpath("//text[starts-with(@class, 'code')]")
    assert "".join(text.text for text in texts) == code
    whole, letter = {"wide": 704, "narrow": 300}[width], 8.4
    for text in texts:
        at, length = float(text.get("x")), len(text.text) * letter
        first, last = (at - length, at) if text.get("class").endswith(" end") else (at, at + length)
        assert -letter <= first
        assert last <= whole
    heights = [float(text.get("y")) for text in texts]
    assert heights == sorted(set(heights))


def test_a_door_that_is_shut_as_asked_is_no_fault() -> None:
    source = figure(ways=[SHUT]).wide
    assert boxes(source, "stop blocked") == []
    assert len(boxes(source, "stop shut")) == 1
    assert words(source, "wrong") == []
    assert figure(ways=[SHUT]).lines == ()


def test_somebody_who_gets_in_is_a_fault() -> None:
    source = figure(ways=[{**SHUT, "reached": True, "code": "", "reason": ""}]).wide
    assert "gets in (not as asked)" in words(source, "wrong")


def test_a_way_that_nobody_can_tell_is_said_to_be_so() -> None:
    assert "nobody can say (not as asked)" in words(figure(ways=[{**STUCK, "reached": None}]).wide)
    away = words(figure(ways=[{**STUCK, "reached": None, "away": "tgw-1"}]).wide)
    assert "handed to tgw-1, and followed no further (not as asked)" in away


def test_the_numbers_on_the_map_are_those_of_the_ways() -> None:
    tree = etree.fromstring(figure().wide)
    assert tree.xpath("//g[@class='map']/text[contains(@class, 'number')]/text()") == ["2", "1"]
    assert tree.xpath("//g[@class='way']/text[contains(@class, 'number')]/text()") == ["1", "2"]


def test_a_gateway_on_the_way_bears_its_number_and_is_drawn_once_where_it_is_met_twice() -> None:
    gateway = {"kind": "internet-gateway", "id": "igw-1"}
    tree = etree.fromstring(figure(ways=[{**STUCK, "out": [STOPS[0], gateway, gateway], "back": []}]).wide)
    assert tree.xpath("//g[@class='map']/text[contains(@class, 'number')]/text()") == ["1", "1"]
    assert len(tree.xpath("//g[@class='way']/rect")) == 2


@WIDTHS
def test_who_does_not_see_it_is_told_the_same(width: str) -> None:
    tree = etree.fromstring(getattr(figure(), width))
    named = [tree.xpath(f"//*[@id='{id_}']")[0].text for id_ in tree.get("aria-labelledby").split()]
    assert (tree.get("role"), named[0]) == ("img", "Your VPC")
    assert "A private host opens HTTPS: stuck at network ACL acl-1, SUBNET_ACL_RESTRICTION (not as asked)" in named[1]


def test_the_table_holds_every_subnet_and_every_way() -> None:
    table = figure().table
    assert [row[0] for row in table.rows] == ["subnet-1", "data", "A private host opens HTTPS", "Anybody comes in"]
    assert {len(row) for row in table.rows} == {len(table.head)}
    assert table.rows[2][1] == "host subnet-2 → network ACL acl-1 → internet"


def test_the_reason_of_a_fault_stands_below() -> None:
    assert figure().lines == (STUCK["reason"],)
    assert figure().words == (("SUBNET_ACL_RESTRICTION", STUCK["reason"]),)


def test_two_drawings_of_a_page_share_no_id() -> None:
    ids = [etree.fromstring(source).xpath("//@id") for source in (figure().wide, figure().narrow)]
    assert len({*ids[0], *ids[1]}) == len(ids[0]) + len(ids[1]) == 4


def crowd(count: int) -> list[dict[str, Any]]:
    return [
        {**SUBNETS[n % 2], "id": f"subnet-{n}", "name": "", "zone": f"us-east-1{'abcd'[n % 4]}", "nats": []}
        for n in range(count)
    ]


@WIDTHS
def test_forty_subnets_are_all_there_and_none_lies_on_another(width: str) -> None:
    source = getattr(figure(subnets=crowd(40)), width)
    assert {f"subnet-{n}" for n in range(40)} <= set(words(source))
    shapes = [*boxes(source, "subnet public"), *boxes(source, "subnet private")]
    sides = [[float(shape.get(side)) for side in ("x", "y", "width", "height")] for shape in shapes]
    assert len(sides) == 40
    assert len({(x, y) for x, y, *_ in sides}) == 40
    for x, y, wide, high in sides:
        others = [(a, b) for a, b, *_ in sides if (a, b) != (x, y)]
        assert not [(a, b) for a, b in others if x <= a < x + wide and y <= b < y + high]
    assert max(x + wide for x, _, wide, _ in sides) <= float(etree.fromstring(source).get("width"))


def test_what_is_too_much_to_draw_is_counted() -> None:
    assert "and 40 more subnets" in words(figure(subnets=crowd(100)).wide)
    assert "and 52 more subnets" in "\n".join(drawings.text({**MODEL, "subnets": crowd(100)}, 80))


def test_a_vpc_with_nothing_in_it_is_drawn_so() -> None:
    source = figure(subnets=[], gateways=[], ways=[]).wide
    assert words(source) == ["internet", "shop  10.20.0.0/16", "no subnets"]


def test_it_is_bounded() -> None:
    long = [{**SUBNETS[0], "name": "x" * 9000, "routes": ["y" * 9000] * 99} for _ in range(900)]
    drawn = figure(subnets=long, ways=[{**STUCK, "out": STOPS * 900, "label": "z" * 9000}] * 900)
    assert len(drawn.wide) + len(drawn.narrow) < 400_000


HOSTILE = "<script>alert(1)</script>\x1b[31m\u202e&\"'"


@WIDTHS
def test_names_do_nothing_and_hide_nothing(width: str) -> None:
    drawn = figure(
        title=HOSTILE,
        vpc={"name": HOSTILE, "cidr": [HOSTILE]},
        subnets=[{**SUBNETS[0], "name": HOSTILE, "zone": HOSTILE, "tier": HOSTILE, "routes": [HOSTILE]}],
        ways=[{**STUCK, "label": HOSTILE, "code": HOSTILE, "out": [{"kind": HOSTILE, "id": HOSTILE}]}],
    )
    source = getattr(drawn, width)
    assert "<script" not in source
    assert "\x1b" not in source
    assert "\u202e" not in source
    assert etree.fromstring(source).xpath("//*[local-name()='script']") == []


@given(made=st.fixed_dictionaries(dict.fromkeys(("vpc", "title", "more"), json_values)), listed=items)
@settings(max_examples=60, deadline=None)
def test_it_survives_any_model(made: dict[str, Any], listed: list[Any]) -> None:
    model = {**made, "drawing": "network", "subnets": listed, "ways": listed, "gateways": listed}
    drawn = drawings.figure(model)
    assert max(map(cells, drawings.text(model, 60)), default=0) <= 60
    if drawn is not None:
        etree.fromstring(drawn.wide)


@pytest.mark.parametrize("made", [{"drawing": "network"}, {"drawing": "network", "subnets": [], "ways": "x"}])
def test_what_holds_nothing_is_not_drawn(made: Any) -> None:
    assert drawings.figure(made) is None


@pytest.mark.parametrize("part", ["network_parts", "network_map", "network_ways", "network_svg", "network_ink"])
def test_parts_of_the_drawing_are_no_drawing(part: str) -> None:
    assert drawings.text({**MODEL, "drawing": part}, 80) == []


def test_every_look_of_the_drawing_is_in_its_style_sheet() -> None:
    style = files("grader.formats.drawings").joinpath("network.css").read_text("utf-8")
    ways = [STUCK, SHUT, {**SHUT, "reached": True}]
    trees = [etree.fromstring(source) for source in (figure(ways=ways).wide, figure(subnets=[], more=3).narrow)]
    used = {look for tree in trees for value in tree.xpath("//@class") for look in value.split()}
    structure = {"network", "map", "way", "wide", "stop", "badge", "result", "fine", "wrong"}
    assert {look for look in used - structure if f".{look}" not in style} == set()


def test_a_page_takes_the_style_sheet_of_its_drawing() -> None:
    assert drawings.style(MODEL) == "drawings/network.css"
    assert drawings.style({"drawing": "mural"}) == drawings.style(None) == "drawings/timeline.css"
