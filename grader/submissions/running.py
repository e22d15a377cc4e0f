"""Runs a submission: a private copy of its files, an environment of its own, its stages in order."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeAlias

from grader.errors import EmulatorError, MachineError
from grader.sandbox import Room, Sandbox
from grader.submissions import environment, mirrors, terraform, tools
from grader.submissions.files import read_bytes
from grader.submissions.interface import Limits, Run, StageRun, Submission, Workplace
from grader.texts import Text, say

if TYPE_CHECKING:
    from grader.access import Access

Serving: TypeAlias = Callable[[socket.socket], AbstractContextManager[None]]
BOM = b"\xef\xbb\xbf"
STRICT_SUFFIXES = (".sh", ".tf", ".json")  # their readers take a byte order mark for a character


def announce(submission: Submission, sandbox: Sandbox, terraform_mirror: Path | None = None) -> None:
    """It will soon be run there: what a script of it waits for may begin."""
    if any(stage.kind == "python" for stage in submission.stages):
        sandbox.expect_script(_shown(submission, _mirrors(submission, terraform_mirror)))


def run(
    submission: Submission,
    *,
    access: Access,
    parameters: Mapping[str, Any],
    sandbox: Sandbox,
    limits: Limits | None = None,
    serving: Serving | None = None,
    terraform_mirror: Path | None = None,
    meanwhile: Callable[[], object] | None = None,
) -> Run:
    """Apply it to that emulator. A failed stage ends the run; a crash of the student's never raises.

    `serving` is the emulator's: a sandbox with a network of its own wants it to answer there. `terraform_mirror` is
    one of providers, before those that are found. `meanwhile` is called while its programs run, and not waited for.

    When this returns, or raises (KeyboardInterrupt too), no process and no file of the run is left.
    """
    with _terminable(), _temporary_folder() as private:
        folder = private / "work"
        _copy(submission, folder)
        bounds = limits or Limits()
        places = _mirrors(submission, terraform_mirror)
        offline = sandbox.level != "none"
        with sandbox.room(private, bounds, _shown(submission, places)) as room, _within(room, serving):
            seen = replace(access, endpoint=room.endpoint or access.endpoint)
            surroundings = environment.prepare(private, seen, parameters, submission.files, places)
            workplace = Workplace(folder, surroundings, access, parameters, room, bounds, places, offline)
            if meanwhile:
                threading.Thread(target=meanwhile, daemon=True, name="meanwhile").start()
            return Run(tuple(_stages(submission, workplace)))


def _mirrors(submission: Submission, chosen: Path | None) -> list[Path]:
    return list(mirrors.mirrors(chosen)) if terraform.has_configuration(submission.files) else []


def _shown(submission: Submission, places: list[Path]) -> list[Path]:
    return [*tools.shown(submission.files), *places]


def _within(room: Room, serving: Serving | None) -> AbstractContextManager[None]:
    """The emulator answers where the room's programs look for it."""
    if room.listener is None:
        return nullcontext()
    if serving is None:
        raise EmulatorError(say("this emulator cannot answer in a box"))
    return serving(room.listener)


def _stages(submission: Submission, workplace: Workplace) -> Iterator[StageRun]:
    for stage in submission.stages:
        ended = stage.run(workplace)
        if not ended.succeeded and (packed := mirrors.left_packed(ended.ended.stderr, workplace.mirrors)):
            raise MachineError(packed)
        if not ended.succeeded and ended.message is None and terraform.has_configuration(submission.files):
            ended = replace(ended, message=_unmet(ended, workplace))
        yield ended
        if not ended.succeeded:
            return


def _unmet(ended: StageRun, workplace: Workplace) -> Text | None:
    """Which provider Terraform did not get, be it called by us or by a script."""
    return mirrors.unmet(ended.ended.stdout, ended.ended.stderr, workplace.mirrors, offline=workplace.offline)


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
