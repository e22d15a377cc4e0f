"""What a class handed in, found in whatever shape its platform gives it out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from grader.classroom.intake import canvas, folders, gradescope, manifest, moodle
from grader.classroom.intake.handin import Claim, Expected, HandIn, Intake
from grader.submissions.files import special

__all__ = ["Claim", "Expected", "HandIn", "Intake", "read"]

_SHAPES: tuple[tuple[Callable[[Path], bool], Callable[[Path, Expected], Intake]], ...] = (
    (gradescope.recognised, gradescope.read),
    (moodle.recognised, moodle.read),
    (canvas.recognised, canvas.read),
)


def read(submissions: Path, expected: Expected) -> Intake:
    """What was handed in: a folder of any of these shapes, or a manifest. Raises UsageError."""
    if submissions.is_file() and submissions.suffix.lower() == ".csv":
        return manifest.read(submissions, expected)
    root = _entered(submissions, expected)
    if (root / manifest.NAME).is_file():
        return manifest.read(root / manifest.NAME, expected)
    for recognised, shape in _SHAPES:
        if recognised(root):
            return shape(root, expected)
    return folders.read(root, expected)


def _entered(root: Path, expected: Expected) -> Path:
    """The lone folder that an export, or whoever packs a folder, wraps a class in; one student's is not entered."""
    there = folders.everything(root)
    if len(there) != 1 or not there[0].is_dir() or special(there[0]) or expected.lab(there[0].name):
        return root
    lone = there[0]
    known = (lone / manifest.NAME).is_file() or any(recognised(lone) for recognised, _ in _SHAPES)
    return lone if known or folders.is_class(lone, expected) else root
