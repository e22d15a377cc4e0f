"""Examples of AWS's pages on routes and gateways, told to the walker."""

from __future__ import annotations

from effects.vpc_answers import RIGHTS
from effects.vpcs import ALLOW_ALL, Account, right, set_routes

from grader.effects.network import INTERNET, INTERNET_V6, Host, Internet, Verdict, walk

HOME = Internet.at("192.0.2.0/24")


def told(verdict: Verdict) -> str:
    return verdict.blocked.code if verdict.blocked else str(verdict.reachable)


def way_of(account: Account, address: str) -> str:
    verdict = walk(account.read(), Host("subnet", public_ip=True), Internet.at(address))
    tables = [hop for hop in verdict.forward if hop.kind == "route-table"]
    return str(tables[0].rules[0]).split()[-1] if tables and tables[0].rules else told(verdict)


def plain(routes: dict[str, str], cidr: str = "10.0.0.0/16") -> Account:
    account = Account()
    account.vpc("vpc-a", cidr)
    account.subnet("subnet", cidr.replace("/16", "/24"), public=True)
    account.igw("igw-a", "vpc-a")
    account.table("rtb-a", routes, "subnet")
    return account


def test_the_most_specific_route_wins() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html, "Longest prefix match"."""
    account = plain({"172.31.0.0/16": "pcx-a", "0.0.0.0/0": "igw-a"})
    account.vpc("vpc-b", "172.31.0.0/16")
    account.subnet("peer", "172.31.0.0/24", "vpc-b")
    account.peer("pcx-a", "vpc-a", "vpc-b")
    assert way_of(account, "172.31.0.9") == "pcx-a"
    assert way_of(account, "172.32.0.9") == "igw-a"


def test_a_static_route_wins_over_a_propagated_one_of_the_same_destination() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html, 172.31.0.0/24 to vgw and igw."""
    account = plain({"172.33.0.0/24": "igw-a"})
    routes = account.find("RouteTables", "rtb-a")["Routes"]
    vgw = {"DestinationCidrBlock": "172.33.0.0/24", "GatewayId": "vgw-a", "Origin": "EnableVgwRoutePropagation"}
    routes.insert(0, vgw)
    assert way_of(account, "172.33.0.9") == "igw-a"


def test_the_local_route_wins_over_a_propagated_one_that_is_more_specific() -> None:
    """https://docs.aws.amazon.com/vpn/latest/s2svpn/vpn-route-priority.html: "the local route is most preferred"."""
    account = plain({})
    account.subnet("other", "10.0.9.0/24")
    vgw = {"DestinationCidrBlock": "10.0.9.0/24", "GatewayId": "vgw-a", "Origin": "EnableVgwRoutePropagation"}
    account.find("RouteTables", "rtb-a")["Routes"].append(vgw)
    account.table("rtb-main", {}, main=True)
    assert walk(account.read(), Host("subnet"), Host("other")).reachable is True


def test_a_cidr_route_wins_over_a_prefix_list_and_a_prefix_list_over_a_propagated_route() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html, the part on prefix lists."""
    account = plain({"pl-a": "nat-gone", "8.8.8.0/24": "igw-a"})
    account.replies["PrefixLists"] = [{"PrefixListId": "pl-a", "Cidrs": ["8.8.8.0/24", "9.9.9.0/24"]}]
    vgw = {"DestinationCidrBlock": "9.9.9.0/24", "GatewayId": "vgw-a", "Origin": "EnableVgwRoutePropagation"}
    account.find("RouteTables", "rtb-a")["Routes"].append(vgw)
    assert way_of(account, "8.8.8.8") == "igw-a"
    assert way_of(account, "9.9.9.9") == "nat-gone"


def test_of_two_prefix_lists_with_one_block_nobody_knows_which_wins() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html: "we randomly choose"."""
    account = plain({"pl-a": "igw-a", "pl-b": "nat-gone"})
    account.replies["PrefixLists"] = [{"PrefixListId": name, "Cidrs": ["8.8.8.0/24"]} for name in ("pl-a", "pl-b")]
    verdict = walk(account.read(), Host("subnet"), Internet.at("8.8.8.8"))
    assert verdict.out_of_scope is not None
    assert verdict.out_of_scope.reason == "ambiguous_route"


