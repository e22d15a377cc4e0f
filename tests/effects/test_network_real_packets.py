"""The walker's verdicts beside what becomes of real TCP in Linux namespaces that are wired like the VPC."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import zip_longest
from queue import SimpleQueue

import pytest
from effects import realnet
from effects.random_vpcs import random_account
from effects.realnet import RealNetwork
from effects.realprobes import Probe
from effects.realwires import INTERNET, PRIVATE_HOSTS, PUBLIC_HOSTS, SUBNETS, host_ip, public_ip
from effects.vpc_answers import RIGHTS, WRONGS
from effects.vpcs import Account, right

from grader.effects.network import Host, Internet, Verdict, walk
from grader.effects.network.walk import End

pytestmark = pytest.mark.slow

RANDOM_ACCOUNTS = 200
SIDE_BY_SIDE = 4  # networks: what is asked of one is mostly waited for
HOST_PORTS, ANY_PORTS = (32768, 60999), (1024, 65535)


@pytest.fixture(scope="module")
def several() -> Iterator[list[RealNetwork]]:
    if reason := realnet.missing():
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with ExitStack() as networks:
        yield [networks.enter_context(RealNetwork()) for _ in range(SIDE_BY_SIDE)]


@pytest.fixture(scope="module")
def real(several: list[RealNetwork]) -> RealNetwork:
    return several[0]


@dataclass(frozen=True)
class Question:
    """One end to another, and the connections that try it: every port that could fare unlike the others."""

    source: End
    destination: End
    probes: tuple[Probe, ...]


def edges(account: Account, ports: tuple[int, int]) -> list[int]:
    """The ports of a range at which any rule begins or ends."""
    first, last = ports
    found = {first, last}
    for acl in account.replies["NetworkAcls"]:
        for entry in acl["Entries"]:
            given = entry.get("PortRange", {"From": first, "To": last})
            found |= {given["From"] - 1, given["From"], given["To"], given["To"] + 1}
    return sorted(port for port in found if first <= port <= last)


def port_pairs(account: Account) -> list[tuple[int, int]]:
    """Hosts' ports, and the ports that a NAT gateway makes of them: all edges of both, no port twice."""
    hosts, nats = edges(account, HOST_PORTS), edges(account, ANY_PORTS)
    spare = (
        iter(set(range(first + 1, last)) - set(taken))
        for (first, last), taken in ((HOST_PORTS, hosts), (ANY_PORTS, nats))
    )
    more_hosts, more_nats = spare
    return [(a or next(more_hosts), b or next(more_nats)) for a, b in zip_longest(hosts, nats)]


def questions(account: Account) -> Iterator[Question]:
    host_ports, client_ports = [port for port, _ in port_pairs(account)], edges(account, ANY_PORTS)
    places = {SUBNETS.index(item["CidrBlock"]): item["SubnetId"] for item in account.replies["Subnets"]}
    inside = {k: subnet for k, subnet in places.items() if k < len(SUBNETS) - 1}
    for k, subnet in inside.items():
        for at, n in enumerate((*PUBLIC_HOSTS, *PRIVATE_HOSTS)):
            host = Host(subnet, public_ip=n in PUBLIC_HOSTS, private_ip=host_ip(k, n))
            for half in (1, 129):
                server = f"{INTERNET}.{half + k * 4 + at}"
                probes = tuple(Probe(f"h{k}", host_ip(k, n), port, server) for port in host_ports)
                yield Question(host, Internet.at(server), probes)
        for n in PUBLIC_HOSTS:
            host = Host(subnet, public_ip=True, private_ip=host_ip(k, n))
            for client in (f"{INTERNET}.100", f"{INTERNET}.250"):
                probes = tuple(Probe("internet", client, port, public_ip(k, n)) for port in client_ports)
                yield Question(Internet.at(client), host, probes)
    yield from between_hosts(places, host_ports)


def between_hosts(places: dict[int, str], ports: list[int]) -> Iterator[Question]:
    for k, subnet in places.items():
        for other, there in places.items():
            source_ip, called = host_ip(k, PRIVATE_HOSTS[0]), host_ip(other, 30 + k)
            probes = tuple(Probe(f"h{k}", source_ip, port, called) for port in ports)
            source = Host(subnet, public_ip=False, private_ip=source_ip)
            yield Question(source, Host(there, public_ip=False, private_ip=called), probes)


