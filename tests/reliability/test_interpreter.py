"""However the interpreter was called, submissions find it in their box."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, clean_environment

GRADE = """
import sys
from grader.grading import grade
print(grade("hello", sys.argv[1]).score)
"""


@pytest.mark.skipif(os.name != "posix", reason="of links and folders above")
def test_a_python_that_was_called_through_a_folder_above_runs_submissions(tmp_path: Path) -> None:
    here = ROOT / "tests" / "benchmarks"
    python = os.path.relpath(sys.executable, here)
    command = [python, "-c", GRADE, str(ROOT / "labs/hello/solutions/boto3")]
    environment = clean_environment(tmp_path, {"PYTHONPATH": str(ROOT)})
    done = subprocess.run(command, env=environment, cwd=here, capture_output=True, text=True, timeout=120, check=False)
    assert (done.stdout, done.stderr) == ("100\n", "")
