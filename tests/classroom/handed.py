"""Hand-ins of a made-up class, in the shapes of the platforms."""

from __future__ import annotations

import zipfile
from datetime import UTC
from pathlib import Path

from grader.classroom.intake import Expected

WORK = "print('work')\n"
TWO = Expected(("hello", "s3-lifecycle"), UTC)
ONE = Expected(("hello",), UTC)


def put(root: Path, *names: str) -> Path:
    """Files below a folder; an archive for each name that is one's."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".zip":
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("main.py", WORK)
        else:
            path.write_text(WORK)
    return root


def unzipped(archive: Path, into: Path) -> Path:
    """The folder with what is in it."""
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(into)
    return into
