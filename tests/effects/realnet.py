"""A VPC made of Linux: network namespaces, routes, source NAT and stateless filters, and real TCP through them.

It reads the describe replies by itself and shares nothing with the walker but AWS's documentation. Per account:

    internet ── igw ── fabric ══ router of each subnet ── bridge ── hosts, NAT gateways

A subnet's router holds its route table and its network ACL; the bridge behind it carries what stays in the subnet.
The fabric has one plane for each sort of target (local, internet gateway, either NAT gateway, peering), so that a
packet that a route sends somewhere gets there whatever its destination. The internet gateway rewrites addresses one
to one and without memory, a NAT gateway is the kernel's own connection tracking.

All namespaces have this process's number in their names, no link leaves them, and `close` removes them; those of a
process that was killed go when the next one begins.
"""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import os
import re
import shutil
import socket
import struct
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from effects import realwires
from effects.realaccount import Translation
from effects.realprobes import Probe, Prober
from effects.realwires import NATS, PLANES, SUBNETS

_COUNT = itertools.count()


def missing() -> str:
    """Why this cannot run here; empty where it can."""
    if os.geteuid() != 0 or not Path("/proc/self/ns/net").exists():
        return "needs root on Linux"
    absent = [tool for tool in ("ip", "nft") if shutil.which(tool) is None]
    return f"needs {' and '.join(absent)} (apt-get install iproute2 nftables)" if absent else ""


class RealNetwork:
    """The namespaces, made once and configured anew for each account."""

    def __init__(self) -> None:
        self.prefix = f"lg{os.getpid()}n{next(_COUNT)}-"
        _remove(lambda name: not Path(f"/proc/{re.split('[gn]', name)[1]}").exists())
        self._home = os.open("/proc/self/ns/net", os.O_RDONLY)
        self._handles: dict[str, int] = {}
        self._told: dict[tuple[str, str], str] = {}
        self._setns = ctypes.CDLL(None, use_errno=True).setns
        try:
            self._build()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        for handle in self._handles.values():
            os.close(handle)
        self._handles = {}
        _remove(lambda name: name.startswith(self.prefix))
        with contextlib.suppress(OSError):
            os.close(self._home)

    def __enter__(self) -> RealNetwork:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    # The wiring, once.

    def _build(self) -> None:
        routers = [f"s{k}" for k in range(len(SUBNETS))]
        hosts = [f"h{k}" for k in range(len(SUBNETS))]
        nats = [f"n{n}" for n in range(NATS)]
        names = ["internet", "igw", "fabric", *routers, *hosts, *nats]
        _ip(None, [f"netns add {self.prefix}{name}" for name in names])
        self._handles = {name: os.open(f"/run/netns/{self.prefix}{name}", os.O_RDONLY) for name in names}
        links = [("internet", "igw", "igw", "internet"), ("igw", "fabric", "fabric", "igw")]
        for k in range(len(SUBNETS)):
            links += [(f"s{k}", plane, "fabric", f"s{k}{plane}") for plane in PLANES]
            links += [(f"s{k}", "host", f"h{k}", "eth0")]
            links += [(f"s{k}", f"nat{n}e", f"n{n}", f"e{k}") for n in range(NATS)]
        _ip(None, [self._veth(*link) for link in links])
        for name in names:
            self._prepare(name)
        _ip(self.prefix + "fabric", realwires.fabric())
        for k, cidr in enumerate(SUBNETS):
            _ip(f"{self.prefix}s{k}", realwires.router(cidr))
            _ip(f"{self.prefix}h{k}", realwires.host(cidr))
        _ip(self.prefix + "internet", realwires.internet())
        _ip(self.prefix + "igw", realwires.gateway())

    def _veth(self, one: str, name: str, other: str, peer: str) -> str:
        return f"link add {name} netns {self.prefix}{one} type veth peer name {peer} netns {self.prefix}{other}"

    def _prepare(self, name: str) -> None:
        settings = {"ip_forward": "1", "tcp_synack_retries": "0", "ip_local_port_range": "61001 65000"}
        with self._inside(name):
            links = [link for _, link in socket.if_nameindex()]
            for scope in ("all", "default", *links):
                settings |= {f"conf/{scope}/{key}": "0" for key in ("rp_filter", "send_redirects", "accept_redirects")}
            for key, value in settings.items():
                Path(f"/proc/sys/net/ipv4/{key}").write_text(value)
        _ip(self.prefix + name, [f"link set {link} up" for link in links])

    @contextlib.contextmanager
    def _inside(self, name: str) -> Iterator[None]:
        """This thread in a namespace: sockets made and commands begun here belong to it."""
        self._enter(self._handles[name])
        try:
            yield
        finally:
            self._enter(self._home)

    def _enter(self, handle: int) -> None:
        if self._setns(handle, 0):
            raise OSError(ctypes.get_errno(), "setns")

    # One account.

    def configure(self, replies: Mapping[str, Any], ports: Iterable[tuple[int, int]]) -> None:
        """Be this account. `ports` are the hosts' ports and what the NAT gateways make of each."""
        lines, rules = Translation(replies, dict(ports)).config()
        wanted = {(name, "ip -batch -"): "\n".join(found) for name, found in lines.items()}
        wanted |= {(name, "nft -f -"): f"flush ruleset\n{found}" for name, found in rules.items()}
        news = {key: text for key, text in wanted.items() if self._told.get(key) != text}
        running = {key: self._begin(*key) for key in news}
        for key, process in running.items():
            _, error = process.communicate(news[key], timeout=20)
            if process.returncode:
                raise RuntimeError(f"{key}: {error}\n{news[key]}")
        self._told |= news
        for n in range(NATS):
            self._forget(f"n{n}")

    def _begin(self, name: str, command: str) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        with self._inside(name):
            return subprocess.Popen(command.split(), stdin=pipe, stdout=pipe, stderr=pipe, text=True)

    def _forget(self, name: str) -> None:
        """Empty a NAT gateway's table of connections: netlink's IPCTNL_MSG_CT_DELETE with no tuple."""
        with self._inside(name), socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12) as link:
            link.send(struct.pack("=IHHIIBBH", 20, (1 << 8) | 2, 0x5, 1, 0, socket.AF_INET, 0, 0))
            link.recv(4096)

    # Packets.

    def probe(self, probes: list[Probe], patience_seconds: float = 0.15) -> list[bool]:
        """Which connections open, carry a byte and bring the answer back."""
        with Prober(len(probes)) as prober:
            for name in self._handles:
                if name.startswith(("h", "internet")):
                    with self._inside(name):
                        prober.listen(sorted({probe.destination_port for probe in probes}))
            for name in {probe.source for probe in probes}:
                with self._inside(name):
                    prober.connect([(n, probe) for n, probe in enumerate(probes) if probe.source == name])
            return prober.run(patience_seconds)


def namespaces() -> list[str]:
    """Those of any RealNetwork, by name."""
    places = Path("/run/netns")
    found = sorted(place.name for place in places.iterdir()) if places.exists() else []
    return [name for name in found if re.fullmatch(r"lg\d+n\d+-\w+", name)]


def _remove(which: Callable[[str], bool]) -> None:
    """Take namespaces away: one's own at the end, at the start those of processes that were killed."""
    for name in filter(which, namespaces()):
        subprocess.run(["ip", "netns", "del", name], check=False)


def _ip(namespace: str | None, lines: Iterable[str]) -> None:
    command = ["ip", *(["-n", namespace] if namespace else []), "-batch", "-"]
    subprocess.run(command, input="\n".join(lines), text=True, check=True, capture_output=True, timeout=60)
