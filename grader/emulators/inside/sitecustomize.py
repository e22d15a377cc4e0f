"""Runs inside an emulator's own Python (by PYTHONPATH) before it does: keeps it on this machine, and tells the port.

* LocalStack listens on all interfaces whatever GATEWAY_LISTEN says (its Twisted server drops the host), and so do side
  services of others: whoever binds "any address" gets the loopback.
* MiniStack is told the gate's port, LABGRADE_GATE, which it writes into URLs; what it binds for it is LABGRADE_PORT.
* A port that answers may be somebody else's: only once this very process listens on LABGRADE_PORT is the file
  LABGRADE_LISTENING made.
* Where the port is taken after all, it ends at once: LocalStack would say "Ready." and live on without one.
* It calls nobody but itself: what it installs on demand, an SNS subscription or a proxy to a server of the host fails.
  This holds for its Python code and is no jail.

In a jail, a box (LABGRADE_BOXED), none of this is needed. There it is seen to that

* programs which the emulator starts, a student's Lambda functions, may not look into it or change it;
* it starts none any more when the box says so: the submission has ended then, and so has what runs for it;
* what it does by itself for a student, a state machine that waits or a schedule that comes due, ends then, too.
"""

from __future__ import annotations

import errno
import os
import re
import signal
import socket
import sys
from types import FrameType
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


SETTLED = "/lab/.settled"  # the box's, sandbox/inside/doors.py
STARTING = ("subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.exec", "os.system")
PR_SET_DUMPABLE = 4


def start_nothing(event: str, arguments: tuple[Any, ...]) -> None:  # noqa: ARG001  (as audit hooks are called)
    """An audit hook, too."""
    if event in STARTING and os.path.exists(SETTLED):  # noqa: PTH110  (pathlib costs 8 ms)
        raise PermissionError("labgrade: the submission has ended, and nothing is run for it any more")


ENDED = "/lab/.ended"  # sandbox/inside/doors.py
# A stack that is being made is what was handed in, and what tidies up in queues brings a check its own messages back.
FOR_OTHERS = re.compile(r"/(ministack|localstack)/services/(?!edge|internal|plugins|cloudformation|s3|sqs|sns|kms|ec2)")


def end_what_runs(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  (as signal handlers are called)
    """End the threads that work for a student, also those that sleep: they do not wake."""
    for thread, where in sys._current_frames().items():
        if where is not frame and _works_for_others(where):
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(SystemExit))
    os.close(os.open(ENDED, os.O_CREAT | os.O_WRONLY, 0o644))


def _works_for_others(frame: FrameType | None) -> bool:
    while frame is not None:
        if FOR_OTHERS.search(frame.f_code.co_filename):
            return True
        frame = frame.f_back
    return False


if os.environ.pop("LABGRADE_BOXED", ""):  # not of what the emulator starts
    import ctypes

    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    sys.addaudithook(start_nothing)
    signal.signal(signal.SIGUSR1, end_what_runs)
elif port and gate and listening:
    socket.socket.bind = bind_near  # type: ignore[assignment, method-assign]
    socket.socket.listen = listen_and_tell  # type: ignore[assignment, method-assign]
    sys.addaudithook(stay_near)
