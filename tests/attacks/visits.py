"""A server of the host's that nobody in a box may reach, and who has come all the same."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def visited() -> Iterator[tuple[int, list[str]]]:
    """Its port on the loopback, and a list that grows with each visit."""
    seen: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    server.accept()[0].close()
                except OSError:
                    return
                seen.append("a visit")

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1], seen
