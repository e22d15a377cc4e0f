"""What `labgrade run` means where something is left out."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from grader.errors import LabgradeError
from grader.languages import spoken

ENTRIES = ("main.py", "main.sh", "template.yaml", "template.yml", "template.json", "main.tf")


def lab_meant() -> str:
    """The lab whose workspace is the only open one. Raises UsageError."""
    from grader.workspace.record import meant

    return meant(None, "run").lab


def submission_meant(lab: str, how: Mapping[str, Any]) -> Path | None:
    """The work in this folder, where nothing else can be meant; asked on a terminal, said elsewhere."""
    entry = next((name for name in ENTRIES if Path(name).is_file()), None)
    if entry is None or how.get("endpoint_url") or os.environ.get("AWS_ENDPOINT_URL") or _has_workspace(lab):
        return None
    if sys.stdin.isatty() and sys.stderr.isatty():
        question = spoken("{entry} is here, and {lab} has no workspace. Grade {entry}?", entry=entry, lab=lab)
        return Path(entry) if click.confirm(question, default=True, err=True) else None
    here = "labgrade: {entry} is here: `labgrade run {lab} {entry}` grades it."
    click.echo(spoken(here, entry=entry, lab=lab), err=True)
    return None


def _has_workspace(lab: str) -> bool:
    from grader.workspace.record import find

    try:
        return find(lab) is not None
    except LabgradeError:
        return True  # and grading says what is wrong with it
