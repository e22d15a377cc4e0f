"""One submission's processes among the machine's others."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from grader.sandbox.launched import INSIDE, Launched, Process, spawned
from grader.sandbox.limits import Limits
from grader.sandbox.stragglers import kill_marked, kill_owned
from grader.sandbox.strangers import strangers_uid
from grader.sandbox.user.reach import Reach
from grader.sandbox.user.trial import Kernel
from grader.texts import Text, say


class Among(Launched):
    """Its user is nobody else's. It finds the emulator at a port of its own, which ends with it."""

    def __init__(self, kernel: Kernel, reach: Reach, private: Path) -> None:
        self._kernel, self._reach, self._private = kernel, reach, private
        self._uid = strangers_uid()
        self._home = ""
        self._taken_over = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._port = int(self.listener.getsockname()[1])
        self.endpoint = f"http://127.0.0.1:{self._port}"
        super().__init__(self._start)

    def _start(self, theirs: socket.socket, said: int) -> Process:
        begin = f"from inside import neighbours; neighbours.main({theirs.fileno()}, {self._uid})"
        code = f"import sys; sys.path.insert(0, {str(INSIDE.parent)!r}); {begin}"
        return spawned([sys.executable, "-I", "-S", "-B", "-c", code], said, [theirs.fileno()])

    def close(self) -> None:
        """End all that runs in it, and what a launcher that was killed has left; again does nothing."""
        super().close()
        if self._uid is not None:
            kill_owned(self._uid)
        elif self._process.returncode:
            kill_marked(self._home)

    def _order(
        self, command: Sequence[str], environment: Mapping[str, str], folder: Path, bounds: Limits
    ) -> dict[str, Any]:
        if not self._taken_over.is_set():
            self._take_over()
            self._taken_over.set()
        self._home = environment.get("HOME", "")
        rules = self._reach.rules() if self._kernel.landlock else {}
        order = {
            "command": list(command),
            "environment": {**environment, **self._path(environment), "TMPDIR": str(self._private / "tmp")},
            "folder": str(folder),
            "writable": [str(self._private)],
            "uid": self._uid,
            "walls": {**rules, "abi": self._kernel.landlock, "write": [str(self._private)], "port": self._port},
        }
        return order | {"limits": {**bounds.to_json(), "disk_mib": bounds.disk_mib}}

    def _path(self, environment: Mapping[str, str]) -> dict[str, str]:
        """Of the search path what may be read: a program that may not would stand before one that may."""
        own = str(self._private)
        places = environment.get("PATH", "").split(":")
        return {"PATH": ":".join(name for name in places if name.startswith(own) or self._reach.knows(Path(name)))}

    def _take_over(self) -> None:
        """The private folder becomes the submission's; all in it is the grader's still, so no link is followed."""
        (self._private / "tmp").mkdir()
        if self._uid is None:
            return
        for place, folders, files in os.walk(self._private):
            for name in (*folders, *files):
                os.chown(Path(place) / name, self._uid, self._uid, follow_symlinks=False)
        os.chown(self._private, self._uid, self._uid)

    def _trouble(self, last: Text | str) -> Text:
        return say("sandbox: the supervisor did not work: {last}.", last=last)
