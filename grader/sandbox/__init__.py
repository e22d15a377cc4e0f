"""Where a submission's processes run, and what keeps them from the grader and from one another."""

from __future__ import annotations

import sys
from contextlib import suppress

from grader.errors import SandboxError
from grader.sandbox.interface import Ended, Level, Room, Sandbox, joined
from grader.sandbox.limits import Limits
from grader.texts import say

__all__ = ["Ended", "Level", "Limits", "Room", "Sandbox", "joined", "open_sandbox"]


def open_sandbox(level: Level = "auto") -> Sandbox:
    """The sandbox of that level; `auto` is the best there is, for work that is one's own.

    What was asked for is never silently downgraded: it is given, or SandboxError raised.
    """
    if level == "auto":
        return _best()
    if level == "bwrap":
        from grader.sandbox.bwrap import Bwrap

        return Bwrap()
    if level == "none":
        from grader.sandbox.unconfined import Unconfined

        return Unconfined()
    if level == "user":
        raise SandboxError(
            say(
                "sandbox: this version of labgrade cannot give the level {level}; --sandbox none runs "
                "submissions as yourself: only those that you trust.",
                level=repr(level),
            )
        )
    raise SandboxError(
        say("sandbox: there is no level {level}; the levels are auto, bwrap, user and none.", level=repr(level))
    )


def _best() -> Sandbox:
    if sys.platform == "linux":
        with suppress(SandboxError):
            return open_sandbox("bwrap")
    return open_sandbox("none")
