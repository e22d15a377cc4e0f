"""The emulator's process as the grader holds it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

from grader.emulators.interface import ACCOUNT
from grader.emulators.moto.channel import Channel

GRACE_SECONDS = 2
LAST_WORDS_SECONDS = 0.5
KEPT_BYTES = 16384
KEPT_LINE = 300
# Bodies stay in memory: a temporary file's offset would be shared by a process and its forks.
NO_SPOOLING_BYTES = 1 << 50
ROOT = str(Path(__file__).resolve().parents[3])
# The working folder is no place to import from; the package may be one that only a path entry names.
COMMAND = (
    f"import sys; {ROOT!r} in sys.path or sys.path.insert(0, {ROOT!r}); "
    "from grader.emulators.moto.process import main; main()"
)


class Child:
    """Our own subprocess. Its last words are kept, bounded."""

    def __init__(self, boxed: bool = False) -> None:
        """In a box of its own, where strangers will call it. Raises SandboxError."""
        ours, theirs = socket.socketpair()
        self.uid: int | None = None  # what it is to become
        with theirs:
            self.channel = Channel(ours)
            self.process = self._spawn_boxed(theirs) if boxed else _spawn(theirs)
        self._said = b""
        self._listening = threading.Thread(target=self._listen, daemon=True, name="moto-stderr")
        self._listening.start()

    def last_words(self) -> str:
        """The last line that it wrote to standard error, which of a traceback is the error."""
        with suppress(subprocess.TimeoutExpired):  # its channel ends a moment before it does
            self.process.wait(LAST_WORDS_SECONDS)
            self._listening.join(GRACE_SECONDS)
        lines = self._said.decode(errors="replace").split("\n")
        return next((line.strip()[:KEPT_LINE] for line in reversed(lines) if line.strip()), "")

    def end(self, grace_seconds: float = GRACE_SECONDS) -> None:
        """It ends by itself when its channel does, as its forks do then; else it is made to."""
        self.channel.close()
        try:
            self.process.wait(grace_seconds)
        except subprocess.TimeoutExpired:
            for pid in _children(self.process.pid):  # what runs in a box does not end with bubblewrap
                with suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            self.process.kill()
            self.process.wait()
        self._listening.join(GRACE_SECONDS)

    def _spawn_boxed(self, theirs: socket.socket) -> subprocess.Popen[bytes]:
        from grader.sandbox.bwrap.servers import ServerBox

        with closing(ServerBox([Path(ROOT) / "grader"])) as box:
            self.uid = box.uid
            return _spawn(theirs, box.words, [box.descriptor])

    def _listen(self) -> None:
        stderr = self.process.stderr
        assert stderr is not None
        with stderr, suppress(OSError):
            while said := os.read(stderr.fileno(), KEPT_BYTES):
                self._said = (self._said + said)[-KEPT_BYTES:]


def _children(pid: int) -> list[int]:
    try:
        return [int(number) for number in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]
    except OSError:
        return []


def _spawn(
    theirs: socket.socket, before: Sequence[str] = (), descriptors: Sequence[int] = ()
) -> subprocess.Popen[bytes]:
    command = [*before, os.path.normpath(sys.executable), "-P", "-s", "-X", "utf8", "-c", COMMAND]
    if sys.platform == "win32":
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=_environment(),
            creationflags=subprocess.CREATE_NEW_PROCESS_GROUP,
        )
        assert process.stdin is not None
        with process.stdin as stdin:
            stdin.write(theirs.share(process.pid))
        return process
    return subprocess.Popen(
        [*command, str(theirs.fileno())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=_environment(boxed=bool(before)),
        cwd="/",
        pass_fds=[theirs.fileno(), *descriptors],
        start_new_session=True,  # a Ctrl-C is the grader's to handle
    )


def _environment(boxed: bool = False) -> dict[str, str]:
    """Made, not inherited: nothing of the caller's but where its system is."""
    kept = () if boxed else ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        "AWS_ACCESS_KEY_ID": "labgrade",
        "AWS_SECRET_ACCESS_KEY": "labgrade",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "MOTO_ACCOUNT_ID": ACCOUNT,
        "PYTHONHASHSEED": "0",  # moto walks through sets: the order decides who gets which id
        "MOTO_S3_DEFAULT_KEY_BUFFER_SIZE": str(NO_SPOOLING_BYTES),
        "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",  # macOS: no framework is in use that forks could break
        "TZ": "UTC",
    }
