"""The lab's right and wrong answers, and what is said of each."""

from __future__ import annotations

import pytest
from effects.vpc_answers import RIGHTS, WRONGS, private_acl, public_acl
from effects.vpcs import ALLOW_ALL, PRIVATE, PUBLIC, right, set_routes

from grader.effects.network import (
    INTERNET,
    Host,
    Internet,
    Network,
    Verdict,
    open_to_internet,
    reached_from_internet,
    reaches_internet,
    walk,
)

# The lab's mistakes speak of this documentation block, which is no part of the internet; here it is.
SOMEWHERE = Internet.at("198.51.100.0/24")


def asked(network: Network) -> dict[str, list[Verdict]]:
    return {
        "public out": [walk(network, Host(subnet), SOMEWHERE) for subnet in PUBLIC],
        "public in": [walk(network, SOMEWHERE, Host(subnet)) for subnet in PUBLIC],
        "private out": [walk(network, Host(subnet), SOMEWHERE) for subnet in PRIVATE],
        "private open": [open_to_internet(network, subnet) for subnet in PRIVATE],
    }


@pytest.mark.parametrize("name", RIGHTS)
def test_a_right_answer_gets_through_where_it_must_and_nowhere_else(name: str) -> None:
    account = right()
    RIGHTS[name](account)
    network = account.read()
    for subnet in PUBLIC:
        assert reaches_internet(network, subnet).reachable is True
        assert reached_from_internet(network, subnet).reachable is True
    for subnet in PRIVATE:
        verdict = reaches_internet(network, subnet)
        assert verdict.reachable is True
        assert verdict.only_through("nat-gateway", "vpc-endpoint")
        assert verdict.through("nat-gateway") <= {"nat-a", "nat-b"}
        assert open_to_internet(network, subnet).reachable is False


@pytest.mark.parametrize("name", WRONGS)
def test_a_wrong_answer_is_caught_with_the_code_that_aws_would_give(name: str) -> None:
    account = right()
    change, question, code = WRONGS[name]
    change(account)
    verdicts = asked(account.read())[question]
    if question == "private open":
        assert [verdict.reachable for verdict in verdicts] == [True, True]
    else:
        codes = {verdict.blocked.code for verdict in verdicts if verdict.blocked}
        assert False in [verdict.reachable for verdict in verdicts]
        assert codes == {code}


def test_each_private_subnet_goes_by_the_nat_gateway_of_its_own_table() -> None:
    account = right()
    RIGHTS["NAT gateways crossed between zones"](account)
    network = account.read()
    assert reaches_internet(network, "private-1").through("nat-gateway") == {"nat-b"}
    assert reaches_internet(network, "private-2").through("nat-gateway") == {"nat-a"}


def test_the_hops_out_and_back_are_told_in_order() -> None:
    verdict = reaches_internet(right().read(), "private-1")
    assert [(hop.kind, hop.id, hop.direction) for hop in verdict.forward] == [
        ("host", "private-1", "outbound"),
        ("network-acl", "acl-default", "outbound"),
        ("route-table", "rtb-private", "outbound"),
        ("network-acl", "acl-default", "inbound"),
        ("nat-gateway", "nat-a", "outbound"),
        ("network-acl", "acl-default", "outbound"),
        ("route-table", "rtb-public", "outbound"),
        ("internet-gateway", "igw-a", "outbound"),
        ("internet", "", "inbound"),
    ]
    assert [(hop.kind, hop.ports) for hop in verdict.back] == [
        ("internet", ((1024, 65535),)),
        ("internet-gateway", ((1024, 65535),)),
        ("network-acl", ((1024, 65535),)),
        ("nat-gateway", ((32768, 60999),)),
        ("network-acl", ((32768, 60999),)),
        ("route-table", ((32768, 60999),)),
        ("network-acl", ((32768, 60999),)),
        ("host", ((32768, 60999),)),
    ]
    assert [str(rule) for rule in verdict.forward[2].rules] == ["0.0.0.0/0 → nat-a"]


def test_a_blocked_answer_says_which_ports_do_not_come_back_and_to_which_rules() -> None:
    account = right()
    private_acl(inbound=("90 deny tcp 40000-40010 0.0.0.0/0", "100 allow tcp 32768-50000 0.0.0.0/0"))(account)
    blocked = reaches_internet(account.read(), "private-1").blocked
    assert blocked is not None
    assert (blocked.code, blocked.leg, blocked.hop.id) == ("SUBNET_ACL_RESTRICTION", "back", "acl-private")
    assert blocked.ports == ((40000, 40010), (50001, 60999))
    assert str(blocked.text) == (
        "The network ACL acl-private does not let ports 40000-40010, 50001-60999 through "
        "(90: deny 0.0.0.0/0, ports 40000-40010)."
    )
    assert blocked.doc == "https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html"


def test_the_return_ports_of_a_host_are_all_that_a_private_subnet_needs_and_nothing_less() -> None:
    for ports, reachable in (("32768-60999", True), ("32769-60999", False), ("32768-60998", False)):
        account = right()
        private_acl(inbound=(f"100 allow tcp {ports} 0.0.0.0/0",))(account)
        assert reaches_internet(account.read(), "private-1").reachable is reachable, ports


