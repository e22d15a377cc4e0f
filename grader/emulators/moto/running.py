"""A moto that answers, as the grader holds it."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from grader.emulators.interface import Access, Emulator, ForkUnsupported, filled
from grader.emulators.moto import mends
from grader.emulators.moto.channel import Channel
from grader.emulators.moto.listening import bind
from grader.errors import EmulatorError
from grader.texts import Text, say

REPLY_SECONDS = 10
WARM_SECONDS = 50  # on a busy machine; a second otherwise
LAST_WORDS_SECONDS = 0.1
FORK_SECONDS = 25  # a long poll of a queue is in flight for up to 20 s


class Moto(Emulator):
    """One process, one state. It ends with `close`, with the moto that it is a fork of, and with the grader."""

    name = "moto"

    def __init__(
        self, introduction: dict[str, Any], channel: Channel, region: str, end: Callable[[], None],
        last_words: Callable[[], str],
    ) -> None:  # fmt: skip
        self.version = introduction["version"]
        self.pid = int(introduction["pid"])
        self.access = Access(f"http://127.0.0.1:{introduction['port']}", region=region)
        self.mends = mends.fingerprint()
        self.replayed: dict[str, Any] | None = introduction.get("replayed")  # of a workspace's
        self.boxed = False
        self._channel = channel
        self._end = end
        self._last_words = last_words
        self._asking = threading.Lock()
        self._asked = 0
        self._closed = False
        self._filled_mib: int | None = None  # as its last words, where that is why it ended

    def alive(self) -> bool:
        """Is its process there, and does it take connections?"""
        try:
            return not self._closed and bool(self._ask({"do": "alive"})["alive"])
        except EmulatorError:
            return False

    def ended_by(self) -> Text | None:
        """What a boxed one may hold, where it was asked for more."""
        with self._asking, suppress(TimeoutError, OSError):
            while not self._closed and (message := self._channel.receive(LAST_WORDS_SECONDS)):
                self._note(message)
        return None if self._filled_mib is None else filled(self._filled_mib)

    def calls(self) -> int:
        """API calls since it began (a fork: since the fork), whoever's: read it before the grader calls."""
        return int(self._ask({"do": "calls"})["calls"])

    def journal(self) -> list[dict[str, Any]]:
        """The latest thousand calls: method, path, service and status of each."""
        return list(self._ask({"do": "journal"})["journal"])

    def recorded(self) -> dict[str, Any]:
        """Of a workspace's: `calls` and `changes` of the student, and the journal's `trouble` with the disk."""
        return dict(self._ask({"do": "recorded"})["recorded"] or {})

    def fork(
        self,
        *,
        port: int = 0,
        listener: socket.socket | None = None,
        timeout_seconds: float = FORK_SECONDS,
        as_parent: bool = False,
        anew: bool = False,
        region: str | None = None,
    ) -> Moto:
        """A copy of this moment, which waits for requests in flight to end.

        It listens on `port`, or on a `listener` made elsewhere (in a sandbox's own network). It gives out the
        same ids in the same order as this one will, or with `anew` ids of its own; `as_parent` has it say this
        one's address in the URLs that it gives out, too. Raises ForkUnsupported and EmulatorError.
        """
        if not hasattr(os, "fork") or not hasattr(socket, "send_fds"):
            raise ForkUnsupported("this system has no fork")
        ours, theirs = socket.socketpair()
        channel = Channel(ours)
        try:
            with theirs, self._own(listener, port) as listener:
                descriptors = [one.fileno() for one in (theirs, listener) if one]
                message = {"do": "fork", "port": port, "timeout_seconds": timeout_seconds}
                self._ask({**message, "as_parent": as_parent, "anew": anew}, descriptors, timeout_seconds)
            introduction = _without_error(_answer(channel, REPLY_SECONDS, self._last_words))
        except BaseException:
            channel.close()
            raise
        end = _ender(channel, introduction, self._kill)
        fork = Moto(introduction, channel, region or self.access.region, end, self._last_words)
        fork.boxed = self.boxed
        return fork

    @contextmanager
    def _own(self, listener: socket.socket | None, port: int) -> Iterator[socket.socket | None]:
        """For a fork that cannot listen in our network the listener is made here."""
        if listener or not self.boxed:
            yield listener
            return
        try:
            made = bind(port)
        except OSError as error:
            raise EmulatorError(say("moto: {error}", error=f"port {port} of 127.0.0.1: {error.strerror}")) from None
        with made:
            yield made

    def _kill(self, pid: int) -> None:
        """A fork, by the number that it knows itself by: in a box others have it outside."""
        if not self.boxed:
            os.kill(pid, signal.SIGKILL)
            return
        with suppress(EmulatorError):
            self._ask({"do": "kill", "pid": pid})

    def warm(self, services: Sequence[str], timeout_seconds: float = WARM_SECONDS) -> list[str]:
        """Have it pay for what the forks' first requests would; only while nobody calls it. Returns what failed.

        Raises EmulatorError.
        """
        return list(self._ask({"do": "warm", "services": list(services)}, patience_seconds=timeout_seconds)["failed"])

    def withdraw(self) -> None:
        """Nobody reaches it any more, but it can be forked. Raises EmulatorError."""
        self._ask({"do": "withdraw"})

    @contextmanager
    def serving(self, listener: socket.socket) -> Iterator[None]:
        """Answers there, too, meanwhile. The listener is its own from then on: it ends when the emulator does."""
        self._ask({"do": "serve"}, [listener.fileno()])
        listener.close()  # else calls of one that has died would wait for an answer
        try:
            yield
        finally:
            with suppress(EmulatorError):  # it is dead, which `alive` tells
                self._ask({"do": "serve_no_more", "timeout_seconds": FORK_SECONDS}, patience_seconds=FORK_SECONDS)

    def close(self) -> None:
        """Ends it and its forks."""
        if not self._closed:
            self._closed = True
            self._end()

    def _ask(
        self, message: dict[str, Any], descriptors: list[int] | None = None, patience_seconds: float = 0
    ) -> dict[str, Any]:
        if self._closed:
            raise EmulatorError(say("moto was closed"))
        with self._asking:
            self._asked += 1
            try:
                self._channel.send({**message, "number": self._asked}, descriptors or ())
            except OSError:
                raise EmulatorError(died(self._last_words())) from None
            seconds = REPLY_SECONDS + patience_seconds
            # One that we no longer waited for may have come late.
            while (reply := _answer(self._channel, seconds, self._last_words)).get("number") != self._asked:
                self._note(reply)
        return _without_error(reply)

    def _note(self, message: dict[str, Any]) -> None:
        self._filled_mib = message.get("filled_mib", self._filled_mib)


def died(last_words: str) -> Text:
    """The sentence for it."""
    if last_words:
        return say("moto died: {words}", words=last_words)
    return say("moto died without a word: killed, out of memory?")


def _answer(channel: Channel, timeout_seconds: float, last_words: Callable[[], str]) -> dict[str, Any]:
    try:
        reply = channel.receive(timeout_seconds)
    except TimeoutError:
        raise EmulatorError(
            say("moto did not answer within {timeout_seconds} s", timeout_seconds=format(timeout_seconds, "g"))
        ) from None
    if reply is None:
        raise EmulatorError(died(last_words()))
    return reply


def _without_error(reply: dict[str, Any]) -> dict[str, Any]:
    if "error" in reply:
        raise EmulatorError(say("moto: {error}", error=reply["error"]))
    return reply


def _ender(channel: Channel, introduction: dict[str, Any], kill: Callable[[int], None]) -> Callable[[], None]:
    """A fork is its parent's child, which reaps it: we wait for its end of the channel to go."""

    def end() -> None:
        with suppress(OSError):
            channel.send({"do": "stop"})
        try:
            while channel.receive(2):
                pass
        except TimeoutError:  # it still holds the channel, so the number is still its own
            kill(introduction["pid"])
        channel.close()

    return end
