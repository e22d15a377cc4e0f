"""The student's VPC as the emulator tells of it, and as AWS would have it where the emulator took what AWS refuses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import ClientError

from grader.checks import Aws, require, say
from grader.effects import network
from grader.effects.network import Network
from grader.effects.network.blocks import Block
from grader.effects.network.model import Acl

from .readback import keeps_addresses_of_nat_gateways, keeps_ports_of_acl_rules, keeps_targets_of_routes

# What every emulator answers, and what some of them do not know: a thing that cannot be made there is not there.
ALWAYS = {
    "Subnets": "describe_subnets",
    "RouteTables": "describe_route_tables",
    "InternetGateways": "describe_internet_gateways",
    "NatGateways": "describe_nat_gateways",
    "Addresses": "describe_addresses",
    "NetworkAcls": "describe_network_acls",
}
PERHAPS = {
    "EgressOnlyInternetGateways": "describe_egress_only_internet_gateways",
    "VpcEndpoints": "describe_vpc_endpoints",
    "VpcPeeringConnections": "describe_vpc_peering_connections",
}
OF_INSTANCES = {"NetworkInterfaces": "describe_network_interfaces", "Reservations": "describe_instances"}
GONE = ("deleted", "deleting", "failed")
PUBLIC, PRIVATE = "public", "private"
MOST_RULES = 500  # of one network ACL that are followed: every packet meets them
MOST_LISTS = 5  # of prefixes that are read for the routes that name them
Item = Mapping[str, Any]


@dataclass(frozen=True)
class Subnet:
    """One of the VPC's: `tier` is the value of its tag Tier as written, empty where it has none."""

    id: str
    cidr: str
    zone: str
    name: str
    tier: str
    near: str  # the tier that the tag means, should it be written a little otherwise

    @property
    def is_exact(self) -> bool:
        """Is it tagged as the task says, letter by letter?"""
        return self.near != "" and self.tier == self.near


@dataclass(frozen=True)
class Account:
    """A VPC and all that surrounds it; `loses` is an emulator's word about what it forgets of them."""

    vpc_id: str
    subnets: tuple[Subnet, ...]
    network: Network
    loses_targets: bool = False
    loses_ports: bool = False
    loses_addresses: bool = False

    def tier(self, name: str) -> tuple[Subnet, ...]:
        """The subnets of a tier: those tagged so, and those nearly so where there are not two of them."""
        near = [subnet for subnet in self.subnets if subnet.near == name]
        exact = [subnet for subnet in near if subnet.is_exact]
        return tuple(exact if len(exact) > 1 else near)

    def subnet(self, subnet_id: str) -> Subnet | None:
        """The one with that id."""
        return next((subnet for subnet in self.subnets if subnet.id == subnet_id), None)


def vpcs_named(aws: Aws, name: str) -> list[Item]:
    """Every VPC with that Name."""
    return [vpc for vpc in aws.pages("ec2", "describe_vpcs", "Vpcs") if tags_of(vpc).get("Name") == name]


def tags_of(item: Item) -> dict[str, str]:
    """Its tags by key."""
    return {str(tag.get("Key")): str(tag.get("Value", "")) for tag in item.get("Tags") or []}


def read(aws: Aws, vpc_id: str) -> Account:
    """The VPC of that id, with everything that a packet from it or to it may meet. Raises Failure where that is more
    than can be followed."""
    replies: dict[str, Any] = {"Vpcs": aws.pages("ec2", "describe_vpcs", "Vpcs")}
    replies |= {key: aws.pages("ec2", operation, key) for key, operation in ALWAYS.items()}
    for key, operation in PERHAPS.items():
        with suppress(ClientError):
            replies[key] = aws.pages("ec2", operation, key)
    with suppress(ClientError):
        replies |= aws.read("ec2", "describe_vpc_block_public_access_options")
    for acl in replies["NetworkAcls"]:
        count, name = len(acl.get("Entries") or []), str(acl.get("NetworkAclId"))
        require(count <= MOST_RULES, say("{acl} has {count} rules: too many to look at.", acl=name, count=count))
    if any(_to_interface(route) for table in replies["RouteTables"] for route in table.get("Routes") or []):
        for key, operation in OF_INSTANCES.items():
            with suppress(ClientError):
                replies[key] = aws.pages("ec2", operation, key)
    replies["PrefixLists"] = list(_prefix_lists(aws, replies["RouteTables"]))
    replies |= _in_order(replies)
    found = network.read(replies)
    # Asked only where something looks lost: the answer is remembered, but the first one takes a while.
    loses_targets = _lost(found) and not aws.can(keeps_targets_of_routes)
    acls = [acl for acl in replies["NetworkAcls"] if acl.get("VpcId") == vpc_id]
    loses_ports = _without_ports(acls) and not aws.can(keeps_ports_of_acl_rules)
    loses_addresses = _without_address(found) and not aws.can(keeps_addresses_of_nat_gateways)
    if loses_addresses:
        found = _with_addresses(found)
    subnets = tuple(_subnet(item) for item in replies["Subnets"] if item.get("VpcId") == vpc_id)
    return Account(vpc_id, subnets, _as_on_aws(found, loses_targets), loses_targets, loses_ports, loses_addresses)


