"""A lab to break: the one that `labgrade new` writes, with files put over it."""

from __future__ import annotations

import shutil
from pathlib import Path

from grader.skeleton import TEMPLATE

CHECK = "letters_wait_for_their_reader"
RIGHT = (TEMPLATE / "solutions/boto3/main.py").read_text("utf-8")


def a_lab(place: Path, files: dict[str, str] | None = None, name: str = "a_lab") -> Path:
    """A copy of the lab, with these files written over or beside its own."""
    folder = place / name
    shutil.copytree(TEMPLATE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for path, text in (files or {}).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    return folder


def changed(folder: Path, path: str, before: str, after: str) -> None:
    """Put `after` for `before`, which must be there."""
    text = (folder / path).read_text("utf-8")
    assert before in text
    (folder / path).write_text(text.replace(before, after), "utf-8")
