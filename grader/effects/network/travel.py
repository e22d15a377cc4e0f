"""A packet's way from a subnet to where it comes out: by route tables, NAT gateways, and the gateway at the end."""

from __future__ import annotations

from dataclasses import dataclass, replace

from grader.effects.network.appliances import in_vpc, to_interface
from grader.effects.network.blocks import RFC1918, RFC6598
from grader.effects.network.filters import Packet
from grader.effects.network.model import Route, Subnet
from grader.effects.network.places import Place, nat_place
from grader.effects.network.ports import TCP
from grader.effects.network.routes import choose, dead_end, table_of
from grader.effects.network.stops import Unclear
from grader.effects.network.trail import Spot, Trail
from grader.effects.network.verdict import Code

PRIVATE = (*RFC1918, *RFC6598)


@dataclass(frozen=True)
class Arrival:
    """Where a packet came out: a subnet, or a gateway behind which everybody's addresses, or AWS's own, lie.

    `senders` are the host and the NAT gateways that sent it on, in order.
    """

    packet: Packet
    senders: tuple[Place, ...]
    subnet: Subnet | None = None
    gateway_kind: str = ""
    gateway_id: str = ""


def travel(trail: Trail, source: Place, packet: Packet, toward: Subnet | None, *, answer: bool = False) -> Arrival:
    """By routes until the packet comes out; `toward` is the subnet where it is meant to. A NAT gateway met twice is a
    circle, and an answer that meets one would come from another address than the one called.

    NAT gateways behind one another in one VPC are followed: no page says that AWS does not.
    """
    senders = [source]
    while not senders[-1].holds(packet.destination):
        route, packet = _route(trail, senders[-1], packet, answer=answer)
        spot = Spot(route.kind, route.target)
        if route.kind != "nat-gateway":
            return _leave(trail, route, packet, tuple(senders), toward)
        if answer:
            trail.stop("NGW_SOURCE_ADDRESS_REASSIGN", "nat_answer", spot, packet)
        if any(sender.nat and sender.nat.id == route.target for sender in senders):
            trail.stop("NO_POSSIBLE_DESTINATION", "loop", spot, packet)
        nat, packet = _translate(trail, route, senders[-1], packet)
        senders.append(nat)
    return Arrival(packet, tuple(senders), senders[-1].subnet)


def _route(trail: Trail, sender: Place, packet: Packet, *, answer: bool) -> tuple[Route, Packet]:
    """The route out of a subnet, and what its ACL lets out: "We evaluate the network ACL rules when traffic enters and
    leaves the subnet, not as it is routed within a subnet."
    https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html#nacl-basics (2026-11-23)

    An answer to the internet that leaves the VPC by another way than it came has not the address that was called:
    nothing but the internet gateway gives it that.
    """
    network, subnet = trail.network, sender.subnet
    table = table_of(network, subnet)
    route = choose(network, table, packet.destination)
    nat = network.nat_gateways.get(route.target) if route else None
    if nat is None or nat.subnet_id != subnet.id:
        packet = trail.acl(subnet, packet, "outbound")
    if route is None:
        trail.stop("NO_ROUTE_TO_DESTINATION", "no_route", Spot("route-table", table.id), packet)
    if route.kind == "lost":
        raise Unclear("lost_target", "route-table", table.id)
    if route.kind == "other" and in_vpc(route.target):
        to_interface(trail, table, route, subnet, packet)
    if route.kind == "other":
        if answer and not any(one.covers(packet.destination) for one in PRIVATE):
            trail.stop("NO_POSSIBLE_DESTINATION", "other_answer", Spot("route-table", table.id), packet, (route,))
        trail.add(Spot("route-table", table.id), "routes", packet, (route,))
        raise Unclear("not_followed", "route", route.target)
    if route.kind != "local" and (reason := dead_end(network, route, subnet)):
        trail.stop("BAD_STATE_ROUTE", reason, Spot("route-table", table.id), packet, (route,))
    trail.add(Spot("route-table", table.id), "routes", packet, (route,))
    return route, packet


def _translate(trail: Trail, route: Route, sender: Place, packet: Packet) -> tuple[Place, Packet]:
    """Through a NAT gateway: in by the ACL of its subnet, where that is another, and on from an address of its own.

    A pending one is taken as working: AWS makes it available, or failed, without anybody's doing.
    https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html (2026-11-23)
    """
    nat = trail.network.nat_gateways[route.target]
    if nat.regional or packet.destination.version == 6:
        raise Unclear("regional_nat" if nat.regional else "nat64", "nat-gateway", nat.id)
    if nat.state == "failed":
        trail.stop("BAD_STATE", "nat_failed", Spot("nat-gateway", nat.id), packet)
    subnet = trail.network.subnets.get(nat.subnet_id)
    place = nat_place(nat, subnet) if subnet else None
    if place is None or not place.blocks:
        raise Unclear("not_read", "subnet", nat.subnet_id)
    if place.subnet.id != sender.subnet.id:
        packet = trail.acl(place.subnet, packet, "inbound")
    trail.add(Spot("nat-gateway", nat.id), "translates", packet)
    return place, replace(packet, source=place.block)


def _leave(trail: Trail, route: Route, packet: Packet, senders: tuple[Place, ...], toward: Subnet | None) -> Arrival:
    """Out by a route that leads neither to a NAT gateway nor nowhere."""
    if route.kind == "local":
        return _arrive(trail, senders[-1].subnet.vpc_id, packet, senders, toward)
    if route.kind == "vpc-peering-connection":
        return _peer(trail, route, packet, senders, toward)
    if route.kind == "vpc-endpoint":
        _endpoint(trail, route, packet)
    else:
        _internet(trail, route, senders[-1], packet)
    return Arrival(packet, senders, None, route.kind, route.target)


def _arrive(trail: Trail, vpc_id: str, packet: Packet, senders: tuple[Place, ...], toward: Subnet | None) -> Arrival:
    """Into the subnet that holds the destination: the one meant, where two do (emulators let subnets overlap)."""
    subnet = trail.network.subnet_at(vpc_id, packet.destination)
    if toward and toward.vpc_id == vpc_id and any(block.covers(packet.destination) for block in toward.blocks):
        subnet = toward
    if subnet is None:
        trail.stop("NO_POSSIBLE_DESTINATION", "no_subnet", Spot("vpc", vpc_id, "inbound"), packet)
    return Arrival(trail.acl(subnet, packet, "inbound"), senders, subnet)


def _peer(trail: Trail, route: Route, packet: Packet, senders: tuple[Place, ...], toward: Subnet | None) -> Arrival:
    """Into the VPC behind a peering connection, and not beyond it: there is "no transitive peering".
    https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html (2026-11-23)
    """
    ends = trail.network.peerings[route.target].vpc_ids
    other = ends[0] if ends[-1] == senders[-1].subnet.vpc_id else ends[-1]
    vpc = trail.network.vpcs.get(other)
    if vpc is None:
        raise Unclear("not_read", "vpc", other)
    spot = Spot(route.kind, route.target)
    if not any(block.covers(packet.destination) for block in vpc.blocks):
        trail.stop("PCX_REQUIRES_ADDRESS_IN_VPC_CIDR", "peer_range", spot, packet)
    trail.add(Spot(route.kind, route.target), "passes", packet)
    return _arrive(trail, other, packet, senders, toward)


def _endpoint(trail: Trail, route: Route, packet: Packet) -> None:
    """To the service behind a gateway endpoint's prefix list, which answers; the endpoint's policy is not asked."""
    if trail.network.endpoints[route.target].kind != "gateway":
        raise Unclear("not_followed", "vpc-endpoint", route.target)
    if packet.protocol != TCP:
        spot = Spot(route.kind, route.target)
        trail.stop("VPCE_GATEWAY_PROTOCOL_RESTRICTION", "endpoint_protocol", spot, packet)
    trail.add(Spot(route.kind, route.target), "receives", packet)


def _internet(trail: Trail, route: Route, sender: Place, packet: Packet) -> None:
    """Out to the internet, which by IPv4 takes a public address of one's own.

    "your instance must have a public IPv4 address"; "if you route traffic from the private NAT gateway to the internet
    gateway, the internet gateway drops the traffic".
    https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html (2026-11-23)
    https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html (2026-11-23)
    """
    if trail.network.public_access_blocked:
        raise Unclear("public_access", route.kind, route.target)
    spot = Spot(route.kind, route.target)
    if route.kind == "egress-only-internet-gateway" and packet.destination.version == 4:
        trail.stop("PROTOCOL_RESTRICTION", "ipv6_only", spot, packet)
    if any(block.covers(packet.destination) for block in PRIVATE):
        shared = any(block.covers(packet.destination) for block in RFC6598)
        code: Code = "IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS"
        trail.stop(
            code if shared else "IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS", "private_destination", spot, packet
        )
    if packet.destination.version == 4 and not sender.public:
        reason, name = "no_public_ip", sender.subnet.id
        if sender.nat:
            reason, name = "no_elastic_ip" if sender.nat.public else "private_nat", sender.nat.id
        spot = Spot("nat-gateway" if sender.nat else "host", name)
        trail.stop("IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS", reason, spot, packet)
    trail.add(Spot(route.kind, route.target), "passes", packet)
