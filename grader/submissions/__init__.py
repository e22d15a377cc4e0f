"""What students hand in: read, and run on an emulator."""

from __future__ import annotations

from grader.submissions.interface import Limits, Run, Stage, StageRun, Submission, Workplace
from grader.submissions.reading import read
from grader.submissions.running import announce, run

__all__ = ["Limits", "Run", "Stage", "StageRun", "Submission", "Workplace", "announce", "read", "run"]
