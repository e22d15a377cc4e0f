"""The right and wrong answers to the lab about a VPC with an internet gateway and a NAT gateway."""

from __future__ import annotations

from effects.vpcs import PRIVATE, PUBLIC, Account, Change, entry, set_routes


def per_zone(account: Account, *, crossed: bool = False) -> None:
    """A NAT gateway in each zone, and a table for each private subnet."""
    account.nat("nat-b", "public-2", "10.20.1.100")
    account.drop("RouteTables", "rtb-private")
    first, second = ("nat-b", "nat-a") if crossed else ("nat-a", "nat-b")
    account.table("rtb-private-1", {"0.0.0.0/0": first}, "private-1")
    account.table("rtb-private-2", {"0.0.0.0/0": second}, "private-2")


def private_on_main(account: Account) -> None:
    account.drop("RouteTables", "rtb-private")
    set_routes(account, "rtb-main", {"0.0.0.0/0": "nat-a"})


def public_on_main(account: Account) -> None:
    account.drop("RouteTables", "rtb-public")
    set_routes(account, "rtb-main", {"0.0.0.0/0": "igw-a"})


def split_default(account: Account) -> None:
    set_routes(account, "rtb-public", {"0.0.0.0/1": "igw-a", "128.0.0.0/1": "igw-a"})
    set_routes(account, "rtb-private", {"0.0.0.0/1": "nat-a", "128.0.0.0/1": "nat-a"})


PUBLIC_ACL = {
    "inbound": ("100 allow tcp 443 0.0.0.0/0", "110 allow tcp 1024-65535 0.0.0.0/0"),
    "outbound": ("100 allow tcp 443 0.0.0.0/0", "110 allow tcp 1024-65535 0.0.0.0/0"),
}
PRIVATE_ACL = {
    "inbound": ("100 allow tcp 32768-65535 0.0.0.0/0",),
    "outbound": ("100 allow tcp 443 0.0.0.0/0",),
}


def acls_that_let_through(account: Account) -> None:
    account.acl("acl-public", *PUBLIC, **PUBLIC_ACL)
    account.acl("acl-private", *PRIVATE, **PRIVATE_ACL)


def nat_id_as_gateway_id(account: Account) -> None:
    table = account.find("RouteTables", "rtb-private")
    table["Routes"][1] = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "nat-a", "State": "active"}


def extra_subnet(account: Account) -> None:
    account.table("rtb-extra", {"0.0.0.0/0": "igw-gone"})


def ipv6_beside(account: Account) -> None:
    account.replies["EgressOnlyInternetGateways"] = [
        {"EgressOnlyInternetGatewayId": "eigw-a", "Attachments": [{"State": "attached", "VpcId": "vpc-a"}]}
    ]
    blocks = [{"Ipv6CidrBlock": "2600:1f00:0:100::/56", "Ipv6CidrBlockState": {"State": "associated"}}]
    account.find("Vpcs", "vpc-a")["Ipv6CidrBlockAssociationSet"] = blocks
    for n, subnet in enumerate((*PUBLIC, *PRIVATE)):
        item = account.find("Subnets", subnet)
        item["Ipv6CidrBlockAssociationSet"] = [{"Ipv6CidrBlock": f"2600:1f00:0:10{n}::/64"}]
        item["AssignIpv6AddressOnCreation"] = True
    set_routes(account, "rtb-public", {"0.0.0.0/0": "igw-a", "::/0": "igw-a"})
    set_routes(account, "rtb-private", {"0.0.0.0/0": "nat-a", "::/0": "eigw-a"})
    for acl in account.replies["NetworkAcls"]:
        acl["Entries"] += [entry("101 allow all - ::/0", egress=egress) for egress in (True, False)]


def gateway_endpoint(account: Account) -> None:
    """An endpoint for S3 on every table, as CIDR blocks that were read."""
    account.replies["PrefixLists"] = [{"PrefixListId": "pl-s3", "Cidrs": ["52.216.0.0/15", "3.5.0.0/19"]}]
    account.replies["VpcEndpoints"] = [
        {"VpcEndpointId": "vpce-a", "VpcId": "vpc-a", "VpcEndpointType": "Gateway", "State": "available"}
    ]
    set_routes(account, "rtb-public", {"0.0.0.0/0": "igw-a", "pl-s3": "vpce-a"})
    set_routes(account, "rtb-private", {"0.0.0.0/0": "nat-a", "pl-s3": "vpce-a"})


def unchanged(_account: Account) -> None:
    """The plain way."""


RIGHTS: dict[str, Change] = {
    "one NAT gateway": unchanged,
    "a NAT gateway per zone": per_zone,
    "NAT gateways crossed between zones": lambda account: per_zone(account, crossed=True),
    "private subnets on the main table": private_on_main,
    "public subnets on the main table": public_on_main,
    "split default routes": split_default,
    "ACLs that let the traffic through": acls_that_let_through,
    "a NAT gateway's id as gateway id": nat_id_as_gateway_id,
    "a table nobody uses": extra_subnet,
    "IPv6 beside": ipv6_beside,
    "a gateway endpoint": gateway_endpoint,
}