@dataclass
class Tally:
    """Questions asked and verdicts of each kind."""

    every: int = 0
    some_only: int = 0
    none: int = 0

    def __iadd__(self, other: Tally) -> Tally:
        self.every += other.every
        self.some_only += other.some_only
        self.none += other.none
        return self

    def add(self, opened: list[bool]) -> None:
        self.every += all(opened)
        self.some_only += any(opened) and not all(opened)
        self.none += not any(opened)


def compare(real: RealNetwork, account: Account, tally: Tally) -> None:
    """Every question by packets and by the walker."""
    network, asked, pairs = account.read(), list(questions(account)), port_pairs(account)
    real.configure(account.replies, pairs)
    for question, opened in zip(asked, answers(real, asked), strict=True):
        every, some = (walk(network, question.source, question.destination, want=want) for want in ("every", "some"))
        told = (every.reachable, some.reachable)
        for patience_seconds in (0.3, 1.5, 4.0, 12.0):  # for a busy machine
            if told != (all(opened), any(opened)):
                opened = once_more(real, account, question, told == (False, True), patience_seconds)
        tally.add(opened)
        assert told == (all(opened), any(opened)), explained(account, question, every, opened)


def once_more(
    real: RealNetwork, account: Account, question: Question, search: bool, patience_seconds: float
) -> list[bool]:
    """The same with patience; and where something should get through and nothing did, with each
    of the hosts' ports made into each of the NAT gateway's.
    """
    pairs = port_pairs(account)
    opened = answers(real, [question], patience_seconds)[0]
    for shift in range(1, len(pairs) if search and not any(opened) else 0):
        turned = [(port, pairs[n - shift][1]) for n, (port, _) in enumerate(pairs)]
        real.configure(account.replies, turned)
        found = answers(real, [question])[0]
        opened = [before or now for before, now in zip(opened, found, strict=True)]
        if any(opened):
            break
    real.configure(account.replies, pairs)
    return opened


def answers(real: RealNetwork, asked: list[Question], patience_seconds: float = 0.15) -> list[list[bool]]:
    found = iter(real.probe([probe for question in asked for probe in question.probes], patience_seconds))
    return [[next(found) for _ in question.probes] for question in asked]


def explained(account: Account, question: Question, verdict: Verdict, opened: list[bool]) -> str:
    ports = {probe.source_port: one for probe, one in zip(question.probes, opened, strict=True)}
    return f"{question.source} to {question.destination}: {ports}\n{verdict.to_json()}\n{account.replies}"


HAND_PICKED = {**RIGHTS, **{name: change for name, (change, _, _) in WRONGS.items()}}


@pytest.mark.parametrize("name", HAND_PICKED)
def test_packets_fare_as_the_walker_says_in_every_right_and_wrong_answer(real: RealNetwork, name: str) -> None:
    account = right()
    HAND_PICKED[name](account)
    compare(real, account, Tally())


@pytest.mark.long
def test_packets_fare_as_the_walker_says_in_random_accounts(several: list[RealNetwork]) -> None:
    tally, free = Tally(), SimpleQueue[RealNetwork]()
    for network in several:
        free.put(network)

    def compared(seed: int) -> Tally:
        real, found = free.get(), Tally()
        try:
            compare(real, random_account(random.Random(seed)), found)
        finally:
            free.put(real)
        return found

    with ThreadPoolExecutor(len(several)) as pool:
        for found in pool.map(compared, range(RANDOM_ACCOUNTS)):
            tally += found
    assert min(tally.every, tally.none) > 3000, tally
    assert tally.some_only > 100, tally


@pytest.mark.usefixtures("real")
def test_an_interrupt_leaves_no_namespace_behind_and_touches_nobody_elses() -> None:
    before = realnet.namespaces()
    with pytest.raises(KeyboardInterrupt):
        interrupted(before)
    assert realnet.namespaces() == before


def interrupted(before: list[str]) -> None:
    with RealNetwork() as network:
        assert len(realnet.namespaces()) > len(before)
        network.configure(right().replies, [(32768, 1024)])
        raise KeyboardInterrupt
