"""The emulator that a student works against: where it is, what it is, and whose account is meant."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.access import REGION, Access
from grader.emulators import NAMES, hosts, identity, kinds
from grader.emulators.asking import Door
from grader.emulators.identity import Keys
from grader.emulators.interface import Emulator
from grader.emulators.kinds import Kind
from grader.errors import NothingToGrade, UsageError
from grader.texts import Text, say

MOTO_URL = "http://localhost:5000"  # where moto_server listens unless it is told otherwise
STARTING_IT = "`labgrade start LAB` opens one; `docker compose up -d` starts LocalStack"


@dataclass(frozen=True)
class Found:
    """An emulator that was running, and why this one."""

    emulator: Emulator
    reason: Text


class Live(Emulator):
    """Somebody else's emulator: graded as it is, never stopped and never cleaned."""

    fresh = False

    def __init__(self, kind: Kind, access: Access, door: Door) -> None:
        self.name, self.version, self.access = kind.name, kind.version, access
        self._door = door

    def alive(self) -> bool:
        """Does it answer at all?"""
        try:
            self._door.ask("/")
        except OSError:
            return False
        return True

    def close(self) -> None:
        """Nothing: it was there before us."""


@dataclass(frozen=True)
class _Named:
    """Where to look, who says so, and whether anybody said it at all."""

    url: str
    source: str
    because: Text
    guessed: bool = False


def find(
    *,
    endpoint_url: str | None = None,
    emulator: str | None = None,
    allow_host: bool = False,
    environ: Mapping[str, str] = os.environ,
    remembered: str | None = None,
) -> Found:
    """The emulator whose state is to be graded, found in the order of the manual; `emulator` says of which kind.

    `remembered` is the lab whose workspace remembers that `endpoint_url`.

    Raises UsageError (exit 2) where there is none, where it is not of that kind, or where it must not be called.
    """
    if emulator is not None and emulator not in NAMES:
        raise UsageError(
            say(
                "--emulator: there is no {emulator}; labgrade knows {names}.",
                emulator=repr(emulator),
                names=", ".join(NAMES),
            )
        )
    named = _named(endpoint_url, emulator, environ)
    if remembered:
        began = f"labgrade start {remembered}"
        named = _Named(named.url, began, say("`{command}` has prepared it", command=began))
    door = Door(
        hosts.judged(named.url, source=named.source, allow_host=allow_host), environ.get("AWS_CA_BUNDLE") or None
    )
    found = _asked(door, named, environ)
    if emulator not in (None, found.name):
        kind = Kind(found.name, found.version)
        raise UsageError(
            say(
                "--emulator: {because}, and it is {kind}, not {titles}.",
                because=named.because,
                kind=str(kind),
                titles=kinds.TITLES[emulator or ""],
            )
        )
    return Found(found, _reason(found, named))


def _named(endpoint_url: str | None, emulator: str | None, environ: Mapping[str, str]) -> _Named:
    if endpoint_url is not None:
        return _Named(endpoint_url, "--endpoint-url", _names("--endpoint-url", endpoint_url))
    # An open workspace comes before the environment: grading asks for it before it asks for `find`.
    if url := environ.get("AWS_ENDPOINT_URL", "").strip():
        return _Named(url, "AWS_ENDPOINT_URL", _names("AWS_ENDPOINT_URL", url))
    if emulator == "moto":
        because = say("moto_server listens at {url} unless told otherwise", url=MOTO_URL)
        return _Named(MOTO_URL, "--emulator", because, guessed=True)
    url = _localstack_url(environ)
    if environ.get("LOCALSTACK_HOST"):
        return _Named(url, "LOCALSTACK_HOST", _names("LOCALSTACK_HOST", url))
    because = say("localstack-client looks for LocalStack at {url}", url=url)
    return _Named(url, "localstack-client", because, guessed=True)


def _names(source: str, url: str) -> Text:
    return say("{source} names {url}", source=source, url=url)


