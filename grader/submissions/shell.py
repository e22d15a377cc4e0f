"""AWS CLI scripts: `bash main.sh`."""

from __future__ import annotations

import shutil

from grader.errors import LabgradeError
from grader.submissions.interface import Stage, StageRun, Workplace


class ShellStage(Stage):
    """Runs under bash, whatever its first line says."""

    kind = "shell"
    sort = "script"
    suffixes = (".sh",)
    names = ("main.sh",)

    def run(self, workplace: Workplace) -> StageRun:
        bash = shutil.which("bash", path=workplace.environment["PATH"])
        if bash is None:
            raise LabgradeError("bash is not on this machine; install it (Git for Windows brings one).")
        return self.interpreted(workplace, bash)
