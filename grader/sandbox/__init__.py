"""Where a submission's processes run, and what keeps them from the grader and from one another."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from grader.errors import SandboxError
from grader.sandbox.interface import PYTHON, Ended, Level, Room, Sandbox, joined
from grader.sandbox.limits import Limits
from grader.texts import say

__all__ = ["PYTHON", "Ended", "Level", "Limits", "Room", "Sandbox", "joined", "open_sandbox"]


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
        from grader.sandbox.user import User

        return User()
    raise SandboxError(
        say("sandbox: there is no level {level}; the levels are auto, bwrap, user and none.", level=repr(level))
    )


def _best() -> Sandbox:
    """A box, else another user than root: what root runs as itself owns the machine.

    Who is not root has `none` next: `user` would leave them no other user, and take from their own work what works
    elsewhere, as a file in /tmp.
    """
    for level in _stronger():
        with suppress(SandboxError):
            return open_sandbox(level)
    return open_sandbox("none")


def _stronger() -> tuple[Level, ...]:
    if sys.platform != "linux":
        return ()
    return ("bwrap", "user") if os.geteuid() == 0 else ("bwrap",)
