"""The VPC as it would be if what one requirement charges for were mended: so each cause has one price.

Nothing here is asked of an emulator. Each function takes a network and gives another.
"""

from __future__ import annotations

from dataclasses import replace

from grader.effects.network import Network
from grader.effects.network.blocks import Block
from grader.effects.network.model import Acl, AclRule, Gateway, NatGateway, Route, RouteTable, Subnet
from grader.effects.network.ports import ALL, ALL_PORTS

IDEAL_SUBNET, IDEAL_TABLE, IDEAL_ACL, IDEAL_GATEWAY = "subnet-ideal", "rtb-ideal", "acl-ideal", "igw-ideal"
EVERYWHERE = Block(4, 0, 2**32 - 1)
# Where no subnet of a VPC can be: what lies there is met by nothing but what is meant for it.
NOWHERE = Block(4, 0, 15)


def judged(network: Network, vpc_id: str) -> Network:
    """With every subnet inside the VPC, its internet gateway attached, and all its NAT gateways at work.

    The subnet of those gateways is one of the VPC's too: a route table of the internet gateway lets answers in there.
    """
    return subnets_inside(nats_at_work(gateway_attached(network, vpc_id), vpc_id), vpc_id)


def subnets_inside(network: Network, vpc_id: str) -> Network:
    """The VPC holds the addresses of each of its subnets, as it must on AWS."""
    vpc = network.vpcs[vpc_id]
    blocks = tuple(dict.fromkeys((*vpc.blocks, *network.blocks_of(vpc_id))))
    kept = tuple(b for b in blocks if b in vpc.blocks or not any(whole.covers(b) for whole in vpc.blocks))
    return replace(network, vpcs={**network.vpcs, vpc_id: replace(vpc, blocks=kept)})


def gateway_attached(network: Network, vpc_id: str) -> Network:
    """Each internet gateway that a route of the VPC names is there, and attached to it; at least one is."""
    named = {route.target for route in routes_of(network, vpc_id) if route.kind == "internet-gateway"}
    if not named and network.internet_gateway_of(vpc_id) is None:
        named = {IDEAL_GATEWAY}
    attached = {name: Gateway(name, frozenset([vpc_id])) for name in named}
    known = network.known | {"InternetGateways"}
    return replace(network, internet_gateways={**network.internet_gateways, **attached}, known=known)


def nats_at_work(network: Network, vpc_id: str) -> Network:
    """Each NAT gateway that a route of the VPC names works, in a subnet of its own that reaches the internet."""
    gateway = network.internet_gateway_of(vpc_id)
    subnet = Subnet(IDEAL_SUBNET, vpc_id, (NOWHERE,))
    out = Route("0.0.0.0/0", gateway.id if gateway else IDEAL_GATEWAY, "internet-gateway", EVERYWHERE)
    table = RouteTable(IDEAL_TABLE, vpc_id, subnet_ids=frozenset([IDEAL_SUBNET]), routes=(out,))
    nats = {name: _at_work(name, vpc_id) for name in nats_named(network, vpc_id)}
    return replace(
        network,
        subnets={**network.subnets, IDEAL_SUBNET: subnet},
        route_tables={**network.route_tables, IDEAL_TABLE: table},
        acls={**network.acls, IDEAL_ACL: _open_acl(vpc_id, IDEAL_SUBNET)},
        nat_gateways={**network.nat_gateways, **nats},
        known=network.known | {"NatGateways"},
    )


def sends_to(network: Network, subnet_id: str, nat_id: str) -> Network:
    """A subnet that sends everything to a NAT gateway and lets everything in and out, unless that lies in it."""
    subnet, nat = network.subnets[subnet_id], network.nat_gateways.get(nat_id)
    if nat is not None and nat.subnet_id == subnet_id:
        return network
    route = Route("0.0.0.0/0", nat_id, "nat-gateway", EVERYWHERE)
    table = RouteTable(IDEAL_TABLE, subnet.vpc_id, subnet_ids=frozenset([subnet_id]), routes=(route,))
    others = {t.id: replace(t, subnet_ids=t.subnet_ids - {subnet_id}) for t in network.route_tables.values()}
    return replace(opened(network, subnet_id), route_tables={**others, IDEAL_TABLE: table})


def opened(network: Network, subnet_id: str) -> Network:
    """A subnet without a network ACL that denies anything."""
    acl = _open_acl(network.subnets[subnet_id].vpc_id, subnet_id)
    others = {acl.id: replace(acl, subnet_ids=acl.subnet_ids - {subnet_id}) for acl in network.acls.values()}
    return replace(network, acls={**others, f"{IDEAL_ACL}-{subnet_id}": replace(acl, id=f"{IDEAL_ACL}-{subnet_id}")})


def routes_of(network: Network, vpc_id: str) -> list[Route]:
    """All routes of the VPC's tables."""
    return [route for table in network.route_tables.values() if table.vpc_id == vpc_id for route in table.routes]


def nats_named(network: Network, vpc_id: str) -> frozenset[str]:
    """The NAT gateways that routes of the VPC name, whether they are there or not."""
    return frozenset(route.target for route in routes_of(network, vpc_id) if route.kind == "nat-gateway")


def _at_work(name: str, vpc_id: str) -> NatGateway:
    return NatGateway(name, vpc_id, IDEAL_SUBNET, "available", public=True, elastic_ip=True)


def _open_acl(vpc_id: str, subnet_id: str) -> Acl:
    rules = tuple(AclRule(1, egress, True, ALL, EVERYWHERE, ALL_PORTS) for egress in (False, True))
    return Acl(IDEAL_ACL, vpc_id, subnet_ids=frozenset([subnet_id]), rules=rules)
