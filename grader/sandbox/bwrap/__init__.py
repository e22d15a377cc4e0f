"""Level `bwrap`: a box of bubblewrap's, with namespaces of its own and one thing in its network, the emulator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from grader.sandbox import readable
from grader.sandbox.bwrap import programs, trial
from grader.sandbox.bwrap.box import PLACE, SHOWN_INSIDE, Box, alone
from grader.sandbox.bwrap.mounts import Mounts
from grader.sandbox.interface import Ended, Room, Sandbox
from grader.sandbox.launched import INSIDE
from grader.sandbox.limits import Limits
from grader.sandbox.strangers import strangers_uid

NAMESPACES = ("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try")
COMMON = (*NAMESPACES, "--hostname", "labgrade", "--die-with-parent", "--as-pid-1", "--new-session")
SHARED_MIB = 64
# What the launcher needs to make the student somebody else, and to watch and end what it has started; with their
# numbers, from include/uapi/linux/capability.h.
ROOTS = {
    "CAP_CHOWN": 0,
    "CAP_DAC_READ_SEARCH": 2,
    "CAP_KILL": 5,
    "CAP_SETGID": 6,
    "CAP_SETUID": 7,
    "CAP_SETPCAP": 8,
    "CAP_SYS_PTRACE": 19,
}


class Bwrap(Sandbox):
    """Boxes of one shape, a new one for each submission."""

    level = "bwrap"
    guarantees: tuple[str, ...] = (
        "clean-environment",
        "private-copy",
        "time-limit",
        "output-limit",
        "process-tree-killed",
        "own-namespaces",
        "read-only-system",
        "no-network-but-the-emulator",
        "no-new-privileges",
        "system-call-filter",
        "resource-limits",
    )

    def __init__(self) -> None:
        """Raises SandboxError, with what would help, where this machine cannot make a box."""
        self.program = trial.program()
        self.version = trial.require(self.program, (*COMMON, *user()))
        if strangers_uid() is not None:  # others have no second user to give, and the walls alone
            readable.require_ours()
            self.guarantees = (*self.guarantees, "other-user")

    def require(self, shown: Sequence[Path]) -> None:
        """May the student read these? Raises SandboxError that says how to let them."""
        if "other-user" in self.guarantees:
            readable.require(shown)

    @contextmanager
    def room(self, private: Path, limits: Limits | None = None, shown: Sequence[Path] = ()) -> Iterator[Room]:
        """A box of its own."""
        self.require(shown)
        mounts = mounts_of(limits or Limits(), shown)
        box = Box(alone(self.program, [*COMMON, *user()], mounts), mounts, private)
        try:
            box.listen()
            yield box
        finally:
            box.close()

    def run(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        timeout_seconds: float,
        limits: Limits | None = None,
    ) -> Ended:
        """In a box for this command alone, with a copy of the folder."""
        with self.room(folder, limits) as box:
            return box.run(
                command, environment=environment, folder=folder, timeout_seconds=timeout_seconds, limits=limits
            )


def mounts_of(limits: Limits, shown: Sequence[Path]) -> Mounts:
    """What a submission sees."""
    mounts = Mounts()
    # Before what may lie below: an interpreter in /tmp, say.
    for folder, mib in writable(limits).items():
        mounts.writable(Path(folder), mib)
    programs.system(mounts)
    programs.interpreter(mounts, programs.own_interpreter())
    for path in shown:
        programs.program(mounts, path)
    mounts.devices()
    mounts.bind(Path(SHOWN_INSIDE), INSIDE)
    return mounts


def writable(limits: Limits) -> dict[str, int]:
    """The folders that a submission may write to, and how many MiB each takes."""
    return {"/tmp": limits.disk_mib, PLACE: limits.disk_mib, "/dev/shm": SHARED_MIB}


def user() -> list[str]:
    """Who the launcher is, and what it may do."""
    if strangers_uid() is not None:
        return root()
    return ["--unshare-user", "--uid", "1000", "--gid", "1000"]


def root() -> list[str]:
    """With what it needs alone: bubblewrap leaves it everything otherwise."""
    return ["--cap-drop", "ALL", *(word for name in ROOTS for word in ("--cap-add", name))]
