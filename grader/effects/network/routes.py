"""Which route a packet takes, and whether its target is where the route thinks it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from grader.effects.network.blocks import Block
from grader.effects.network.model import Gateway, Network, Route, RouteTable, Subnet
from grader.effects.network.stops import Unclear

# The key of the reply that would have named the target.
_REPLIES: Final = {
    "internet-gateway": "InternetGateways",
    "egress-only-internet-gateway": "EgressOnlyInternetGateways",
    "nat-gateway": "NatGateways",
    "vpc-peering-connection": "VpcPeeringConnections",
    "vpc-endpoint": "VpcEndpoints",
}


def table_of(network: Network, subnet: Subnet) -> RouteTable:
    """The route table of a subnet. Raises Unclear where there is none, or more than one."""
    tables = network.tables_of(subnet)
    if len(tables) != 1:
        raise Unclear("ambiguous_table" if tables else "no_table", "subnet", subnet.id)
    return tables[0]


def choose(network: Network, table: RouteTable, destination: Block) -> Route | None:
    """The route for a destination, None where there is none. Raises Unclear where AWS itself would toss a coin.

    "1. Longest prefix 2. Static routes 3. Prefix list routes 4. Propagated routes"; and "the local route is most
    preferred even if the propagated routes are more specific".
    https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html (2026-11-23)
    https://docs.aws.amazon.com/vpn/latest/s2svpn/vpn-route-priority.html (2026-11-23)
    """
    matching = list(_matching(network, table, destination))
    if any(route.kind == "local" for route in matching):
        matching = [route for route in matching if not route.propagated]
    else:
        _all_lists_known(table)
    if not matching:
        return None
    size = matching[0].block.size if matching[0].block else 0
    best = min(_rank(route) for route in matching if route.block and route.block.size == size)
    targets = {route.target: route for route in matching if (_size(route), _rank(route)) == (size, best)}
    if len(targets) > 1:
        # Of two prefix lists, "we randomly choose which route takes priority"; AWS refuses other twins.
        raise Unclear("ambiguous_route", "route-table", table.id)
    return next(iter(targets.values()))


def _matching(network: Network, table: RouteTable, destination: Block) -> Iterator[Route]:
    """The routes whose block holds the destination, the most specific first; local ones stand in every table.

    "Every route table contains a local route for communication within the VPC." Where one has another target, it was
    replaced, and is not there a second time.
    https://docs.aws.amazon.com/vpc/latest/userguide/subnet-route-tables.html (2026-11-23)
    """
    sizes = [size for version, size in table.by_size if version == destination.version]
    vpc = network.vpcs.get(table.vpc_id)
    local = {block.size: block for block in (vpc.blocks if vpc else ()) if block.covers(destination)}
    for size in sorted({*sizes, *local}):
        first = destination.first - destination.first % size
        if first + size <= destination.last:
            continue
        found = table.by_size.get((destination.version, size), {}).get(first, ())
        yield from found
        if size in local and not found:
            yield Route(str(local[size]), "local", "local", local[size])


def _size(route: Route) -> int:
    return route.block.size if route.block else 0


def _rank(route: Route) -> int:
    return 2 if route.propagated else int(route.prefix_list)


def _all_lists_known(table: RouteTable) -> None:
    """A list that was not read may hold any address. Only what goes to an endpoint then goes where it should anyway."""
    for route in table.routes:
        if route.block is None and route.kind != "vpc-endpoint":
            raise Unclear("prefix_list", "prefix-list", route.destination)


def dead_end(network: Network, route: Route, subnet: Subnet) -> str | None:
    """The reason why a route's target cannot take anything from this subnet; None where it can.

    State is not asked: "The blackhole state indicates that the route's target isn't available (for example, the
    specified gateway isn't attached to the VPC)", and emulators forget to say so.
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html (2026-11-23)
    """
    vpcs = _vpcs_of_target(network, route)
    if vpcs is None:
        if _REPLIES[route.kind] not in network.known:
            raise Unclear("not_read", route.kind, route.target)
        return "target_gone"
    if not vpcs:
        return "target_detached"
    return None if subnet.vpc_id in vpcs else "target_elsewhere"


def _vpcs_of_target(network: Network, route: Route) -> frozenset[str] | None:
    """The VPCs that a target serves; None where it is not there (any more)."""
    gateways: Mapping[str, Mapping[str, Gateway]] = {
        "internet-gateway": network.internet_gateways,
        "egress-only-internet-gateway": network.egress_only_gateways,
    }
    if route.kind in gateways:
        gateway = gateways[route.kind].get(route.target)
        return gateway.vpc_ids if gateway else None
    if route.kind == "nat-gateway":
        nat = network.nat_gateways.get(route.target)
        return frozenset([nat.vpc_id]) if nat and nat.state not in ("deleting", "deleted") else None
    if route.kind == "vpc-peering-connection":
        peering = network.peerings.get(route.target)
        return frozenset(peering.vpc_ids) if peering and peering.active else None
    endpoint = network.endpoints.get(route.target)
    return frozenset([endpoint.vpc_id]) if endpoint and endpoint.available else None
