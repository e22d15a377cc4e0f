"""An emulator that is a program, in a box: it runs what students give it, and calls what they name."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.emulators.interface import filled
from grader.emulators.program import INSIDE, PATH, Ports, Program
from grader.errors import SandboxError
from grader.sandbox.bwrap import trial
from grader.sandbox.bwrap.forking import Templates
from grader.sandbox.bwrap.served import FOLDER, Served, served_mounts
from grader.sandbox.bwrap.template import Template
from grader.sandbox.limits import Limits
from grader.texts import Text, say

NO_PORT = 1  # what is loaded before anybody asks for it has none yet
BESIDE = Path("/run/labgrade/beside")  # where it sees INSIDE
# In all, with what it starts. LocalStack's work of a lab takes a third of that memory.
LIMITS = Limits(
    cpu_seconds=3600, memory_mib=1536, processes=2048, open_files=4096, file_mib=512, disk_mib=512, output_mib=64
)


class Boxed:
    """In its network it is alone: there it listens on the gate's own number, which it names in URLs."""

    boxed = True

    def __init__(
        self, program: Program, gate_port: int, services: Sequence[str] = (), templates: Templates | None = None
    ) -> None:
        """Where there are templates, and the program can be had from one, a fork that is quick in those services.

        Raises SandboxError.
        """
        self._port = gate_port
        environment = _environment(program, gate_port)
        forked = _forked(program, environment, services, templates) if templates and program.ahead else None
        self._box = forked or Served(program.command, environment, _shown(program), LIMITS)

    def dial(self, seconds: float | None) -> socket.socket:
        """A connection to it. Raises OSError."""
        return self._box.dial(self._port, seconds)

    def leave_alone(self) -> bool:
        """The box's launcher sees to it."""
        return self._box.leave_alone()

    def listening(self) -> bool:
        """In the box nobody else does: it answers or not."""
        return True

    def running(self) -> bool:
        """Has it not ended?"""
        return self._box.running()

    def last_words(self) -> str:
        """The end of what it has printed, or the limit that it met."""
        return str(self.ended_by() or self._box.printed())

    def ended_by(self) -> Text | None:
        """The limit that it met; None where that is not how it ended."""
        match self._box.met():
            case "memory":
                return filled(LIMITS.memory_mib)
            case "cpu":
                return say("it was asked to compute for more than {seconds} s", seconds=LIMITS.cpu_seconds)
            case "output":
                return say("it was made to print more than {mib} MiB", mib=LIMITS.output_mib)
        return None

    def close(self) -> None:
        """End it with all that it started; again does nothing."""
        self._box.close()


def _forked(
    program: Program, environment: Mapping[str, str], services: Sequence[str], templates: Templates
) -> Served | None:
    """None where none can be had here."""
    inside = BESIDE / program.ahead
    python = (program.command[0], "-u", "-B", "-s")
    before = _environment(program, NO_PORT)

    def made() -> Template:
        mounts = served_mounts(Path(program.command[0]), _shown(program), LIMITS)
        return Template(trial.program(), mounts, python, before, inside / "ahead.py")

    template = templates.of((program.command, *before.items()), made)
    if template is None:
        return None
    try:
        return Served((*python, str(inside / "enter.py")), environment, {}, LIMITS, template, services)
    except SandboxError:
        templates.give_up(template)
        return None


def _environment(program: Program, port: int) -> dict[str, str]:
    return {
        "PATH": f"{Path(program.command[0]).parent}:{PATH}",
        "HOME": str(FOLDER),
        "TMPDIR": "/tmp",
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(BESIDE),
        "PYTHONUNBUFFERED": "1",
        "LABGRADE_BOXED": "1",
        **program.settings(FOLDER, Ports(port, port)),
    }


def _shown(program: Program) -> dict[Path, Path]:
    return {BESIDE: INSIDE, **{FOLDER / place: source for place, source in program.shown.items()}}
