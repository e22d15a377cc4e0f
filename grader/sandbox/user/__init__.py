"""Level `user`: another user where labgrade is root, and the walls that the kernel has without namespaces.

For a container that is thrown away and may make no namespaces. What holds depends on the kernel, so it is asked.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from grader.sandbox.bwrap import programs
from grader.sandbox.inside.landlock import NETWORK, SCOPES, TRUNCATES
from grader.sandbox.interface import Ended, Room, Sandbox
from grader.sandbox.limits import Limits
from grader.sandbox.user import trial
from grader.sandbox.user.reach import Reach
from grader.sandbox.user.room import Among
from grader.texts import Text, say

ALWAYS = ("clean-environment", "private-copy", "time-limit", "output-limit", "resource-limits", "no-new-privileges")


class User(Sandbox):
    """Among the machine's other processes, and in its network."""

    level = "user"

    def __init__(self) -> None:
        """Raises SandboxError, with what would help, where this machine has no wall at all for it."""
        self._kernel = trial.required()
        self.version = f"landlock-{self._kernel.landlock}"
        self.guarantees = guarantees(self._kernel)
        self.gaps = tuple(gaps(self._kernel))

    @contextmanager
    def room(self, private: Path, limits: Limits | None = None, shown: Sequence[Path] = ()) -> Iterator[Room]:
        """For a user of its own, where there can be one; the folder becomes that user's."""
        if self._kernel.uid is not None:
            trial.require(shown)
        room = Among(self._kernel, _reach(shown), private)
        try:
            yield room
        finally:
            room.close()

    def run(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        timeout_seconds: float,
        limits: Limits | None = None,
    ) -> Ended:
        """On a copy of the folder, which lies where that user can get to."""
        with tempfile.TemporaryDirectory(prefix="labgrade-") as place:
            copy = Path(place) / "work"
            shutil.copytree(folder, copy, symlinks=True)
            with self.room(Path(place), limits) as room:
                return room.run(
                    command, environment=environment, folder=copy, timeout_seconds=timeout_seconds, limits=limits
                )


def guarantees(kernel: trial.Kernel) -> tuple[str, ...]:
    """What holds on that kernel, and no word more."""
    abi = kernel.landlock
    held = {
        "process-tree-killed": kernel.uid is not None or abi >= SCOPES,  # else it could kill its watcher first
        "other-user": kernel.uid is not None,
        "system-call-filter": kernel.filters,
        "tcp-and-no-datagrams": kernel.filters,
        "no-files-but-the-system": abi >= 1,
        "read-only-system": abi >= TRUNCATES,  # before, a file could be cut to nothing by its name
        "no-tcp-but-the-emulator's-port": abi >= NETWORK,
        "no-signals-to-others": kernel.uid is not None or abi >= SCOPES,
    }
    return (*ALWAYS, *(name for name, holds in held.items() if holds))


def gaps(kernel: trial.Kernel) -> Iterator[Text]:
    """What that kernel does not stop."""
    yield say(
        "At the level user the emulator is in no box and calls whomever a submission names; the machine's own services "
        "can be talked to where their sockets are open to everybody."
    )
    if kernel.landlock >= NETWORK:
        yield say("Landlock goes by the port: any machine can be reached at the number of the emulator's port.")
    else:
        yield say("This kernel's Landlock knows no network: a submission reaches whatever this machine reaches by TCP.")
    if not kernel.landlock:
        yield say("This kernel has no Landlock: a submission can read what everybody may, and sees other processes.")
    if not kernel.filters:
        yield say("This kernel filters no system calls: datagrams get out, those that ask for names among them.")
    if kernel.uid is None:
        yield say("A submission runs under your own user id: only Landlock keeps it from your files.")


def _reach(shown: Sequence[Path]) -> Reach:
    """What a box would show."""
    reach = Reach()
    programs.system(reach)
    programs.interpreter(reach, programs.own_interpreter())
    for path in shown:
        programs.program(reach, path)
    return reach
