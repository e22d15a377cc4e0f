"""An emulator of labgrade's own that is a process or a container behind a gate: on its way up, and running."""

from __future__ import annotations

import socket
import time
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from grader.access import Access
from grader.emulators.asking import Door
from grader.emulators.hosts import Endpoint
from grader.emulators.interface import Emulator, Starting
from grader.emulators.kinds import Kind, health
from grader.emulators.program import Process, Program, last_line
from grader.emulators.proxy import Gate
from grader.errors import EmulatorError
from grader.texts import Text, say

if TYPE_CHECKING:
    from grader.sandbox.bwrap.forking import Templates

PAUSE_SECONDS = 0.02
ATTEMPTS = 3  # between the moment that a port is found free and its use, another program may take it


class Backend(Protocol):
    """What runs behind the gate."""

    boxed: bool

    @abstractmethod
    def dial(self, seconds: float | None) -> socket.socket:
        """A connection to the emulator. Raises OSError."""

    @abstractmethod
    def leave_alone(self) -> bool:
        """End what strangers had it start, and let it start nothing more; False where that is not to be had."""

    @abstractmethod
    def listening(self) -> bool: ...

    @abstractmethod
    def running(self) -> bool: ...

    @abstractmethod
    def last_words(self) -> str: ...

    @abstractmethod
    def ended_by(self) -> Text | None:
        """The limit that it met, where that is how it ended."""

    @abstractmethod
    def close(self) -> None: ...


def begun(
    program: Program, boxed: bool, services: Sequence[str] = (), templates: Templates | None = None
) -> Callable[[int], Backend]:
    """How to begin it, given the gate's port: in a box, quick in those services where it can be; or beside us."""
    if not boxed:
        return lambda gate_port: Process(program, gate_port)
    from grader.emulators.boxed import Boxed

    once = iter([templates])  # should one that is forked end at once, the next is not
    return lambda gate_port: Boxed(program, gate_port, services, next(once, None))


class Own(Emulator):
    """Fresh, and nobody else's."""

    def __init__(self, kind: Kind, region: str, gate: Gate, backend: Backend) -> None:
        self.name, self.version = kind.name, kind.version
        self.access = Access(gate.url, region=region)
        self.boxed = backend.boxed
        self._gate, self._backend = gate, backend

    def alive(self) -> bool:
        """Does its process run, and answer?"""
        if not self._backend.running():
            return False
        try:
            _door(self._backend).ask(f"/_{self.name}/health")
        except OSError:
            return False
        return True

    def settle(self) -> None:
        """A box's launcher sees to it; outside of one there is nobody who could."""
        if self.boxed:
            self._backend.leave_alone()

    def ended_by(self) -> Text | None:
        """Of its box."""
        return self._backend.ended_by()

    def calls(self) -> int:
        """How many requests the gate has let through."""
        return self._gate.calls

    @contextmanager
    def serving(self, listener: socket.socket) -> Iterator[None]:
        """Through the gate, there too."""
        with self._gate.beside(listener) as second:
            yield
        self._gate.calls += second.calls

    def close(self) -> None:
        """End it; again does nothing."""
        self._gate.close()
        self._backend.close()


class Booting(Starting):
    """A backend that was begun, and the gate that is to lead to it."""

    def __init__(self, name: str, title: str, region: str, begin: Callable[[int], Backend]) -> None:
        self._name, self._title, self._region, self._begin = name, title, region, begin
        self._gate = Gate()
        self._attempts = 1
        try:
            self._backend = begin(self._gate.port)
        except BaseException:
            self._gate.close()
            raise

    def ready(self, timeout_seconds: float = 60.0) -> Own:
        """Raises EmulatorError."""
        try:
            kind = self._wait(time.monotonic() + timeout_seconds)
        except BaseException:
            self.close()
            raise
        self._gate.lead_to(self._backend.dial, f"{kind.name} {kind.version}")
        return Own(kind, self._region, self._gate, self._backend)

    def close(self) -> None:
        """Again does nothing."""
        self._gate.close()
        self._backend.close()

    def _wait(self, deadline: float) -> Kind:
        while time.monotonic() < deadline:
            if not self._backend.running():
                self._again()
            elif self._backend.listening() and (kind := self._kind()) is not None:
                return kind
            time.sleep(PAUSE_SECONDS)
        raise EmulatorError(
            say(
                "{title} does not answer; its last words: {last_line}",
                title=self._title,
                last_line=last_line(self._backend.last_words()),
            )
        )

    def _kind(self) -> Kind | None:
        """What answers, once it does."""
        try:
            return health(_door(self._backend), self._name)
        except OSError:
            return None

    def _again(self) -> None:
        if self._attempts == ATTEMPTS:
            words = last_line(self._backend.last_words())
            raise EmulatorError(
                say("{title} ended before it answered; its last words: {words}", title=self._title, words=words)
            )
        self._attempts += 1
        self._backend.close()
        self._backend = self._begin(self._gate.port)


def _door(backend: Backend) -> Door:
    return Door(Endpoint("http://127.0.0.1:80", "127.0.0.1", 80, secure=False, loopback=True), dial=backend.dial)
