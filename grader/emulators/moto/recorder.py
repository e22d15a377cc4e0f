"""Between the gate and moto, in a workspace: calls that may change something take turns and are written down."""

from __future__ import annotations

import base64
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from grader.access import SCRATCH_SESSION
from grader.emulators.faults import Environ, Reply
from grader.emulators.moto import faults, journal, repeatable
from grader.emulators.moto.journal import Journal
from grader.emulators.moto.looks import Looks
from grader.emulators.moto.repeatable import Moment
from grader.emulators.moto.request import Request, environ_of, found_nothing

TURN_SECONDS = 10  # then a call goes ahead out of turn: one that calls this emulator itself would wait for ever
PAUSE_SECONDS = 0.02
STUDENT, SCENARIO, GRADER = "student", "scenario", "grader"
SCRATCH = f"RoleSessionName={SCRATCH_SESSION}".encode()
ACCESS_KEY = re.compile(rb"<AccessKeyId>(\w+)</AccessKeyId>")

WsgiApp = Callable[..., Iterable[bytes]]


@dataclass
class Replayed:
    """What became of the journal of an earlier moto."""

    calls: int = 0  # repeated
    different: int = 0  # and answered otherwise than then
    unreadable: int = 0
    moto: str = ""  # the version that wrote it, where it is not this one


class Recorder:
    """A WSGI application around moto's. `keys` are the access keys by which the grader's own calls are known."""

    def __init__(self, app: WsgiApp, path: Path, seed: str, keys: dict[str, str], birth: float) -> None:
        """Raises OSError where the journal cannot be written."""
        self._birth = birth
        self._app = app
        self._path = path
        self._seed = seed
        self._whose = {key: by for by, key in keys.items()}
        self._number = 0
        self._turn = threading.Lock()
        self._counting = threading.Lock()
        self._recording = True
        self.parked: Callable[[], AbstractContextManager[None]] = nullcontext  # the gate's: this call holds nobody up
        self.calls = 0  # of the student
        self.changes = 0  # of the student: what is lost where this ends
        self._journal = Journal(path)
        self._looks = Looks()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        reply = self._answer(environ) if self._recording else faults.answer(self._app, environ)
        start_response(reply.status, list(reply.headers))
        return [reply.body]

    def replay(self, port: int, version: str) -> Replayed:
        """Do again all that the journal tells of. Raises OSError where it cannot be read."""
        done = Replayed()
        for line in journal.lines(self._path):
            if "journal" in line:
                done.moto = done.moto if line.get("moto") == version else str(line.get("moto"))
                continue
            if "read" in line:
                self.calls = max(self.calls, _count(line.get("calls")))
                continue
            try:
                reply = self._again(line, port)
                self._number, self.calls = int(line["n"]), int(line["calls"])
                self.changes += line["by"] == STUDENT
                done.calls += 1
                done.different += reply.code != line["status"]
            except (KeyError, ValueError, TypeError, AttributeError):
                done.unreadable += 1
        at = time.time() if done.calls else self._birth
        self._journal.add({"journal": journal.FORMAT, "moto": version, "at": at})
        return done

    def to_json(self) -> dict[str, Any]:
        """How it stands."""
        return {"calls": self.calls, "changes": self.changes, "trouble": self._journal.trouble}

    def reborn(self) -> None:
        """In a fork: nothing that happens here is the student's."""
        if self._recording:
            self._recording = False
            self._journal.forget()

    def _answer(self, environ: Environ) -> Reply:
        request = Request.of(environ)
        by = self._whose.get(request.access_key, STUDENT)
        if by == STUDENT and request.by_an_sdk:
            with self._counting:
                self.calls += 1
        if by == GRADER:
            return faults.answer(self._app, environ)
        if request.operation == "AssumeRole" and SCRATCH in request.body:
            return self._scratch(environ)
        if request.reads:
            return self._looked(request, environ, by)
        with self._in_turn() as wait:
            return self._recorded(request, environ, by, wait)

    def _scratch(self, environ: Environ) -> Reply:
        """Whoever grades this one by its address tries things out in an account apart: none of it is the student's."""
        reply = faults.answer(self._app, environ)
        if found := ACCESS_KEY.search(reply.body):
            self._whose[found[1].decode()] = GRADER
        return reply

    def _looked(self, request: Request, environ: Environ, by: str) -> Reply:
        reply = faults.answer(self._app, environ)
        if by == STUDENT and request.by_an_sdk and not self._journal.trouble and self._looks.new(request, reply):
            line = {"read": self._number, "at": time.time(), "by": by, "calls": self.calls, **request.to_json()}
            self._journal.add({**line, **reply_of(reply)})
        return reply

    def _recorded(self, request: Request, environ: Environ, by: str, wait: Callable[[Moment], None]) -> Reply:
        with self._counting:
            self._number += 1
            number = self._number
        moment = Moment(f"{self._seed} {number}", time.time(), wait)
        with repeatable.within(moment):
            reply = faults.answer(self._app, environ)
        if reply.code == HTTPStatus.OK and not moment.moved and found_nothing(request, reply.body):
            return reply  # a worker that polls would fill the disk
        self.changes += by == STUDENT
        line = {"n": number, "at": moment.at, "by": by, "calls": self.calls, **request.to_json()}
        self._journal.add({**line, **reply_of(reply)})
        return reply

    def _again(self, line: dict[str, Any], port: int) -> Reply:
        moment = Moment(f"{self._seed} {line['n']}", float(line["at"]), Moment.skip)
        with repeatable.within(moment):
            return faults.answer(self._app, environ_of(line, port))

    @contextmanager
    def _in_turn(self) -> Iterator[Callable[[Moment], None]]:
        """Inside, how a long poll waits."""
        if not self._turn.acquire(timeout=TURN_SECONDS):
            yield self._pause
            return
        try:
            yield self._let_others
        finally:
            self._turn.release()

    def _let_others(self, moment: Moment) -> None:
        self._turn.release()
        try:
            self._pause(moment)
        finally:
            self._turn.acquire()

    def _pause(self, moment: Moment) -> None:
        """Nobody waits for this call, and the time goes on."""
        with self.parked():
            time.sleep(PAUSE_SECONDS)
        moment.at = time.time()


def reply_of(reply: Reply) -> dict[str, Any]:
    """Its part of a line of the journal."""
    headers = {name.lower(): value for name, value in reply.headers}
    return {
        "status": reply.code,
        "reply": base64.b64encode(reply.body[: journal.REPLY_BYTES]).decode(),
        "reply_bytes": len(reply.body),
        "reply_headers": {name: headers[name] for name in headers if name == "etag" or name.startswith("x-amz-")},
    }


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0
