"""Instances that traffic is sent through, by a route to one of their network interfaces."""

from __future__ import annotations

from typing import NoReturn

from grader.effects.network.filters import Packet
from grader.effects.network.model import Route, RouteTable, Subnet
from grader.effects.network.stops import Unclear
from grader.effects.network.trail import Spot, Trail


def in_vpc(target: str) -> bool:
    """Whether a route's target is in a VPC itself, so that what it gets may go on to the VPC's own gateways.

    "You can route … through a middlebox appliance", by its network interface; all other targets lead out of the VPC.
    https://docs.aws.amazon.com/vpc/latest/userguide/route-table-options.html (2026-11-26)
    """
    return target.startswith(("i-", "eni-"))


def to_interface(trail: Trail, table: RouteTable, route: Route, subnet: Subnet, packet: Packet) -> NoReturn:
    """It ends there, or nobody can say where it goes on: a NAT instance and a firewall look alike from outside.

    "Network interfaces with source/destination check enabled reject inbound traffic if the destination address does
    not match one of its private IP addresses"; a route whose target is not available is a black hole.
    https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html (2026-11-26)
    """
    network, spot = trail.network, Spot("route-table", table.id)
    interface = network.interface_at(route.target)
    if interface is None and "NetworkInterfaces" not in network.known:
        trail.add(spot, "routes", packet, (route,))
        raise Unclear("not_followed", "route", route.target)
    if interface is None:
        trail.stop("BAD_STATE_ROUTE", "target_gone", spot, packet, (route,))
    home = network.subnets.get(interface.subnet_id)
    if home is not None and home.vpc_id != subnet.vpc_id:
        trail.stop("BAD_STATE_ROUTE", "target_elsewhere", spot, packet, (route,))
    if not interface.attached:
        trail.stop("BAD_STATE_ROUTE", "interface_idle", spot, packet, (route,))
    trail.add(spot, "routes", packet, (route,))
    if interface.checks_addresses:
        there = Spot("network-interface", interface.id, "inbound")
        trail.stop("ENI_SOURCE_DEST_CHECK_RESTRICTION", "source_dest_check", there, packet)
    raise Unclear("appliance", "network-interface", interface.id)
