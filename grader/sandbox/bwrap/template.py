"""A box that is kept warm, and others that are forked from it: in a tenth of the time, with the same walls.

bubblewrap makes the first, with the system that a submission sees and nobody in it. For each submission a process of
it forks, takes namespaces, folders and a user of its own, and gives up the right to; inside/template.py is its side.
"""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from grader.errors import SandboxError
from grader.sandbox.bwrap import ROOTS
from grader.sandbox.bwrap.box import OURS, PLACE, boxed
from grader.sandbox.bwrap.mounts import Mounts
from grader.sandbox.bwrap.servers import options
from grader.sandbox.inside.template import READY
from grader.sandbox.interface import PYTHON
from grader.sandbox.launched import GRACE_SECONDS, Process, Start
from grader.sandbox.strangers import strangers_uid

START_SECONDS = 30.0
# To make namespaces and what is seen in them, and to give that right up again.
MAKERS = ("CAP_SYS_ADMIN", "CAP_NET_ADMIN", "CAP_SETPCAP")
# What the interpreter and boto3 look at when they are imported: as in submissions/environment.py.
LIKE_A_SUBMISSION = {"LANG": "C.UTF-8", "HOME": f"{PLACE}/home"}


class Template:
    """The first box, and the process in it.

    What is wrong with it nobody is told: its errors have their caller make a box without it.
    """

    def __init__(
        self,
        bwrap: str,
        mounts: Mounts,
        python: Sequence[str] = PYTHON,
        environment: Mapping[str, str] = LIKE_A_SUBMISSION,
        loader: Path | None = None,
    ) -> None:
        """Begin it. `loader`: see inside/template.py. Raises SandboxError."""
        uid = strangers_uid()
        self.mounts = mounts
        self._capabilities = [] if uid is None else list(ROOTS.values())
        self._asking = threading.Lock()
        self._told: set[str] = set()  # the services that it was to load
        self._ready, self._said = False, -1
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(START_SECONDS)
        makers = [word for name in MAKERS for word in ("--cap-add", name)]
        settings = [word for name, value in environment.items() for word in ("--setenv", name, value)]
        words = [*options(uid), *makers, *settings, *mounts.arguments()]
        run = f"script.run(template.main({theirs.fileno()}, {str(loader or '')!r}))"
        code = f"import sys; sys.path.insert(0, {OURS!r}); from inside import script, template; {run}"
        try:
            with theirs, tempfile.TemporaryFile() as said:
                self._said = os.dup(said.fileno())
                self._process = boxed(bwrap, words, [*python, "-c", code], said.fileno(), theirs.fileno())
        except BaseException:
            self.close()
            raise

    def _wait(self) -> None:
        """Until it can be asked. Raises SandboxError."""
        if self._ready:
            return
        try:
            self._ready = self._control.recv(len(READY)) == READY
        except OSError:
            self._ready = False
        if not self._ready:
            lines = os.pread(self._said, 4096, 0).decode("utf-8", "replace").strip().splitlines()
            raise SandboxError(lines[-1] if lines else "it said nothing")

    def alive(self) -> bool:
        """Has it not ended?"""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(0)
            return False
        return True

    def load(self, services: Sequence[str]) -> None:
        """Have boto3 ready for them; returns at once."""
        with suppress(OSError), self._asking:
            if not self._told.issuperset(services):
                self._control.send(json.dumps({"services": list(services)}).encode())
                self._told.update(services)

    def start(self, writable: Mapping[str, int], services: Sequence[str]) -> Start:
        """A launcher in a box that is forked from this one, where boto3 knows those services; see Box."""

        def begun(theirs: socket.socket, said: int) -> Process:
            order = {"writable": dict(writable), "services": list(services), "capabilities": self._capabilities}
            ours, life = socket.socketpair()
            try:
                with life, self._asking:
                    self._wait()
                    socket.send_fds(self._control, [json.dumps(order).encode()], [theirs.fileno(), life.fileno(), said])
            except OSError:
                ours.close()
                raise SandboxError("it is gone") from None
            return Forked(ours, self)

        return begun

    def close(self) -> None:
        """End it, and all that was forked from it; again does nothing."""
        self._control.close()
        with suppress(AttributeError):  # it was never started
            try:
                self._process.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._said >= 0:
            os.close(self._said)
            self._said = -1


class Forked:
    """The launcher of a box that was forked, as a process: its end is the end of all in there."""

    def __init__(self, life: socket.socket, template: Template) -> None:
        self.returncode: int | None = None
        self._life, self._template = life, template

    def wait(self, timeout: float | None = None) -> int:
        """Raises subprocess.TimeoutExpired."""
        if self.returncode is None:
            poll = select.poll()
            poll.register(self._life, select.POLLIN)
            if not poll.poll(None if timeout is None else timeout * 1000):
                raise subprocess.TimeoutExpired("launcher", timeout or 0)
            self._life.close()
            self.returncode = 0
        return self.returncode

    def kill(self) -> None:
        """With all others that were forked from the same box, should it come to that."""
        self._template.close()