def test_a_route_for_all_ipv4_is_none_for_ipv6() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/subnet-route-tables.html: "CIDR blocks for IPv4 and IPv6 are
    treated separately"; the example's egress-only internet gateway takes all of IPv6.
    """
    account = plain({"0.0.0.0/0": "igw-a"})
    account.find("Vpcs", "vpc-a")["Ipv6CidrBlockAssociationSet"] = [{"Ipv6CidrBlock": "2001:db8:1234:1a00::/56"}]
    account.find("Subnets", "subnet").update(
        Ipv6CidrBlockAssociationSet=[{"Ipv6CidrBlock": "2001:db8:1234:1a00::/64"}], AssignIpv6AddressOnCreation=True
    )
    attachments = [{"State": "attached", "VpcId": "vpc-a"}]
    account.replies["EgressOnlyInternetGateways"] = [
        {"EgressOnlyInternetGatewayId": "eigw-a", "Attachments": attachments}
    ]
    assert told(walk(account.read(), Host("subnet"), INTERNET_V6)) == "NO_ROUTE_TO_DESTINATION"
    set_routes(account, "rtb-a", {"0.0.0.0/0": "igw-a", "::/0": "eigw-a"})
    assert walk(account.read(), Host("subnet"), INTERNET_V6).reachable is True


def test_an_egress_only_gateway_lets_no_connection_in() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html: it "prevents the internet
    from initiating an IPv6 connection with your instances".
    """
    account = plain({"::/0": "eigw-a"})
    account.find("Subnets", "subnet").update(
        Ipv6CidrBlockAssociationSet=[{"Ipv6CidrBlock": "2600:1f00::/64"}], AssignIpv6AddressOnCreation=True
    )
    attachments = [{"State": "attached", "VpcId": "vpc-a"}]
    account.replies["EgressOnlyInternetGateways"] = [
        {"EgressOnlyInternetGatewayId": "eigw-a", "Attachments": attachments}
    ]
    verdict = walk(account.read(), INTERNET_V6, Host("subnet"))
    assert verdict.blocked is not None
    assert (verdict.blocked.reason, verdict.blocked.leg) == ("outbound_only", "back")


def test_hosts_in_a_private_subnet_do_not_use_the_internet_gateway_even_with_public_addresses() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html, the diagram's zone B."""
    account = plain({})
    assert told(walk(account.read(), Host("subnet", public_ip=True), INTERNET)) == "NO_ROUTE_TO_DESTINATION"
    verdict = walk(account.read(), INTERNET, Host("subnet", public_ip=True))
    assert verdict.blocked is not None
    assert (verdict.blocked.code, verdict.blocked.leg) == ("NO_ROUTE_TO_DESTINATION", "back")


def test_a_new_subnet_is_on_the_main_table_whatever_the_custom_ones_say() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/subnet-route-tables.html, "Implicit and explicit subnet
    association", with the internet gateway on the main table ("the reverse configuration").
    """
    account = plain({})
    account.subnet("new", "10.0.7.0/24", public=True)
    account.table("rtb-b", {"0.0.0.0/0": "igw-a"}, main=True)
    account.vpc("vpc-b", "10.9.0.0/16")
    account.table("rtb-other-main", {}, vpc="vpc-b", main=True)
    assert walk(account.read(), Host("new"), INTERNET).reachable is True
    assert told(walk(account.read(), Host("subnet"), INTERNET)) == "NO_ROUTE_TO_DESTINATION"


def test_a_private_nat_gateway_does_not_reach_the_internet() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html: "drops the traffic"."""
    account = plain({"0.0.0.0/0": "igw-a"})
    account.subnet("private", "10.0.1.0/24")
    account.nat("nat-a", "subnet", "10.0.0.50", ConnectivityType="private")
    account.table("rtb-b", {"0.0.0.0/0": "nat-a"}, "private")
    verdict = walk(account.read(), Host("private"), INTERNET)
    assert verdict.blocked is not None
    assert (verdict.blocked.code, verdict.blocked.reason) == ("IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS", "private_nat")


