"""Sets of ports, as sorted ranges, and protocols by number."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias

Ports: TypeAlias = tuple[tuple[int, int], ...]

ALL: Final = -1
TCP: Final = 6
UDP: Final = 17
# The AWS CLI takes names for numbers ("tcp" is sent as "6"), and describe_security_groups answers with names.
_NAMES: Final = {"all": ALL, "icmp": 1, "tcp": TCP, "udp": UDP, "icmpv6": 58}

ALL_PORTS: Final[Ports] = ((0, 65535),)
# "Many Linux kernels (including the Amazon Linux kernel) use ports 32768-61000": 60999 is the last of the kernel's own
# default. "A NAT gateway uses ports 1024-65535." "In practice, to cover the different types of clients that might
# initiate traffic to public-facing instances in your VPC, you can open ephemeral ports 1024-65535."
# https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html#nacl-ephemeral-ports (2026-11-23)
HOST_PORTS: Final[Ports] = ((32768, 60999),)
NAT_PORTS: Final[Ports] = ((1024, 65535),)
CLIENT_PORTS: Final[Ports] = ((1024, 65535),)


def read_protocol(value: object) -> int | None:
    """The number of a protocol, -1 for all of them; None where it makes no sense."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if not isinstance(value, str):
        return None
    name = value.strip().lower()
    numeric = name.isascii() and name.removeprefix("-").isdecimal() and len(name) <= 3
    return int(name) if numeric else _NAMES.get(name)


def read_ports(first: object, last: object) -> Ports | None:
    """A range as written; None where it is not one, or runs backwards, which AWS refuses."""
    whole = all(isinstance(end, int) and not isinstance(end, bool) for end in (first, last))
    if not (whole and isinstance(first, int) and isinstance(last, int)):
        return None
    return ((first, last),) if 0 <= first <= last <= 65535 else None


def both(these: Ports, those: Ports) -> Ports:
    """The ports in both."""
    pairs = ((max(a, c), min(b, d)) for a, b in these for c, d in those)
    return tuple(sorted(pair for pair in pairs if pair[0] <= pair[1]))


def minus(these: Ports, those: Ports) -> Ports:
    """The ports of the first that are not in the second."""
    for first, last in those:
        pieces = [piece for a, b in these for piece in ((a, min(b, first - 1)), (max(a, last + 1), b))]
        these = tuple(piece for piece in pieces if piece[0] <= piece[1])
    return these


def union(sets: Iterable[Ports]) -> Ports:
    """The ports in any."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(piece for ports in sets for piece in ports):
        if found and first <= found[-1][1] + 1:
            first, last = found[-1][0], max(found.pop()[1], last)
        found.append((first, last))
    return tuple(found)


def shown(ports: Ports) -> str:
    """The ports as a student writes them: `443`, `1024-65535`."""
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ports)
