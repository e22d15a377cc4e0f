"""What holds of any account: drawn ones, and replies that are no replies at all."""

from __future__ import annotations

import copy
import random
from typing import Any

from effects.random_vpcs import random_account
from effects.vpcs import ALLOW_ALL, KEYS, Account, right, set_routes
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.effects import network
from grader.effects.network import INTERNET, Host, Internet, Verdict, walk
from grader.effects.network.blocks import Block, merged, split, without
from grader.effects.network.ports import both, minus, union
from grader.effects.network.walk import End

SUBNETS = ("public-1", "public-2", "private-1", "private-2")
SOMEWHERE = Internet.at("198.51.100.0/24")
# Small, so that all fast tests together stay fast; the real packets ask far more of the same accounts.
FEW = settings(max_examples=80, deadline=None)

accounts = st.integers(0, 10**9).map(lambda seed: random_account(random.Random(seed)))
ends = st.sampled_from([*(Host(subnet, public_ip=True) for subnet in SUBNETS), SOMEWHERE])
questions = st.tuples(ends, ends).filter(lambda pair: pair[0] != pair[1])


def ask(account: Account, question: tuple[End, End]) -> tuple[bool | None, bool | None]:
    vpc = account.read()
    return walk(vpc, *question).reachable, walk(vpc, *question, want="some").reachable


def whole(account: Account, question: tuple[End, End]) -> Verdict:
    return walk(account.read(), *question)


def shuffled(value: Any, draw: random.Random) -> Any:
    if isinstance(value, dict):
        return {key: shuffled(item, draw) for key, item in draw.sample(sorted(value.items()), len(value))}
    if isinstance(value, list):
        found = [shuffled(item, draw) for item in value]
        draw.shuffle(found)
        return found
    return value


@FEW
@given(accounts, questions, st.integers())
def test_the_order_of_replies_routes_rules_and_associations_does_not_matter(
    account: Account, question: tuple[End, End], seed: int
) -> None:
    before = whole(account, question)
    account.replies = shuffled(account.replies, random.Random(seed))
    assert whole(account, question) == before


@FEW
@given(accounts, questions)
def test_what_holds_for_every_address_and_port_holds_for_some(account: Account, question: tuple[End, End]) -> None:
    every, some = ask(account, question)
    assert not (every and not some)


@FEW
@given(accounts, questions, st.data())
def test_taking_a_deny_away_never_closes(account: Account, question: tuple[End, End], data: st.DataObject) -> None:
    before = ask(account, question)
    denies = [
        (acl, rule) for acl in account.replies["NetworkAcls"] for rule in acl["Entries"] if rule["RuleAction"] == "deny"
    ]
    acl, rule = data.draw(st.sampled_from(denies))
    acl["Entries"].remove(rule)
    assert all(now or not then for then, now in zip(before, ask(account, question), strict=True))


@FEW
@given(accounts, questions)
def test_an_acl_that_allows_all_is_as_good_as_none(account: Account, question: tuple[End, End]) -> None:
    account.replies["NetworkAcls"] = []
    bare = ask(account, question)
    account.acl("acl-all", inbound=ALLOW_ALL, outbound=ALLOW_ALL, default=True)
    assert ask(account, question) == bare


@FEW
@given(accounts, questions)
def test_a_closed_acl_lets_nothing_over_its_edge(account: Account, question: tuple[End, End]) -> None:
    account.replies["NetworkAcls"] = []
    account.acl("acl-closed", default=True)
    assert ask(account, question) == (False, False)


@FEW
@given(accounts, questions)
def test_vpcs_beside_change_nothing(account: Account, question: tuple[End, End]) -> None:
    before = whole(account, question)
    account.vpc("vpc-z", "10.20.0.0/16")
    account.subnet("beside", "10.20.0.0/24", "vpc-z")
    account.table("rtb-beside", {"0.0.0.0/0": "igw-z"}, vpc="vpc-z", main=True)
    account.igw("igw-z", "vpc-z")
    account.nat("nat-z", "beside", "10.20.0.100", "vpc-z")
    account.acl("acl-beside", vpc="vpc-z", default=True)
    assert whole(account, question) == before


