"""Ranges of addresses, as plain numbers: reading a reply may bring thousands, and a walk compares them all."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, order=True)
class Block:
    """All addresses of one version from `first` to `last`; a single address is a block of one."""

    version: int
    first: int
    last: int

    @classmethod
    def parse(cls, text: object) -> Block | None:
        """A CIDR block or an address; None for anything else.

        Bits after the prefix are dropped, as AWS does: "if you specify 100.68.0.18/18, we modify it to 100.68.0.0/18".
        https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkAclEntry.html (2026-11-23)
        """
        if not isinstance(text, str):
            return None
        try:
            found = ipaddress.ip_network(text.strip(), strict=False)
        except ValueError:
            return None
        return cls(found.version, int(found.network_address), int(found.broadcast_address))

    @property
    def size(self) -> int:
        """How many addresses."""
        return self.last - self.first + 1

    def covers(self, other: Block) -> bool:
        """Whether all of the other lies in this one."""
        return self.version == other.version and self.first <= other.first and other.last <= self.last

    def cidrs(self) -> tuple[str, ...]:
        """The same range in CIDR notation."""
        kind = ipaddress.IPv4Address if self.version == 4 else ipaddress.IPv6Address
        return tuple(str(found) for found in ipaddress.summarize_address_range(kind(self.first), kind(self.last)))

    def __str__(self) -> str:
        return ", ".join(self.cidrs())


def read_blocks(texts: Iterable[object]) -> tuple[Block, ...]:
    """Those of the texts that are blocks."""
    return tuple(block for text in texts if (block := Block.parse(text)) is not None)


def split(blocks: Iterable[Block], cuts: Iterable[Block]) -> Iterator[Block]:
    """The blocks in pieces, so that each of `cuts` covers a piece or has nothing to do with it."""
    edges = sorted({edge for cut in cuts for edge in ((cut.version, cut.first), (cut.version, cut.last + 1))})
    for block in blocks:
        first = block.first
        for version, edge in edges:
            if version == block.version and first < edge <= block.last:
                yield Block(version, first, edge - 1)
                first = edge
        yield Block(block.version, first, block.last)


def without(blocks: Iterable[Block], holes: Iterable[Block]) -> tuple[Block, ...]:
    """What is left of the blocks when the holes are taken out."""
    holes = tuple(holes)
    return tuple(piece for piece in split(blocks, holes) if not any(hole.covers(piece) for hole in holes))


def merged(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The same addresses in as few ranges as there can be."""
    found: list[Block] = []
    for block in sorted(blocks):
        if found and found[-1].version == block.version and block.first <= found[-1].last + 1:
            last = found.pop()
            block = Block(last.version, last.first, max(last.last, block.last))
        found.append(block)
    return tuple(found)


# What no route on the internet leads to ("Globally Reachable": false), multicast included. The blocks kept for
# documentation are among them: nobody answers there, so a rule about them takes nothing from anybody.
# https://www.iana.org/assignments/iana-ipv4-special-registry (2026-11-23)
_NOT_GLOBAL: Final = read_blocks(
    [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
        "2001:db8::/32",
        "3fff::/20",
    ]
)
GLOBAL_V4: Final = without(read_blocks(["0.0.0.0/0"]), _NOT_GLOBAL)
GLOBAL_V6: Final = without(read_blocks(["2000::/3"]), _NOT_GLOBAL)

RFC1918: Final = read_blocks(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"])
RFC6598: Final = read_blocks(["100.64.0.0/10"])
