"""The hops of one direction as they are made, and the filters on it: what is said of a packet is said here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

from grader.effects.network import filters
from grader.effects.network.filters import Packet
from grader.effects.network.model import Network, SecurityGroup, Subnet
from grader.effects.network.places import Place
from grader.effects.network.ports import Ports, minus
from grader.effects.network.stops import Stopped, Unclear
from grader.effects.network.verdict import Blocked, Code, Decider, Decision, Direction, Hop, Want


@dataclass(frozen=True)
class Spot:
    """A component, and the direction in which it is met, as seen from the subnet."""

    kind: str
    id: str
    direction: Direction = "outbound"


class Trail:
    """A direction's hops. Where `want` is "some", a filter takes ports away instead of blocking for one of them."""

    def __init__(self, network: Network, want: Want) -> None:
        self.network, self._want = network, want
        self.hops: list[Hop] = []

    def add(self, spot: Spot, decision: Decision, packet: Packet, rules: Sequence[Decider] = ()) -> Hop:
        """One more hop."""
        self.hops.append(Hop(spot.kind, spot.id, decision, spot.direction, tuple(rules), packet.ports))
        return self.hops[-1]

    def stop(
        self, code: Code, reason: str, spot: Spot, packet: Packet, rules: Sequence[Decider] = (), ports: Ports = ()
    ) -> NoReturn:
        """The last hop, which blocks. Raises Stopped."""
        decision: Decision = "denies" if spot.kind in ("network-acl", "security-group") else "drops"
        raise Stopped(Blocked(code, reason, self.add(spot, decision, packet, rules), ports=ports))

    def acl(self, subnet: Subnet, packet: Packet, direction: Direction) -> Packet:
        """Over the edge of a subnet, by its network ACL."""
        acl = self.network.acl_of(subnet)
        if acl is None:
            return packet
        spot = Spot("network-acl", acl.id, direction)
        found = filters.judge(acl, packet, direction == "outbound")
        if not found.allowed or (found.denied and self._want == "every"):
            reason = "acl" if found.denying else "acl_default"
            self.stop("SUBNET_ACL_RESTRICTION", reason, spot, packet, found.denying, found.denied)
        packet = replace(packet, ports=found.allowed)
        self.add(spot, "allows", packet, found.allowing)
        return packet

    def groups(self, place: Place, packet: Packet, direction: Direction, peers: tuple[str, ...]) -> Packet:
        """Through the security groups of a host, where it has any; `peers` are those of the other end."""
        if place.groups is None:
            return packet
        groups, egress = self._groups(place.groups), direction == "outbound"
        found = filters.admit(groups, packet, egress, frozenset(peers))
        denied = minus(packet.ports, found.allowed)
        spot = Spot("security-group", ", ".join(place.groups), direction)
        if not found.allowed or (denied and self._want == "every"):
            if found.unclear:
                raise Unclear("prefix_list", spot.kind, spot.id)
            if any(rule.egress is egress for group in groups for rule in group.rules):
                self.stop("ENI_SG_RULES_MISMATCH", "group", spot, packet, (), denied)
            self.stop("SG_HAS_NO_RULES", "group_empty", spot, packet, (), denied)
        packet = replace(packet, ports=found.allowed)
        self.add(spot, "allows", packet, found.rules)
        return packet

    def _groups(self, ids: tuple[str, ...]) -> list[SecurityGroup]:
        for id in ids:
            if id not in self.network.security_groups:
                raise Unclear("not_read", "security-group", id)
        return [self.network.security_groups[id] for id in ids]
