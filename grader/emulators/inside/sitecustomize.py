"""Runs inside an emulator's own Python (by PYTHONPATH) before it does: keeps it on this machine, and tells the port.

* LocalStack listens on all interfaces whatever GATEWAY_LISTEN says (its Twisted server drops the host), and so do side
  services of others: whoever binds "any address" gets the loopback.
* MiniStack is told the gate's port, LABGRADE_GATE, which it writes into URLs; what it binds for it is LABGRADE_PORT.
* A port that answers may be somebody else's: only once this very process listens on LABGRADE_PORT is the file
  LABGRADE_LISTENING made.
* Where the port is taken after all, it ends at once: LocalStack would say "Ready." and live on without one.
* It calls nobody but itself: what it installs on demand, an SNS subscription or a proxy to a server of the host fails.
  This holds for its Python code and is no jail.

In a jail, a box (LABGRADE_BOXED), none of this is needed: there see `ending`.
"""

from __future__ import annotations

import errno
import os
import socket
import sys
from typing import Any

ANY = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}
OUTGOING = ("socket.connect", "socket.sendto", "socket.sendmsg")

port = int(os.environ.get("LABGRADE_PORT", "0"))
listening = os.environ.get("LABGRADE_LISTENING", "")
gate = int(os.environ.get("LABGRADE_GATE", "0"))
own_ports = {port, gate}
bind, listen = socket.socket.bind, socket.socket.listen


def bind_near(self: socket.socket, address: Any) -> None:
    """The loopback for any address, the emulator's own port for that of the gate."""
    if self.family in (socket.AF_INET, socket.AF_INET6):
        host, wanted, *rest = address
        address = (ANY.get(host, host), port if wanted == gate else wanted, *rest)
        if address[1] == port:
            bind_or_end(self, address)
            return
    bind(self, address)


def bind_or_end(self: socket.socket, address: Any) -> None:
    """The port that labgrade waits for, or the end of this process."""
    try:
        bind(self, address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            os.write(2, f"labgrade: port {port} is taken\n".encode())
            os._exit(98)
        raise


def listen_and_tell(self: socket.socket, *backlog: int) -> None:
    """Listen; and say so, where it is the port that labgrade waits for."""
    listen(self, *backlog)
    if self.family in (socket.AF_INET, socket.AF_INET6):
        own_ports.add(self.getsockname()[1])
        if self.getsockname()[:2] == ("127.0.0.1", port):
            os.close(os.open(listening, os.O_CREAT | os.O_WRONLY, 0o600))


def stay_near(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: nothing in Python gets past it, and nothing takes it off."""
    if event not in OUTGOING:
        return
    own_socket, address = arguments[0], arguments[1]
    if address is None or own_socket.family not in (socket.AF_INET, socket.AF_INET6):
        if isinstance(address, str) and address.endswith("docker.sock"):
            raise ConnectionRefusedError(f"labgrade: an emulator has no Docker here ({address})")
        return
    host = str(address[0])
    near = host in ("localhost", "::1", "::ffff:127.0.0.1") or host.startswith("127.") or host in ANY
    if not near or address[1] not in own_ports:
        raise ConnectionRefusedError(f"labgrade: an emulator calls nobody but itself ({host}:{address[1]})")


if os.environ.get("LABGRADE_BOXED", ""):
    import ending  # type: ignore[import-not-found]  # noqa: F401
elif port and gate and listening:
    socket.socket.bind = bind_near  # type: ignore[assignment, method-assign]
    socket.socket.listen = listen_and_tell  # type: ignore[assignment, method-assign]
    sys.addaudithook(stay_near)
