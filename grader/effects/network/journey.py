"""Connections: a packet from one end to the other, and the answer to it."""

from __future__ import annotations

from dataclasses import replace
from typing import NoReturn

from grader.effects.network.appliances import in_vpc, to_interface
from grader.effects.network.filters import Packet
from grader.effects.network.model import Subnet
from grader.effects.network.places import Place, Visitor
from grader.effects.network.ports import CLIENT_PORTS
from grader.effects.network.routes import choose
from grader.effects.network.stops import Unclear
from grader.effects.network.trail import Spot, Trail
from grader.effects.network.travel import Arrival, travel


def send(trail: Trail, source: Place, destination: Place | Visitor, packet: Packet) -> Arrival:
    """From a host to another, or to the internet."""
    trail.add(Spot("host", source.subnet.id), "sends", packet)
    host = destination if isinstance(destination, Place) else None
    packet = trail.groups(source, packet, "outbound", (host.groups or ()) if host else ())
    arrival = travel(trail, source, packet, host.subnet if host else None)
    if host:
        return _deliver(trail, arrival, host, source.groups or ())
    if arrival.subnet is not None:
        _astray(trail, arrival)
    if arrival.gateway_kind != "vpc-endpoint":
        trail.add(Spot("internet", "", "inbound"), "receives", arrival.packet)
    return arrival


def visit(trail: Trail, destination: Place, packet: Packet) -> None:
    """From the internet to a host, which takes a public address and an internet gateway, but no route of its subnet."""
    trail.add(Spot("internet", ""), "sends", packet)
    vpc_id = destination.subnet.vpc_id
    gateway = trail.network.internet_gateway_of(vpc_id)
    if trail.network.public_access_blocked:
        raise Unclear("public_access", "vpc", vpc_id)
    if gateway is None:
        if "InternetGateways" not in trail.network.known:
            raise Unclear("not_read", "internet-gateway", vpc_id)
        trail.stop("NO_PATH", "no_gateway", Spot("vpc", vpc_id, "inbound"), packet)
    if packet.destination.version == 4 and not destination.public:
        spot = Spot("internet-gateway", gateway.id, "inbound")
        trail.stop("IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS", "unknown_address", spot, packet)
    packet = _enter(trail, gateway.id, destination.subnet, packet)
    _deliver(trail, Arrival(packet, (destination,), destination.subnet), destination, ())


def answer_visit(trail: Trail, source: Place, packet: Packet) -> None:
    """A host's answer to the internet. It counts only if it leaves by the gateway by which the question came.

    Client ports are those of anybody: 1024-65535.
    """
    packet = replace(packet, source=packet.destination, destination=packet.source, ports=CLIENT_PORTS)
    trail.add(Spot("host", source.subnet.id), "sends", packet)
    arrival = travel(trail, source, packet, None, answer=True)
    if arrival.gateway_kind == "egress-only-internet-gateway":
        spot = Spot(arrival.gateway_kind, arrival.gateway_id)
        trail.stop("NO_POSSIBLE_DESTINATION", "outbound_only", spot, arrival.packet)
    if arrival.gateway_kind != "internet-gateway":
        _astray(trail, arrival)
    trail.add(Spot("internet", "", "inbound"), "receives", arrival.packet)


def answer(trail: Trail, arrival: Arrival, destination: Place | Visitor) -> None:
    """The answer to what `send` sent: to whoever sent it on last, and back through the NAT gateways to the host.

    "When sending response traffic to the instances, the NAT device translates the addresses back to the original
    source IP address": the NAT gateway's subnet routes it, and both subnets' ACLs are asked again.
    https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html (2026-11-23)
    """
    last = arrival.senders[-1]
    sent = arrival.packet
    packet = replace(sent, source=sent.destination, destination=last.block, ports=last.client_ports)
    if isinstance(destination, Place):
        trail.add(Spot("host", destination.subnet.id), "sends", packet)
        packet = _carry_back(trail, destination, packet, last.subnet)
    else:
        packet = _back_in(trail, arrival, packet)
    for before, nat in zip(arrival.senders[-2::-1], arrival.senders[:0:-1], strict=True):
        packet = replace(packet, destination=before.block, ports=before.client_ports)
        trail.add(Spot("nat-gateway", nat.nat.id if nat.nat else "", "inbound"), "translates", packet)
        packet = _carry_back(trail, nat, packet, before.subnet)
    trail.add(Spot("host", arrival.senders[0].subnet.id, "inbound"), "receives", packet)


def _carry_back(trail: Trail, sender: Place, packet: Packet, home: Subnet) -> Packet:
    arrival = travel(trail, sender, packet, home, answer=True)
    if arrival.subnet is None or arrival.subnet.id != home.id:
        _astray(trail, arrival)
    return arrival.packet


def _astray(trail: Trail, arrival: Arrival) -> NoReturn:
    kind, name = ("subnet", arrival.subnet.id) if arrival.subnet else (arrival.gateway_kind, arrival.gateway_id)
    trail.stop("NO_POSSIBLE_DESTINATION", "wrong_arrival", Spot(kind, name, "inbound"), arrival.packet)


def _back_in(trail: Trail, arrival: Arrival, packet: Packet) -> Packet:
    subnet = arrival.senders[-1].subnet
    if arrival.gateway_kind == "vpc-endpoint":
        trail.add(Spot(arrival.gateway_kind, arrival.gateway_id, "inbound"), "sends", packet)
        return trail.acl(subnet, packet, "inbound")
    trail.add(Spot("internet", ""), "sends", packet)
    return _enter(trail, arrival.gateway_id, subnet, packet, arrival.gateway_kind)


def _enter(trail: Trail, gateway_id: str, subnet: Subnet, packet: Packet, kind: str = "internet-gateway") -> Packet:
    """In from the internet, by the gateway's own route table, where it has one, and the ACL of the subnet."""
    trail.add(Spot(kind, gateway_id, "inbound"), "passes", packet)
    for table in trail.network.gateway_tables(gateway_id):
        route = choose(trail.network, table, packet.destination)
        if route is not None and in_vpc(route.target):
            to_interface(trail, table, route, subnet, packet)
        if route is None or route.kind != "local":
            raise Unclear("ingress_routing", "route-table", table.id)
    return trail.acl(subnet, packet, "inbound")


def _deliver(trail: Trail, arrival: Arrival, host: Place, peers: tuple[str, ...]) -> Arrival:
    """To the host that was meant. Behind a NAT gateway, nobody knows any more which groups the sender had."""
    if arrival.subnet is None or arrival.subnet.id != host.subnet.id:
        _astray(trail, arrival)
    packet = trail.groups(host, arrival.packet, "inbound", peers if len(arrival.senders) == 1 else ())
    trail.add(Spot("host", host.subnet.id, "inbound"), "receives", packet)
    return replace(arrival, packet=packet)
