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
from contextlib import ExitStack, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import moto
from botocore.exceptions import UnknownServiceError
from moto.moto_api._internal import mock_random

from grader.emulators.moto import confining
from grader.emulators.moto.channel import Channel
from grader.emulators.moto.dispatcher import Dispatcher
from grader.emulators.moto.gate import Busy, Gate
from grader.emulators.moto.listening import bind
from grader.emulators.moto.serving import Server

if TYPE_CHECKING:
    from grader.emulators.moto.recorder import Recorder, Replayed


class Instance:
    """Obeys the control channel in the main thread; the server has threads of its own."""

    def __init__(self, channel: Channel, listener: socket.socket | None, settings: dict[str, Any]) -> None:
        """Without a listener nobody can reach it: it is there to be forked."""
        self._channel = channel
        self._most_bytes = int(settings["most_bytes"])
        self._replayed: Replayed | None = None
        self._app, self._recorder = _application(settings)
        for service in settings["services"]:
            self._app.require(service)
        self._gate = Gate(self._recorder or self._app)
        if self._recorder and listener:
            self._recorder.parked = self._gate.parked
            # Before anybody is answered; clients that come early wait in the listener's queue.
            self._replayed = self._recorder.replay(listener.getsockname()[1], moto.__version__)
        self._server = self._serving(listener) if listener else None
        self._guests: Server | None = None
        self._loading = threading.Thread(target=self._load, args=(settings["services"],), daemon=True, name="load")
        self._most_mib = settings.get("most_mib")
        self._watch()
        self._lifeline = os.pipe()  # nobody writes; its end tells the forks that this process is gone
        if sys.platform != "win32":
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # forks that end are reaped at once

    def run(self) -> NoReturn:
        """Until it is told to stop, or nobody is left to tell it anything."""
        self._channel.send(self._introduction())
        self._loading.start()
        while (message := self._channel.receive()) is not None and message["do"] != "stop":
            reply = self._obey(message)
            # After a fork: each of the two, on a channel of its own.
            self._channel.send({**reply, "number": message["number"]})
        os._exit(0)  # a thread that still answers is not waited for

    def _load(self, services: list[str]) -> None:
        """Until somebody asks: what is loaded then is what they wait for, and not what they may want later.

        What is made ahead takes the other processor, and keeps nobody waiting.
        """
        try:
            for service in services:
                if not self._gate.calls:
                    _load(self._app, service)
        finally:
            gc.freeze()
            gc.enable()
        for service in services:
            self._app.make_ahead(service)

    def _serving(self, listener: socket.socket) -> Server:
        os.environ["MOTO_PORT"] = str(listener.getsockname()[1])  # what moto starts calls it there
        return Server(listener, self._gate, self._most_bytes)

    def _introduction(self) -> dict[str, Any]:
        """What the grader is told when requests are answered."""
        port = self._server.port if self._server else 0
        introduction = {"port": port, "pid": os.getpid(), "version": moto.__version__}
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
            case "warm":
                return self._warm(message["services"])
            case "withdraw":
                return self._withdraw()
            case "kill":
                os.kill(message["pid"], signal.SIGKILL)
                return {}
            case "serve":
                return self._serve(*self._channel.take_descriptors())
            case "serve_no_more":
                return self._serve_no_more(message["timeout_seconds"])
            case _:
                return {"alive": self._server is None or self._server.serving}

    def _warm(self, services: list[str]) -> dict[str, Any]:
        """Pays for what forks would pay for, each of them anew."""
        try:
            for service in services:
                self._app.require(service)
        except NotImplementedError as error:
            return {"error": str(error)}
        from grader.emulators.moto import warming

        self._loading.join()
        for service in services:
            _load(self._app, service)
            self._app.make_ahead(service)
        failed = warming.call(self._app, services)
        gc.collect()
        return {"failed": failed}

    def _withdraw(self) -> dict[str, Any]:
        """From here on nobody changes this state: it is there to be forked."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        return {}

    def _serve(self, listener: int) -> dict[str, Any]:
        """On a listener made elsewhere, beside our own."""
        self._guests = Server(socket.socket(fileno=listener), self._gate, self._most_bytes)
        return {}

    def _serve_no_more(self, timeout_seconds: float) -> dict[str, Any]:
        """What is in flight is answered first: whatever it changes, it has changed then."""
        guests, self._guests = self._guests, None
        if guests and not guests.end(timeout_seconds):
            return {"error": f"requests were still in flight after {timeout_seconds:g} s"}
        return {}

    def _fork(self, message: dict[str, Any]) -> dict[str, Any]:
        descriptors = self._channel.take_descriptors()
        self._loading.join()  # in a fork nobody would let go of the locks of what it imports
        try:
            with self._gate.held(message["timeout_seconds"]), ExitStack() as still:
                for server in filter(None, (self._server, self._guests)):
                    still.enter_context(server.moving)
                pid = _fork_process()
                if not pid:
                    return self._begin_anew(message, *descriptors)
        except (Busy, OSError) as error:
            reply: dict[str, Any] = {"error": f"no snapshot of moto: {error}"}
        else:
            reply = {"pid": pid}
        for descriptor in descriptors:
            os.close(descriptor)
        return reply

    def _begin_anew(self, message: dict[str, Any], control: int, listener: int | None = None) -> dict[str, Any]:
        """In the fork: state is kept, every thread and every way to the outside is new."""
        self._channel.close()
        self._channel = Channel(socket.socket(fileno=control))
        # A thread that is gone may have held its lock.
        sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
        self._gate.reborn()
        if self._recorder:
            self._recorder.reborn()
        self._replayed = None
        if self._server:
            if message.get("as_parent"):
                self._gate.known_as = f"127.0.0.1:{self._server.port}"
            self._server.abandon()
        if self._guests:
            self._guests.abandon()
            self._guests = None
        if message.get("anew"):
            mock_random.seed(os.urandom(32))
        self._hang_on_parent()
        self._watch()
        try:
            listening = bind(message["port"]) if listener is None else socket.socket(fileno=listener)
        except OSError as error:
            return {"error": f"port {message['port']} of 127.0.0.1: {error.strerror}"}
        self._server = self._serving(listening)
        return self._introduction()

    def _watch(self) -> None:
        if self._most_mib:
            confining.watch(self._most_mib, lambda: self._channel.send({"filled_mib": self._most_mib}))

    def _hang_on_parent(self) -> None:
        parent_end, own_end = self._lifeline
        os.close(own_end)
        threading.Thread(target=_die_with, args=(parent_end,), daemon=True, name="lifeline").start()
        self._lifeline = os.pipe()


def _load(app: Dispatcher, service: str) -> None:
    """What the first request to it would, while the submission is made ready to run."""
    import moto.iam.models  # noqa: F401 -- every request asks it for the account
    from moto.core.utils import get_service_model

    app.preload(service)
    with suppress(UnknownServiceError):  # botocore's name is another: its first request pays
        get_service_model(service)


def _application(settings: dict[str, Any]) -> tuple[Dispatcher, Recorder | None]:
    """moto's, and where it is to be recorded the recorder before it."""
    record = settings.get("record")
    if record is None:
        return Dispatcher(settings["mended"]), None
    from grader.emulators.moto import journal, repeatable
    from grader.emulators.moto.recorder import Recorder

    path, seed = Path(record["journal"]), record["seed"]
    birth = journal.birth(path) or time.time()
    repeatable.apply(seed, birth)
    app = Dispatcher(settings["mended"], repeatable.apply_to)
    return app, Recorder(app, path, seed, record["keys"], birth)


def _fork_process() -> int:
    gc.freeze()  # else the first collection in either process copies every page
    with warnings.catch_warnings():
        # Python 3.12 warns of threads; here the gate has made sure that none holds a lock of moto's.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _die_with(parent_end: int) -> None:
    os.read(parent_end, 1)
    os._exit(0)
