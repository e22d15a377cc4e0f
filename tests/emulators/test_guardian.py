"""The guardian of an emulator's folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from grader.emulators.program import _guardian, _job


@pytest.mark.skipif(sys.platform == "win32", reason="emulators are started elsewhere")
def test_the_folder_goes_with_the_emulator_though_somebody_still_holds_the_pipe_of_the_report(tmp_path: Path) -> None:
    """Of a grader that was killed, the system may close the one end before the other."""
    folder = tmp_path / "emulator"
    folder.mkdir()
    held, report = os.pipe()
    with _guardian(report, folder) as guardian:
        os.close(report)
        assert guardian.stdin
        guardian.stdin.write(_job([sys.executable, "-c", "import time; time.sleep(60)"], {}, folder))
        guardian.stdin.close()
        assert guardian.wait(20) == 0
    os.close(held)
    assert not folder.exists()
