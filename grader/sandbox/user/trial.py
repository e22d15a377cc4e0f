"""What this machine has to keep a submission in without a box; and if that is nothing, what would help."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from grader.errors import SandboxError
from grader.sandbox import readable
from grader.sandbox.launched import INSIDE
from grader.sandbox.strangers import strangers_uid
from grader.texts import say

SECONDS = 20.0
FINDS_BOTO3 = "import importlib.util, sys; sys.exit(importlib.util.find_spec('boto3') is None)"


@dataclass(frozen=True)
class Kernel:
    """A user to become, Landlock's version (0 is none), and whether system calls can be filtered."""

    uid: int | None
    landlock: int
    filters: bool


def required() -> Kernel:
    """Raises SandboxError where neither another user nor Landlock is to be had."""
    if sys.platform != "linux":
        why = "sandbox: the level user is only for Linux; --sandbox none runs work that you trust, as yourself."
        raise SandboxError(say(why))
    uid = strangers_uid()
    kernel = Kernel(uid, *_asked())
    if uid is not None:
        _try(uid)
    elif os.geteuid() == 0:
        raise SandboxError(
            say(
                "sandbox: this container has too few user ids for another user than root; give it more of "
                "/etc/subuid's, or run labgrade there as a user other than root."
            )
        )
    elif not kernel.landlock:
        raise SandboxError(
            say(
                "sandbox: to become another user takes root, and this kernel has no Landlock (Linux 5.13 or newer, "
                "with `landlock` in lsm=): run labgrade as root in a container that is thrown away, or choose "
                "--sandbox none for work that you trust."
            )
        )
    return kernel


@cache
def _asked() -> tuple[int, bool]:
    """Landlock's version, and whether the filter of calls takes: of a process that may give up what it likes."""
    code = f"import sys; sys.path.insert(0, {str(INSIDE.parent)!r}); from inside import neighbours; neighbours.probe()"
    said = _python(["-I", "-S", "-B", "-c", code], None).stdout.split()
    return (int(said[0]), said[1] == "1") if len(said) == 2 else (0, False)


def _try(uid: int) -> None:
    """Have that user start Python and find boto3. Raises SandboxError."""
    if folder := closed_folder():
        raise SandboxError(
            say(
                "sandbox: another user does not get into {folder}, which labgrade needs: chmod o+x {folder}, or "
                "install Python and labgrade outside of it, and name another TMPDIR.",
                folder=str(folder),
            )
        )
    readable.require_ours()
    try:
        done = _python(["-I", "-c", FINDS_BOTO3], uid)
        reason = done.stderr.strip().rpartition("\n")[2] or "boto3?"
    except (OSError, subprocess.SubprocessError) as error:
        reason = str(error)
    else:
        if done.returncode == 0:
            return
    raise SandboxError(say("sandbox: no program can be run as another user here: {reason}.", reason=reason))


def closed_folder() -> Path | None:
    """The first on the way to Python, its packages and the folder for temporary files that is not for everybody."""
    python = Path(os.path.normpath(sys.executable))
    needed = (python, python.resolve(), Path(sysconfig.get_path("purelib")) / "boto3", Path(tempfile.gettempdir(), "x"))
    return next(filter(None, map(readable.closed_folder, needed)), None)


def require(shown: Sequence[Path]) -> None:
    """Does another user get to all of these, and may read them? Raises SandboxError."""
    for path in shown:
        if folder := readable.closed_folder(path) or readable.closed_folder(path.resolve()):
            raise SandboxError(
                say(
                    "sandbox: another user does not get into {folder}: chmod o+x {folder}, or have {path} elsewhere.",
                    folder=str(folder),
                    path=str(path),
                )
            )
    readable.require(shown)


def _python(words: list[str], uid: int | None) -> subprocess.CompletedProcess[str]:
    become: dict[str, Any] = {} if uid is None else {"user": uid, "group": uid, "extra_groups": []}
    command = [sys.executable, *words]
    run = partial(subprocess.run, command, capture_output=True, text=True, env={}, cwd="/", timeout=SECONDS)
    done: subprocess.CompletedProcess[str] = run(stdin=subprocess.DEVNULL, check=False, **become)
    return done
