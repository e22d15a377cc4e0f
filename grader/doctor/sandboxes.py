"""The levels of separation between a submission and the rest of the machine."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from functools import reduce
from typing import TYPE_CHECKING

from grader.doctor.attempt import Attempt, attempt
from grader.doctor.bench import Bench
from grader.doctor.finding import Finding, Mark
from grader.errors import SandboxError
from grader.texts import Text, say

if TYPE_CHECKING:
    from grader.sandbox import Level


def chosen(bench: Bench) -> Iterator[Finding]:
    """What --sandbox auto gives here: a program is run in it."""
    from grader.sandbox import open_sandbox

    sandbox = open_sandbox("auto")
    trouble = _refused(bench, "auto")
    if trouble:
        yield Finding(
            "sandbox", Mark.BROKEN, say("level {level}: {trouble}", level=sandbox.level, trouble=trouble), needed=True
        )
        return
    found = say(
        "level {level}, a program ran in it: {guarantees}",
        level=sandbox.level,
        guarantees=", ".join(sandbox.guarantees),
    )
    if sandbox.level != "none":
        yield Finding("sandbox", Mark.OK, found, needed=True)
        return
    why = say("A submission runs as you, and can read your files: your own work, and that of people you trust.")
    yield Finding("sandbox", Mark.NOTE, found, why, needed=True)


def user(bench: Bench) -> Iterator[Finding]:
    """A program is run at that level; what holds there depends on the kernel, and is said with what does not."""
    from grader.sandbox import open_sandbox

    trouble = _refused(bench, "user")
    if trouble:
        yield Finding("user", Mark.NOTE, trouble)
        return
    sandbox = open_sandbox("user")
    found = say("{version}, a program ran: {held}", version=sandbox.version, held=", ".join(sandbox.guarantees))
    lacking = reduce(lambda former, latter: say("{former} {latter}", former=former, latter=latter), sandbox.gaps)
    yield Finding("user", Mark.OK, found, lacking)


def bwrap(bench: Bench) -> Iterator[Finding]:
    """The program and its right to make a box, then labgrade's own use of it."""
    path = shutil.which("bwrap")
    if path is None:
        yield _no_bwrap()
        return
    version = attempt([path, "--version"]).last_line
    tried = attempt([path, "--ro-bind", "/", "/", "--unshare-all", "true"])
    if not tried.succeeded:
        yield Finding(
            "bwrap",
            tried.mark,
            say("{version}, {path} {trouble}", version=version, path=str(path), trouble=tried.trouble),
            mend=_cure(tried),
        )
        return
    found = say("{version}, {path}, made a box", version=version, path=str(path))
    trouble = _refused(bench, "bwrap")
    if trouble:
        yield Finding("bwrap", Mark.NOTE, say("{found}, but {trouble}", found=found, trouble=trouble))
    else:
        yield Finding("bwrap", Mark.OK, say("{found}, and a program ran in labgrade's", found=found))


def _no_bwrap() -> Finding:
    if sys.platform != "linux":
        return Finding("bwrap", Mark.NOTE, "bubblewrap is only for Linux")
    why = say("It keeps submissions from your files and your network.")
    return Finding("bwrap", Mark.MISSING, "no `bwrap` on your PATH", why, "sudo apt install bubblewrap")


def _cure(tried: Attempt) -> Text | str:
    from grader.sandbox.bwrap import trial

    denied = "ermitted" in tried.output or "ermission" in tried.output
    return trial.cure() if denied or trial.restricted() else ""


def _refused(bench: Bench, level: Level) -> Text | str:
    """What keeps a program from running at that level; empty where one has."""
    from grader.sandbox import open_sandbox

    place = bench.scratch(f"sandbox-{level}")
    try:
        ended = open_sandbox(level).run(
            [sys.executable, "-I", "-S", "-c", "print('here')"],
            environment={"HOME": str(place)},
            folder=place,
            timeout_seconds=8,
        )
    except SandboxError as error:
        return str(error).removeprefix("sandbox: ").split(";")[0]
    if ended.exit_code == 0 and ended.stdout.strip() == "here":
        return ""
    return say(
        "a program that says one word ended with {exit_code}: {error}",
        exit_code=ended.exit_code,
        error=ended.stderr.strip()[-200:],
    )
