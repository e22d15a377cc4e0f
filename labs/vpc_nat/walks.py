"""The questions of the lab, put to the packet walker for every subnet of a tier."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from grader.checks import Given, Inconclusive, say
from grader.effects import network
from grader.effects.network import INTERNET, Blocked, Host, Network, Verdict

from . import mended
from .account import PRIVATE, PUBLIC, Account, Subnet
from .readback import is_followed, keeps_ports_of_acl_rules, keeps_targets_of_routes

HTTPS = 443


@dataclass(frozen=True)
class Walks:
    """Of one account: `as_if` has everything mended that a requirement of its own charges for."""

    account: Account

    @cached_property
    def as_if(self) -> Network:
        return mended.judged(self.account.network, self.account.vpc_id)

    @cached_property
    def with_own_nats(self) -> Network:
        """As it is, but for subnets outside the VPC and gateways that are not attached."""
        inside = mended.subnets_inside(self.account.network, self.account.vpc_id)
        return mended.gateway_attached(inside, self.account.vpc_id)

    def out_of_public(self, subnet: Subnet) -> Verdict:
        """A host with a public address opens HTTPS to the internet."""
        return network.walk(self.as_if, Host(subnet.id, public_ip=True), INTERNET, port=HTTPS)

    def into_public(self, subnet: Subnet) -> Verdict:
        """The internet opens HTTPS to a host with a public address."""
        return network.walk(self.as_if, INTERNET, Host(subnet.id, public_ip=True), port=HTTPS)

    def out_of_private(self, subnet: Subnet) -> Verdict:
        """A host as the subnet launches it opens HTTPS to the internet."""
        return network.reaches_internet(self.as_if, subnet.id)

    def into_private(self, subnet: Subnet) -> Verdict:
        """Anybody opens any connection to a host that were given public addresses."""
        return network.open_to_internet(self.as_if, subnet.id)

    def through_nat(self, subnet: Subnet, nat_id: str) -> Verdict:
        """A host that lacks nothing but this NAT gateway opens HTTPS to the internet."""
        return network.reaches_internet(mended.sends_to(self.with_own_nats, subnet.id, nat_id), subnet.id)

    def nats_used(self) -> Iterator[tuple[str, Subnet]]:
        """Each private subnet with each of the NAT gateways that its route table sends to."""
        by_table: dict[tuple[str, ...], list[str]] = {}
        for subnet in self.account.tier(PRIVATE):
            place = self.as_if.subnets[subnet.id]
            tables = tuple(table.id for table in self.as_if.tables_of(place))
            if tables not in by_table:
                open_here = mended.opened(self.as_if, subnet.id)
                passed = network.reaches_internet(open_here, subnet.id).through("nat-gateway")
                by_table[tables] = self._in_order(passed)
            yield from ((nat_id, subnet) for nat_id in by_table[tables])

    def _in_order(self, nat_ids: frozenset[str]) -> list[str]:
        """In the subnets' order, so that a report is the same again."""
        there = list(self.account.network.nat_gateways)
        return sorted(nat_ids, key=lambda nat_id: (there.index(nat_id) if nat_id in there else len(there), nat_id))

    def nats_there(self) -> list[str]:
        """The NAT gateways of the VPC that were not deleted."""
        every = self.account.network.nat_gateways.values()
        mine = [nat for nat in every if nat.vpc_id == self.account.vpc_id]
        return [nat.id for nat in mine if nat.state not in ("deleted", "deleting")]

    def connected(self) -> bool:
        """Does anything in the VPC reach the internet at all?"""
        tagged = (*self.account.tier(PUBLIC), *self.account.tier(PRIVATE))
        hosts = (Host(subnet.id, public_ip=True) for subnet in tagged)
        return any(network.walk(self.as_if, host, INTERNET, port=HTTPS, want="some").reachable for host in hosts)

    def settled(self, verdict: Verdict, given: Given) -> Verdict:
        """The verdict, if it is one. Raises Inconclusive where nobody can say."""
        if self.account.loses_ports:
            raise Inconclusive(keeps_ports_of_acl_rules)
        if verdict.reachable is not None:
            return verdict
        reason = verdict.out_of_scope
        if reason is not None and reason.reason == "lost_target":
            raise Inconclusive(keeps_targets_of_routes)
        if reason is not None:
            given.note(say("{reason} So one way was not judged.", reason=reason.text))
        raise Inconclusive(is_followed)


def alike(one: Blocked | None, other: Blocked | None) -> bool:
    """Do two walks end at the same place for the same reason?"""
    if one is None or other is None:
        return False
    first, second = one.hop, other.hop
    return (one.reason, one.leg, first.kind, first.id, first.direction) == (
        other.reason,
        other.leg,
        second.kind,
        second.id,
        second.direction,
    )
