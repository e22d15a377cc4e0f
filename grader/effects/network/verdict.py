"""What a walk found: the hops out and back, what blocks, or why this engine does not say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeAlias

from grader.effects.network.blocks import Block, merged
from grader.effects.network.model import AclRule, GroupRule, Route
from grader.effects.network.ports import Ports, shown
from grader.effects.network.wording import BLOCKED, UNCLEAR
from grader.texts import Text, say

Direction = Literal["outbound", "inbound"]
Decision = Literal["sends", "receives", "allows", "denies", "routes", "translates", "passes", "drops"]
Decider: TypeAlias = Route | AclRule | GroupRule
# Whether all hosts, clients and ports must get through, or it is enough that some do.
Want = Literal["every", "some"]

# The codes' own page; each is spelled as it stands there (2026-11-23).
EXPLANATION_CODES: Final = "https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html"
Code = Literal[
    "BAD_STATE",
    "BAD_STATE_ROUTE",
    "ENI_SG_RULES_MISMATCH",
    "ENI_SOURCE_DEST_CHECK_RESTRICTION",
    "IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS",
    "IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS",
    "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS",
    "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS",
    "NGW_SOURCE_ADDRESS_REASSIGN",
    "NO_PATH",
    "NO_POSSIBLE_DESTINATION",
    "NO_ROUTE_TO_DESTINATION",
    "NO_SOURCE_OR_DESTINATION",
    "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR",
    "PROTOCOL_RESTRICTION",
    "SG_HAS_NO_RULES",
    "SUBNET_ACL_RESTRICTION",
    "VPCE_GATEWAY_PROTOCOL_RESTRICTION",
]


@dataclass(frozen=True)
class Hop:
    """One component on the way: `kind` as AWS names it ("network-acl", "nat-gateway"; "host", "internet").

    `rules` are those that decided, `ports` the destination ports of the packets there.
    """

    kind: str
    id: str
    decision: Decision
    direction: Direction | None = None
    rules: tuple[Decider, ...] = ()
    ports: Ports = ()

    def to_json(self) -> dict[str, Any]:
        """The hop in plain values."""
        return {
            "kind": self.kind,
            "id": self.id,
            "decision": self.decision,
            "direction": self.direction,
            "rules": [str(rule) for rule in self.rules],
            "ports": shown(self.ports),
        }


@dataclass(frozen=True)
class Blocked:
    """Where it ends and why: AWS's explanation code, our reason (a key of `wording.BLOCKED`), and the hop.

    `leg` tells the way out from the answer's way back. `ports` are the destination ports that do not pass.
    """

    code: Code
    reason: str
    hop: Hop
    leg: Literal["forward", "back"] = "forward"
    ports: Ports = ()

    @property
    def doc(self) -> str:
        """The page that explains the code."""
        return EXPLANATION_CODES

    @property
    def text(self) -> Text:
        """A sentence for the student."""
        rules = "; ".join(str(rule) for rule in self.hop.rules)
        return say(BLOCKED[self.reason], id=self.hop.id, rules=rules, ports=shown(self.ports))

    def to_json(self) -> dict[str, Any]:
        """What blocks, in plain values."""
        hop, ports = self.hop.to_json(), shown(self.ports)
        return {"code": self.code, "reason": self.reason, "leg": self.leg, "hop": hop, "ports": ports, "doc": self.doc}


@dataclass(frozen=True)
class OutOfScope:
    """Why this engine does not say: a reason (a key of `wording.UNCLEAR`) and the component it is about."""

    reason: str
    kind: str
    id: str

    @property
    def text(self) -> Text:
        """A sentence for whoever reads the report."""
        return say(UNCLEAR[self.reason], kind=self.kind, id=self.id)


@dataclass(frozen=True)
class Way:
    """What happens to one packet and its answer. `reachable` is None where `out_of_scope` says why."""

    reachable: bool | None
    forward: tuple[Hop, ...]
    back: tuple[Hop, ...] = ()
    blocked: Blocked | None = None
    out_of_scope: OutOfScope | None = None

    def through(self, kind: str) -> tuple[str, ...]:
        """The ids of the components of a kind that the packet passes on its way out."""
        return tuple(hop.id for hop in self.forward if hop.kind == kind)


@dataclass(frozen=True)
class Part:
    """All pairs of addresses that fare alike: each address of `sources` with each of `destinations`."""

    sources: tuple[Block, ...]
    destinations: tuple[Block, ...]
    way: Way

    @property
    def size(self) -> int:
        """How many pairs of addresses."""
        return sum(one.size for one in self.sources) * sum(one.size for one in self.destinations)


@dataclass(frozen=True)
class Verdict:
    """The answer for all addresses asked about: `parts` tells them apart, the largest first.

    With `want` "every", `reachable` is True where every part gets through; with "some", where any does. `way` is the
    one that tells: the largest part that fares as the verdict says.
    """

    want: Want
    parts: tuple[Part, ...]

    @property
    def reachable(self) -> bool | None:
        """True, False, or None where a part that matters is out of scope."""
        found = {part.way.reachable for part in self.parts}
        decisive = self.want == "some"
        if decisive in found:
            return decisive
        return None if None in found or not found else not decisive

    @property
    def way(self) -> Way:
        """The way of the largest part that fares as the verdict says."""
        return next(part.way for part in self.parts if part.way.reachable is self.reachable)

    @property
    def forward(self) -> tuple[Hop, ...]:
        """The hops out."""
        return self.way.forward

    @property
    def back(self) -> tuple[Hop, ...]:
        """The hops of the answer."""
        return self.way.back

    @property
    def blocked(self) -> Blocked | None:
        """What blocks, where something does."""
        return self.way.blocked

    @property
    def out_of_scope(self) -> OutOfScope | None:
        """Why there is no answer, where there is none."""
        return self.way.out_of_scope

    @property
    def share(self) -> float:
        """How much of what was asked about gets through, of all pairs of addresses: 0 to 1."""
        passing = sum(part.size for part in self.parts if part.way.reachable)
        return passing / (sum(part.size for part in self.parts) or 1)

    def through(self, kind: str) -> frozenset[str]:
        """The ids of all components of a kind that anything which gets through passes on its way out."""
        return frozenset(id for part in self.parts if part.way.reachable for id in part.way.through(kind))

    def only_through(self, *kinds: str) -> bool:
        """Whether everything that gets through passes a component of one of these kinds on its way out."""
        passing = [part.way for part in self.parts if part.way.reachable]
        return all(any(way.through(kind) for kind in kinds) for way in passing)

    def to_json(self) -> dict[str, Any]:
        """The verdict and its telling way in plain values, for a report's `model`."""
        way = self.way
        return {
            "reachable": self.reachable,
            "forward": [hop.to_json() for hop in way.forward],
            "back": [hop.to_json() for hop in way.back],
            "blocked": way.blocked and way.blocked.to_json(),
            "out_of_scope": way.out_of_scope and way.out_of_scope.reason,
        }


def gathered(want: Want, parts: list[Part]) -> Verdict:
    """The verdict over parts, those that fare alike put together."""
    by_source: dict[tuple[Way, tuple[Block, ...]], list[Block]] = {}
    for part in parts:
        by_source.setdefault((part.way, part.destinations), []).extend(part.sources)
    by_way: dict[tuple[Way, tuple[Block, ...]], list[Block]] = {}
    for (way, destinations), sources in by_source.items():
        by_way.setdefault((way, merged(sources)), []).extend(destinations)
    found = [Part(sources, merged(destinations), way) for (way, sources), destinations in by_way.items()]
    return Verdict(want, tuple(sorted(found, key=lambda part: (-part.size, part.sources, part.destinations))))


def on_the_way_back(blocked: Blocked) -> Blocked:
    """The same, said of the answer."""
    return replace(blocked, leg="back")
