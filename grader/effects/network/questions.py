"""The questions that labs ask of a subnet, put to the walker as AWS's own pages put them."""

from __future__ import annotations

from typing import Final

from grader.effects.network.model import Network
from grader.effects.network.ports import ALL_PORTS
from grader.effects.network.verdict import Verdict
from grader.effects.network.walk import INTERNET, INTERNET_V6, Host, walk

HTTPS: Final = 443


def reaches_internet(network: Network, subnet_id: str, port: int = HTTPS) -> Verdict:
    """Can every host launched in the subnet open connections to all of the internet? `through("nat-gateway")` of the
    verdict tells by which NAT gateways, `through("internet-gateway")` by which internet gateways.
    """
    return walk(network, Host(subnet_id), INTERNET, port=port)


def reached_from_internet(network: Network, subnet_id: str, port: int = HTTPS) -> Verdict:
    """Can anybody on the internet open a connection to every host launched in the subnet, and get the answers?"""
    return walk(network, INTERNET, Host(subnet_id), port=port)


def open_to_internet(network: Network, subnet_id: str, ports: tuple[int, int] = ALL_PORTS[0]) -> Verdict:
    """Can anybody at all open a TCP connection, on any of the ports, to any host in the subnet that were given public
    addresses of both versions? The verdict is that of the version which is open, or else of IPv4.
    """
    host = Host(subnet_id, public_ip=True, ipv6=True)
    by_ipv4 = walk(network, INTERNET, host, port=ports, want="some")
    by_ipv6 = walk(network, INTERNET_V6, host, port=ports, want="some")
    worse: dict[bool | None, int] = {True: 2, None: 1, False: 0}
    return max(by_ipv4, by_ipv6, key=lambda verdict: worse[verdict.reachable])
