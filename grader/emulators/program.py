"""An emulator that is a process of its own: where its program is, and its life from start to end."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from grader.emulators.dialling import on_port
from grader.errors import EmulatorError
from grader.sandbox.stragglers import kill_marked
from grader.texts import Text, say

INSIDE = Path(__file__).with_name("inside")
SUPERVISOR = Path(__file__).parents[1] / "sandbox" / "supervisor.py"
FOREVER_SECONDS = 1e7  # the supervisor wants a limit; longer than any workspace lives
END_SECONDS = 15.0
TAIL_BYTES = 16384
INSTALL_SECONDS = 600
PATH = "/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True)
class Ports:
    """The emulator's own, and that of the gate in front of it, which it names in the URLs that it gives out."""

    own: int
    gate: int


@dataclass(frozen=True)
class Program:
    """How an emulator is run: a command, and what it reads from the environment given its folder and ports."""

    title: str
    command: tuple[str, ...]
    settings: Callable[[Path, Ports], Mapping[str, str]]
    shown: Mapping[Path, Path] = field(default_factory=dict)  # folders that it sees, by where below its own
    ahead: str = ""  # what imports it before it is asked for, and what enters it then: a folder of INSIDE


class Unboxed:
    """What runs on this machine in no box, and listens on its port."""

    boxed = False
    ports: Ports

    def dial(self, seconds: float | None) -> socket.socket:
        """A connection to it. Raises OSError."""
        return on_port(self.ports.own)(seconds)

    def leave_alone(self) -> bool:
        """Nobody here could see to it."""
        return False

    def ended_by(self) -> Text | None:
        """It has no limits."""
        return None


class Process(Unboxed):
    """A program that runs, in a folder of its own. Its end and the folder's are a guardian's, who outlives us."""

    def __init__(self, program: Program, gate_port: int) -> None:
        self.ports = Ports(free_port(), gate_port)
        self.folder = Path(tempfile.mkdtemp(prefix="labgrade-emulator-"))
        self._report, write_end = os.pipe()
        try:
            self._guardian = _guardian(write_end, self.folder)
        except OSError as error:
            os.close(self._report)
            shutil.rmtree(self.folder, ignore_errors=True)
            raise EmulatorError(
                say("{title}: cannot start a process: {reason}.", title=program.title, reason=error.strerror)
            ) from None
        finally:
            os.close(write_end)
        self._tail = Tail(self._guardian)
        self._begin(program)

    def listening(self) -> bool:
        """Does this very process listen on its port? Not: does somebody answer there."""
        return (self.folder / "listening").exists()

    def running(self) -> bool:
        """Has it not ended?"""
        return self._guardian.poll() is None

    def last_words(self) -> str:
        """The end of what it has printed."""
        return self._tail.text()

    def close(self) -> None:
        """Kill it with all that it started, and remove its folder; again does nothing."""
        if self._guardian.stdin is None or self._guardian.stdin.closed:
            return
        with suppress(OSError):
            self._guardian.stdin.close()  # the guardian's sign to end all
        try:
            self._guardian.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._guardian.kill()
            self._guardian.wait()
        kill_marked(str(self.folder / "home"))  # of a guardian that was itself killed
        os.close(self._report)
        self._tail.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _begin(self, program: Program) -> None:
        for name in ("home", "tmp"):
            (self.folder / name).mkdir()
        for place, source in program.shown.items():
            (self.folder / place).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / place).symlink_to(source)
        environment = {
            "PATH": f"{Path(program.command[0]).parent}:{PATH}",
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(INSIDE),
            "PYTHONUNBUFFERED": "1",
            "LABGRADE_PORT": str(self.ports.own),
            "LABGRADE_GATE": str(self.ports.gate),
            "LABGRADE_LISTENING": str(self.folder / "listening"),
            **program.settings(self.folder, self.ports),
        }
        assert self._guardian.stdin
        with suppress(BrokenPipeError):  # it has gone already: `running` tells
            self._guardian.stdin.write(_job(program.command, environment, self.folder))


def free_port() -> int:
    """One that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def installed(variable: str, program: str, module: str) -> tuple[str, ...] | None:
    """The command that the caller names in `variable`, else the program on PATH.

    What is named may be a Python, which then runs `module`. Raises EmulatorError where it cannot be run.
    """
    if named := os.environ.get(variable):
        path = shutil.which(named)
        if path is None:
            raise EmulatorError(say("{variable}: {named} is no program.", variable=variable, named=named))
        path = str(Path(path).absolute())
        return (path, "-m", module) if Path(path).name.startswith("python") else (path,)
    found = shutil.which(program)
    return (str(Path(found).absolute()),) if found else None


def provisioned(requirements: Sequence[str], python: str, module: str) -> tuple[str, ...] | None:
    """The command in an environment that uv installs, or has kept from last time; None where there is no uvx.

    Installing is a step of its own: it needs the caller's network, home and settings, and the emulator none of them.
    """
    uvx = shutil.which("uvx")
    if uvx is None:
        return None
    first, *others = requirements
    extra = [part for other in others for part in ("--with", other)]
    where = "import sys; print(sys.executable)"
    command = [uvx, "--quiet", "--python", python, "--from", first, *extra, "python", "-c", where]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=INSTALL_SECONDS, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EmulatorError(say("uvx: cannot install {first}: {error}", first=first, error=str(error))) from None
    if done.returncode:
        raise EmulatorError(
            say("uvx: cannot install {first}: {last_line}", first=first, last_line=last_line(done.stderr))
        )
    return (done.stdout.strip(), "-m", module)


def last_line(text: str) -> str:
    """The last one that says something."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:300] if lines else "it said nothing"


class Tail:
    """Reads what a process prints, so that it is never held up, and keeps the end of it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout
        self._process, self._pipe = process, process.stdout
        self._kept = b""
        self._thread = threading.Thread(target=self._read, daemon=True, name="emulator-output")
        self._thread.start()

    def text(self) -> str:
        """What is kept; of a process that has ended, to the end."""
        if self._process.poll() is not None:
            self._thread.join(1)
        return self._kept.decode("utf-8", "replace")

    def close(self) -> None:
        """When the process has ended, so has this."""
        self._thread.join(1)
        if not self._thread.is_alive():
            self._pipe.close()

    def _read(self) -> None:
        with suppress(OSError, ValueError):
            while piece := os.read(self._pipe.fileno(), TAIL_BYTES):
                self._kept = (self._kept + piece)[-TAIL_BYTES:]


def _guardian(report: int, folder: Path) -> subprocess.Popen[bytes]:
    script = INSIDE / "guardian.py"
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(script), str(report), str(SUPERVISOR), str(folder)],
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=(report,),
        env={},
        cwd="/",
        start_new_session=True,  # Ctrl-C is for the grader, which then closes what it has opened
    )


def _job(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> bytes:
    """What the sandbox's supervisor reads."""
    entries = [f"{name}={value}" for name, value in environment.items()]
    fields = [repr(FOREVER_SECONDS), str(folder), str(len(command)), *command, *entries]
    body = b"".join(os.fsencode(field) + b"\0" for field in fields)
    return b"%d\n%b" % (len(body), body)
