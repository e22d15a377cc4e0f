"""What a class handed in, found in whatever shape its platform gives it out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from grader.classroom.intake import canvas, folders, gradescope, manifest, moodle
from grader.classroom.intake.handin import Claim, Expected, HandIn, Intake
from grader.submissions.archives import bare, is_archive
from grader.submissions.files import special

__all__ = ["Claim", "Expected", "HandIn", "Intake", "read"]

_SHAPES: tuple[tuple[Callable[[Path], bool], Callable[[Path, Expected], Intake]], ...] = (
    (gradescope.recognised, gradescope.read),
    (moodle.recognised, moodle.read),
    (canvas.recognised, canvas.read),
)


def read(submissions: Path, expected: Expected, unpacked: Callable[[Path], Path]) -> Intake:
    """What was handed in: a folder of any of these shapes, one for each lab, or a manifest. Raises UsageError.

    `unpacked` gives the folder that an archive of a class was unpacked into.
    """
    if submissions.is_file() and submissions.suffix.lower() == ".csv":
        return manifest.read(submissions, expected)
    root = _entered(submissions, expected)
    if (root / manifest.NAME).is_file():
        return manifest.read(root / manifest.NAME, expected)
    for recognised, shape in _SHAPES:
        if recognised(root):
            return shape(root, expected)
    if places := _by_lab(root, expected, unpacked):
        return _joined([(lab, read(place, replace(expected, labs=(lab,)), unpacked)) for lab, place in places])
    return folders.read(root, expected)


def _by_lab(root: Path, expected: Expected, unpacked: Callable[[Path], Path]) -> list[tuple[str, Path]]:
    """Where each lab's hand-ins lie, where all is named for a lab, and what is there is a platform's or an archive."""
    there = [path for path in folders.inside(root) if path.is_dir() or is_archive(path)]
    named = [(path, expected.lab(bare(path.name))) for path in there]
    places, downloads = [], 0
    for path, lab in named:
        if lab is None or special(path):
            return []
        alone = replace(expected, labs=(lab,))
        place = _entered(unpacked(path) if is_archive(path) else path, alone)
        known = _is_known(place)
        if is_archive(path) and not known and not folders.is_class(place, alone):
            return []
        downloads += known or is_archive(path)
        places.append((lab, place))
    return places if downloads else []


def _joined(parts: list[tuple[str, Intake]]) -> Intake:
    shapes = " and ".join(dict.fromkeys(part.shape for _, part in parts))
    handins = tuple(replace(handin, lab=lab) for lab, part in parts for handin in part.handins)
    remarks = dict.fromkeys(f"{lab}: {remark}" for lab, part in parts for remark in part.remarks)
    return Intake(f"a folder for each lab, and in it {shapes}", handins, tuple(remarks))


def _is_known(folder: Path) -> bool:
    """Is it of a shape that is recognised, whatever lies in it?"""
    return (folder / manifest.NAME).is_file() or any(recognised(folder) for recognised, _ in _SHAPES)


def _entered(root: Path, expected: Expected) -> Path:
    """The lone folder that an export, or whoever packs a folder, wraps a class in; one student's is not entered."""
    there = folders.everything(root)
    if len(there) != 1 or not there[0].is_dir() or special(there[0]) or expected.lab(there[0].name):
        return root
    lone = there[0]
    return lone if _is_known(lone) or folders.is_class(lone, expected) else root
