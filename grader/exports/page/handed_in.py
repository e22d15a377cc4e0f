"""What was handed in, read again from where it was graded, so that it can be compared and shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from grader import submissions
from grader.classroom import kept
from grader.classroom.database import open_for_reading
from grader.contents import tree
from grader.errors import LabgradeError
from grader.lab import NOT_SHIPPED
from grader.submissions.files import read_bytes

_MOST_BYTES = 64 * 1024  # of a file: what is longer is no script that anybody wrote
_MOST_FILES = 50
_WRITTEN = (".py", ".sh", ".bash", ".tf", ".yaml", ".yml", ".json", ".tfvars", ".txt", ".md")
_STARTER = "starter"


def text_of(path: Path) -> str:
    """All files of a submission in one text, each under its name; empty where it cannot be read."""
    try:
        work = submissions.read(path)
        names = [name for name in work.files if name.endswith(_WRITTEN)][:_MOST_FILES]
        parts = [(name, _read(work.root, name)) for name in names]
    except (LabgradeError, OSError):
        return ""
    return "\n".join(f"# {name}\n{text}" for name, text in parts)


def starter(folder: Path) -> list[str]:
    """What everybody had: the lab's starter."""
    return _texts([folder / _STARTER])


def solutions(folder: Path) -> list[str]:
    """What can be found in the lab: its solutions and mistakes, which an installed labgrade has not."""
    return _texts([folder / name for name in sorted(NOT_SHIPPED)])


def _texts(places: Iterable[Path]) -> list[str]:
    files = [(name, content) for place in places if place.is_dir() for name, content in tree(place)]
    return [content[:_MOST_BYTES].decode("utf-8", "replace") for name, content in files if name.endswith(_WRITTEN)]


def by_lab(where: Path) -> Mapping[str, Mapping[str, str]]:
    """By lab and person, the text of the attempt that counts, where it still lies where it was. Raises UsageError."""
    with open_for_reading(where) as database:
        book = kept.of(database)
        listed = list(database.attempts())
    paths = {(id, one["lab"], one["name"]): Path(one["path"]) for one in listed for id in one["people"]}
    found: dict[str, dict[str, str]] = {lab.id: {} for lab in book.assignment.labs}
    for result in book.results:
        path = paths.get((result.person.id, result.lab, result.attempt_name))
        text = text_of(path) if result.counts and result.status == "graded" and path is not None else ""
        if text:
            found[result.lab][result.person.id] = text
    return found


def _read(root: Path, name: str) -> str:
    return read_bytes(root, name)[:_MOST_BYTES].decode("utf-8", "replace")
