"""The emulator as a checker sees it: reads only, each made once, and what this emulator cannot show."""

from __future__ import annotations

import copy
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from grader.access import Access
from grader.places import Copied, NoPlace, Place, Places, Rebuild

READS = ("get_", "list_", "describe_", "head_", "batch_get_", "lookup_", "search_", "simulate_")
STREAM_LIMIT = 8 * 1024 * 1024  # bytes of a body that a checker reads

# What AWS and the emulators answer for a thing that is not there.
ABSENT = frozenset(
    {
        "404",
        "AWS.SimpleQueueService.NonExistentQueue",
        "DBInstanceNotFound",
        "EntityAlreadyDeleted",
        "NatGatewayNotFound",
        "NoSuchBucket",
        "NoSuchBucketPolicy",
        "NoSuchCORSConfiguration",
        "NoSuchEntity",
        "NoSuchKey",
        "NoSuchLifecycleConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
        "NoSuchTagSet",
        "NoSuchTagSetError",
        "NoSuchUpload",
        "NoSuchVersion",
        "NoSuchWebsiteConfiguration",
        "NotFound",
        "NotFoundException",
        "QueueDoesNotExist",
        "ResourceNotFoundException",
        "ServerSideEncryptionConfigurationNotFoundError",
    }
)


class Inconclusive(Exception):
    """This emulator cannot show what a check asks. The check's points leave the maximum, and the report says so."""

    def __init__(self, capability: Capability) -> None:
        super().__init__(capability.description)
        self.capability = capability


class CannotProbe(Inconclusive):
    """There is no place to try things on this emulator: attributes are judged alone, and the report says so."""


@dataclass(frozen=True)
class Capability:
    """Something that an emulator may or may not show, and the small probe that asks it.

    The probe gets an `Access` that it may write to (a fork, or a scratch account); it returns True where the emulator
    does as AWS does. `evidence` is where AWS's behaviour is documented.
    """

    description: str
    evidence: str
    probe: Callable[[Access], bool]

    @property
    def id(self) -> str:
        return f"{self.probe.__module__.rpartition('.')[2]}.{self.probe.__name__}"


def capability(description: str, *, evidence: str) -> Callable[[Callable[[Access], bool]], Capability]:
    """Make a probe a capability: `@capability("reads size filters back", evidence="https://…")`."""

    def decorate(probe: Callable[[Access], bool]) -> Capability:
        return Capability(description, evidence, probe)

    return decorate


def absent(error: BaseException) -> bool:
    """Does this reply of boto3 mean "not there", in the words of any of the emulators?"""
    response = getattr(error, "response", None)
    code = str(response.get("Error", {}).get("Code", "")) if isinstance(response, Mapping) else ""
    return code in ABSENT or code.endswith((".NotFound", ".NotFoundException", "DoesNotExist"))


