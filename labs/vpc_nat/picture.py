"""The report's picture: zones, subnets and gateways as they are, and how a packet of each kind fares among them.

Nothing is mended here: what is drawn is what AWS would have of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from grader.checks import Given, Text, say
from grader.effects import network
from grader.effects.network import INTERNET, Hop, Host, Network, Verdict

from .account import PRIVATE, PUBLIC, Account, Subnet
from .walks import HTTPS, Walks
from .words import shortened

LEFT = ("appliance", "not_followed")  # reasons that name what a packet was handed to
MOST_SUBNETS, MOST_WALKED, MOST_HOPS = 120, 24, 24
Walk = Callable[[Network, str], Verdict]


def drawn(walks: Walks, given: Given) -> Mapping[str, Any]:
    """The VPC, and one way of each kind: of the subnet that shows what is wrong, or of the first."""
    account = walks.account
    return {
        "drawing": "network",
        "title": say("Your VPC, and what becomes of a packet in it"),
        "vpc": {"id": account.vpc_id, "name": given.vpc_name, "cidr": _vpc_blocks(account)},
        "gateways": list(_gateways(account)),
        "subnets": [_subnet(account, one) for one in _in_order(account)[:MOST_SUBNETS]],
        "more": max(0, len(account.subnets) - MOST_SUBNETS),
        "ways": [way for way in _ways(account) if way],
    }


def _in_order(account: Account) -> list[Subnet]:
    """By zone, the public ones first."""
    tiers = {PUBLIC: 0, PRIVATE: 1}
    return sorted(account.subnets, key=lambda one: (one.zone, tiers.get(one.near, 2), one.cidr))


def _vpc_blocks(account: Account) -> list[str]:
    """Of IPv4: those of IPv6 are others each time."""
    return [str(block) for block in account.network.vpcs[account.vpc_id].blocks if block.version == 4][:4]


def _gateways(account: Account) -> Iterator[dict[str, Any]]:
    """Those that the VPC has, and those that its routes name."""
    found = account.network
    named = {r.target for t in found.route_tables.values() if t.vpc_id == account.vpc_id for r in t.routes}
    for kind, gateways in (
        ("internet-gateway", found.internet_gateways),
        ("egress-only-internet-gateway", found.egress_only_gateways),
    ):
        for gateway in gateways.values():
            if account.vpc_id in gateway.vpc_ids or gateway.id in named:
                yield {"kind": kind, "id": gateway.id, "attached": account.vpc_id in gateway.vpc_ids}


def _subnet(account: Account, subnet: Subnet) -> dict[str, Any]:
    found = account.network
    place = found.subnets[subnet.id]
    tables = found.tables_of(place)
    nats = [nat for nat in found.nat_gateways.values() if nat.subnet_id == subnet.id]
    return {
        "id": subnet.id,
        "name": shortened(subnet.name),
        "cidr": subnet.cidr,
        "zone": subnet.zone,
        "tier": subnet.near,
        "table": tables[0].id if tables else "",
        "main": any(table.main and subnet.id not in table.subnet_ids for table in tables),
        "routes": [str(r) for table in tables for r in table.routes if r.kind != "local"][:4],
        "public_ip": place.maps_public_ip,
        "nats": [{"id": nat.id, "state": nat.state} for nat in nats][:4],
    }


def _ways(account: Account) -> Iterator[dict[str, Any] | None]:
    out = say("A public host opens HTTPS to the internet")
    yield _way(account, PUBLIC, out, lambda net, one: network.walk(net, Host(one), INTERNET, port=HTTPS))
    into = say("The internet opens HTTPS to a public host")
    yield _way(account, PUBLIC, into, lambda net, one: network.walk(net, INTERNET, Host(one), port=HTTPS))
    yield _way(account, PRIVATE, say("A private host opens HTTPS to the internet"), network.reaches_internet)
    tries = say("The internet tries every port of a private host")
    yield _way(account, PRIVATE, tries, network.open_to_internet, wanted=False)


def _way(account: Account, tier: str, label: Text, walk: Walk, wanted: bool = True) -> dict[str, Any] | None:
    """How it goes in the first subnet where it goes as it should not, or in the first one of the tier."""
    subnets = account.tier(tier)[:MOST_WALKED]
    verdicts = [(subnet, walk(account.network, subnet.id)) for subnet in subnets]
    if not verdicts:
        return None
    subnet, verdict = next((pair for pair in verdicts if pair[1].reachable is not wanted), verdicts[0])
    blocked = verdict.blocked
    return {
        "label": label,
        "subnet": subnet.id,
        "reached": verdict.reachable,
        "wanted": wanted,
        "out": [_hop(hop) for hop in verdict.forward[:MOST_HOPS]],
        "back": [_hop(hop) for hop in verdict.back[:MOST_HOPS]],
        "code": blocked.code if blocked else "",
        "away": out.id if (out := verdict.out_of_scope) and out.reason in LEFT else "",
        "reason": blocked.text if blocked else verdict.out_of_scope.text if verdict.out_of_scope else "",
    }


def _hop(hop: Hop) -> dict[str, Any]:
    return {
        "kind": hop.kind,
        "id": hop.id,
        "direction": hop.direction or "",
        "rules": [str(rule) for rule in hop.rules[:2]],
    }