@FEW
@given(accounts, st.sampled_from(SUBNETS), st.integers(0, 255), st.integers(4, 254))
def test_a_part_fares_as_each_of_its_addresses_does(account: Account, subnet: str, last: int, host: int) -> None:
    vpc = account.read()
    there = Block.parse(f"198.51.100.{last}")
    here = Block.parse(f"10.20.{SUBNETS.index(subnet)}.{host}")
    assert there is not None
    assert here is not None
    verdict = walk(vpc, Host(subnet), SOMEWHERE)
    alone = walk(vpc, Host(subnet, private_ip=str(here).split("/")[0]), Internet((there,)))
    parts = [
        part
        for part in verdict.parts
        if any(block.covers(here) for block in part.sources) and any(block.covers(there) for block in part.destinations)
    ]
    assert [part.way for part in parts] == [alone.way]


@FEW
@given(st.sampled_from(("0.0.0.0/1", "8.0.0.0/6", "8.8.0.0/16", "8.8.8.8/32")), st.sampled_from(("nat-a", "igw-a")))
def test_a_more_specific_route_decides_for_its_own_addresses_and_for_no_others(cidr: str, target: str) -> None:
    account = right()
    set_routes(account, "rtb-private", {"0.0.0.0/0": "nat-a", cidr: target})
    host = Host("private-1", public_ip=False)
    assert walk(account.read(), host, Internet.at("8.8.8.8")).reachable is (target == "nat-a")
    assert walk(account.read(), host, Internet.at("208.8.8.8")).reachable is True


json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["10.20.0.0/16", "vpc-a", "::/0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS.split()), json | st.lists(json)), json)
def test_replies_of_any_shape_are_read_without_a_crash(replies: dict[str, Any], other: Any) -> None:
    vpc = network.read(replies, other)
    for subnet in (*vpc.subnets, "none"):
        assert walk(vpc, Host(subnet), INTERNET).reachable is not True
        assert walk(vpc, INTERNET, Host(subnet)).reachable is not True


@settings(max_examples=150, deadline=None)
@given(accounts, questions, st.data())
def test_a_reply_with_anything_in_any_place_is_walked_without_a_crash(
    account: Account, question: tuple[End, End], data: st.DataObject
) -> None:
    place: Any = copy.deepcopy(account.replies)
    account.replies = place
    while isinstance(place, dict | list) and place:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.integers(0, 3)) == 0:
            place[key] = data.draw(json)
            break
        place = place[key]
    verdict = whole(account, question)
    assert verdict.to_json()["reachable"] is verdict.reachable
    texts = [found.text for found in (verdict.blocked, verdict.out_of_scope) if found]
    assert all(str(text) for text in texts)


ranges = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 8)), max_size=5).map(
    lambda pairs: union((((first, first + more),) for first, more in pairs))
)


@given(ranges, ranges)
def test_sets_of_ports_are_sets(these: Any, those: Any) -> None:
    def members(ports: Any) -> set[int]:
        return {port for first, last in ports for port in range(first, last + 1)}

    assert members(both(these, those)) == members(these) & members(those)
    assert members(minus(these, those)) == members(these) - members(those)
    assert members(union((these, those))) == members(these) | members(those)


blocks = st.tuples(st.integers(0, 60), st.integers(0, 12)).map(lambda pair: Block(4, pair[0], sum(pair)))


@given(st.lists(blocks, max_size=3), st.lists(blocks, max_size=4))
def test_pieces_of_blocks_are_the_same_addresses_and_every_cut_takes_all_of_one_or_none(
    whole_blocks: list[Block], cuts: list[Block]
) -> None:
    def members(found: Any) -> set[int]:
        return {address for block in found for address in range(block.first, block.last + 1)}

    pieces = list(split(whole_blocks, cuts))
    assert members(pieces) == members(whole_blocks)
    assert all(cut.covers(piece) or not members([cut]) & members([piece]) for cut in cuts for piece in pieces)
    assert members(without(whole_blocks, cuts)) == members(whole_blocks) - members(cuts)
    assert members(merged(pieces)) == members(whole_blocks)
