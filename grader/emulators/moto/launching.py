"""Starts moto in a process of its own while the caller does something else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from grader.emulators.faults import MOST_MIB
from grader.emulators.interface import REGION, Starting
from grader.emulators.moto.child import Child
from grader.emulators.moto.listening import bind
from grader.emulators.moto.running import Moto, died
from grader.errors import EmulatorError
from grader.texts import say

STATE_MIB = 1536  # that a boxed one may hold in all


def launch(
    *,
    region: str = REGION,
    services: Sequence[str] = ("s3",),
    port: int | None = 0,
    most_mib: int = MOST_MIB,
    mended: bool = True,
    record: Mapping[str, Any] | None = None,
    boxed: bool = False,
) -> MotoStarting:
    """Returns at once. `services` are those whose first request should be quick; all are served.

    With `port=None` nobody can reach it: it is there to be forked. `most_mib` bounds the body of a request.
    `mended=False` is moto as it is, for tests of the mends.
    `record` makes it a workspace's: {"journal": path, "seed": text, "keys": {"grader": key, "scenario": key}}. What
    the journal tells of is done again before the first request is answered.
    `boxed` keeps it from this machine's files and network, and from filling its memory. Raises SandboxError.
    """
    return begin(port=port, most_mib=most_mib, mended=mended, record=record, boxed=boxed).to_serve(region, services)


def begin(
    *,
    port: int | None = 0,
    most_mib: int = MOST_MIB,
    mended: bool = True,
    record: Mapping[str, Any] | None = None,
    boxed: bool = False,
) -> MotoLoading:
    """As `launch`, for a caller who does not know yet what it is to serve."""
    child = Child(boxed)
    settings: dict[str, Any] = {
        "port": port,
        "most_bytes": most_mib << 20,
        "mended": mended,
    }
    settings |= {"record": dict(record)} if record else {}
    settings |= {"uid": child.uid, "most_mib": STATE_MIB} if boxed else {}
    # In the box's own network a port would be nobody's: what it is to listen on is made here.
    listener = bind(port) if boxed and port is not None else None
    with suppress(OSError):  # it died at once: `ready` says why
        child.channel.send(settings, [listener.fileno()] if listener else [])
    if listener:
        listener.close()
    return MotoLoading(child, port, boxed)


class MotoLoading:
    """A moto's process, which loads moto and waits to be told for what."""

    def __init__(self, child: Child, port: int | None, boxed: bool) -> None:
        self._child, self._port, self.boxed = child, port, boxed

    def to_serve(self, region: str, services: Sequence[str]) -> MotoStarting:
        """Returns at once, with what is to be closed from now on."""
        with suppress(OSError):
            self._child.channel.send({"services": list(services)})
        return MotoStarting(self._child, region, self._port, self.boxed)

    def close(self) -> None:
        """It was begun for nothing: what it still loads is not waited for."""
        self._child.end(0)


class MotoStarting(Starting):
    """A moto that is on its way. Closing it (or leaving its `with`) ends the moto that came of it, too."""

    def __init__(self, child: Child, region: str, port: int | None, boxed: bool = False) -> None:
        self._child = child
        self._boxed = boxed
        self._region = region
        self._port = port
        self._moto: Moto | None = None

    def ready(self, timeout_seconds: float = 30) -> Moto:
        """The moto, once it answers. Raises EmulatorError, and then nothing is left running."""
        if self._moto is None:
            try:
                introduction = self._introduction(timeout_seconds)
            except BaseException:
                self.close()
                raise
            child = self._child
            self._moto = Moto(introduction, child.channel, self._region, child.end, child.last_words)
            self._moto.boxed = self._boxed
        return self._moto

    def close(self) -> None:
        """Ends its process; again does nothing."""
        self._child.end() if self._moto is None else self._moto.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _introduction(self, timeout_seconds: float) -> dict[str, Any]:
        try:
            message = self._child.channel.receive(timeout_seconds)
        except TimeoutError:
            raise EmulatorError(
                say("moto was not ready within {timeout_seconds} s", timeout_seconds=format(timeout_seconds, "g"))
            ) from None
        if message is None:
            raise EmulatorError(died(self._child.last_words()))
        if "error" in message:
            cure = say("stop what listens there, or choose another" if self._port else "see `labgrade doctor`")
            raise EmulatorError(say("moto: {error}; {cure}", error=message["error"], cure=cure))
        return message
