"""The machine's reports of a class: a JSON file for everybody and each lab."""

from __future__ import annotations

import json
import os
from pathlib import Path

from grader.classroom.database import CannotKeep
from grader.classroom.file_names import file_name
from grader.classroom.gradebook import Gradebook
from grader.classroom.result import Result

FOLDER = "reports"


def write(book: Gradebook, folder: Path) -> int:
    """Write the report of every mark that counts below `folder`, and take away those of marks that are no more.

    They are the instructor's: nothing in them is hidden. Returns how many; raises CannotKeep.
    """
    root, files = folder / FOLDER, set()
    try:
        for result in book.results:
            if result.counts and result.report is not None:
                path = root / result.lab / f"{file_name(result.person.id)}.json"
                _put(path, result)
                files.add(path)
        for path in root.glob("*/*.json"):
            if path not in files:
                path.unlink()
    except OSError as error:
        raise CannotKeep(f"{root}: cannot be written: {error.strerror}; the results themselves are kept.") from None
    return len(files)


def _put(path: Path, result: Result) -> None:
    text = json.dumps(dict(result.report or {}), ensure_ascii=False, indent=2) + "\n"
    content = text.encode("utf-8", "surrogatepass")
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)
