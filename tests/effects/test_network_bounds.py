"""Hostile and huge accounts: an answer, or a clear word that there is none, in bounded time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from effects.vpcs import ALLOW_ALL, Account, right, set_routes

from grader.effects.network import INTERNET, Host, open_to_internet, reaches_internet, walk


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Measured in the process's own time, so that a busy machine fails nobody."""
    begun = time.process_time()
    yield
    assert time.process_time() - begun < seconds


def test_nat_gateways_that_route_to_one_another_end() -> None:
    account = right()
    for n in range(50):
        account.subnet(f"s{n}", f"10.20.{100 + n}.0/24")
        account.nat(f"nat-{n}", f"s{n}")
        account.table(f"rtb-{n}", {"0.0.0.0/0": f"nat-{(n + 1) % 50}"}, f"s{n}")
    set_routes(account, "rtb-private", {"0.0.0.0/0": "nat-0"})
    with within(4):
        blocked = reaches_internet(account.read(), "private-1").blocked
    assert blocked is not None
    assert (blocked.reason, blocked.hop.id) == ("loop", "nat-0")


def test_a_chain_of_nat_gateways_is_followed_and_its_answer_comes_back() -> None:
    account = right()
    account.nat("nat-b", "private-2", "10.20.3.100")
    account.drop("RouteTables", "rtb-private")
    account.table("rtb-first", {"0.0.0.0/0": "nat-b"}, "private-1")
    account.table("rtb-second", {"0.0.0.0/0": "nat-a"}, "private-2")
    verdict = reaches_internet(account.read(), "private-1")
    assert verdict.reachable is True
    assert [hop.id for hop in verdict.forward if hop.kind == "nat-gateway"] == ["nat-b", "nat-a"]
    assert [hop.id for hop in verdict.back if hop.kind == "nat-gateway"] == ["nat-a", "nat-b"]


def many_vpcs() -> Account:
    account = right()
    for n in range(200):
        vpc = f"vpc-{n}"
        account.vpc(vpc, "10.20.0.0/16")
        account.table(f"rtb-{n}-main", {"0.0.0.0/0": f"igw-{n}"}, vpc=vpc, main=True)
        account.igw(f"igw-{n}", vpc)
        account.acl(f"acl-{n}", vpc=vpc, default=True)
        for k in range(3):
            account.subnet(f"s{n}-{k}", f"10.20.{k}.0/24", vpc, public=True)
    return account


def test_hundreds_of_vpcs_of_one_address_range_do_not_mix() -> None:
    account = many_vpcs()
    with within(8):
        network = account.read()
        assert reaches_internet(network, "private-1").through("nat-gateway") == {"nat-a"}
        assert open_to_internet(network, "private-1").reachable is False
        codes = {
            verdict.blocked and verdict.blocked.code
            for verdict in (reaches_internet(network, f"s{n}-1") for n in range(200))
        }
    assert codes == {"SUBNET_ACL_RESTRICTION"}


def test_an_acl_at_aws_quota_is_walked_whole() -> None:
    account = right()
    denies = [f"{n} deny tcp 443 {11 + n}.0.0.0/9" for n in range(1, 40)]
    account.acl("acl-private", "private-1", inbound=ALLOW_ALL, outbound=[*denies, "100 allow all - 0.0.0.0/0"])
    with within(6):
        verdict = reaches_internet(account.read(), "private-1")
    assert verdict.reachable is False
    assert sum(part.way.reachable is False for part in verdict.parts) == 39
    assert 0.9 < verdict.share < 1


def test_rules_by_the_thousand_end_in_an_answer_or_in_a_word_that_there_is_none() -> None:
    account = right()
    hosts = [f"{n} deny tcp 443 10.20.2.{n}/32" for n in range(1, 250)]
    peers = [f"{1000 + n} deny tcp 443 52.{n % 250}.{n // 250}.0/24" for n in range(2000)]
    account.acl("acl-public", "public-1", inbound=hosts, outbound=peers)
    with within(8):
        verdict = reaches_internet(account.read(), "private-1")
    assert verdict.out_of_scope is not None
    assert (verdict.reachable, verdict.out_of_scope.reason) == (None, "too_many_parts")


def test_routes_by_the_thousand_are_walked() -> None:
    account = right()
    set_routes(account, "rtb-private", {"0.0.0.0/0": "nat-a", **{f"52.{n}.0.0/16": "igw-a" for n in range(0, 250, 2)}})
    with within(8):
        verdict = reaches_internet(account.read(), "private-1")
    assert (verdict.reachable, len(verdict.parts)) == (False, 126)


def test_ids_in_any_script_and_of_any_length_are_names_like_others() -> None:
    account = right()
    name = "서브넷-{0}" + "x" * 5000
    account.subnet(name, "10.20.9.0/24", public=True)
    verdict = walk(account.read(), Host(name), INTERNET)
    assert verdict.blocked is not None
    assert verdict.blocked.code == "NO_ROUTE_TO_DESTINATION"
    account.find("Subnets", name)["MapPublicIpOnLaunch"] = False
    set_routes(account, "rtb-main", {"0.0.0.0/0": "igw-a"})
    blocked = walk(account.read(), Host(name), INTERNET).blocked
    assert blocked is not None
    assert name in str(blocked.text)


@pytest.mark.parametrize("cidr", ["10.20.9.0/29", "10.20.9.0/30", "10.20.9.1/32"])
def test_subnets_smaller_than_aws_has_are_walked_all_the_same(cidr: str) -> None:
    account = right()
    account.subnet("tiny", cidr, public=True)
    account.table("rtb-tiny", {"0.0.0.0/0": "igw-a"}, "tiny")
    assert reaches_internet(account.read(), "tiny").reachable is True
