"""What each namespace of a RealNetwork is, whatever the account: lines for `ip -batch`."""

from __future__ import annotations

import ipaddress

SUBNETS = ("10.20.0.0/24", "10.20.1.0/24", "10.20.2.0/24", "10.20.3.0/24", "10.30.0.0/24")
NATS = 2
PLANES = ("local", "igw", "nat0", "nat1", "peer")
# The last number of hosts' addresses: those known to the internet gateway and those that are not, in either half.
PUBLIC_HOSTS, PRIVATE_HOSTS = (10, 200), (20, 210)
PEER_HOSTS = tuple(range(30, 30 + len(SUBNETS)))  # what hosts of each subnet call, so that no two flows collide
INTERNET, OUTSIDE = "198.51.100", "203.0.113"


def at(cidr: str, n: int) -> str:
    return str(ipaddress.ip_network(cidr)[n])


def host_ip(k: int, n: int) -> str:
    """The address of a host of subnet `k`."""
    return at(SUBNETS[k], n)


def public_ip(k: int, n: int) -> str:
    """The public address of one of PUBLIC_HOSTS of subnet `k`."""
    return f"{OUTSIDE}.{k * 10 + PUBLIC_HOSTS.index(n) + 1}"


def router(cidr: str) -> list[str]:
    lines = [
        "link add br0 type bridge",
        "link set br0 up",
        f"addr add {at(cidr, 1)}/24 dev br0",
        *(f"link set {link} master br0" for link in ("host", *(f"nat{n}e" for n in range(NATS)))),
        *(f"addr add 10.255.0.2/32 dev {plane}" for plane in PLANES),
        "rule add pref 100 iif br0 lookup 200",
        f"route add {cidr} dev br0 table 100",
    ]
    tables = {"local": 100, "igw": 100, "peer": 100, "nat0": 110, "nat1": 111}
    return lines + [f"rule add pref 101 iif {plane} lookup {table}" for plane, table in tables.items()]


def host(cidr: str) -> list[str]:
    addresses = (*PUBLIC_HOSTS, *PRIVATE_HOSTS, *PEER_HOSTS)
    return [
        *(f"addr add {at(cidr, n)}/24 dev eth0" for n in addresses),
        f"route add default via {at(cidr, 1)} dev eth0",
    ]


def internet() -> list[str]:
    return [
        "addr add 10.255.2.2/32 dev igw",
        *(f"addr add {INTERNET}.{n}/32 dev igw" for n in range(1, 255)),
        f"route add {OUTSIDE}.0/24 via 10.255.2.1 dev igw onlink",
    ]


def gateway() -> list[str]:
    return [
        "addr add 10.255.1.1/32 dev fabric",
        "addr add 10.255.2.1/32 dev internet",
        f"route add {INTERNET}.0/24 via 10.255.2.2 dev internet onlink",
        "route add 10.20.0.0/16 via 10.255.1.2 dev fabric onlink",
    ]


def fabric() -> list[str]:
    first, other = range(len(SUBNETS) - 1), (len(SUBNETS) - 1,)
    lines = ["addr add 10.255.1.2/32 dev igw", "rule add pref 100 iif igw lookup 50"]
    for k in (*first, *other):
        lines += [f"addr add 10.255.0.1/32 dev s{k}{plane}" for plane in PLANES]
        tables = {"local": 10, "igw": 20, "nat0": 30, "nat1": 31, "peer": 40}
        if k in other:
            tables |= {"local": 11, "igw": 21, "peer": 41}
        lines += [f"rule add pref 100 iif s{k}{plane} lookup {table}" for plane, table in tables.items()]
    lines += ["route add default via 10.255.1.1 dev igw onlink table 20"]
    ways = [(10, first, "local"), (11, other, "local"), (40, other, "peer"), (41, first, "peer"), (50, first, "igw")]
    for table, subnets, plane in ways:
        lines += [f"route add {SUBNETS[k]} via 10.255.0.2 dev s{k}{plane} onlink table {table}" for k in subnets]
    # What has no way in its table has none at all.
    return [*lines, *(f"route add unreachable default metric 9999 table {table}" for table in (10, 11, 21, 40, 41, 50))]
