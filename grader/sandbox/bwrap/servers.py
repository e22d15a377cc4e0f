"""A box for a server that strangers talk to: no network but its own, no home, no socket but what it is handed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from grader.sandbox.bwrap import COMMON, SHARED_MIB, programs, root, trial
from grader.sandbox.bwrap.mounts import Mounts
from grader.sandbox.strangers import strangers_uid

TEMPORARY_MIB = 256


class ServerBox:
    """How to start a command in one: the words before it, and the descriptor that it must be handed."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """It sees the interpreter with all that is installed, and these folders. Raises SandboxError."""
        self.uid = strangers_uid()  # what the server is to become; None where there is nobody else to be
        bwrap = trial.program()
        self._arguments = _written([*options(self.uid), *_mounts(folders).arguments()])
        self.descriptor = self._arguments.fileno()
        self.words = (bwrap, "--args", str(self.descriptor), "--")

    def close(self) -> None:
        """It has been started."""
        self._arguments.close()


def options(uid: int | None) -> list[str]:
    """bubblewrap's, for a box of which somebody becomes that user."""
    # Not to die with the parent: that means the thread, and a server outlives the one that has started it.
    common = [word for word in COMMON if word != "--die-with-parent"]
    if uid is None:
        return [*common, "--unshare-user", "--uid", "1000", "--gid", "1000"]
    return [*common, *root()]


def _mounts(folders: Sequence[Path]) -> Mounts:
    mounts = Mounts()
    mounts.writable(Path("/tmp"), TEMPORARY_MIB)
    programs.system(mounts)
    programs.interpreter(mounts, programs.own_interpreter(), everything=True)
    for folder in folders:
        mounts.bind(folder)
    mounts.devices()
    mounts.writable(Path("/dev/shm"), SHARED_MIB)
    return mounts


def _written(words: Sequence[str]) -> IO[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115  (ServerBox closes it)
    file.write(b"".join(os.fsencode(word) + b"\0" for word in words))
    file.seek(0)
    return file
