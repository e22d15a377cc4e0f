"""Files and folders written whole or not at all: what was there before stays until the new is complete."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from grader.errors import UsageError

_MARK = "index.csv"  # by which a folder of feedback is known


def replace_file(path: Path, content: bytes) -> None:
    """Raises UsageError for a place that cannot be written."""
    try:
        handle, draft = tempfile.mkstemp(prefix=f".{path.name[:40]}-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(draft).chmod(_usual())
            Path(draft).replace(path)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}.") from None


def replace_folder(folder: Path, files: Iterable[tuple[str, str]]) -> int:
    """The folder with those files and no others; how many. Raises UsageError for one that is not ours to replace."""
    if folder.exists() and not (folder / _MARK).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder}: is there and holds something else; name another folder.")
    draft = folder.with_name(f".{folder.name}.new")
    try:
        shutil.rmtree(draft, ignore_errors=True)
        count = _filled(draft, files)
        if folder.is_dir():
            shutil.rmtree(folder)
        draft.rename(folder)
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise UsageError(f"{folder}: cannot be written: {error.strerror}.") from None
    return count


def _filled(folder: Path, files: Iterable[tuple[str, str]]) -> int:
    folder.mkdir(parents=True)
    count = 0
    for name, text in files:
        path = folder.joinpath(*name.split("/"))
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8", newline="\n")
        count += 1
    return count


def _usual() -> int:
    """The mode that a new file of this user has."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
