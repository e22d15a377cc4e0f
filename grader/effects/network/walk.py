"""From a question about hosts and the internet to the ways between them, part by part, out and back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product
from typing import Final, TypeAlias

from grader.effects.network import journey
from grader.effects.network.blocks import GLOBAL_V4, GLOBAL_V6, Block, read_blocks, split, without
from grader.effects.network.filters import Packet
from grader.effects.network.model import Network
from grader.effects.network.places import Place, Visitor, cuts, services, usable
from grader.effects.network.ports import TCP, UDP, Ports, read_protocol
from grader.effects.network.stops import Stopped, Unclear
from grader.effects.network.trail import Trail
from grader.effects.network.verdict import Blocked, Code, Hop, Part, Verdict, Want, Way, gathered, on_the_way_back

# More pieces than these are not walked: AWS's own quotas stay far below, a hostile account need not.
MAX_PARTS: Final = 4_000


@dataclass(frozen=True)
class Host:
    """A host in a subnet, launched or not: without `private_ip`, any host that could be there.

    `public_ip` and `ipv6` say whether it has such an address; None is what the subnet gives to a host launched in
    it. `security_groups` are ids; None takes them as open.
    """

    subnet_id: str
    public_ip: bool | None = None
    ipv6: bool | None = None
    private_ip: str | None = None
    security_groups: tuple[str, ...] | None = None

    @classmethod
    def of_interface(cls, network: Network, interface_id: str) -> Host:
        """The host behind a network interface that was read. Raises KeyError for one that was not."""
        found = network.interfaces[interface_id]
        return cls(found.subnet_id, found.public_ip, found.ipv6, found.private_ip, found.security_groups)


@dataclass(frozen=True)
class Internet:
    """Every address of these blocks, out on the internet."""

    blocks: tuple[Block, ...] = GLOBAL_V4

    @classmethod
    def at(cls, *cidrs: str) -> Internet:
        """Some part of the internet. Raises ValueError for what are not CIDR blocks or addresses of one version."""
        blocks = read_blocks(cidrs)
        if len(blocks) != len(cidrs) or len({block.version for block in blocks}) != 1:
            raise ValueError(f"not blocks of one version: {', '.join(cidrs)}")
        return cls(blocks)


INTERNET: Final = Internet()
INTERNET_V6: Final = Internet(GLOBAL_V6)

End: TypeAlias = Host | Internet


def walk(
    network: Network,
    source: End,
    destination: End,
    protocol: str | int = "tcp",
    port: int | tuple[int, int] = 443,
    *,
    want: Want = "every",
    version: int = 4,
) -> Verdict:
    """Whether the source can open a connection to the destination, and gets the answers.

    `want` "every": from every host, to every address, on every port named, from whatever port the client chose.
    "some": anything at all gets through (what a closed door must not allow). `version` is of use between two hosts
    only. Never raises for what a network holds; raises ValueError for the internet at both ends.
    """
    versions = [end.blocks[0].version for end in (source, destination) if isinstance(end, Internet)]
    if len(versions) == 2:
        raise ValueError("one of the ends is a host")
    ports = (port,) if isinstance(port, tuple) else ((port, port),)
    question = _Question(network, protocol, ports, want, versions[0] if versions else version)
    try:
        return gathered(want, list(question.parts(source, destination)))
    except Stopped as stop:
        way = Way(False, (stop.blocked.hop,), blocked=stop.blocked)
    except Unclear as unclear:
        way = Way(None, (), out_of_scope=unclear.out_of_scope)
    return Verdict(want, (Part((), (), way),))


@dataclass(frozen=True)
class _Question:
    network: Network
    protocol: str | int
    ports: Ports
    want: Want
    version: int

    def parts(self, source: End, destination: End) -> Iterator[Part]:
        """Each pair of pieces of the ends, and its way."""
        number = read_protocol(self.protocol)
        if number not in (TCP, UDP):
            raise Unclear("protocol", "protocol", str(self.protocol))
        ends = [self._end(source), self._end(destination)]
        hosts = [end for end in ends if isinstance(end, Place)]
        homes = [block for host in hosts for block in self.network.blocks_of(host.subnet.vpc_id)]
        if isinstance(source, Internet):
            homes += services(self.network, hosts)
        edges = cuts(self.network, hosts)
        blocks = [end.blocks if isinstance(end, Place) else without(end.blocks, homes) for end in ends]
        pieces = [list(islice(split(found, edges), MAX_PARTS + 1)) for found in blocks]
        if len(pieces[0]) * len(pieces[1]) > MAX_PARTS:
            raise Unclear("too_many_parts", "subnet", ", ".join(host.subnet.id for host in hosts))
        if not all(pieces):
            raise Unclear("no_outside", "subnet", ", ".join(host.subnet.id for host in hosts))
        for here, there in product(*pieces):
            packet = Packet(number, here, there, self.ports)
            yield Part((here,), (there,), self._way(ends[0].at(here), ends[1].at(there), packet))

    def _end(self, end: End) -> Place | Visitor:
        """An end with the addresses that it could have."""
        if isinstance(end, Internet):
            return Visitor(end.blocks)
        subnet = self.network.subnets.get(end.subnet_id)
        if subnet is None:
            raise _missing("NO_SOURCE_OR_DESTINATION", "no_host", end.subnet_id)
        block = subnet.block(self.version)
        fixed = Block.parse(end.private_ip) if self.version == 4 else None
        has_ipv6 = subnet.assigns_ipv6 if end.ipv6 is None else end.ipv6
        if block is None or (self.version == 6 and not has_ipv6):
            raise _missing("NO_PATH", "no_address", end.subnet_id)
        public = subnet.maps_public_ip if end.public_ip is None else end.public_ip
        return Place(subnet, (fixed or usable(block),), public, end.security_groups)

    def _way(self, here: Place | Visitor, there: Place | Visitor, packet: Packet) -> Way:
        """Out, and then back."""
        out, back = Trail(self.network, self.want), Trail(self.network, self.want)
        blocked, unclear = None, None
        try:
            if isinstance(here, Place):
                journey.answer(back, journey.send(out, here, there, packet), there)
            elif isinstance(there, Place):
                journey.visit(out, there, packet)
                journey.answer_visit(back, there, packet)
        except Stopped as stop:
            blocked = on_the_way_back(stop.blocked) if back.hops else stop.blocked
        except Unclear as found:
            unclear = found.out_of_scope
        reachable = None if unclear else blocked is None
        return Way(reachable, tuple(out.hops), tuple(back.hops), blocked, unclear)


def _missing(code: Code, reason: str, subnet_id: str) -> Stopped:
    return Stopped(Blocked(code, reason, Hop("subnet", subnet_id, "drops")))
