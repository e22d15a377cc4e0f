"""What is made of replies: emulators' ways of telling, contradictions, and what is out of scope."""

from __future__ import annotations

from typing import Any

import pytest
from effects.vpc_answers import other_vpc
from effects.vpcs import ALLOW_ALL, Account, entry, right, route, set_routes

from grader.effects import network
from grader.effects.network import INTERNET, INTERNET_V6, Host, Internet, walk


def unclear(account: Account, subnet: str = "private-1", destination: Internet = INTERNET) -> str:
    verdict = walk(account.read(), Host(subnet, public_ip=True), destination)
    assert verdict.reachable is None
    assert verdict.out_of_scope is not None
    assert str(verdict.out_of_scope.text)
    return verdict.out_of_scope.reason


def code(account: Account, subnet: str = "private-1") -> str:
    blocked = walk(account.read(), Host(subnet), INTERNET).blocked
    assert blocked is not None
    assert str(blocked.text)
    return blocked.code


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("tgw-a", "not_followed"),
        ("vgw-a", "not_followed"),
        ("something-new", "not_followed"),
        ("", "lost_target"),
    ],
)
def test_a_target_that_is_not_followed_is_said_and_not_guessed(target: str, reason: str) -> None:
    account = right()
    set_routes(account, "rtb-private", {"0.0.0.0/0": target})
    assert unclear(account) == reason


@pytest.mark.parametrize(
    ("interface", "ends"),
    [
        (None, "BAD_STATE_ROUTE target_gone"),
        ({"SubnetId": "elsewhere"}, "BAD_STATE_ROUTE target_elsewhere"),
        ({}, "BAD_STATE_ROUTE interface_idle"),
        ({"Attachment": {"Status": "detached"}}, "BAD_STATE_ROUTE interface_idle"),
        (
            {"Attachment": {"Status": "attached", "InstanceId": "i-a"}, "SourceDestCheck": True},
            "ENI_SOURCE_DEST_CHECK_RESTRICTION source_dest_check",
        ),
        ({"Attachment": {"Status": "attached", "InstanceId": "i-a"}, "SourceDestCheck": False}, "appliance"),
        ({"Attachment": {"Status": "attached", "InstanceId": "i-a"}}, "appliance"),
    ],
)
@pytest.mark.parametrize("target", ["eni-a", "i-a"])
def test_what_an_interface_is_sent_for_others_it_drops_unless_nobody_can_say(
    interface: dict[str, Any] | None, ends: str, target: str
) -> None:
    account = right()
    account.vpc("vpc-b", "10.99.0.0/16")
    account.subnet("elsewhere", "10.99.0.0/24", "vpc-b")
    if interface is not None:
        item = {"NetworkInterfaceId": "eni-a", "SubnetId": "public-1", **interface}
        if target == "i-a":
            item["Attachment"] = {"Status": "detached", **interface.get("Attachment", {}), "InstanceId": "i-a"}
        account.replies["NetworkInterfaces"].append(item)
    set_routes(account, "rtb-private", {"0.0.0.0/0": target})
    for verdict in (
        walk(account.read(), Host("private-1"), INTERNET),
        walk(account.read(), INTERNET, Host("private-1", public_ip=True)),
    ):
        if verdict.out_of_scope:
            assert (verdict.reachable, verdict.out_of_scope.reason) == (None, ends)
        else:
            assert verdict.blocked
            assert f"{verdict.blocked.code} {verdict.blocked.reason}" == ends
            assert str(verdict.blocked.text)


def test_an_interface_that_nobody_looked_at_is_not_followed() -> None:
    account = right()
    del account.replies["NetworkInterfaces"]
    set_routes(account, "rtb-private", {"0.0.0.0/0": "eni-a"})
    assert unclear(account) == "not_followed"


def test_a_regional_nat_gateway_is_out_of_scope() -> None:
    account = right()
    account.find("NatGateways", "nat-a").update(AvailabilityMode="regional", SubnetId=None)
    assert unclear(account) == "regional_nat"


def test_ipv6_through_a_nat_gateway_is_out_of_scope() -> None:
    account = right()
    account.find("Subnets", "private-1").update(
        Ipv6CidrBlockAssociationSet=[{"Ipv6CidrBlock": "2600:1f00::/64"}], AssignIpv6AddressOnCreation=True
    )
    account.find("NetworkAcls", "acl-default")["Entries"] += [entry("9 allow all - ::/0", egress=True)]
    set_routes(account, "rtb-private", {"::/0": "nat-a"})
    assert unclear(account, destination=INTERNET_V6) == "nat64"