def test_a_peering_connection_is_not_transitive() -> None:
    """https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html"""
    account = plain({"10.2.0.0/16": "pcx-ab"})
    account.vpc("vpc-b", "10.1.0.0/16")
    account.vpc("vpc-c", "10.2.0.0/16")
    account.subnet("far", "10.2.0.0/24", "vpc-c")
    account.peer("pcx-ab", "vpc-a", "vpc-b")
    assert told(walk(account.read(), Host("subnet"), Host("far"))) == "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR"


def test_a_peering_connection_needs_a_route_at_both_ends() -> None:
    """https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-routing.html"""
    account = plain({"10.1.0.0/16": "pcx-a"})
    account.vpc("vpc-b", "10.1.0.0/16")
    account.subnet("there", "10.1.0.0/24", "vpc-b")
    account.table("rtb-b", {}, vpc="vpc-b", main=True)
    account.peer("pcx-a", "vpc-a", "vpc-b")
    blocked = walk(account.read(), Host("subnet"), Host("there")).blocked
    assert blocked is not None
    assert (blocked.code, blocked.leg) == ("NO_ROUTE_TO_DESTINATION", "back")
    set_routes(account, "rtb-b", {"10.0.0.0/16": "pcx-a"})
    assert walk(account.read(), Host("subnet"), Host("there")).reachable is True


def test_a_gateway_endpoint_takes_the_addresses_of_its_service() -> None:
    """https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html, "Routing"."""
    account = right()
    RIGHTS["a gateway endpoint"](account)
    verdict = walk(account.read(), Host("private-1"), INTERNET)
    assert verdict.reachable is True
    assert not verdict.only_through("nat-gateway")
    service = next(part for part in verdict.parts if part.way.through("vpc-endpoint"))
    assert [str(block) for block in service.destinations] == ["3.5.0.0/19", "52.216.0.0/15"]
    assert told(walk(account.read(), Host("private-1"), service_only(), "udp")) == "VPCE_GATEWAY_PROTOCOL_RESTRICTION"
    account.find("VpcEndpoints", "vpce-a")["State"] = "deleted"
    assert told(walk(account.read(), Host("private-1"), service_only())) == "BAD_STATE_ROUTE"


def service_only() -> Internet:
    return Internet.at("52.216.0.0/15")


def test_behind_a_nat_gateway_a_host_is_known_by_the_gateways_address_and_by_no_group() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html: it "replaces the source IP address"."""
    account = right()
    set_routes(account, "rtb-private", {"0.0.0.0/0": "nat-a", "10.20.1.0/24": "nat-a"})
    account.acl("acl-called", "public-2", inbound=("100 allow tcp 443 10.20.0.100/32",), outbound=ALLOW_ALL)
    everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    members = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-a"}]}
    account.replies["SecurityGroups"] = [
        {"GroupId": "sg-a", "IpPermissions": [members], "IpPermissionsEgress": [everything]},
        {"GroupId": "sg-open", "IpPermissions": [everything]},
    ]
    source, network = Host("private-1", security_groups=("sg-a",)), account.read()
    assert walk(network, source, Host("public-2", security_groups=("sg-open",))).reachable is True
    assert told(walk(network, source, Host("public-2", security_groups=("sg-a",)))) == "ENI_SG_RULES_MISMATCH"
    account.find("NetworkAcls", "acl-called")["Entries"][0]["CidrBlock"] = "10.20.2.0/24"
    assert told(walk(account.read(), source, Host("public-2"))) == "SUBNET_ACL_RESTRICTION"
