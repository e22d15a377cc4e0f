"""Moodle's download of an assignment: a folder for each student, or all files in one, renamed; here it is undone.

`Ada Lovelace_7001_assignsubmission_file/main.py`, or `Ada Lovelace_7001_assignsubmission_file_main.py`: the full name
(a team's, where teams hand in), the participant's number, the plugin, the file. mod/assign/classes/downloader.php of
moodle/moodle, read 2026-11-25; older versions end the folder's name in another `_`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from grader.classroom.intake.folders import attempts, everything, inside
from grader.classroom.intake.handin import Claim, Expected, HandIn, Intake
from grader.submissions.archives import is_archive

_RENAMED = re.compile(r"(?P<name>.+?)(?:_(?P<id>\d+))?_assignsubmission_(?P<sort>file|onlinetext)(?:_(?P<file>.*))?")


def recognised(root: Path) -> bool:
    """Is there anything with a name of Moodle's?"""
    return any(_RENAMED.fullmatch(path.name) for path in inside(root))


def read(root: Path, expected: Expected) -> Intake:
    """Everybody's files, a hand-in each."""
    folders: list[HandIn] = []
    flat: dict[tuple[str, str], list[tuple[str, Path]]] = {}
    typed, passed_over = 0, 0
    for path in everything(root):
        found = _RENAMED.fullmatch(path.name)
        if found is None:
            passed_over += 1
        elif found["sort"] == "onlinetext":
            typed += 1
        elif path.is_dir():
            folders += _of_folder(path, _claim(found["name"], found["id"]), expected)
        else:
            flat.setdefault((found["name"], found["id"] or ""), []).append((found["file"] or path.name, path))
    files = [_of_files(_claim(*whose), each) for whose, each in flat.items()]
    return Intake("a download of Moodle's, with its names undone", (*folders, *files), _remarks(typed, passed_over))


def _of_folder(folder: Path, claim: Claim, expected: Expected) -> list[HandIn]:
    """As one student's folder is read anywhere."""
    found = attempts("", folder, expected, None)
    return [HandIn((claim,), one.path, one.lab, one.name, one.submitted_at) for one in found]


def _of_files(claim: Claim, files: Sequence[tuple[str, Path]]) -> HandIn:
    name, path = files[0]
    if len(files) == 1 and is_archive(path):
        return HandIn((claim,), path, name=name)
    return HandIn((claim,), path, files=dict(files))


def _claim(name: str, id: str | None) -> Claim:
    return (*((("lms_id", id),) if id else ()), ("name", name))


def _remarks(typed: int, passed_over: int) -> tuple[str, ...]:
    told = [
        (typed, f"{typed} typed an answer into Moodle instead of uploading a file; those were passed over."),
        (passed_over, f"{passed_over} have no name of Moodle's and were passed over."),
    ]
    return (
        *(text for count, text in told if count),
        "Moodle's download does not say when something came; a manifest with submitted_at does.",
    )
