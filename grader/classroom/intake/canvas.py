"""Canvas's download of an assignment: all files in one folder, renamed, and here called what they were called.

`lovelaceada_LATE_101_5551_main.py` is a sortable name without what is no letter, whether Canvas found it late, the ids
of the user and of the upload, and the file's name: lib/content_zipper.rb of instructure/canvas-lms, read 2026-11-25. An
upload that replaces one of the same name has a number put behind its stem, `main-1.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath

from grader.classroom.intake.folders import everything, inside
from grader.classroom.intake.handin import Claim, Expected, HandIn, Intake
from grader.submissions.archives import is_archive

_RENAMED = re.compile(r"(?:(?P<name>\w+?)_)?(?P<late>LATE_)?(?P<id>\d+|anon_[A-Za-z0-9]+)_\d+_(?P<file>.+)")
_NUMBERED = re.compile(r"(?P<stem>.+)-\d{1,3}")
_TYPED = re.compile(r".+_(?:text|link)\.html")  # not a file, but an answer typed into Canvas
_ENTRY_STEMS = ("main", "template")


def recognised(root: Path) -> bool:
    """Does everything there bear a name of Canvas's?"""
    there = inside(root)
    files = [path for path in there if path.is_file() and not _TYPED.fullmatch(path.name)]
    return bool(files) and len(there) - len(files) == sum(map(_is_typed, there)) and all(map(_parts, files))


def read(root: Path, expected: Expected) -> Intake:  # noqa: ARG001  (no download of Canvas's has times)
    """Everybody's uploads, a hand-in each."""
    uploads: dict[str, list[tuple[re.Match[str], Path]]] = {}
    for path in everything(root):
        if found := _parts(path):
            uploads.setdefault(found["id"], []).append((found, path))
    handins = tuple(_handin(id, each) for id, each in uploads.items())
    late = sum(any(found["late"] for found, _ in each) for each in uploads.values())
    typed = sum(map(_is_typed, inside(root)))
    remarks = []
    if late:
        remarks.append(
            f"Canvas calls {late} of these late, and does not say since when: the late policy does nothing for them. "
            "A manifest with submitted_at says it."
        )
    if typed:
        remarks.append(f"{typed} typed an answer into Canvas instead of uploading a file; those were passed over.")
    return Intake("a download of Canvas's, with its names undone", handins, tuple(remarks))


def _handin(id: str, uploads: Sequence[tuple[re.Match[str], Path]]) -> HandIn:
    name = uploads[0][0]["name"] or ""
    by_id: Claim = () if id.startswith("anon") else (("lms_id", id),)
    claim: Claim = (*by_id, *((("squeezed", name),) if name else ()))
    files = _originals({found["file"]: path for found, path in uploads})
    lone = next(iter(files.values())) if len(files) == 1 else None
    if lone is not None and is_archive(lone):
        return HandIn((claim or (("any", id),),), lone, name=next(iter(files)))
    return HandIn((claim or (("any", id),),), uploads[0][1], files=files)


def _originals(files: Mapping[str, Path]) -> dict[str, Path]:
    """The files by the names that they had before they replaced an earlier upload."""
    all_numbered = all(_NUMBERED.fullmatch(PurePath(name).stem) for name in files)
    undone: dict[str, Path] = {}
    for name, path in files.items():
        found = _NUMBERED.fullmatch(PurePath(name).stem)
        before = found["stem"] + PurePath(name).suffix if found else name
        taken = before in files or before in undone
        undo = found and (all_numbered or found["stem"] in _ENTRY_STEMS) and not taken
        undone[before if undo else name] = path
    return undone


def _parts(path: Path) -> re.Match[str] | None:
    return None if path.is_dir() or _is_typed(path) else _RENAMED.fullmatch(path.name)


def _is_typed(path: Path) -> bool:
    return path.is_file() and _TYPED.fullmatch(path.name) is not None
