"""Level `none` where there are neither process groups nor `select` on pipes."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from grader.errors import SandboxError
from grader.sandbox.interface import Ended
from grader.sandbox.output import Kept
from grader.texts import say

PIECE_BYTES = 1 << 16
PIPE_SECONDS = 5.0  # for the readers to see the end of the pipes after the tree is dead


def run(command: Sequence[str], environment: Mapping[str, str], folder: Path, timeout_seconds: float) -> Ended:
    """Run it, kill its tree at the end, keep head and tail of what it says."""
    started = time.monotonic()
    process = _start(command, environment, folder)
    outputs = Kept(), Kept()
    readers = [
        threading.Thread(target=_read, args=(pipe, kept.feed), daemon=True)
        for pipe, kept in zip((process.stdout, process.stderr), outputs, strict=True)
    ]
    timed_out = False
    try:
        for reader in readers:
            reader.start()
        process.wait(timeout_seconds)
    except subprocess.TimeoutExpired:
        timed_out = True
    finally:
        kill_tree(process)
    seconds = time.monotonic() - started
    for reader in readers:
        reader.join(PIPE_SECONDS)
    stdout, stderr = outputs
    exit_code = None if timed_out else process.returncode
    return Ended(exit_code, timed_out, seconds, stdout.text(), stderr.text(), stdout.cut or stderr.cut)


def kill_tree(process: subprocess.Popen[bytes]) -> None:
    """`taskkill /T` walks the tree by parent; what an ended parent left behind is out of its reach."""
    subprocess.run(["taskkill", "/T", "/F", "/PID", str(process.pid)], capture_output=True, check=False)
    process.kill()
    process.wait()


def _start(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            list(command),
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
    except OSError as error:
        raise SandboxError(
            say("sandbox: cannot start {command}: {reason}.", command=command[0], reason=error.strerror)
        ) from None


def _read(pipe: IO[bytes] | None, feed: Callable[[bytes], None]) -> None:
    while pipe and (piece := pipe.read1(PIECE_BYTES)):  # type: ignore[attr-defined]
        feed(piece)
