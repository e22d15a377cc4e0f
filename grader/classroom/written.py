"""The machine's reports of a class: a JSON file for everybody and each lab, signed where there is a secret."""

from __future__ import annotations

import json
import os
from pathlib import Path

from grader.classroom.database import CannotKeep
from grader.classroom.file_names import file_name
from grader.classroom.gradebook import Gradebook
from grader.classroom.result import Result
from grader.classroom.signing import secret, signed

FOLDER = "reports"


def write(book: Gradebook, folder: Path) -> int:
    """Write the report of every mark that counts below `folder`, and take away those of marks that are no more.

    They are the instructor's: nothing in them is hidden. Returns how many; raises CannotKeep and UsageError.
    """
    key = secret(book.assignment.secret_variable) if book.assignment.secret_variable else None
    root, files = folder / FOLDER, set()
    try:
        for result in book.results:
            if result.counts and result.report is not None:
                path = root / result.lab / f"{file_name(result.person.id)}.json"
                _put(path, result, key)
                files.add(path)
        for path in root.glob("*/*.json"):
            if path not in files:
                path.unlink()
    except OSError as error:
        raise CannotKeep(f"{root}: cannot be written: {error.strerror}; the results themselves are kept.") from None
    return len(files)


def _put(path: Path, result: Result, key: bytes | None) -> None:
    report = dict(result.report or {})
    text = json.dumps(signed(report, key) if key else report, ensure_ascii=False, indent=2) + "\n"
    content = text.encode("utf-8", "surrogatepass")
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)
