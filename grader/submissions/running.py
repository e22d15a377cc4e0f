"""Runs a submission: a private copy of its files, an environment of its own, its stages in order."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from grader.sandbox import Sandbox
from grader.submissions import environment
from grader.submissions.files import read_bytes
from grader.submissions.interface import Limits, Run, StageRun, Submission, Workplace

if TYPE_CHECKING:
    from grader.access import Access

BOM = b"\xef\xbb\xbf"
STRICT_SUFFIXES = (".sh", ".tf", ".json")  # their readers take a byte order mark for a character


def run(
    submission: Submission,
    *,
    access: Access,
    parameters: Mapping[str, Any],
    sandbox: Sandbox,
    limits: Limits | None = None,
) -> Run:
    """Apply it to that emulator. A failed stage ends the run; a crash of the student's never raises.

    When this returns, or raises (KeyboardInterrupt too), no process and no file of the run is left.
    """
    with _terminable(), _temporary_folder() as private:
        folder = private / "work"
        _copy(submission, folder)
        surroundings = environment.prepare(private, access, parameters, submission.files)
        workplace = Workplace(folder, surroundings, access, parameters, sandbox, limits or Limits())
        return Run(tuple(_stages(submission, workplace)))


def _stages(submission: Submission, workplace: Workplace) -> Iterator[StageRun]:
    for stage in submission.stages:
        ended = stage.run(workplace)
        yield ended
        if not ended.succeeded:
            return


def _copy(submission: Submission, folder: Path) -> None:
    folder.mkdir()
    for name in submission.files:
        content = read_bytes(submission.root, name)
        copy = folder / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(_adapted(name, content))
        if content.startswith(b"#!"):
            copy.chmod(0o700)  # an upload through a browser loses the bit


def _adapted(name: str, content: bytes) -> bytes:
    """What an editor on Windows adds, taken away where a tool stumbles over it."""
    if name.endswith(STRICT_SUFFIXES):
        content = content.removeprefix(BOM)
    return content.replace(b"\r\n", b"\n") if name.endswith(".sh") else content


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="labgrade-")).resolve()
    try:
        yield folder
    finally:
        _remove(folder)


def _remove(folder: Path) -> None:
    """Remove it, whatever rights and depths the student's work gave to what is inside."""
    with suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
    if folder.exists() and os.name == "posix":
        for command in (["chmod", "-R", "u+rwx"], ["rm", "-rf"]):
            subprocess.run([*command, "--", str(folder)], capture_output=True, check=False)


@contextmanager
def _terminable() -> Iterator[None]:
    """While a submission runs, SIGTERM unwinds the stack instead of ending the grader where it stands."""
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _terminate(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  (what signal wants)
    raise SystemExit(128 + number)