def other_vpc(account: Account) -> None:
    account.vpc("vpc-b", "10.30.0.0/16")
    account.subnet("elsewhere", "10.30.0.0/24", "vpc-b")
    account.table("rtb-elsewhere", {}, vpc="vpc-b", main=True)


def nat_in_private_subnet(account: Account) -> None:
    account.drop("NatGateways", "nat-a")
    account.nat("nat-a", "private-1", "10.20.2.100")


def igw_on_another_vpc(account: Account) -> None:
    other_vpc(account)
    account.find("InternetGateways", "igw-a")["Attachments"] = [{"State": "available", "VpcId": "vpc-b"}]


def nat_on_another_vpc(account: Account) -> None:
    other_vpc(account)
    account.drop("NatGateways", "nat-a")
    account.nat("nat-a", "elsewhere", "10.30.0.100", "vpc-b")


def private_left_on_main(account: Account) -> None:
    account.drop("RouteTables", "rtb-private")
    public_on_main(account)


def both_routes_in_one_table(account: Account) -> None:
    account.drop("RouteTables", "rtb-private")
    account.drop("RouteTables", "rtb-public")
    account.table("rtb-all", {"0.0.0.0/1": "nat-a", "128.0.0.0/1": "igw-a"}, *PUBLIC, *PRIVATE)


def no_public_addresses(account: Account) -> None:
    account.find("Subnets", "public-2")["MapPublicIpOnLaunch"] = False


def nat_without_eip(account: Account) -> None:
    del account.find("NatGateways", "nat-a")["NatGatewayAddresses"][0]["PublicIp"]


def private_acl(**changes: tuple[str, ...]) -> Change:
    return lambda account: account.acl("acl-private", *PRIVATE, **{**PRIVATE_ACL, **changes})


def public_acl(**changes: tuple[str, ...]) -> Change:
    return lambda account: account.acl("acl-public", *PUBLIC, **{**PUBLIC_ACL, **changes})


def of_nat(**changes: str) -> Change:
    return lambda account: account.find("NatGateways", "nat-a").update(changes)


# Each with what must be seen of it: the tier whose requirement it breaks first, and AWS's code.
WRONGS: dict[str, tuple[Change, str, str]] = {
    "NAT in a private subnet": (nat_in_private_subnet, "private out", "NO_POSSIBLE_DESTINATION"),
    "NAT deleted": (of_nat(State="deleted"), "private out", "BAD_STATE_ROUTE"),
    "NAT gone": (lambda account: account.drop("NatGateways", "nat-a"), "private out", "BAD_STATE_ROUTE"),
    "NAT failed": (of_nat(State="failed"), "private out", "BAD_STATE"),
    "NAT private": (of_nat(ConnectivityType="private"), "private out", "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS"),
    "NAT without an Elastic IP": (nat_without_eip, "private out", "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS"),
    "NAT on another VPC": (nat_on_another_vpc, "private out", "BAD_STATE_ROUTE"),
    "IGW detached": (
        lambda account: account.find("InternetGateways", "igw-a").update(Attachments=[]),
        "public out",
        "BAD_STATE_ROUTE",
    ),
    "IGW on another VPC": (igw_on_another_vpc, "public out", "BAD_STATE_ROUTE"),
    "private subnet left on a main table that reaches the IGW": (private_left_on_main, "private open", ""),
    "both routes in one table": (both_routes_in_one_table, "private open", ""),
    "a more specific route that goes elsewhere": (
        lambda account: set_routes(account, "rtb-private", {"0.0.0.0/0": "nat-a", "198.51.100.0/25": "igw-a"}),
        "private out",
        "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS",
    ),
    "no default route": (
        lambda account: set_routes(account, "rtb-public", {}),
        "public out",
        "NO_ROUTE_TO_DESTINATION",
    ),
    "private ACL without return ports": (
        private_acl(inbound=("100 allow tcp 443 0.0.0.0/0",)),
        "private out",
        "SUBNET_ACL_RESTRICTION",
    ),
    "private ACL with half the return ports": (
        private_acl(inbound=("100 allow tcp 49152-65535 0.0.0.0/0",)),
        "private out",
        "SUBNET_ACL_RESTRICTION",
    ),
    "private ACL without egress": (private_acl(outbound=()), "private out", "SUBNET_ACL_RESTRICTION"),
    "public ACL without the NAT gateway's return ports": (
        public_acl(inbound=("100 allow tcp 443 0.0.0.0/0", "110 allow tcp 32768-65535 0.0.0.0/0")),
        "private out",
        "SUBNET_ACL_RESTRICTION",
    ),
    "public ACL without egress": (public_acl(outbound=()), "public out", "SUBNET_ACL_RESTRICTION"),
    "ACL with a lower-numbered deny": (
        public_acl(inbound=("90 deny tcp 443 0.0.0.0/0", *PUBLIC_ACL["inbound"])),
        "public in",
        "SUBNET_ACL_RESTRICTION",
    ),
    "public subnet whose hosts get no public address": (
        no_public_addresses,
        "public out",
        "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS",
    ),
}
