"""boto3 scripts: `python main.py`."""

from __future__ import annotations

import os
import sys

from grader.submissions.interface import Stage, StageRun, Workplace


class PythonStage(Stage):
    """Runs on labgrade's own interpreter, which has boto3."""

    kind = "python"
    sort = "script"
    suffixes = (".py",)
    names = ("main.py",)

    def run(self, workplace: Workplace) -> StageRun:
        # -u: what was printed before a kill is kept; -s: nothing of the user's own site-packages
        return self.interpreted(workplace, os.path.normpath(sys.executable), "-u", "-B", "-s")
