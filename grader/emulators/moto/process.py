"""The emulator's own process: moto behind the gate, told what to do over the control channel."""

from __future__ import annotations

import gc
import socket
import sys
from typing import Any

from grader.emulators.moto import confining
from grader.emulators.moto.channel import Channel
from grader.emulators.moto.listening import bind


def main() -> None:
    """Serves until the control channel ends, which it does when the grader is gone in whatever way."""
    gc.disable()  # until all has loaded, none of which is garbage: 20 ms of 450
    channel = Channel(_inherited_socket())
    settings = channel.receive()
    if settings is None:
        return
    if "most_mib" in settings:
        confining.confine(settings)
    descriptors = channel.take_descriptors()
    if descriptors:
        _serve(channel, socket.socket(fileno=descriptors[0]), settings)
        return
    try:
        listener = None if settings["port"] is None else bind(settings["port"])
    except OSError as error:
        channel.send({"error": f"port {settings['port']} of 127.0.0.1: {error.strerror}"})
        return
    _serve(channel, listener, settings)


def _inherited_socket() -> socket.socket:
    if sys.platform == "win32":
        return socket.fromshare(sys.stdin.buffer.read())
    return socket.socket(fileno=int(sys.argv[1]))


def _serve(channel: Channel, listener: socket.socket | None, settings: dict[str, Any]) -> None:
    from grader.emulators.moto.instance import Instance  # with which all of moto comes

    if (told := channel.receive()) is None:
        return
    try:
        instance = Instance(channel, listener, settings | told)
    except NotImplementedError as error:
        channel.send({"error": str(error)})
        return
    except OSError as error:
        channel.send({"error": f"the journal {error.filename or ''}: {error.strerror}"})
        return
    instance.run()
