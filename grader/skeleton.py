"""A lab to begin from: `grader/templates/lab`, which is a lab like any other, copied as it stands."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from grader.contents import JUNK_FOLDERS
from grader.errors import UsageError

TEMPLATE = Path(__file__).parent / "templates" / "lab"
_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
_LONGEST = 40  # characters of a lab's name: it stands in addresses, file names and tables


def begin(name: str, into: Path) -> Path:
    """Write a new lab of that name below `into`, and return its folder. Raises UsageError; overwrites nothing."""
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        raise UsageError(
            f"{name!r} cannot be a lab's name: small letters, digits and dashes, a letter first, "
            f"{_LONGEST} characters at most, like my-lab"
        )
    folder = into / name.replace("-", "_")
    if folder.exists():
        raise UsageError(f"{folder}: is there already, and nothing in it was changed; choose another name")
    try:
        into.mkdir(parents=True, exist_ok=True)
        shutil.copytree(TEMPLATE, folder, ignore=shutil.ignore_patterns(*JUNK_FOLDERS))
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written: {error.strerror or error}") from None
    return folder
