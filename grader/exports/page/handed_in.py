"""What was handed in, read again from where it was graded, so that it can be compared and shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from grader import submissions
from grader.contents import tree
from grader.errors import LabgradeError
from grader.lab import NOT_SHIPPED

_MOST_BYTES = 64 * 1024  # of a file: what is longer is no script that anybody wrote
_MOST_FILES = 50
_WRITTEN = (".py", ".sh", ".bash", ".tf", ".yaml", ".yml", ".json", ".tfvars", ".txt", ".md")
_STARTER = "starter"


def text_of(path: Path) -> str:
    """All files of a submission in one text, each under its name; empty where it cannot be read."""
    try:
        work = submissions.read(path)
        names = [name for name in work.files if name.endswith(_WRITTEN)][:_MOST_FILES]
        parts = [(name, _read(work.root / name)) for name in names]
    except (LabgradeError, OSError):
        return ""
    return "\n".join(f"# {name}\n{text}" for name, text in parts)


def given(folder: Path) -> list[str]:
    """What everybody had, or can find in the lab: its starter and its solutions, where they are here."""
    places = [folder / _STARTER, *(folder / name for name in sorted(NOT_SHIPPED))]
    files = [(name, content) for place in places if place.is_dir() for name, content in tree(place)]
    return [content[:_MOST_BYTES].decode("utf-8", "replace") for name, content in files if name.endswith(_WRITTEN)]


def texts(paths: Iterable[tuple[str, Path]]) -> Mapping[str, str]:
    """By whose it is; who has none that can be read is left out."""
    found = {whose: text_of(path) for whose, path in paths}
    return {whose: text for whose, text in found.items() if text}


def _read(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_MOST_BYTES).decode("utf-8", "replace")
