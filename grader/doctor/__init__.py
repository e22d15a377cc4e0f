"""What this machine can do for labgrade: tried for real, each finding with its cure."""

from __future__ import annotations

from grader.doctor.examination import Examination, examine
from grader.doctor.finding import Finding, Mark

__all__ = ["Examination", "Finding", "Mark", "examine"]
