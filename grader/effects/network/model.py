"""A VPC and what surrounds it, as the replies of boto3 tell it; `reading` makes it, nothing here changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from grader.effects.network.blocks import Block
from grader.effects.network.ports import Ports, shown

TargetKind = Literal[
    "local",
    "internet-gateway",
    "egress-only-internet-gateway",
    "nat-gateway",
    "vpc-peering-connection",
    "vpc-endpoint",
    "lost",  # the reply names no target
    "other",  # transit gateways, appliances and more: out of scope
]


@dataclass(frozen=True)
class Vpc:
    """A VPC and its CIDR blocks of both versions."""

    id: str
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True)
class Subnet:
    """A subnet; the last two say whether a host launched in it gets a public IPv4 address, and an IPv6 one."""

    id: str
    vpc_id: str
    blocks: tuple[Block, ...] = ()
    maps_public_ip: bool = False
    assigns_ipv6: bool = False

    def block(self, version: int) -> Block | None:
        """Its CIDR block of this version."""
        return next((block for block in self.blocks if block.version == version), None)


@dataclass(frozen=True)
class Route:
    """One route. `destination` is as written; `block` is None where it is a prefix list that was not read."""

    destination: str
    target: str
    kind: TargetKind
    block: Block | None = field(compare=False)  # a prefix list has many, and is one route
    prefix_list: bool = False
    propagated: bool = False

    def __str__(self) -> str:
        return f"{self.destination} → {self.target or '?'}"


@dataclass(frozen=True)
class RouteTable:
    """A route table and what it is associated with: subnets, gateways, or all other subnets of its VPC (`main`)."""

    id: str
    vpc_id: str
    main: bool = False
    subnet_ids: frozenset[str] = frozenset()
    gateway_ids: frozenset[str] = frozenset()
    routes: tuple[Route, ...] = ()

    @cached_property
    def by_size(self) -> Mapping[tuple[int, int], Mapping[int, tuple[Route, ...]]]:
        """The routes by version and size of their block, the most specific first, then by its first address."""
        found: dict[tuple[int, int], dict[int, tuple[Route, ...]]] = {}
        for route in self.routes:
            if route.block is not None:
                places = found.setdefault((route.block.version, route.block.size), {})
                places[route.block.first] = (*places.get(route.block.first, ()), route)
        return dict(sorted(found.items()))


@dataclass(frozen=True)
class Gateway:
    """An internet gateway or egress-only internet gateway, and the VPCs that it is attached to."""

    id: str
    vpc_ids: frozenset[str] = frozenset()


@dataclass(frozen=True)
class NatGateway:
    """A NAT gateway; `elastic_ip` says whether it has one, `private_ip` may be unknown.

    `rival` is the NAT gateway that was made before with an Elastic IP address that this one was given, too.
    """

    id: str
    vpc_id: str
    subnet_id: str
    state: str
    public: bool = True
    regional: bool = False
    elastic_ip: bool = False
    private_ip: Block | None = None
    rival: str = ""


@dataclass(frozen=True, order=True)
class AclRule:
    """One rule of a network ACL; `ports` are destination ports, whichever the direction."""

    number: int
    egress: bool
    allow: bool
    protocol: int
    block: Block
    ports: Ports

    def __str__(self) -> str:
        action = "allow" if self.allow else "deny"
        return f"{self.number}: {action} {self.block}, ports {shown(self.ports)}"


@dataclass(frozen=True)
class Acl:
    """A network ACL: `subnet_ids` are those it is associated with, `default` whether it is its VPC's default."""

    id: str
    vpc_id: str
    default: bool = False
    subnet_ids: frozenset[str] = frozenset()
    rules: tuple[AclRule, ...] = ()


@dataclass(frozen=True)
class GroupRule:
    """What a security group lets through; `block` and `group_id` are None for a prefix list that was not read."""

    egress: bool
    protocol: int
    ports: Ports
    block: Block | None = None
    group_id: str | None = None

    def __str__(self) -> str:
        return f"allow {self.block or self.group_id or 'a prefix list'}, ports {shown(self.ports)}"


@dataclass(frozen=True)
class SecurityGroup:
    """A security group and its rules of both directions."""

    id: str
    vpc_id: str
    rules: tuple[GroupRule, ...] = ()


@dataclass(frozen=True)
class Peering:
    """A VPC peering connection and the two VPCs at its ends."""

    id: str
    active: bool
    vpc_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Endpoint:
    """A VPC endpoint."""

    id: str
    vpc_id: str
    kind: str
    available: bool


@dataclass(frozen=True)
class Interface:
    """A network interface: where it is, which addresses and which security groups it has.

    `instance_id` is the instance's that it is attached to. `checks_addresses` is the source/destination check; None is
    unknown.
    """

    id: str
    subnet_id: str
    private_ip: str | None = None
    public_ip: bool = False
    ipv6: bool = False
    security_groups: tuple[str, ...] = ()
    instance_id: str = ""
    attached: bool = False
    checks_addresses: bool | None = None