class Aws:
    """The student's account, read only. The same read is made once however many checks ask for it."""

    def __init__(self, emulator: Copied, capabilities: Callable[[Capability], bool] | None = None) -> None:
        self.emulator = emulator
        self.account, self.region = emulator.access.account, emulator.access.region
        self.reads = 0  # calls that really went out
        self._asked_seconds = 0.0
        self._asking_since: float | None = None
        self._replies: dict[str, Any] = {}
        self._clients: dict[tuple[str, str], Any] = {}
        self._capabilities = capabilities
        self._places = Places(emulator)
        self._lock = threading.Lock()

    def read(self, service: str, operation: str, /, *, region: str | None = None, **arguments: Any) -> dict[str, Any]:
        """The reply of one reading call, by boto3's names: `aws.read("s3", "get_bucket_versioning", Bucket=name)`.

        Raises botocore's ClientError as boto3 does. A stream in the reply is read into bytes, 8 MiB at most.
        """
        if not operation.startswith(READS):
            raise PermissionError(f"a checker reads: {service} {operation} changes the account (use aws.probe())")
        reply: dict[str, Any] = self._once(
            (service, region, operation, arguments),
            lambda: _without_streams(getattr(self._client(service, region), operation)(**arguments)),
        )
        return reply

    def find(self, service: str, operation: str, /, *, region: str | None = None, **arguments: Any) -> Any:
        """As `read`, but None where the thing is not there."""
        from botocore.exceptions import ClientError

        try:
            return self.read(service, operation, region=region, **arguments)
        except ClientError as error:
            if absent(error):
                return None
            raise

    def pages(
        self, service: str, operation: str, key: str, /, *, region: str | None = None, **arguments: Any
    ) -> list[Any]:
        """All items under `key` of a paginated read: `aws.pages("ec2", "describe_subnets", "Subnets")`."""
        if not operation.startswith(READS):
            raise PermissionError(f"a checker reads: {service} {operation} changes the account (use aws.probe())")

        def fetch() -> list[Any]:
            client = self._client(service, region)
            if not client.can_paginate(operation):
                return list(getattr(client, operation)(**arguments).get(key) or [])
            return list(client.get_paginator(operation).paginate(**arguments).search(f"{key}[]"))

        return [item for item in self._once((service, region, operation, key, arguments), fetch) if item is not None]

    def can(self, capability: Capability) -> bool:
        """Does this emulator show it as AWS does? Asked once per emulator version, away from the student's account."""
        if self._capabilities is None:
            return True
        self._asking_since = time.monotonic()
        try:
            return self._capabilities(capability)
        finally:
            self._asked_seconds = self.spared_seconds()
            self._asking_since = None

    def spared_seconds(self) -> float:
        """How long this emulator was asked what it can show: once in its life, and on no check's time."""
        now = 0.0 if self._asking_since is None else time.monotonic() - self._asking_since
        return self._asked_seconds + now

    def until(self, holds: Callable[[], Any], *, timeout_seconds: float = 3.0) -> Any:
        """The first true value of `holds`, asked again without haste until then; its last value after the time."""
        deadline, pause = time.monotonic() + timeout_seconds, threading.Event()
        while not (value := holds()) and time.monotonic() < deadline:
            pause.wait(0.05)
        return value

    @contextmanager
    def probe(self, rebuild: Rebuild | None = None, *, shared: bool = False) -> Iterator[Place]:
        """A place to try things on, never the student's own account, which gets no trace of it.

        It is a copy of this moment; where the emulator cannot be copied, and `rebuild(place)` is given, a scratch
        account in which that has made a twin of what was read. Raises CannotProbe where neither can be.

        A `shared` copy may be an earlier probe's that was shared, too, and is as that one left it: quicker, for what
        makes itself ready whatever it finds.
        """
        with ExitStack() as ending:
            try:
                place = ending.enter_context(self._places.opened(rebuild, shared=shared))
            except NoPlace:
                raise CannotProbe(CAN_BE_COPIED) from None
            yield place

    @property
    def probes(self) -> int:
        """Calls that went to such places, in which nobody is at work."""
        return self._places.calls

    def close(self) -> None:
        """End every place that is open, whoever is at work there: the grading is over, or interrupted."""
        self._places.close()

    def _client(self, service: str, region: str | None) -> Any:
        where = (service, region or self.region)
        with self._lock:
            if where not in self._clients:
                self._clients[where] = self.emulator.access.client(service, region)
            return self._clients[where]

    def _once(self, question: tuple[Any, ...], ask: Callable[[], Any]) -> Any:
        key = json.dumps(question, sort_keys=True, default=str)
        if key not in self._replies:
            self.reads += 1
            self._replies[key] = _Reply.of(ask)
        return self._replies[key].give()


@dataclass(frozen=True)
class _Reply:
    """A remembered reply, refusals included: each asker gets a copy to do with as it likes."""

    value: Any
    error: Exception | None = None

    @classmethod
    def of(cls, ask: Callable[[], Any]) -> _Reply:
        from botocore.exceptions import ClientError

        try:
            return cls(ask())
        except ClientError as error:
            return cls(None, error)

    def give(self) -> Any:
        if self.error is not None:
            raise self.error
        return copy.deepcopy(self.value)


def _without_streams(reply: dict[str, Any]) -> dict[str, Any]:
    return {key: value.read(STREAM_LIMIT) if hasattr(value, "iter_chunks") else value for key, value in reply.items()}


def _never(_access: Access) -> bool:
    return False


CAN_BE_COPIED = Capability("be copied while it runs, so that a probe leaves no trace", "", _never)
