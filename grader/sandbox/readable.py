"""What root keeps to itself is of no use to a submission, which somebody else runs."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

from grader.errors import SandboxError
from grader.texts import say

OURS = ("grader", "moto", "boto3", "botocore")  # of each installation one file tells of all: umask did it


def require_ours() -> None:
    """May everybody read Python and what labgrade brings? Raises SandboxError that says how to let them."""
    for file in _ours():
        venv = Path(sys.prefix)
        # Of a virtual environment the programs, too: the umask was the same.
        folder = venv if sys.prefix != sys.base_prefix and venv in file.parents else file.parents[1]
        for path in (file, file.parent):  # those above are made anew in a box
            _require(path, folder)


def require(shown: Iterable[Path]) -> None:
    """May everybody read these programs and folders, with all that is in them? Raises SandboxError as above."""
    for place in (path.resolve() for path in shown):
        for path in _all(place):
            _require(path, place)


def closed_folder(path: Path) -> Path | None:
    """The first on the way there into which not everybody gets."""
    return next((parent for parent in reversed(path.parents) if not parent.stat().st_mode & stat.S_IXOTH), None)


def _ours() -> Iterator[Path]:
    yield from (file for file in (Path(sys.prefix, "pyvenv.cfg"),) if file.exists())
    yield from (Path(sys.executable).resolve(), Path(os.__file__))
    for name in OURS:
        found = find_spec(name)
        if found and found.origin:
            yield Path(found.origin)


def _all(place: Path) -> Iterator[Path]:
    """What is hidden is on its way in or out: a mirror that is being filled."""
    yield place
    if place.is_dir():
        for path in place.rglob("*"):
            if not path.is_symlink() and not any(part.startswith(".") for part in path.relative_to(place).parts):
                yield path


def _require(path: Path, folder: Path) -> None:
    mode = path.stat().st_mode
    needed = stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
    if mode & needed != needed:
        raise SandboxError(
            say(
                "sandbox: {path} is for root alone (a umask of 077?), and it is somebody else who runs a submission: "
                "chmod -R go+rX {folder}",
                path=str(path),
                folder=str(folder),
            )
        )