def test_a_gateway_route_table_with_an_appliance_is_out_of_scope_and_a_local_one_changes_nothing() -> None:
    account = right()
    account.table("rtb-edge", {})
    account.find("RouteTables", "rtb-edge")["Associations"] = [{"GatewayId": "igw-a"}]
    assert walk(account.read(), INTERNET, Host("public-1")).reachable is True
    set_routes(account, "rtb-edge", {"10.20.0.0/24": "vpce-firewall"})
    assert unclear(account, "public-1") == "ingress_routing"
    set_routes(account, "rtb-edge", {"10.20.0.0/24": "eni-firewall"})
    assert code(account, "public-1") == "BAD_STATE_ROUTE"
    firewall = {"NetworkInterfaceId": "eni-firewall", "SubnetId": "public-2", "Attachment": {"Status": "attached"}}
    account.replies["NetworkInterfaces"].append({**firewall, "SourceDestCheck": False})
    assert unclear(account, "public-1") == "appliance"
    assert walk(account.read(), INTERNET, Host("public-2")).reachable is True


def test_block_public_access_is_out_of_scope() -> None:
    account = right()
    account.replies["VpcBlockPublicAccessOptions"] = {"InternetGatewayBlockMode": "block-bidirectional"}
    assert unclear(account, "public-1") == "public_access"
    assert walk(account.read(), INTERNET, Host("public-1")).reachable is None


def test_other_protocols_are_out_of_scope() -> None:
    for protocol in ("icmp", "-1", 47, "sctp", ""):
        assert walk(right().read(), Host("public-1"), INTERNET, protocol=protocol).reachable is None
    assert walk(right().read(), Host("public-1"), INTERNET, protocol="udp", port=53).reachable is True


def test_a_list_that_was_not_read_says_nothing_and_one_that_was_read_says_what_there_is() -> None:
    account = right()
    account.drop("InternetGateways", "igw-a")
    assert code(account, "public-1") == "BAD_STATE_ROUTE"
    del account.replies["InternetGateways"]
    assert unclear(account, "public-1") == "not_read"
    assert walk(account.read(), INTERNET, Host("public-1")).reachable is None


def test_replies_may_come_one_by_one_and_page_by_page() -> None:
    replies = right().replies
    subnets = replies.pop("Subnets")
    pages = [{"Subnets": subnets[:2], "ResponseMetadata": {"HTTPStatusCode": 200}}, {"Subnets": subnets[2:]}]
    assert network.read(*pages, *({key: value} for key, value in replies.items())) == right().read()


def test_a_routes_state_is_not_believed() -> None:
    account = right()
    account.find("RouteTables", "rtb-private")["Routes"][1]["State"] = "blackhole"
    assert walk(account.read(), Host("private-1"), INTERNET).reachable is True
    account.find("NatGateways", "nat-a")["State"] = "deleting"
    account.find("RouteTables", "rtb-private")["Routes"][1]["State"] = "active"
    assert code(account) == "BAD_STATE_ROUTE"


def test_a_target_knows_whether_it_is_gone_detached_or_elsewhere() -> None:
    found = {}
    for name in ("gone", "detached", "elsewhere"):
        account = right()
        other_vpc(account)
        gateway = account.find("InternetGateways", "igw-a")
        gateway["Attachments"] = (
            [{"VpcId": "vpc-b"}] if name == "elsewhere" else [{"State": "detached", "VpcId": "vpc-a"}]
        )
        if name == "gone":
            account.drop("InternetGateways", "igw-a")
        blocked = walk(account.read(), Host("public-1"), INTERNET).blocked
        found[name] = blocked.reason if blocked else ""
    assert found == {"gone": "target_gone", "detached": "target_detached", "elsewhere": "target_elsewhere"}


def test_a_pending_nat_gateway_will_work() -> None:
    account = right()
    account.find("NatGateways", "nat-a")["State"] = "pending"
    assert walk(account.read(), Host("private-1"), INTERNET).reachable is True


@pytest.mark.parametrize(
    ("address", "addresses", "works"),
    [
        ({"PublicIp": "198.18.0.9"}, None, True),
        ({"AllocationId": "eipalloc-a"}, None, True),
        ({"AllocationId": "eipalloc-a"}, [{"AllocationId": "eipalloc-a"}], True),
        ({"AllocationId": "eipalloc-made-up"}, [{"AllocationId": "eipalloc-a"}], False),
        ({"AllocationId": "", "PublicIp": ""}, None, False),
        ({"PublicIp": "198.18.0.9", "Status": "failed"}, None, False),
    ],
)
def test_a_nat_gateway_needs_an_elastic_ip_that_somebody_allocated(address: Any, addresses: Any, works: bool) -> None:
    account = right()
    account.find("NatGateways", "nat-a")["NatGatewayAddresses"] = [address]
    account.replies["Addresses"] = addresses
    assert walk(account.read(), Host("private-1"), INTERNET).reachable is works


