"""Makes moto say the same again: within a moment, ids and the time depend on nothing but that moment.

A thread that answers a call is in a moment of its own, so what other threads draw meanwhile changes nothing.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from random import Random
from types import FrameType
from typing import Any

from moto.core import utils
from moto.core.base_backend import AccountSpecificBackend
from moto.moto_api._internal import mock_random
from moto.moto_api._internal.moto_random import MotoRandom

LONGER_THAN_ANY_POLL_SECONDS = 60

_local = threading.local()
_urandom = os.urandom


class Moment:
    """When a call happens, what it draws its ids from, and how it waits."""

    def __init__(self, seed: str, at: float, wait: Callable[[Moment], None]) -> None:
        self.at = at
        self.random = Random(seed)
        self.bytes = Random(f"{seed} bytes")  # of their own: not every version of moto draws them at the same time
        self.moved = False  # did a queue get a message?
        self._wait = wait

    def wait(self) -> None:
        """A long poll has found nothing yet."""
        self._wait(self)

    def skip(self) -> None:
        """Where nobody waits for the poll: its time is up."""
        self.at += LONGER_THAN_ANY_POLL_SECONDS


def current() -> Moment | None:
    """The moment that this thread is in."""
    return getattr(_local, "moment", None)


@contextmanager
def within(moment: Moment) -> Iterator[None]:
    """This thread's calls happen in that moment."""
    before, _local.moment = current(), moment
    try:
        yield
    finally:
        _local.moment = before


def apply(seed: str, birth: float) -> None:
    """Once, before anything is served. `birth` is when the account came to be, with its default VPC and keys."""
    _accounts(seed, birth)
    mock_random.__class__ = _Drawn
    os.urandom = _bytes
    # Everybody has imported the function by name: only its code can be changed for all of them.
    utils._labgrade_now = _now  # type: ignore[attr-defined]
    utils.utcnow.__code__ = (lambda: _labgrade_now().replace(tzinfo=None)).__code__  # type: ignore[name-defined]  # noqa: F821


def apply_to(service: str) -> None:
    """What that service does in its own way."""
    if service in ("s3", "cloudformation"):
        _buckets()
    if service in ("sqs", "sns", "cloudformation"):
        _queues()


class _Drawn(MotoRandom):
    """moto's one source of ids."""

    def random(self) -> float:
        moment = current()
        return moment.random.random() if moment else super().random()

    def getrandbits(self, k: int, /) -> int:
        moment = current()
        return moment.random.getrandbits(k) if moment else super().getrandbits(k)


def _bytes(size: int, /) -> bytes:
    """Upload ids and keys of KMS; no secret of anybody's. Libraries that begin their own work get real ones."""
    moment = current()
    return moment.bytes.randbytes(size) if moment and _asked_by_moto(sys._getframe(1)) else _urandom(size)


def _asked_by_moto(frame: FrameType | None) -> bool:
    while frame and frame.f_globals.get("__name__") == "uuid":
        frame = frame.f_back
    return frame is not None and str(frame.f_globals.get("__name__")).startswith("moto.")


def _now() -> datetime:
    moment = current()
    return datetime.fromtimestamp(moment.at if moment else time.time(), UTC)


def _accounts(seed: str, birth: float) -> None:
    """What a service has from the start is made when it is first asked for, be it by a call that only reads."""
    find = AccountSpecificBackend.__getitem__

    def find_or_make(self: Any, region: str) -> Any:
        if region in self.keys():
            return find(self, region)
        with within(Moment(f"{seed} {self.service_name} {self.account_id} {region}", birth, Moment.skip)):
            return find(self, region)

    AccountSpecificBackend.__getitem__ = find_or_make  # type: ignore[method-assign]


@cache
def _buckets() -> None:
    bucket = import_module("moto.s3.models").FakeBucket
    begin = bucket.__init__

    def begin_now(self: Any, *args: Any, **named: Any) -> None:
        begin(self, *args, **named)
        self.creation_date = _now()

    bucket.__init__ = begin_now


@cache
def _queues() -> None:
    queue = import_module("moto.sqs.models").Queue
    wait, add = queue.wait_for_messages, queue.add_message

    def wait_in_turn(self: Any, timeout: int) -> None:
        moment = current()
        if moment:
            moment.wait()
        else:
            wait(self, timeout)

    def add_and_tell(self: Any, message: Any) -> None:
        moment = current()
        if moment:
            moment.moved = True
        add(self, message)

    queue.wait_for_messages, queue.add_message = wait_in_turn, add_and_tell
