"""What a grading has found, before it is a report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.emulators.interface import Emulator
from grader.engine import Judgement
from grader.report import Note
from grader.submissions.interface import Run

if TYPE_CHECKING:
    from grader.workspace.view import Target


@dataclass(frozen=True)
class Graded:
    """The verdict, and what it is about."""

    emulator: Emulator
    judgement: Judgement
    run: Run | None = None
    notes: tuple[Note, ...] = ()
    target: Target | None = None  # the workspace that was graded
    brought_down: bool = False  # the emulator ended while the submission ran

    @property
    def fair(self) -> bool:
        """Did nothing of ours go wrong?"""
        return not self.brought_down and not self.judgement.broken
