"""A listening socket, taken before anything heavy is imported: clients may already queue."""

from __future__ import annotations

import os
import socket

HOST = "127.0.0.1"
BACKLOG = 128


def bind(port: int = 0) -> socket.socket:
    """On the loopback alone. Raises OSError where the port is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere it would let two servers share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener
