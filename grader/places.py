"""Where something can be tried without a trace: a fork of the emulator, else a twin in a scratch account of it."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from secrets import randbelow
from typing import Any, Protocol

from grader.access import ACCOUNT, SCRATCH_SESSION, Access, ForkUnsupported

UNFINISHED_SECONDS = 2.0  # how long the end of a place waits for a call that is on its way

Rebuild = Callable[["Place"], object]


class NoPlace(Exception):
    """This emulator has no snapshot and keeps no accounts apart, or would not take the twin."""


class Ended(Exception):
    """The place was cleared up, because the grading ends: nothing more is called there."""


class Copy(Protocol):
    """A copy of an emulator, gone when it is closed."""

    access: Access

    def close(self) -> None: ...


class Copied(Protocol):
    """An emulator that may be copied."""

    access: Access

    def fork(self) -> Copy: ...


class _Ledger:
    """What was called in a place, and what undoes it: each call is counted, and none comes after the end."""

    def __init__(self) -> None:
        self.calls = 0
        self._on_their_way = 0
        self._undoing: list[Callable[[], object]] = []
        self._ender: int | None = None
        self._changed = threading.Condition()

    def watch(self, client: Any) -> None:
        """Count what this client of boto3's calls."""
        client.meta.events.register("before-call", self._begin)
        client.meta.events.register("after-call", self._end)
        client.meta.events.register("after-call-error", self._end)

    def add(self, undo: Callable[[], object]) -> None:
        with self._changed:
            self._undoing.append(undo)

    def undo(self) -> None:
        """The last first. What cannot be undone is left; again does nothing."""
        with self._changed:
            if self._ender is not None:
                return
            self._ender = threading.get_ident()
            # A check that is stopped leaves its thread behind, maybe in a call that makes something.
            self._changed.wait_for(lambda: self._on_their_way <= 0, UNFINISHED_SECONDS)
        for undo in reversed(self._undoing):
            with suppress(Exception):
                undo()

    def _begin(self, **_: object) -> None:
        with self._changed:
            if self._ender not in (None, threading.get_ident()):
                raise Ended
            self.calls += 1
            self._on_their_way += 1

    def _end(self, **_: object) -> None:
        with self._changed:
            self._on_their_way -= 1
            self._changed.notify_all()


@dataclass(frozen=True)
class Place(Access):
    """An account that may be written to, in place of `home`, the student's.

    On a fork everything is there, under the same names and numbers. On a twin is what `rebuild` made, in another
    account: `here` translates what names the student's account, and `afterwards` says how it is taken down again.
    """

    home: str = ACCOUNT
    _ledger: _Ledger = field(default_factory=_Ledger, repr=False, compare=False)
    _clients: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def at(cls, access: Access, home: str) -> Place:
        """The account of this access."""
        return cls(access.endpoint, access.access_key, access.secret_key, access.region, access.account, home)

    @property
    def twin(self) -> bool:
        """Whether it is another account than the student's."""
        return self.account != self.home

    @property
    def calls(self) -> int:
        """How many calls it has had."""
        return self._ledger.calls

    def client(self, service: str, region: str | None = None, **patience: Any) -> Any:
        """As `Access.client`, and the same one for whoever asks for the same."""
        asked = repr((service, region, sorted(patience.items())))
        if asked not in self._clients:
            client = super().client(service, region, **patience)
            self._ledger.watch(client)
            self._clients[asked] = client
        return self._clients[asked]

    def here(self, text: str) -> str:
        """An ARN, an URL or a policy that names the student's account, as it is called here."""
        return re.sub(rf"(?<!\d){self.home}(?!\d)", self.account, text)

    def afterwards(self, undo: Callable[[], object]) -> None:
        """Called in the end, whatever happens. Say it before the call that makes a thing, so that none is missed."""
        self._ledger.add(undo)

    def clear(self) -> None:
        """Undo, and take no call any more. A fork is not undone: it is gone as a whole."""
        self._ledger.undo()


class Places:
    """Opens places of one emulator, and ends them all when it is closed, whoever was at work there."""

    def __init__(self, emulator: Copied) -> None:
        self._emulator = emulator
        self._apart: bool | None = None  # does it keep accounts apart, and how is another one had?
        self._way: Callable[[Access, str], Access] | None = None
        self._open: dict[int, Callable[[], None]] = {}
        self._left: tuple[Place, Callable[[], None]] | None = None  # a fork that may be used again
        self._closed = False
        self._lock = threading.Lock()
        self.calls = 0  # to places that nobody is at work in

    @contextmanager
    def opened(self, rebuild: Rebuild | None = None, *, shared: bool = False) -> Iterator[Place]:
        """A fork; where there is none, a scratch account once `rebuild` has made a twin in it. Raises NoPlace.

        With `shared` it may be the fork of an earlier one that was, as that was left.
        """
        place, end = (shared and self._taken()) or self._made(rebuild)
        before, whole = place.calls, False
        with self._lock:
            if not self._closed:
                self._open[id(place)] = end
        try:
            if id(place) not in self._open:
                raise Ended
            if place.twin and rebuild:
                _remade(place, rebuild)
            yield place
            whole = True
        finally:
            with self._lock:
                keeps = shared and whole and not place.twin and id(place) in self._open
                if keeps:
                    self._left = place, end
                else:
                    self._open.pop(id(place), None)
            if not keeps:
                end()
            self.calls += place.calls - before

    def close(self) -> None:
        """End all that is open; nothing is opened after."""
        with self._lock:
            self._closed = True
            ends, self._open = list(self._open.values()), {}
        for end in ends:
            end()

    def _taken(self) -> tuple[Place, Callable[[], None]] | None:
        """What nobody else gets, until it is given back: a check that was stopped may still be at work there."""
        with self._lock:
            left, self._left = self._left, None
            return left

    def _made(self, rebuild: Rebuild | None) -> tuple[Place, Callable[[], None]]:
        home = self._emulator.access.account
        try:
            fork = self._emulator.fork()
        except ForkUnsupported:
            scratch = self._scratch() if rebuild else None
            if scratch is None:
                raise NoPlace from None
            place = Place.at(scratch, home)
            return place, place.clear
        return Place.at(fork.access, fork.access.account), fork.close

    def _scratch(self) -> Access | None:
        """Another account of the same emulator, where it keeps accounts apart: never the same one twice."""
        if self._apart is False:
            return None
        account = f"9{randbelow(10**11):011d}"
        ways = (_by_its_number, _by_a_role) if self._way is None else (self._way,)
        for way in ways:
            with suppress(Exception):
                scratch = way(self._emulator.access, account)
                if scratch.client("sts").get_caller_identity()["Account"] == account:
                    self._way, self._apart = way, True
                    return scratch
        self._apart = False
        return None


def _by_its_number(access: Access, account: str) -> Access:
    """LocalStack and MiniStack take a key of twelve digits for an account."""
    return replace(access, access_key=account, account=account)


def _by_a_role(access: Access, account: str) -> Access:
    """moto_server knows the account of a role that was assumed, there or not, by its key; nothing is made for it."""
    role = f"arn:aws:iam::{account}:role/labgrade"
    keys = access.client("sts").assume_role(RoleArn=role, RoleSessionName=SCRATCH_SESSION)["Credentials"]
    return replace(access, access_key=keys["AccessKeyId"], secret_key=keys["SecretAccessKey"], account=account)


def _remade(place: Place, rebuild: Rebuild) -> None:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        rebuild(place)
    except (BotoCoreError, ClientError) as error:
        raise NoPlace(str(error)) from error
