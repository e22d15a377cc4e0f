"""What a `network` model holds, bounded and made harmless: nothing in it acts, hides, or is too long to draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grader.formats.escaping import one_line
from grader.formats.words import WORDS, say

_SUBNETS, _WAYS, _STOPS, _GATEWAYS, _FEW = 60, 8, 24, 6, 4  # more is no picture
_WORD, _SENTENCE = 80, 300
TIERS = ("public", "private")


@dataclass(frozen=True)
class Nat:
    """A NAT gateway that lies in a subnet."""

    id: str
    state: str


@dataclass(frozen=True)
class Subnet:
    """A subnet, and where the routes of its table lead."""

    id: str
    name: str
    cidr: str
    zone: str
    tier: str
    table: str
    is_main: bool
    routes: tuple[str, ...]
    gives_addresses: bool
    nats: tuple[Nat, ...]


@dataclass(frozen=True)
class Gateway:
    """A gateway on the VPC's edge, attached or not."""

    kind: str
    id: str
    attached: bool

    @property
    def word(self) -> str:
        """What it is."""
        return kind_word(self.kind)


@dataclass(frozen=True)
class Stop:
    """A place that a packet comes to."""

    kind: str
    id: str
    rules: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        """What it is."""
        return kind_word(self.kind)


@dataclass(frozen=True)
class Way:
    """A packet's way out and its answer's back; `code` is empty where nothing blocks, and `away` names what it was
    handed to and is not followed beyond."""

    label: str
    subnet: str
    reached: bool | None
    wanted: bool
    out: tuple[Stop, ...]
    back: tuple[Stop, ...]
    code: str
    reason: str
    away: str

    @property
    def as_asked(self) -> bool:
        """Does it end as the lab asks?"""
        return self.reached is self.wanted

    @property
    def result(self) -> str:
        """How it ends, in words, with the code."""
        if self.reached is None:
            return say("handed to", place=self.away) if self.away else say("nobody can say")
        if self.reached:
            return say("gets there" if self.wanted else "gets in")
        if not self.wanted:
            return say("kept out", code=self.code or "?")
        stop = (self.back or self.out or (Stop("host", ""),))[-1]
        return say("stuck at", place=f"{stop.word} {stop.id}".strip(), code=self.code or "?")

    @property
    def verdict(self) -> str:
        """`as asked`, or not."""
        return say("same" if self.as_asked else "not as asked")


@dataclass(frozen=True)
class Picture:
    """The whole of it."""

    title: str
    name: str
    blocks: tuple[str, ...]
    gateways: tuple[Gateway, ...]
    subnets: tuple[Subnet, ...]
    more: int
    ways: tuple[Way, ...]

    @property
    def heading(self) -> str:
        """The VPC in a line: its name, its addresses, its gateways."""
        doors = [
            say("a gateway" if one.attached else "a gateway apart", kind=one.word, id=one.id) for one in self.gateways
        ]
        return ", ".join(part for part in (self.name, *self.blocks, *doors) if part)


def picture(model: Mapping[str, Any]) -> Picture:
    """What of the model can be shown."""
    vpc = _mapping(model.get("vpc"))
    listed = _mappings(model.get("subnets"))
    left_out = model.get("more")
    more = left_out if isinstance(left_out, int) and not isinstance(left_out, bool) and 0 < left_out < 10**6 else 0
    return Picture(
        title=one_line(model.get("title"), 200),
        name=_word(vpc.get("name")) or _word(vpc.get("id")),
        blocks=_words(vpc.get("cidr")),
        gateways=tuple(_gateway(item) for item in _mappings(model.get("gateways"))[:_GATEWAYS]),
        subnets=tuple(_subnet(item) for item in listed[:_SUBNETS]),
        more=more + max(0, len(listed) - _SUBNETS),
        ways=tuple(_way(item) for item in _mappings(model.get("ways"))[:_WAYS]),
    )


def kind_word(kind: str) -> str:
    """What AWS calls such a thing; a kind that we do not know as it is."""
    key = f"kind {kind}"
    return say(key) if key in WORDS else kind


def _gateway(item: Mapping[str, Any]) -> Gateway:
    return Gateway(_word(item.get("kind")), _word(item.get("id")), item.get("attached") is True)


def _subnet(item: Mapping[str, Any]) -> Subnet:
    tier = _word(item.get("tier"))
    return Subnet(
        id=_word(item.get("id")),
        name=_word(item.get("name")),
        cidr=_word(item.get("cidr")),
        zone=_word(item.get("zone")),
        tier=tier if tier in TIERS else "",
        table=_word(item.get("table")),
        is_main=item.get("main") is True,
        routes=_words(item.get("routes")),
        gives_addresses=item.get("public_ip") is True,
        nats=tuple(Nat(_word(n.get("id")), _word(n.get("state"))) for n in _mappings(item.get("nats"))[:_FEW]),
    )


def _way(item: Mapping[str, Any]) -> Way:
    reached = item.get("reached")
    return Way(
        label=one_line(item.get("label"), _SENTENCE),
        subnet=_word(item.get("subnet")),
        reached=reached if isinstance(reached, bool) else None,
        wanted=item.get("wanted") is not False,
        out=_stops(item.get("out")),
        back=_stops(item.get("back")),
        code=_word(item.get("code")),
        reason=one_line(item.get("reason"), _SENTENCE),
        away=_word(item.get("away")),
    )


def _stops(value: object) -> tuple[Stop, ...]:
    """One after the other, and one that is met twice in a row once."""
    found: list[Stop] = []
    for item in _mappings(value)[:_STOPS]:
        stop = Stop(_word(item.get("kind")), _word(item.get("id")), _words(item.get("rules")))
        if not found or (found[-1].kind, found[-1].id) != (stop.kind, stop.id):
            found.append(stop)
    return tuple(found)


def _word(value: object) -> str:
    return one_line(value, _WORD) if isinstance(value, str) else ""


def _words(value: object) -> tuple[str, ...]:
    return tuple(word for item in (value if isinstance(value, list | tuple) else ())[:_FEW] if (word := _word(item)))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list | tuple) else []
