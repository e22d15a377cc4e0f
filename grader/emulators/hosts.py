"""Whether labgrade may talk to a host at all: judged by its name and by every address that the name means."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urlsplit

from grader.errors import UsageError
from grader.texts import say

Address: TypeAlias = "ipaddress.IPv4Address | ipaddress.IPv6Address"

# botocore's partitions.json, dnsSuffix and dualStackDnsSuffix (looked up in 1.43.62; a test compares), and the names
# under which AWS serves consoles, pages and function URLs.
AWS_DOMAINS = (
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazonaws.eu",
    "api.amazonwebservices.com.cn",
    "api.amazonwebservices.eu",
    "api.aws",
    "api.aws.hci.ic.gov",
    "api.aws.ic.gov",
    "api.aws.scloud",
    "api.cloud-aws.adc-e.uk",
    "aws.amazon.com",
    "aws.dev",
    "c2s.ic.gov",
    "cloud.adc-e.uk",
    "csp.hci.ic.gov",
    "on.aws",
    "sc2s.sgov.gov",
)
# Anybody's machine in AWS has such a name; an emulator that a school hosts there is no API of AWS.
RENTED = frozenset({"compute", "compute-1", "elb"})
# Instance and task metadata: AWS's own, behind addresses that look local.
METADATA = tuple(ipaddress.ip_address(text) for text in ("169.254.169.254", "169.254.170.2", "fd00:ec2::254"))


@dataclass(frozen=True)
class Endpoint:
    """An address that labgrade may call. `url` is the canonical form of what was written."""

    url: str
    host: str
    port: int
    secure: bool
    loopback: bool


def judged(url: str, *, source: str, allow_host: bool = False) -> Endpoint:
    """The endpoint that `url` means. Raises UsageError, naming `source`, where it is none or must not be called."""
    secure, host, port = _parts(url, source)
    if is_aws(host):
        raise UsageError(
            say("{source}: {host} belongs to AWS itself; labgrade only ever calls emulators.", source=source, host=host)
        )
    addresses, canonical = _resolved(host, port, source)
    if is_aws(canonical) and not RENTED & set(canonical.split(".")):
        raise UsageError(
            say(
                "{source}: {host} is another name of {canonical}, which belongs to AWS itself.",
                source=source,
                host=host,
                canonical=canonical,
            )
        )
    for address in addresses:
        _judge(address, host, source, allow_host)
    shown = f"[{host}]" if ":" in host else host
    return Endpoint(
        f"http{'s' * secure}://{shown}:{port}", host, port, secure, all(address.is_loopback for address in addresses)
    )


def is_aws(host: str) -> bool:
    """Is this the name of one of AWS's own hosts, however it is spelled?"""
    name = host.rstrip(".").lower()
    return any(name == domain or name.endswith(f".{domain}") for domain in AWS_DOMAINS)


def _parts(url: str, source: str) -> tuple[bool, str, int]:
    wrong = UsageError(
        say("{source}: {url} is no endpoint; write it like http://127.0.0.1:4566.", source=source, url=repr(url))
    )
    # Programs disagree about these, so one may be judged and another called.
    if not url.isprintable() or any(mark in url for mark in " \\@#?"):
        raise wrong
    try:
        parts = urlsplit(url)
        host, port = _ascii(parts.hostname or ""), parts.port
    except ValueError:
        raise wrong from None
    if parts.scheme not in ("http", "https") or not host or parts.path not in ("", "/") or port == 0:
        raise wrong
    return parts.scheme == "https", host, port or (443 if parts.scheme == "https" else 80)


def _ascii(host: str) -> str:
    """The name as it goes to the resolver: full-width letters and other dots have become plain ones."""
    if ":" in host:
        return str(ipaddress.IPv6Address(host))
    name = host.encode("idna").decode("ascii").lower().rstrip(".")
    if name and all(part.isdigit() or part.startswith("0x") for part in name.split(".")):
        return str(ipaddress.IPv4Address(name))  # not 127.1, 2130706433 or 0x7f.1: libraries read them differently
    return name


def _resolved(host: str, port: int, source: str) -> tuple[list[Address], str]:
    """All addresses of a name, and the name behind its aliases."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_CANONNAME)
    except OSError as error:
        raise UsageError(
            say("{source}: there is no host {host} ({reason}).", source=source, host=host, reason=error.strerror)
        ) from None
    addresses = [_plain(str(entry[4][0])) for entry in found]
    return addresses, next((entry[3] for entry in found if entry[3]), host)


def _plain(text: str) -> Address:
    address = ipaddress.ip_address(text.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _judge(address: Address, host: str, source: str, allow_host: bool) -> None:
    where = host if host == str(address) else f"{host} ({address})"
    if address in METADATA:
        raise UsageError(
            say(
                "{source}: {where} is where AWS keeps an instance's credentials; labgrade never calls it.",
                source=source,
                where=str(where),
            )
        )
    near = address.is_loopback or (address.is_private and not address.is_link_local)
    if not near and not allow_host:
        raise UsageError(
            say(
                "{source}: {where} is not on this machine or a private network; if that emulator is yours, say "
                "so with --allow-host.",
                source=source,
                where=str(where),
            )
        )