def _localstack_url(environ: Mapping[str, str]) -> str:
    """What localstack-client makes of the environment: its own reading of it, which knows no EDGE_PORT any more."""
    from localstack_client.config import DEFAULT_EDGE_PORT, parse_localstack_host

    given = environ.get("LOCALSTACK_HOST") or f"localhost:{DEFAULT_EDGE_PORT}"
    try:
        host, port = parse_localstack_host(given)
    except RuntimeError:
        raise UsageError(
            say("LOCALSTACK_HOST: {given} is no host with a port, like localhost:4566.", given=repr(given))
        ) from None
    return f"{'https' if environ.get('USE_SSL') in ('1', 'true') else 'http'}://{host}:{port}"


def _asked(door: Door, named: _Named, environ: Mapping[str, str]) -> Live:
    region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or REGION
    keys = Keys(environ.get("AWS_ACCESS_KEY_ID") or "test")
    try:
        kind = kinds.recognised(door)
        if kind == kinds.UNKNOWN:
            identity.refuse_aws(door, named.source)
            home = Path(environ.get("HOME") or environ.get("USERPROFILE") or os.devnull)
            if door.endpoint.loopback and (own := identity.emulator_keys(door.endpoint.port, home)):
                return _aws_emulator(door, own, region, named)
        account = identity.account(door, keys, region, named.source, known=kind != kinds.UNKNOWN)
    except OSError as error:
        raise _silent(door, named, error) from None
    return Live(kind, Access(door.endpoint.url, keys.id, keys.secret, region, account), door)


def _aws_emulator(door: Door, keys: Keys, region: str, named: _Named) -> Live:
    """AWS Emulator: signed with keys that it has made itself, which are good for nothing else."""
    from botocore.exceptions import BotoCoreError, ClientError

    access = Access(door.endpoint.url, keys.id, keys.secret, region)
    try:
        account = access.client("sts").get_caller_identity()["Account"]
    except (ClientError, BotoCoreError) as error:
        raise UsageError(
            say(
                "{source}: {url} does not take the keys in ~/.aws/emulator/{port} ({error}). Are they those of "
                "another run?",
                source=named.source,
                url=door.endpoint.url,
                port=door.endpoint.port,
                error=str(error),
            )
        ) from None
    return Live(Kind("aws-emulator"), Access(door.endpoint.url, keys.id, keys.secret, region, account), door)


def _silent(door: Door, named: _Named, error: OSError) -> UsageError:
    url = door.endpoint.url
    if isinstance(error, ssl.SSLCertVerificationError):
        return UsageError(
            say(
                "{source}: nobody vouches for the certificate of {url} ({verify_message}). Where it is the "
                "emulator's own, set AWS_CA_BUNDLE to its file (AWS Emulator: ~/.aws/emulator/{port}/ca.pem).",
                source=named.source,
                url=url,
                verify_message=error.verify_message,
                port=door.endpoint.port,
            )
        )
    if isinstance(error, FileNotFoundError):
        return UsageError(say("AWS_CA_BUNDLE: there is no file {ca_file}.", ca_file=door.ca_file))
    if named.guessed:
        return NothingToGrade(
            say(
                "nothing to grade: no submission is named, AWS_ENDPOINT_URL is not set, and nothing answers at "
                "{url}. Name a submission, or an emulator with --endpoint-url; {starting_it}.",
                url=url,
                starting_it=say(STARTING_IT),
            )
        )
    return UsageError(
        say(
            "{source}: no emulator answers at {url} ({reason}). Is it running? {starting_it}.",
            source=named.source,
            url=url,
            reason=error.strerror or str(error),
            starting_it=say(STARTING_IT),
        )
    )


def _reason(found: Live, named: _Named) -> Text:
    return say(
        "{emulator}, account {account}, region {region}: {because}.",
        emulator=str(Kind(found.name, found.version)),
        account=found.access.account,
        region=found.access.region,
        because=named.because,
    )
