"""How a process is begun that outlives its parent, on each system, and with whose environment."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

# Nothing of the caller's AWS settings lives on in the background.
KEPT = (
    *("PATH", "HOME", "USERPROFILE", "XDG_STATE_HOME", "XDG_CACHE_HOME", "LOCALAPPDATA", "APPDATA"),
    *("SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "TEMP", "TMP", "TMPDIR", "LANG", "TZ"),
)


def how() -> dict[str, Any]:
    """What subprocess.Popen is told."""
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS
        return {"creationflags": flags, "close_fds": True}
    return {"start_new_session": True, "close_fds": True}


def environment() -> dict[str, str]:
    """Made, not inherited."""
    return {name: os.environ[name] for name in KEPT if name in os.environ}
