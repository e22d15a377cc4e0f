"""Where labgrade keeps what can be had again."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def folder() -> Path:
    """The caller's folder for it; it need not be there, and cannot be where there is no home."""
    if place := os.environ.get("XDG_CACHE_HOME"):
        return Path(place, "labgrade")
    if sys.platform == "win32" and (place := os.environ.get("LOCALAPPDATA")):
        return Path(place, "labgrade")
    home = os.environ.get("HOME") or os.environ.get("USERPROFILE") or os.devnull
    return Path(home, ".cache", "labgrade")