def _in_order(replies: Mapping[str, list[Item]]) -> dict[str, list[Item]]:
    """Subnets by address, and what belongs to one in the subnets' order: a list tells who was made first.

    Tools that make things side by side (Terraform) make them in another order each time, and the report is the same.
    """
    subnets = sorted(replies["Subnets"], key=_address)
    places = {str(item.get("SubnetId")): place for place, item in enumerate(subnets)}

    def place(*items: Item) -> int:
        return min((places.get(str(item.get("SubnetId")), len(places)) for item in items), default=len(places))

    return {
        "Subnets": subnets,
        "NatGateways": sorted(replies["NatGateways"], key=lambda item: (place(item), item.get("State") in GONE)),
        "RouteTables": sorted(replies["RouteTables"], key=lambda item: place(*(item.get("Associations") or []))),
        "NetworkAcls": sorted(replies["NetworkAcls"], key=lambda item: place(*(item.get("Associations") or []))),
    }


def _address(subnet: Item) -> tuple[Block, str]:
    block = Block.parse(subnet.get("CidrBlock"))
    return block or Block(6, 0, 0), str(subnet.get("AvailabilityZone") or subnet.get("AvailabilityZoneId") or "")


def _subnet(item: Item) -> Subnet:
    tags = tags_of(item)
    near = {key.strip().casefold(): value.strip().casefold() for key, value in tags.items()}.get("tier", "")
    return Subnet(
        id=str(item.get("SubnetId", "")),
        cidr=str(item.get("CidrBlock") or ""),
        zone=str(item.get("AvailabilityZone") or item.get("AvailabilityZoneId") or ""),
        name=tags.get("Name", ""),
        tier=tags.get("Tier", ""),
        near=near if near in (PUBLIC, PRIVATE) else "",
    )


def _prefix_lists(aws: Aws, tables: list[Item]) -> Iterator[Item]:
    """The entries of a customer's own lists. A list that leads to an endpoint is left out: hosts get there anyway."""
    routes = [route for table in tables for route in table.get("Routes") or []]
    named = {r["DestinationPrefixListId"] for r in routes if r.get("DestinationPrefixListId") and not _to_endpoint(r)}
    for name in sorted(named)[:MOST_LISTS]:
        with suppress(ClientError):
            entries = aws.pages("ec2", "get_managed_prefix_list_entries", "Entries", PrefixListId=name)
            yield {"PrefixListId": name, "Entries": entries}


def _to_endpoint(route: Item) -> bool:
    return str(route.get("GatewayId", "")).startswith("vpce-")


def _to_interface(route: Item) -> bool:
    return bool(route.get("NetworkInterfaceId") or route.get("InstanceId"))


def _lost(found: Network) -> bool:
    return any(route.kind == "lost" for table in found.route_tables.values() for route in table.routes)


def _without_ports(acls: list[Item]) -> bool:
    """Does a rule for TCP or UDP name no ports? AWS has none such: whoever wrote it forgot them, or this emulator."""
    entries = (entry for acl in acls for entry in acl.get("Entries") or [])
    return any(
        str(entry.get("Protocol")) in ("6", "17", "tcp", "udp") and not entry.get("PortRange") for entry in entries
    )


def _without_address(found: Network) -> bool:
    return any(nat.public and not nat.elastic_ip for nat in found.nat_gateways.values())


def _with_addresses(found: Network) -> Network:
    nats = {nat.id: replace(nat, elastic_ip=nat.public) for nat in found.nat_gateways.values()}
    return replace(found, nat_gateways=nats)


def _as_on_aws(found: Network, loses_targets: bool) -> Network:
    """Without the routes that AWS refuses to make: a second one for a destination, and one without a target.

    "RouteAlreadyExists: A route for the specified CIDR block already exists in this route table."
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html (2026-11-25)
    "You must specify one of the following targets".
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html (2026-11-25)
    """
    tables = {}
    for table in found.route_tables.values():
        first: dict[tuple[str, Block | None], Any] = {}
        for route in table.routes:
            if route.kind != "lost" or loses_targets:
                first.setdefault((route.destination if route.prefix_list else "", route.block), route)
        tables[table.id] = replace(table, routes=tuple(first.values()))
    acls = {acl.id: _with_ipv6(found, acl) for acl in found.acls.values()}
    return replace(found, route_tables=tables, acls=acls)


def _with_ipv6(found: Network, acl: Acl) -> Acl:
    """A default network ACL as it comes, with the rules for IPv6 that emulators forget.

    "If you create a VPC with an IPv6 CIDR block or if you associate an IPv6 CIDR block with your existing VPC, we
    automatically add rules that allow all IPv6 traffic"; not to an ACL whose rules somebody has changed.
    https://docs.aws.amazon.com/vpc/latest/userguide/default-network-acl.html (2026-11-25)
    """
    vpc = found.vpcs.get(acl.vpc_id)
    speaks_ipv6 = vpc is not None and any(block.version == 6 for block in vpc.blocks)
    as_it_comes = sorted((rule.number, rule.egress, rule.allow) for rule in acl.rules)
    if not (acl.default and speaks_ipv6 and as_it_comes == [(100, False, True), (100, True, True)]):
        return acl
    more = [replace(rule, number=101, block=Block(6, 0, 2**128 - 1)) for rule in acl.rules]
    return replace(acl, rules=(*acl.rules, *more))
