"""The labs, and a right answer to each."""

from __future__ import annotations

from pathlib import Path

from grader.access import ACCOUNT
from grader.lab import Lab, folders
from grader.lab import read as read_lab
from grader.parameters import environment

ROOT = Path(__file__).parent.parent.parent
LABS = [read_lab(folder) for folder in folders() if folder.parent == ROOT / "labs"]


def variables(lab: Lab, student: str | None = None) -> dict[str, str]:
    """What a submission is told, besides where the emulator is."""
    return {**dict(environment(lab.values(student))), "LAB_ACCOUNT": ACCOUNT, "LAB_REGION": lab.region}


def solution(lab: Lab) -> Path:
    """The one in Python that comes first and is nothing but `main.py`."""
    for folder in sorted((lab.folder / "solutions").iterdir()):
        if [path.name for path in folder.iterdir() if path.suffix != ".toml"] == ["main.py"]:
            return folder
    raise LookupError(f"{lab.id}: no solution is a main.py alone")
