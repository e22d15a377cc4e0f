"""A disk that is really full, by the real command: told with what helps, and no mark for anybody."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import LABGRADE, ROOT, clean_environment

BWRAP = shutil.which("bwrap")
pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or BWRAP is None or os.geteuid() != 0, reason="a small disk is a mount, which takes root"
)
RIGHT = ROOT / "labs/hello/solutions/boto3/main.py"


def on_a_disk_of(size: int, disk: Path, *words: object, **env: str) -> subprocess.CompletedProcess[str]:
    """The command where that folder has so many bytes."""
    disk.mkdir(exist_ok=True)
    small = [BWRAP, "--dev-bind", "/", "/", "--size", str(size), "--tmpfs", str(disk), "--cap-add", "ALL"]
    command = [*small, "--die-with-parent", "--", str(LABGRADE), *map(str, words)]
    environment = clean_environment(disk.parent, env)
    return subprocess.run(command, env=environment, cwd=disk.parent, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("level", ["none", pytest.param("bwrap", marks=pytest.mark.slow)])
def test_no_room_for_a_submission_is_the_machines_fault(tmp_path: Path, level: str) -> None:
    work, disk = tmp_path / "work", tmp_path / "disk"
    work.mkdir()
    shutil.copy(RIGHT, work)
    (work / "data.bin").write_bytes(os.urandom(300_000))
    done = on_a_disk_of(128 << 10, disk, "run", "hello", work, "--sandbox", level, TMPDIR=str(disk))
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        f"labgrade: this machine: No space left on device ({disk}): make room there, or set TMPDIR to a folder that "
        "has some\n"
    )


@pytest.mark.slow
def test_a_report_that_finds_no_room_is_on_standard_output(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    done = on_a_disk_of(4096, disk, "run", "hello", RIGHT, "--format", "html", "--output", disk / "r.html")
    assert done.returncode == 2
    assert "100 of 100" in done.stdout
    assert done.stderr == (
        f"labgrade: {disk}/r.html: No space left on device; the report is on standard output instead.\n"
    )


@pytest.mark.slow
def test_a_class_that_cannot_be_kept_is_not_graded(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    (tmp_path / "class" / "ada").mkdir(parents=True)
    shutil.copy(RIGHT, tmp_path / "class" / "ada")
    done = on_a_disk_of(16 << 10, disk, "grade", "hello", tmp_path / "class", "--out", disk / "out")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{disk}/out/labgrade.sqlite: database or disk is full; --out names another folder." in done.stderr
    again = on_a_disk_of(1 << 20, disk, "grade", "hello", tmp_path / "class", "--out", tmp_path / "out")
    assert again.returncode == 0, again.stderr
    (report,) = (tmp_path / "out/reports/hello").iterdir()
    assert json.loads(report.read_bytes())["score"] == 100
