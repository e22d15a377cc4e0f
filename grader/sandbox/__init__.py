"""Where a submission's processes run, and what keeps them from the grader and from one another."""

from __future__ import annotations

from grader.errors import SandboxError
from grader.sandbox.interface import Ended, Level, Sandbox, joined
from grader.texts import say

__all__ = ["Ended", "Level", "Sandbox", "joined", "open_sandbox"]


def open_sandbox(level: Level = "auto") -> Sandbox:
    """The sandbox of that level; `auto` is the best there is.

    What was asked for is never silently downgraded: it is given, or SandboxError raised.
    """
    if level in ("auto", "none"):
        from grader.sandbox.unconfined import Unconfined

        return Unconfined()
    if level in ("bwrap", "user"):
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
