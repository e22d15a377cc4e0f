"""One running moto, and how it becomes two."""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import threading
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

import moto
from botocore.exceptions import UnknownServiceError

from grader.emulators.moto import journal, repeatable
from grader.emulators.moto.channel import Channel
from grader.emulators.moto.dispatcher import Dispatcher
from grader.emulators.moto.gate import Busy, Gate
from grader.emulators.moto.listening import bind
from grader.emulators.moto.recorder import Recorder
from grader.emulators.moto.serving import Server


class Instance:
    """Obeys the control channel in the main thread; the server has threads of its own."""

    def __init__(self, channel: Channel, listener: socket.socket, settings: dict[str, Any]) -> None:
        self._channel = channel
        self._most_bytes = int(settings["most_bytes"])
        self._services = list(settings["services"])
        record = settings.get("record")
        self._recorder = None if record is None else _recorder(self._services, settings["mended"], record)
        self._gate = Gate(self._recorder or _application(self._services, settings["mended"]))
        self._replayed = None
        if self._recorder:
            self._recorder.parked = self._gate.parked
            # Before anybody is answered; clients that come early wait in the listener's queue.
            self._replayed = self._recorder.replay(listener.getsockname()[1], moto.__version__)
        self._server = Server(listener, self._gate, self._most_bytes)
        self._lifeline = os.pipe()  # nobody writes; its end tells the forks that this process is gone
        if sys.platform != "win32":
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # forks that end are reaped at once

    def run(self) -> NoReturn:
        """Until it is told to stop, or nobody is left to tell it anything."""
        self._channel.send(self._introduction())
        _warm(self._services)
        while (message := self._channel.receive()) is not None and message["do"] != "stop":
            reply = self._obey(message)
            # After a fork: each of the two, on a channel of its own.
            self._channel.send({**reply, "number": message["number"]})
        os._exit(0)  # a thread that still answers is not waited for

    def _introduction(self) -> dict[str, Any]:
        """What the grader is told when requests are answered."""
        introduction = {"port": self._server.port, "pid": os.getpid(), "version": moto.__version__}
        return introduction | ({"replayed": asdict(self._replayed)} if self._replayed else {})

    def _obey(self, message: dict[str, Any]) -> dict[str, Any]:
        match message["do"]:
            case "calls":
                return {"calls": self._gate.calls}
            case "journal":
                return {"journal": self._gate.journal()}
            case "recorded":
                return {"recorded": self._recorder.to_json() if self._recorder else None}
            case "fork":
                return self._fork(message)
            case _:
                return {"alive": self._server.serving}

    def _fork(self, message: dict[str, Any]) -> dict[str, Any]:
        descriptors = self._channel.take_descriptors()
        try:
            with self._gate.held(message["timeout_seconds"]), self._server.moving:
                pid = _fork_process()
                if not pid:
                    known_as = self._server.port if message.get("as_parent") else None
                    return self._begin_anew(message["port"], known_as, *descriptors)
        except (Busy, OSError) as error:
            reply: dict[str, Any] = {"error": f"no snapshot of moto: {error}"}
        else:
            reply = {"pid": pid}
        for descriptor in descriptors:
            os.close(descriptor)
        return reply

    def _begin_anew(self, port: int, known_as: int | None, control: int, listener: int | None = None) -> dict[str, Any]:
        """In the fork: state is kept, every thread and every way to the outside is new."""
        self._channel.close()
        self._channel = Channel(socket.socket(fileno=control))
        # A thread that is gone may have held its lock.
        sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
        self._gate.reborn()
        if self._recorder:
            self._recorder.reborn()
        self._replayed = None
        self._server.abandon()
        self._hang_on_parent()
        try:
            listening = bind(port) if listener is None else socket.socket(fileno=listener)
        except OSError as error:
            return {"error": f"port {port} of 127.0.0.1: {error.strerror}"}
        if known_as:
            self._gate.known_as = f"127.0.0.1:{known_as}"
        self._server = Server(listening, self._gate, self._most_bytes)
        return self._introduction()

    def _hang_on_parent(self) -> None:
        parent_end, own_end = self._lifeline
        os.close(own_end)
        threading.Thread(target=_die_with, args=(parent_end,), daemon=True, name="lifeline").start()
        self._lifeline = os.pipe()


def _recorder(services: list[str], mended: bool, record: dict[str, Any]) -> Recorder:
    path, seed = Path(record["journal"]), record["seed"]
    birth = journal.birth(path) or time.time()
    repeatable.apply(seed, birth)
    app = _application(services, mended, repeatable.apply_to)
    return Recorder(app, path, seed, record["keys"], birth)


def _application(services: list[str], mended: bool, prepare: Callable[[str], None] | None = None) -> Dispatcher:
    dispatcher = Dispatcher(mended, prepare)
    for service in services:
        dispatcher.preload(service)
    return dispatcher


def _warm(services: list[str]) -> None:
    """Loads what the first requests would, while the grader makes its clients."""
    import moto.iam.models  # noqa: F401 -- every request asks it for the account
    from moto.core.utils import get_service_model

    for service in services:
        with suppress(UnknownServiceError):  # botocore's name is another: its first request pays
            get_service_model(service)


def _fork_process() -> int:
    gc.freeze()  # else the first collection in either process copies every page
    with warnings.catch_warnings():
        # Python 3.12 warns of threads; here the gate has made sure that none holds a lock of moto's.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _die_with(parent_end: int) -> None:
    os.read(parent_end, 1)
    os._exit(0)