@dataclass(frozen=True)
class Network:
    """Everything that was read, by id. `known` are the keys of the replies there were: what is not in a list that
    was read does not exist; what was never asked for is unknown."""

    vpcs: Mapping[str, Vpc] = field(default_factory=dict)
    subnets: Mapping[str, Subnet] = field(default_factory=dict)
    route_tables: Mapping[str, RouteTable] = field(default_factory=dict)
    internet_gateways: Mapping[str, Gateway] = field(default_factory=dict)
    egress_only_gateways: Mapping[str, Gateway] = field(default_factory=dict)
    nat_gateways: Mapping[str, NatGateway] = field(default_factory=dict)
    acls: Mapping[str, Acl] = field(default_factory=dict)
    security_groups: Mapping[str, SecurityGroup] = field(default_factory=dict)
    peerings: Mapping[str, Peering] = field(default_factory=dict)
    endpoints: Mapping[str, Endpoint] = field(default_factory=dict)
    interfaces: Mapping[str, Interface] = field(default_factory=dict)
    public_access_blocked: bool = False
    known: frozenset[str] = frozenset()

    def tables_of(self, subnet: Subnet) -> tuple[RouteTable, ...]:
        """The table that routes for a subnet: one, or more where the replies contradict each other.

        "Otherwise, the subnet is implicitly associated with the main route table" of its VPC.
        https://docs.aws.amazon.com/vpc/latest/userguide/subnet-route-tables.html (2026-11-23)
        """
        return self._tables.get((subnet.vpc_id, subnet.id)) or self._tables.get((subnet.vpc_id, None), ())

    def gateway_tables(self, gateway_id: str) -> tuple[RouteTable, ...]:
        """The gateway route tables of an internet gateway, by which traffic enters."""
        return tuple(table for table in self.route_tables.values() if gateway_id in table.gateway_ids)

    def acl_of(self, subnet: Subnet) -> Acl | None:
        """The network ACL of a subnet, None where none was read: AWS's default lets everything through.

        "If you don't explicitly associate a subnet with a network ACL, the subnet is automatically associated with
        the default network ACL."
        https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html#nacl-basics (2026-11-23)
        """
        return self._acls.get((subnet.vpc_id, subnet.id)) or self._acls.get((subnet.vpc_id, None))

    def interface_at(self, target: str) -> Interface | None:
        """The interface that a route names by its own id, or by that of its instance."""
        named = (one for one in self.interfaces.values() if target in (one.id, one.instance_id))
        return next(named, None)

    def internet_gateway_of(self, vpc_id: str) -> Gateway | None:
        """The internet gateway attached to a VPC: of several the first, as replies list what was made first, first.

        "You can attach only one internet gateway to a VPC at a time." Emulators attach more.
        https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html (2026-11-25)
        """
        return next((gateway for gateway in self.internet_gateways.values() if vpc_id in gateway.vpc_ids), None)

    def subnet_at(self, vpc_id: str, place: Block) -> Subnet | None:
        """The subnet of a VPC that holds these addresses."""
        mine = self._subnets_by_vpc.get(vpc_id, ())
        return next((subnet for subnet in mine if any(block.covers(place) for block in subnet.blocks)), None)

    def blocks_of(self, vpc_id: str) -> tuple[Block, ...]:
        """The addresses of a VPC: its own blocks, and those of its subnets where an emulator tells no more."""
        vpc = self.vpcs.get(vpc_id)
        return (
            *(vpc.blocks if vpc else ()),
            *(b for subnet in self._subnets_by_vpc.get(vpc_id, ()) for b in subnet.blocks),
        )

    @cached_property
    def _tables(self) -> Mapping[tuple[str, str | None], tuple[RouteTable, ...]]:
        found: dict[tuple[str, str | None], tuple[RouteTable, ...]] = {}
        for table in self.route_tables.values():
            for subnet_id in (*table.subnet_ids, *([None] if table.main else [])):
                key = (table.vpc_id, subnet_id)
                found[key] = (*found.get(key, ()), table)
        return found

    @cached_property
    def _acls(self) -> Mapping[tuple[str, str | None], Acl]:
        found: dict[tuple[str, str | None], Acl] = {}
        for acl in sorted(self.acls.values(), key=lambda acl: acl.id):
            for subnet_id in (*acl.subnet_ids, *([None] if acl.default else [])):
                found.setdefault((acl.vpc_id, subnet_id), acl)
        return found

    @cached_property
    def _subnets_by_vpc(self) -> Mapping[str, tuple[Subnet, ...]]:
        found: dict[str, tuple[Subnet, ...]] = {}
        for subnet in self.subnets.values():
            found[subnet.vpc_id] = (*found.get(subnet.vpc_id, ()), subnet)
        return found