def test_the_return_ports_of_a_nat_gateway_are_all_that_its_subnet_needs_and_nothing_less() -> None:
    for ports, reachable in (("1024-65535", True), ("1025-65535", False), ("1024-65534", False)):
        account = right()
        public_acl(inbound=("100 allow tcp 443 0.0.0.0/0", f"110 allow tcp {ports} 0.0.0.0/0"))(account)
        assert reaches_internet(account.read(), "private-1").reachable is reachable, ports


def test_the_nat_gateways_subnet_must_let_the_hosts_question_in_and_their_answer_out() -> None:
    for change, leg in (
        (public_acl(inbound=("100 allow tcp 1024-65535 0.0.0.0/0",)), "forward"),
        (public_acl(outbound=("100 allow tcp 443 0.0.0.0/0",)), "back"),
    ):
        account = right()
        change(account)
        blocked = reaches_internet(account.read(), "private-1").blocked
        assert blocked is not None
        assert (blocked.code, blocked.leg, blocked.hop.id) == ("SUBNET_ACL_RESTRICTION", leg, "acl-public")


def test_a_nat_gateway_in_a_subnet_that_routes_to_it_goes_round_in_a_circle() -> None:
    account = right()
    WRONGS["NAT in a private subnet"][0](account)
    blocked = reaches_internet(account.read(), "private-2").blocked
    assert blocked is not None
    assert (blocked.reason, blocked.hop.kind, blocked.hop.id) == ("loop", "nat-gateway", "nat-a")


@pytest.mark.parametrize("rules", [{}, {"outbound": ALLOW_ALL}])
def test_between_a_host_and_a_nat_gateway_in_one_subnet_no_acl_is_asked(rules: dict[str, tuple[str, ...]]) -> None:
    account = right()
    WRONGS["NAT in a private subnet"][0](account)
    account.acl("acl-closed", "private-1", **rules)
    blocked = reaches_internet(account.read(), "private-1").blocked
    assert blocked is not None
    assert (blocked.reason, blocked.hop.id) == ("loop", "nat-a")


def test_a_route_that_takes_part_of_the_internet_elsewhere_leaves_the_rest_open() -> None:
    account = right()
    set_routes(account, "rtb-private", {"0.0.0.0/0": "nat-a", "52.0.0.0/8": "igw-a"})
    verdict = reaches_internet(account.read(), "private-1")
    assert verdict.reachable is False
    blocked = [part for part in verdict.parts if part.way.blocked]
    assert [str(block) for part in blocked for block in part.destinations] == ["52.0.0.0/8"]
    assert 0.99 < verdict.share < 1


def test_half_an_internet_that_comes_back_through_a_nat_gateway_is_still_half_an_open_door() -> None:
    account = right()
    WRONGS["both routes in one table"][0](account)
    verdict = open_to_internet(account.read(), "private-1")
    assert verdict.reachable is True
    assert [part.way.reachable for part in verdict.parts].count(True) == 1
    closed = [part.way.blocked for part in verdict.parts if part.way.blocked]
    assert [(blocked.code, blocked.leg) for blocked in closed] == [("NGW_SOURCE_ADDRESS_REASSIGN", "back")]
    clients = [block for part in verdict.parts if part.way.reachable for block in part.sources]
    assert min(clients).first == 128 << 24


def test_a_door_that_is_open_on_one_port_only_is_open() -> None:
    account = right()
    WRONGS["private subnet left on a main table that reaches the IGW"][0](account)
    private_acl(inbound=("100 allow tcp 22 0.0.0.0/0",), outbound=("100 allow tcp 50000 0.0.0.0/0",))(account)
    verdict = open_to_internet(account.read(), "private-1")
    assert verdict.reachable is True
    assert verdict.forward[-1].ports == ((22, 22),)
    assert verdict.back[-1].ports == ((50000, 50000),)


def test_a_private_subnet_is_open_by_ipv6_where_its_route_leads_to_the_internet_gateway() -> None:
    account = right()
    RIGHTS["IPv6 beside"](account)
    set_routes(account, "rtb-private", {"0.0.0.0/0": "nat-a", "::/0": "igw-a"})
    verdict = open_to_internet(account.read(), "private-1")
    assert verdict.reachable is True
    assert {block.version for part in verdict.parts for block in part.sources} == {6}


def test_a_part_of_the_subnet_that_an_acl_leaves_out_is_found() -> None:
    account = right()
    public_acl(inbound=("100 allow tcp 443 10.20.2.0/25", "110 allow tcp 1024-65535 0.0.0.0/0"))(account)
    verdict = reaches_internet(account.read(), "private-1")
    assert verdict.reachable is False
    hosts = {part.way.reachable: [str(block) for block in part.sources] for part in verdict.parts}
    assert hosts[True] == ["10.20.2.4/30, 10.20.2.8/29, 10.20.2.16/28, 10.20.2.32/27, 10.20.2.64/26"]
    assert walk(account.read(), Host("private-1", private_ip="10.20.2.9"), INTERNET).reachable is True
