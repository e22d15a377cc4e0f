"""One box: bubblewrap at work, the launcher in it, and the commands that it runs."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NoReturn

from grader.sandbox.bwrap.mounts import Mounts
from grader.sandbox.launched import GRACE_SECONDS, Launched, Process, Start, spawned
from grader.sandbox.limits import Limits
from grader.sandbox.strangers import strangers_uid
from grader.texts import Text, say

ENDPOINT = "http://127.0.0.1:4566"
OURS = "/run/labgrade"
SHOWN_INSIDE = f"{OURS}/inside"
PLACE = "/lab"  # where what lies in the private folder is seen
START_SECONDS = 20.0


class Box(Launched):
    """Namespaces of its own, which end with the launcher."""

    def __init__(self, start: Start, mounts: Mounts, private: Path | None = None) -> None:
        """Raises SandboxError."""
        self._mounts = mounts
        self._uid = strangers_uid()
        self._private = private
        self._taken_in = False
        super().__init__(start)

    def listen(self) -> None:
        """Have the port of the emulator in here, for somebody outside to accept on."""
        _, (descriptor,) = self._ask({"do": "listen"}, START_SECONDS)
        self.listener = socket.socket(fileno=descriptor)
        self.endpoint = ENDPOINT

    def _order(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        bounds: Limits,
    ) -> dict[str, Any]:
        """What the private folder holds is copied in before the first command; paths in it are those of the copy."""
        self._take_in()
        return {
            "command": [self._inside(word) for word in command],
            "environment": self._environment(environment),
            "folder": self._inside(str(folder)),
            "writable": [PLACE, "/tmp"],
            "uid": self._uid,
        }

    def _trouble(self, last: Text | str) -> Text:
        return say("sandbox: bubblewrap did not make the box: {last}.", last=last)

    def _take_in(self) -> None:
        if self._private and not self._taken_in:
            with packed(self._private) as file:
                order = {"do": "take_in", "folder": PLACE, "uid": self._uid}
                self._ask(order, GRACE_SECONDS, [file.fileno()])
            self._taken_in = True

    def _environment(self, given: Mapping[str, str]) -> dict[str, str]:
        """Of the search path what is there; the rest would tell of the caller's folders."""
        seen = {name: self._inside(value) for name, value in given.items()}
        if path := seen.get("PATH"):
            places = [name for name in path.split(":") if name.startswith(PLACE) or self._mounts.knows(Path(name))]
            seen["PATH"] = ":".join(places)
        return seen

    def _inside(self, text: str) -> str:
        """With the paths that are seen from inside."""
        return text.replace(str(self._private), PLACE) if self._private else text


def alone(bwrap: str, options: Sequence[str], mounts: Mounts) -> Start:
    """A launcher in a box that bubblewrap makes for it."""

    def start(theirs: socket.socket, said: int) -> Process:
        begin = f"from inside import launcher; launcher.main({theirs.fileno()})"
        code = f"import sys; sys.path.insert(0, {OURS!r}); {begin}"
        python = [os.path.normpath(sys.executable), "-I", "-S", "-B", "-c", code]
        return boxed(bwrap, [*options, *mounts.arguments()], python, said, theirs.fileno())

    return start


def boxed(bwrap: str, options: Sequence[str], command: Sequence[str], said: int, passed: int) -> Process:
    """That command under bubblewrap, with one descriptor of ours. Raises SandboxError."""
    with tempfile.TemporaryFile() as arguments:
        arguments.write(b"".join(os.fsencode(word) + b"\0" for word in options))
        arguments.seek(0)
        words = [bwrap, "--args", str(arguments.fileno()), "--", *command]
        return spawned(words, said, [passed, arguments.fileno()])


def packed(folder: Path) -> IO[bytes]:
    """All that lies in it as one file, which the launcher unpacks: in a box there is no way to the folder itself."""
    entries: list[tuple[str, bool, int]] = []
    file = tempfile.TemporaryFile()  # noqa: SIM115  (the caller closes it)
    for place, folders, names in os.walk(folder, onerror=raised):
        below = Path(place).relative_to(folder)
        entries += [(str(below / name), False, -1) for name in sorted(folders)]
        for name in sorted(names):
            descriptor = os.open(Path(place) / name, os.O_RDONLY | os.O_NOFOLLOW)
            with open(descriptor, "rb") as content:  # noqa: PTH123
                executable = bool(os.fstat(descriptor).st_mode & 0o100)
                before = file.tell()
                shutil.copyfileobj(content, file)
                entries.append((str(below / name), executable, file.tell() - before))
    size = file.tell()
    file.write(json.dumps(entries).encode())
    file.write(b"%020d" % size)
    file.flush()
    return file


def raised(error: OSError) -> NoReturn:
    """What is left out would be missed by the submission, and its marks by the student."""
    raise error
