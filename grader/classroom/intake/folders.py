"""A folder for each student, with attempts, labs and archives in it; or a folder for each lab; or one repository."""

from __future__ import annotations

import fnmatch
import os
import tomllib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from grader import submissions
from grader.classroom.intake import times
from grader.classroom.intake.handin import Expected, HandIn, Intake, anybody
from grader.contents import is_junk
from grader.errors import NotGradable, UsageError
from grader.submissions import entries
from grader.submissions.archives import bare, is_archive
from grader.submissions.files import special

TITLE = "a folder for each student"
_SETTINGS = "labgrade.toml"
_ENTRIES = tuple(pattern for kind in entries.KINDS for pattern in kind.names)


def read(root: Path, expected: Expected) -> Intake:
    """What lies there. Raises UsageError where it is one submission, and nobody said whose."""
    there = inside(root)
    labs = [path for path in there if path.is_dir() and expected.lab(path.name)]
    remarks: list[str] = []
    if labs and all(path in labs for path in there if path.is_dir()):
        if any(_is_work(path) for path in labs):
            return Intake("a repository with a folder for each lab", tuple(_repository(root, labs, expected)))
        found = [handin for lab in labs for handin in _class(lab, expected, remarks, expected.lab(lab.name))]
        return Intake("a folder for each lab, and in it one for each student", tuple(found), tuple(remarks))
    if _is_work(root):
        raise UsageError(
            f"{root}: is one submission itself ({_entry(root)} lies in it): put it into a folder that is named for "
            "its student, or grade it with labgrade run."
        )
    return Intake(TITLE, tuple(_class(root, expected, remarks, None)), tuple(remarks))


def is_class(folder: Path, expected: Expected) -> bool:
    """Do hand-ins of several lie in it, and not the work, the attempts or the labs of one?"""
    there = inside(folder)
    if labs := [path for path in there if path.is_dir() and expected.lab(path.name)]:
        return any(is_class(lab, expected) for lab in labs)
    if _is_attempts(there, expected) or _is_work(folder):
        return False
    found = sum(_is_files_name(path.name) or (path.is_dir() and _is_handed_in(path, expected)) for path in there)
    others = sum(path.is_dir() for path in there)
    return found > 1 and 2 * found > others and not _is_one(folder, there)


def _is_handed_in(folder: Path, expected: Expected) -> bool:
    """Has a student put it together: work, attempts, labs or an archive, wrapped once or not?"""
    there = inside(folder)
    if len(there) == 1 and there[0].is_dir():
        there = inside(there[0])
    labs = any(path.is_dir() and expected.lab(path.name) for path in there)
    return labs or _is_attempts(there, expected) or any(_is_files_name(path.name) for path in there)


def _is_one(folder: Path, there: list[Path]) -> bool:
    """Are the files that lie in it one submission, as a script is with its data and its modules?"""
    if not any(path.is_file() and entries.by_suffix(path.name) for path in there):
        return False
    try:
        submissions.read(folder)
    except NotGradable:
        return False
    return True


def _is_attempts(there: list[Path], expected: Expected) -> bool:
    names = [bare(path.name) if path.is_file() else path.name for path in there]
    return bool(there) and all(map(_can_be_attempt, there)) and all(times.is_attempt(n, expected.zone) for n in names)


def inside(folder: Path) -> list[Path]:
    """The files and folders that lie in a folder, by name, less junk. Raises UsageError."""
    return [path for path in everything(folder) if special(path) is None]


def everything(folder: Path) -> list[Path]:
    """The same, and links, devices and pipes besides: what somebody handed in is not passed over."""
    try:
        with os.scandir(folder) as found:
            names = [each.name for each in found if not is_junk(each.name, folder=each.is_dir(follow_symlinks=False))]
    except OSError as error:
        raise UsageError(f"{folder}: cannot be read: {error.strerror}.") from None
    return [folder / name for name in sorted(names) if not name.startswith(".")]


def attempts(claim_of: str, folder: Path, expected: Expected, lab: str | None) -> Iterator[HandIn]:
    """What one student has handed in there, for one lab or for any."""
    claims = (anybody(claim_of),)
    there = [] if special(folder) else everything(folder)
    if lab is None and (labs := [path for path in there if _can_be_folder(path) and expected.lab(path.name)]):
        for path in labs:
            yield from attempts(claim_of, path, expected, expected.lab(path.name))
        return
    if _is_attempts(there, expected):
        for path in there:
            name = bare(path.name) if path.is_file() else path.name
            yield HandIn(claims, path, lab, name, times.moment(name, expected.zone))
    elif len(there) == 1 and is_archive(there[0]):
        name = bare(there[0].name)
        yield HandIn(claims, there[0], lab, name, times.moment(name, expected.zone))
    else:
        yield HandIn(claims, folder, lab)


def _class(root: Path, expected: Expected, remarks: list[str], lab: str | None) -> Iterator[HandIn]:
    for path in everything(root):
        if path.is_dir() and not (special(path) and _is_files_name(path.name)):
            yield from attempts(path.name, path, expected, lab)
        elif _is_files_name(path.name) or (special(path) and "." not in path.name):
            whose, at = _named(path, expected)
            yield HandIn((anybody(whose),), path, lab, path.name if at else "", at)
        elif path.name not in (_SETTINGS, "README.md"):
            remarks.append(f"{path.name}: is neither a folder, an archive nor a submission, and was passed over.")


def _named(path: Path, expected: Expected) -> tuple[str, datetime | None]:
    name = bare(path.name)
    if name == path.name:
        name = name.removesuffix(path.suffix)
    return times.split(name, expected.zone)


def _repository(root: Path, labs: list[Path], expected: Expected) -> Iterator[HandIn]:
    whose = expected.student or _student_of(root)
    for lab in labs:
        yield from attempts(whose, lab, expected, expected.lab(lab.name))


def _student_of(root: Path) -> str:
    """Whom the repository's own labgrade.toml names. Raises UsageError."""
    try:
        said = tomllib.loads((root / _SETTINGS).read_bytes().decode("utf-8-sig")).get("student")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
        said = None
    if not isinstance(said, str) or not said.strip():
        raise UsageError(
            f"{root}: is one student's repository, and nobody says whose: name the student with --student, or as "
            f'student = "…" in its {_SETTINGS}.'
        )
    return said.strip()


def _can_be_attempt(path: Path) -> bool:
    return path.is_dir() or is_archive(path) or special(path) is not None


def _can_be_folder(path: Path) -> bool:
    return path.is_dir() or special(path) is not None


def _is_files_name(name: str) -> bool:
    """Is it how a hand-in is called that is one file, whatever stands there?"""
    return bare(name) != name or entries.by_suffix(name) is not None


def _is_work(folder: Path) -> bool:
    return _entry(folder) is not None


def _entry(folder: Path) -> str | None:
    """The file in it that makes it a submission."""
    names = [path.name for path in inside(folder) if path.is_file()]
    fits = [name for name in names if any(fnmatch.fnmatchcase(name, known) for known in _ENTRIES)]
    return fits[0] if fits else None
