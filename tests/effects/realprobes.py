"""Many TCP connections at once: who opens, carries a byte, and brings the answer back."""

from __future__ import annotations

import contextlib
import errno
import selectors
import socket
import struct
import time
from dataclasses import dataclass

PORT = 443
PATIENCE_SECONDS = 10.0


@dataclass(frozen=True)
class Probe:
    """One connection to try: by namespace and address, from a port to a port."""

    source: str
    source_ip: str
    source_port: int
    destination_ip: str
    destination_port: int = PORT


class Prober:
    """All connections at once, on one selector."""

    def __init__(self, count: int) -> None:
        self.opened = [False] * count
        self._pending: set[int] = set()
        self._selector = selectors.DefaultSelector()
        self._sockets: list[socket.socket] = []

    def __enter__(self) -> Prober:
        return self

    def __exit__(self, *_error: object) -> None:
        for one in self._sockets:
            # A reset, so that no port stays behind in TIME_WAIT.
            with contextlib.suppress(OSError):
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            one.close()
        self._selector.close()

    def _socket(self) -> socket.socket:
        one = socket.socket()
        self._sockets.append(one)
        one.setblocking(False)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return one

    def listen(self, ports: list[int]) -> None:
        for port in ports:
            one = self._socket()
            _bind(one, port)
            one.listen(4096)
            self._selector.register(one, selectors.EVENT_READ, ("listener", 0))

    def connect(self, probes: list[tuple[int, Probe]]) -> None:
        for n, probe in probes:
            one = self._socket()
            one.bind((probe.source_ip, probe.source_port))
            if one.connect_ex((probe.destination_ip, probe.destination_port)) in (0, errno.EINPROGRESS):
                self._selector.register(one, selectors.EVENT_WRITE, ("client", n))
                self._pending.add(n)

    def run(self, patience_seconds: float) -> list[bool]:
        """Until all are answered, or nothing has happened for so long."""
        deadline = time.monotonic() + patience_seconds
        while self._pending and (left := deadline - time.monotonic()) > 0:
            events = self._selector.select(left)
            for key, _ in events:
                with contextlib.suppress(OSError):
                    self._serve(key)
            if events:
                deadline = time.monotonic() + patience_seconds
        return self.opened

    def _serve(self, key: selectors.SelectorKey) -> None:
        role, n = key.data
        one = key.fileobj
        assert isinstance(one, socket.socket)
        if role == "listener":
            self._accept(one)
        elif role == "server":
            if one.recv(1):
                one.send(b"!")
            self._selector.unregister(one)
        elif one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._selector.unregister(one)
            self._pending.discard(n)
        elif role == "client":
            one.send(b"?")
            self._selector.modify(one, selectors.EVENT_READ, ("waiting", n))
        else:
            self._selector.unregister(one)
            self._pending.discard(n)
            self.opened[n] = one.recv(1) == b"!"

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                one, _ = listener.accept()
                self._sockets.append(one)
                one.setblocking(False)
                self._selector.register(one, selectors.EVENT_READ, ("server", 0))


def _bind(listener: socket.socket, port: int) -> None:
    """To a port whose last listener is closed here: a command that another thread is beginning may hold it yet."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return listener.bind(("0.0.0.0", port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise
        time.sleep(0.002)
