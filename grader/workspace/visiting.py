"""The user's own shell, for a while, in a workspace."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from pathlib import Path
from types import FrameType

from grader.errors import UsageError
from grader.texts import say
from grader.workspace import shells, surroundings
from grader.workspace.record import Workspace


def visit(workspace: Workspace) -> int:
    """Until it is left; its exit code. Raises UsageError where there is no such shell."""
    environment = _environment(workspace)
    # A Ctrl-C is the shell's to answer. Not SIG_IGN, which the shell and all that it starts would inherit.
    before = signal.signal(signal.SIGINT, _nothing)
    try:
        with tempfile.TemporaryDirectory(prefix="labgrade-shell-") as place:
            command, made = shells.opened(environment, f"labgrade {workspace.lab}", Path(place))
            code = subprocess.call(command, env=made)
    except OSError as error:
        raise UsageError(
            say(
                "{shell}: {reason}; SHELL names another.",
                shell=environment.get("SHELL") or say("the shell"),
                reason=error.strerror,
            )
        ) from None
    finally:
        signal.signal(signal.SIGINT, before)
    return 128 - code if code < 0 else code


def _environment(workspace: Workspace) -> dict[str, str]:
    gone = surroundings.shadows()
    made = {name: value for name, value in os.environ.items() if name not in gone}
    made |= surroundings.variables(workspace)
    if place := surroundings.front(workspace):
        made["PATH"] = os.pathsep.join([str(place), made.get("PATH", os.defpath)])
    return made


def _nothing(_number: int, _frame: FrameType | None) -> None:
    pass
