"""An emulator that is begun before it is known for what: it serves whoever comes, and is gone where nobody does."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from grader.lab import find
from grader.sandbox import Level, open_sandbox
from grader.supply import Supply

BEST = open_sandbox("auto").level
LABGRADE = Path(sys.executable).parent / "labgrade"
LEVELS = ["none", pytest.param("bwrap", marks=pytest.mark.skipif(BEST != "bwrap", reason="this machine makes no box"))]


def running() -> set[int]:
    """The emulators of this process, with or without bubblewrap before them."""
    return {one.pid for one in psutil.Process().children() if "moto.process" in " ".join(one.cmdline())}


@pytest.fixture
def emulators() -> Callable[[], set[int]]:
    """Those that a test has begun; others are other modules'."""
    before = running()
    return lambda: running() - before


@pytest.mark.parametrize("level", LEVELS)
def test_what_was_expected_is_what_is_had(level: Level, emulators: Callable[[], set[int]]) -> None:
    lab = find("hello")
    with closing(Supply()) as supply:
        supply.expect(level)
        begun = emulators()
        with supply.begun(lab, lab.values(None, None), boxed=level == "bwrap") as given:
            assert given.emulator.boxed is (level == "bwrap")
            given.emulator.access.client("s3").create_bucket(Bucket="one")
            assert emulators() == begun, "it is the one that had been begun"
    assert emulators() == set()


def test_what_was_expected_otherwise_is_not_taken(emulators: Callable[[], set[int]]) -> None:
    lab = find("hello")
    with closing(Supply()) as supply:
        supply.expect("none")
        begun = emulators()
        with supply.begun(lab, lab.values(None, None), boxed=BEST == "bwrap") as given:
            assert given.emulator.boxed is (BEST == "bwrap")
            assert (emulators() == begun) is (BEST != "bwrap")
    assert emulators() == set()


@pytest.mark.parametrize("level", LEVELS)
def test_nothing_is_left_where_nobody_comes(level: Level, emulators: Callable[[], set[int]]) -> None:
    supply = Supply()
    supply.expect(level)
    assert emulators()
    supply.close()
    assert emulators() == set()


def test_an_expectation_that_cannot_be_met_is_told_by_who_needs_it(
    monkeypatch: pytest.MonkeyPatch, emulators: Callable[[], set[int]]
) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    with closing(Supply()) as supply:
        supply.expect("bwrap")
        supply.expect("none", "localstack")
        assert emulators() == set()

        def full(_boxed: bool) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr("grader.emulators.moto.launching.Child", full)
        supply.expect("none")
        assert emulators() == set()


def test_a_wrong_command_is_told_at_once_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("print()")
    command = [LABGRADE, "run", "s3-lifecycel", tmp_path / "main.py"]
    environment = {**os.environ, "LABGRADE_SAID": str(tmp_path)}  # by which its processes are known
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "s3-lifecycle" in done.stderr
    left = [one for one in psutil.process_iter() if one.pid != os.getpid() and _knows(one, str(tmp_path))]
    assert not left


def _knows(process: psutil.Process, mark: str) -> bool:
    try:
        return process.environ().get("LABGRADE_SAID") == mark
    except psutil.Error:
        return False