def test_a_nat_gateways_address_outside_its_subnet_is_not_believed() -> None:
    account = right()
    account.find("NatGateways", "nat-a")["NatGatewayAddresses"][0]["PrivateIp"] = "10.163.208.199"
    account.acl("acl-public", "public-1", inbound=ALLOW_ALL, outbound=ALLOW_ALL)
    assert account.read().nat_gateways["nat-a"].private_ip is None
    assert walk(account.read(), Host("private-1"), INTERNET).reachable is True


def test_a_local_route_stands_in_every_table() -> None:
    account = right()
    for table in account.replies["RouteTables"]:
        table["Routes"] = table["Routes"][1:]
    assert walk(account.read(), Host("public-1"), Host("private-1")).reachable is True
    assert walk(account.read(), Host("private-1"), INTERNET).reachable is True


def test_a_local_route_that_was_replaced_is_not_there_a_second_time() -> None:
    account = right()
    account.find("RouteTables", "rtb-public")["Routes"][0] = route("10.20.0.0/16", "eni-firewall")
    firewall = {"NetworkInterfaceId": "eni-firewall", "SubnetId": "public-2", "Attachment": {"Status": "attached"}}
    account.replies["NetworkInterfaces"].append({**firewall, "SourceDestCheck": False})
    verdict = walk(account.read(), Host("public-1"), Host("private-1"))
    assert verdict.out_of_scope is not None
    assert verdict.out_of_scope.reason == "appliance"


def test_a_second_block_of_a_vpc_is_local_too() -> None:
    account = right()
    account.find("Vpcs", "vpc-a")["CidrBlockAssociationSet"] = [
        {"CidrBlock": "100.64.0.0/16", "CidrBlockState": {"State": "associated"}},
        {"CidrBlock": "100.65.0.0/16", "CidrBlockState": {"State": "disassociated"}},
    ]
    account.subnet("wide", "100.64.1.0/24")
    account.subnet("ended", "100.65.1.0/24")
    found = [walk(account.read(), Host("public-1"), Host(name), want="some") for name in ("wide", "ended")]
    assert found[0].reachable is True
    assert found[1].blocked is not None
    assert found[1].blocked.code == "IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS"


def test_an_association_that_has_ended_is_none() -> None:
    account = right()
    association = account.find("RouteTables", "rtb-private")["Associations"][0]
    association["AssociationState"] = {"State": "disassociated"}
    assert code(account) == "NO_ROUTE_TO_DESTINATION"
    assert walk(account.read(), Host("private-2"), INTERNET).reachable is True


def test_two_tables_that_both_claim_a_subnet_are_a_contradiction() -> None:
    account = right()
    account.table("rtb-second", {}, "private-1")
    assert unclear(account) == "ambiguous_table"


def test_two_routes_of_one_destination_to_two_targets_are_a_contradiction() -> None:
    account = right()
    account.find("RouteTables", "rtb-private")["Routes"].append(route("0.0.0.0/0", "igw-a"))
    assert unclear(account) == "ambiguous_route"


def test_an_unread_prefix_list_may_hold_anything_unless_it_leads_to_an_endpoint() -> None:
    account = right()
    set_routes(account, "rtb-private", {"0.0.0.0/0": "nat-a", "pl-s3": "vpce-a"})
    assert walk(account.read(), Host("private-1"), INTERNET).reachable is True
    set_routes(account, "rtb-private", {"0.0.0.0/0": "nat-a", "pl-own": "nat-b"})
    assert unclear(account) == "prefix_list"


@pytest.mark.parametrize(
    "refused",
    [
        {"RuleNumber": 32767, "Protocol": "-1"},
        {"RuleNumber": 0, "Protocol": "-1"},
        {"RuleNumber": 10, "Protocol": "6"},
        {"RuleNumber": 10, "Protocol": "6", "PortRange": {"From": 65535, "To": 0}},
        {"RuleNumber": 10, "Protocol": "6", "PortRange": {"From": 0, "To": 65536}},
        {"RuleNumber": 10, "Protocol": "tcpp", "PortRange": {"From": 0, "To": 65535}},
        {"RuleNumber": 10, "Protocol": "-1", "CidrBlock": "everywhere"},
    ],
)
@pytest.mark.parametrize("action", ["allow", "deny"])
def test_a_rule_that_aws_would_refuse_is_not_there(refused: dict[str, Any], action: str) -> None:
    account = right()
    account.acl("acl-public", "public-1", inbound=ALLOW_ALL, outbound=ALLOW_ALL if action == "deny" else ())
    rule = {"RuleAction": action, "Egress": True, "CidrBlock": "0.0.0.0/0", **refused}
    account.find("NetworkAcls", "acl-public")["Entries"].insert(0, rule)
    assert walk(account.read(), Host("public-1"), INTERNET).reachable is (action == "deny")


