"""The process in the background that holds a workspace's emulator, from `labgrade start` to `labgrade stop`.

It ends by itself when its emulator does, and when its folder goes.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from contextlib import suppress
from hmac import compare_digest
from pathlib import Path
from typing import Any

from grader.access import ForkUnsupported
from grader.emulators.moto.launching import launch
from grader.emulators.moto.running import Moto
from grader.errors import EmulatorError, LabgradeError
from grader.texts import say
from grader.workspace import folder
from grader.workspace.control import HOST, receive, send

FILE = "keeper.json"
WATCH_SECONDS = 1.0
READY_SECONDS = 3600.0  # a long journal takes its time
HELLO_SECONDS = 10.0


def main() -> None:
    """Settings come as JSON on standard input; the answer goes to standard output, which then ends."""
    settings = json.loads(sys.stdin.buffer.read())
    place = Path(settings["folder"])
    try:
        moto, port = _opened(settings)
    except LabgradeError as error:
        _answer({"error": str(error)})
        return
    keeper = _Keeper(moto, place, settings["token"])
    try:
        folder.write(place / FILE, {"port": keeper.port, "token": settings["token"], "pid": os.getpid()})
    except LabgradeError as error:
        moto.close()
        _answer({"error": str(error)})
        return
    _answer({"port": port, "version": moto.version, "mends": moto.mends, "replayed": moto.replayed})
    keeper.watch()


def _opened(settings: dict[str, Any]) -> tuple[Moto, int]:
    """On the first of the ports that is free. Raises EmulatorError."""
    ports = settings["ports"]
    for port in ports:
        if port and _taken(port) and port != ports[-1]:
            continue
        starting = launch(
            region=settings["region"], services=settings["services"], port=port, record=settings["record"]
        )
        try:
            moto = starting.ready(READY_SECONDS)
        except EmulatorError as error:
            if port == ports[-1] or f"port {port} of" not in str(error):
                raise
        else:
            return moto, int(moto.access.endpoint.rpartition(":")[2])
    raise EmulatorError(say("no port is free"))


def _taken(port: int) -> bool:
    """Does somebody listen there? Where all addresses are taken, this one could be taken all the same on a Mac."""
    with suppress(OSError), socket.create_connection((HOST, port), 0.5):
        return True
    return False


def _answer(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()
    # Whoever reads to the end has it now; later words of anybody's go nowhere.
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


class _Keeper:
    def __init__(self, moto: Moto, place: Path, token: str) -> None:
        self.moto = moto
        self.place = place
        self.token = token
        self.ended = threading.Event()
        self.listener = socket.create_server((HOST, 0))
        self.port = int(self.listener.getsockname()[1])
        threading.Thread(target=self.listen, daemon=True, name="control").start()

    def watch(self) -> None:
        """Until it is told to stop, its emulator is gone, or its folder is."""
        while not self.ended.wait(WATCH_SECONDS):
            if not self.moto.alive() or not self.remembered():
                break
        self.moto.close()
        os._exit(0)

    def remembered(self) -> bool:
        """Is it still the keeper of that folder?"""
        try:
            kept = folder.read(self.place / FILE)
        except LabgradeError:
            return True  # unreadable for a moment is not gone
        return kept is not None and kept.get("token") == self.token

    def listen(self) -> None:
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True, name="talk").start()

    def serve(self, connection: socket.socket) -> None:
        """One conversation; what it was lent ends with it."""
        forks: list[Moto] = []
        connection.settimeout(HELLO_SECONDS)
        try:
            with connection, suppress(OSError):
                while (message := receive(connection)) is not None:
                    if not compare_digest(str(message.get("token")).encode(), self.token.encode()):
                        break
                    connection.settimeout(None)
                    send(connection, {**self.obey(message, forks), "token": self.token[::-1]})
                    if message.get("do") == "stop":
                        self.ended.set()
        finally:
            for fork in forks:
                fork.close()

    def obey(self, message: dict[str, Any], forks: list[Moto]) -> dict[str, Any]:
        try:
            match message.get("do"):
                case "fork":
                    status = self.moto.recorded()
                    fork = self.moto.fork(as_parent=True)
                    forks.append(fork)
                    return {**status, "endpoint": fork.access.endpoint}
                case "stop":
                    with suppress(OSError):
                        (self.place / FILE).unlink()
                    self.moto.close()
                    return {"stopped": True}
                case _:
                    return {**self.moto.recorded(), "alive": self.moto.alive()}
        except ForkUnsupported:
            return {**self.moto.recorded(), "unsupported": True}
        except LabgradeError as error:
            return {"error": str(error)}


if __name__ == "__main__":
    main()
