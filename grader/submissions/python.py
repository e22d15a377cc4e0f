"""boto3 scripts: `python main.py`."""

from __future__ import annotations

from grader.sandbox import PYTHON
from grader.submissions.interface import Stage, StageRun, Workplace


class PythonStage(Stage):
    """Runs on labgrade's own interpreter, which has boto3."""

    kind = "python"
    sort = "script"
    suffixes = (".py",)
    names = ("main.py",)

    def run(self, workplace: Workplace) -> StageRun:
        return self.interpreted(workplace, *PYTHON)