@pytest.mark.parametrize(
    ("protocol", "reachable"), [("6", True), ("tcp", True), ("-1", True), (6, True), ("17", False)]
)
def test_protocols_are_numbers_or_the_names_that_the_cli_takes(protocol: Any, reachable: bool) -> None:
    account = right()
    rule = {**entry("100 allow tcp 443 0.0.0.0/0", egress=True), "Protocol": protocol}
    account.acl("acl-public", "public-1", inbound=ALLOW_ALL)
    account.find("NetworkAcls", "acl-public")["Entries"].append(rule)
    assert walk(account.read(), Host("public-1"), INTERNET).reachable is reachable


def test_a_host_stands_behind_a_network_interface() -> None:
    account = right()
    account.replies["NetworkInterfaces"] = [
        {
            "NetworkInterfaceId": "eni-a",
            "SubnetId": "public-1",
            "PrivateIpAddress": "10.20.0.9",
            "Association": {"PublicIp": "198.18.0.1"},
            "Groups": [{"GroupId": "sg-a"}],
        }
    ]
    host = Host.of_interface(account.read(), "eni-a")
    assert host == Host("public-1", True, False, "10.20.0.9", ("sg-a",))
    assert walk(account.read(), host, INTERNET).reachable is None  # its group was not read


def test_what_is_not_there_is_neither_a_source_nor_a_destination() -> None:
    for verdict in (walk(right().read(), Host("none"), INTERNET), walk(right().read(), INTERNET, Host("none"))):
        assert verdict.blocked is not None
        assert verdict.blocked.code == "NO_SOURCE_OR_DESTINATION"
    verdict = walk(right().read(), Host("public-1", ipv6=True), INTERNET_V6)
    assert verdict.blocked is not None
    assert verdict.blocked.reason == "no_address"


def test_the_addresses_of_the_vpc_are_no_part_of_the_internet() -> None:
    account = right()
    assert unclear(account, "public-1", Internet.at("10.20.128.0/17")) == "no_outside"
    assert walk(account.read(), Host("public-1"), Internet.at("10.20.128.0/17")).share == 0
    account.vpc("vpc-b", "52.0.0.0/16")
    account.subnet("outside", "52.0.0.0/24", "vpc-b", public=True)
    account.igw("igw-b", "vpc-b")
    account.table("rtb-outside", {"0.0.0.0/0": "igw-b"}, "outside", vpc="vpc-b")
    assert walk(account.read(), Host("outside"), INTERNET).reachable is True


def test_an_answer_that_leaves_by_the_internet_gateway_does_not_come_back_to_a_peer() -> None:
    account = right()
    account.vpc("vpc-b", "52.0.0.0/16")
    account.subnet("peer", "52.0.0.0/24", "vpc-b")
    account.table("rtb-peer", {"10.20.0.0/16": "pcx-a"}, "peer", vpc="vpc-b")
    account.peer("pcx-a", "vpc-a", "vpc-b")
    blocked = walk(account.read(), Host("peer"), Host("public-1")).blocked
    assert blocked is not None
    assert (blocked.code, blocked.leg, blocked.hop.id) == ("NO_POSSIBLE_DESTINATION", "back", "igw-a")


def test_an_answer_to_a_client_whose_address_a_peer_has_too_goes_to_the_peer() -> None:
    account = right()
    account.vpc("vpc-b", "52.0.0.0/16")
    account.subnet("peer", "52.0.0.0/24", "vpc-b")
    account.peer("pcx-a", "vpc-a", "vpc-b")
    set_routes(account, "rtb-public", {"0.0.0.0/0": "igw-a", "52.0.0.0/16": "pcx-a"})
    blocked = walk(account.read(), Internet.at("52.0.0.9"), Host("public-1")).blocked
    assert blocked is not None
    assert (blocked.reason, blocked.leg, blocked.hop.id) == ("wrong_arrival", "back", "peer")
    account.drop("Vpcs", "vpc-b")
    assert unclear(account, "public-1", Internet.at("52.0.0.9")) == "not_read"


def test_a_question_without_a_host_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="one of the ends is a host"):
        walk(right().read(), INTERNET, INTERNET)
    with pytest.raises(ValueError, match="not blocks of one version"):
        Internet.at("198.51.100.0/24", "elsewhere")


def test_a_verdict_goes_into_a_report_as_plain_values() -> None:
    account = right()
    account.acl("acl-public", "public-1", "public-2")
    told = walk(account.read(), Host("public-1"), INTERNET).to_json()
    assert told["reachable"] is False
    assert told["blocked"]["code"] == "SUBNET_ACL_RESTRICTION"
    assert told["blocked"]["hop"] == {
        "kind": "network-acl",
        "id": "acl-public",
        "decision": "denies",
        "direction": "outbound",
        "rules": [],
        "ports": "443",
    }
