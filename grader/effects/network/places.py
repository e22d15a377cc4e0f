"""The ends of a journey: hosts' interfaces in a subnet, and whoever is on the internet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from grader.effects.network.blocks import Block
from grader.effects.network.model import NatGateway, Network, Subnet
from grader.effects.network.ports import HOST_PORTS, NAT_PORTS, Ports


@dataclass(frozen=True)
class Visitor:
    """Addresses on the internet."""

    blocks: tuple[Block, ...]

    def at(self, block: Block) -> Visitor:
        """One piece of them."""
        return replace(self, blocks=(block,))


@dataclass(frozen=True)
class Place:
    """Who puts packets on the wire in a subnet: hosts, or a NAT gateway for them.

    `public` says whether an internet gateway has an address for it; `groups` of None are open.
    """

    subnet: Subnet
    blocks: tuple[Block, ...]
    public: bool
    groups: tuple[str, ...] | None = None
    nat: NatGateway | None = None

    def at(self, block: Block) -> Place:
        """One piece of the hosts."""
        return replace(self, blocks=(block,))

    @property
    def block(self) -> Block:
        """The addresses of the piece that a journey is about."""
        return self.blocks[0]

    @property
    def client_ports(self) -> Ports:
        """The ports from which it opens connections."""
        return NAT_PORTS if self.nat else HOST_PORTS

    def holds(self, other: Block) -> bool:
        """Whether the other lies in its subnet."""
        return any(block.covers(other) for block in self.subnet.blocks)


# "The first four IP addresses and the last IP address in each subnet CIDR block are not available for your use".
# https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html (2026-11-23)
_RESERVED_FIRST, _RESERVED_LAST = 4, 1


def usable(block: Block) -> Block:
    """The addresses of a subnet that a host may have; all of them where it is too small for AWS."""
    if block.size <= _RESERVED_FIRST + _RESERVED_LAST:
        return block
    return Block(block.version, block.first + _RESERVED_FIRST, block.last - _RESERVED_LAST)


def nat_place(nat: NatGateway, subnet: Subnet) -> Place:
    """A NAT gateway as a sender; where its address is unknown, it has the first that it could have."""
    first = [usable(block) for block in subnet.blocks if block.version == 4]
    places = [nat.private_ip] if nat.private_ip else [Block(4, block.first, block.first) for block in first]
    return Place(subnet, tuple(places), public=nat.public and nat.elastic_ip, nat=nat)


def cuts(network: Network, ends: Iterable[Place]) -> set[Block]:
    """Every block that some rule on the ways between these ends may ask about.

    The ways lead through the ends' own subnets and those of the NAT gateways that routes name there, and so on.
    """
    waiting = [end.subnet for end in ends]
    seen: dict[str, Subnet] = {}
    found: set[Block] = set()
    while waiting:
        subnet = waiting.pop()
        if subnet.id in seen:
            continue
        seen[subnet.id] = subnet
        found.update(_asked_in(network, subnet))
        waiting.extend(_nat_subnets(network, subnet))
    groups = (network.security_groups.get(id) for end in ends for id in end.groups or ())
    found.update(rule.block for group in groups if group for rule in group.rules if rule.block)
    return found


def services(network: Network, ends: Iterable[Place]) -> Iterator[Block]:
    """What the ends' route tables send to gateway endpoints: these services answer, and nobody calls from there.

    No page says what becomes of a call from such an address; so none fails a subnet for its endpoint.
    """
    tables = (table for end in ends for table in network.tables_of(end.subnet))
    return (route.block for table in tables for route in table.routes if route.block and route.kind == "vpc-endpoint")


def _asked_in(network: Network, subnet: Subnet) -> Iterable[Block]:
    gateway = network.internet_gateway_of(subnet.vpc_id)
    tables = (*network.tables_of(subnet), *(network.gateway_tables(gateway.id) if gateway else ()))
    yield from (route.block for table in tables for route in table.routes if route.block)
    acl = network.acl_of(subnet)
    yield from (rule.block for rule in (acl.rules if acl else ()))
    yield from network.blocks_of(subnet.vpc_id)


def _nat_subnets(network: Network, subnet: Subnet) -> Iterable[Subnet]:
    routes = (route for table in network.tables_of(subnet) for route in table.routes)
    nats = (network.nat_gateways.get(route.target) for route in routes if route.kind == "nat-gateway")
    found = (network.subnets.get(nat.subnet_id) for nat in nats if nat)
    return (subnet for subnet in found if subnet)
