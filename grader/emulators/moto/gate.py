"""What stands between a client and moto: counts calls, closes control routes, words failures, holds still."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from time import monotonic
from typing import Any

from grader.emulators.faults import Reply, refused, service_of
from grader.emulators.moto import faults
from grader.emulators.moto.routes import refusal

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
WsgiApp = Callable[[Environ, StartResponse], Iterable[bytes]]

JOURNAL_LENGTH = 1000
# moto.core.responses.BaseResponse.get_current_account: one process, one account, whoever asks.
ACCOUNT_HEADERS = ("HTTP_X_MOTO_ACCOUNT_ID",)


class Busy(Exception):
    """Requests were still being answered when the wait for stillness ran out."""


@dataclass(frozen=True)
class Call:
    """One API call, as the journal keeps it."""

    method: str
    path: str
    service: str
    status: int


class Gate:
    """WSGI middleware. It reads an answer to its end before it lets go: what is in flight is all there is."""

    def __init__(self, app: WsgiApp) -> None:
        self._app = app
        self.calls = 0
        self.known_as = ""  # the address that URLs in answers name, where it is not the one that was called
        self._journal: deque[Call] = deque(maxlen=JOURNAL_LENGTH)
        self._forget_requests()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        for header in ACCOUNT_HEADERS:
            environ.pop(header, None)
        if self.known_as:
            environ["HTTP_HOST"] = self.known_as
        reply = self._answer(environ)
        start_response(reply.status, list(reply.headers))
        return [reply.body]

    def journal(self) -> list[dict[str, Any]]:
        """The latest calls, oldest first."""
        return [asdict(call) for call in self._journal]

    @contextmanager
    def held(self, timeout_seconds: float) -> Iterator[None]:
        """Nothing is in flight inside; new requests wait until it ends. Raises Busy."""
        with self._changed:
            self._closed = True
        try:
            self._wait_for_stillness(timeout_seconds)
            yield
        finally:
            with self._changed:
                self._closed = False
                self._changed.notify_all()

    @contextmanager
    def parked(self) -> Iterator[None]:
        """A request that only waits is not in flight, and goes on when stillness is over."""
        with self._changed:
            self._in_flight -= 1
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._changed.wait_for(lambda: not self._closed)
                self._in_flight += 1

    def reborn(self) -> None:
        """In a fork: no thread of before lives, so neither do its locks and requests. Counts start anew."""
        self.calls = 0
        self._journal.clear()
        self._forget_requests()

    def _forget_requests(self) -> None:
        self._changed = threading.Condition()
        self._in_flight = 0
        self._closed = False

    def _answer(self, environ: Environ) -> Reply:
        reason = refusal(environ)
        if reason:
            return refused(environ, reason)
        with self._passing():
            reply = faults.answer(self._app, environ)
        self._note(environ, reply)
        return reply

    @contextmanager
    def _passing(self) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: not self._closed)
            self._in_flight += 1
            self.calls += 1
        try:
            yield
        finally:
            with self._changed:
                self._in_flight -= 1
                self._changed.notify_all()

    def _wait_for_stillness(self, timeout_seconds: float) -> None:
        until = monotonic() + timeout_seconds
        with self._changed:
            if not self._changed.wait_for(lambda: not self._in_flight, until - monotonic()):
                raise Busy(f"{self._in_flight} requests were still in flight after {timeout_seconds:g} s")

    def _note(self, environ: Environ, reply: Reply) -> None:
        service = service_of(environ)
        self._journal.append(Call(environ["REQUEST_METHOD"], environ["PATH_INFO"], service, reply.code))
