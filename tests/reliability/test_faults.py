"""A fault of ours is tried once more on a fresh emulator, and then named; it never lowers a score."""

from __future__ import annotations

import errno
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from reliability.faults import (
    Killer,
    box_killed_in_the_run,
    failing,
    killed_around_the_run,
    killed_before,
    killed_in,
    killed_in_the_run,
)
from sandbox.processes import eventually, living

from grader.errors import EmulatorError, LabError, LabgradeError, MachineError, SandboxError
from grader.grading import Grader, Options, Work, grade
from grader.lab import read
from grader.report import Outcome, Report, canonical
from grader.submissions import running

HELLO = read(ROOT / "labs/hello")
RIGHT = ROOT / "labs/hello/solutions/boto3"
S3 = read(ROOT / "labs/s3_lifecycle")
OUTSIDE, BOXED = Options(sandbox="none"), Options(sandbox="bwrap")
ANYWHERE = [pytest.param(OUTSIDE, id="none"), pytest.param(BOXED, id="bwrap", marks=pytest.mark.slow)]
S3_RIGHT = ROOT / "labs/s3_lifecycle/solutions/one_rule_each"

during = partial(killed_around_the_run, first=True)
after = partial(killed_around_the_run, first=False)


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with Grader() as grader:
        yield grader


@pytest.mark.parametrize("how", ANYWHERE)
@pytest.mark.parametrize("killed", [killed_before, during, after], ids=["before", "during", "after"])
def test_an_emulator_that_dies_once_costs_nothing(
    grader: Grader, killed: Callable[[int], AbstractContextManager[Killer]], how: Options
) -> None:
    with killed(1) as killer:
        report = grader.grade(HELLO, RIGHT, how)
    assert (report.outcome, report.score, killer.left) == ("passed", 100, 0)
    assert (report.run or {})["exit_code"] == 0


@pytest.mark.parametrize("how", ANYWHERE)
def test_one_that_dies_before_the_submission_twice_is_an_error_that_says_so(grader: Grader, how: Options) -> None:
    with killed_before(2), pytest.raises(EmulatorError, match="moto stopped answering before the submission ran"):
        grader.grade(HELLO, RIGHT, how)


@pytest.mark.parametrize(
    ("killed", "how"),
    [
        pytest.param(during, OUTSIDE, id="during"),
        pytest.param(after, OUTSIDE, id="after"),
        pytest.param(after, BOXED, id="after, boxed", marks=pytest.mark.slow),
    ],
)
def test_one_that_dies_while_the_submission_runs_twice_is_the_students_and_said(
    grader: Grader, killed: Callable[[int], AbstractContextManager[Killer]], how: Options
) -> None:
    with killed(2):
        report = grader.grade(HELLO, RIGHT, how)
    assert (report.outcome, report.score) == ("failed", 0)
    assert {str(check.message).partition(",")[0] for check in report.checks} == {
        "the emulator stopped answering while your submission ran"
    }


@pytest.mark.slow
@pytest.mark.parametrize("how", [OUTSIDE, BOXED], ids=["none", "bwrap"])
def test_calls_of_one_that_has_died_fail_at_once(grader: Grader, tmp_path: Path, how: Options) -> None:
    work = tmp_path / "main.py"
    work.write_text(f"import time\n{(RIGHT / 'main.py').read_text()}time.sleep(2)\ns3.list_buckets()\n")
    began = time.monotonic()
    with killed_in_the_run(1, 1.5) as killer:
        report = grader.grade(HELLO, work, how)
    assert (report.outcome, report.score, killer.left) == ("passed", 100, 0)
    assert time.monotonic() - began < 30  # and not what boto3 waits for an answer


def test_one_that_died_in_another_way_before_is_not_the_students(grader: Grader) -> None:
    with killed_before(1), during(2), pytest.raises(EmulatorError, match="after a first attempt had failed, too"):
        grader.grade(HELLO, RIGHT, OUTSIDE)


def every_check() -> list[Any]:
    few = [pytest.param(HELLO, RIGHT, check.id, OUTSIDE, id=check.id) for check in HELLO.checks]
    boxed = pytest.param(HELLO, RIGHT, HELLO.checks[0].id, BOXED, id="boxed", marks=pytest.mark.slow)
    more = [pytest.param(S3, S3_RIGHT, check.id, OUTSIDE, id=check.id, marks=pytest.mark.slow) for check in S3.checks]
    return [*few, boxed, *more]


@pytest.mark.parametrize(("lab", "work", "check", "how"), every_check())
def test_one_that_dies_in_a_check_costs_nothing_and_twice_is_an_error_without_a_mark(
    grader: Grader, lab: Any, work: Path, check: str, how: Options
) -> None:
    with killed_in(check, 1):
        assert grader.grade(lab, work, how).score == 100
    with killed_in(check, 2):
        report = grader.grade(lab, work, how)
    assert report.outcome == "error"
    assert {check.outcome for check in report.checks} == {Outcome.ERROR}
    assert {str(check.message) for check in report.checks} == {
        "moto stopped answering while the checks ran. This is not your work's fault."
    }


def test_a_nursery_that_dies_between_two_gradings_is_replaced(grader: Grader) -> None:
    grader.grade(HELLO, RIGHT, OUTSIDE)
    mother = grader._supply._nurseries[False].mother()._starting.ready()
    os.kill(mother.pid, 9)
    assert grader.grade(HELLO, RIGHT, OUTSIDE).score == 100
    assert grader._supply._nurseries[False].mother()._starting.ready().pid != mother.pid


def test_a_starting_state_whose_emulator_died_is_prepared_anew(grader: Grader) -> None:
    for _ in range(2):
        assert grader.grade(S3, S3_RIGHT, OUTSIDE).score == 100
    (place,) = grader._supply._prepared._places.values()
    assert place.kept is not None
    os.kill(place.kept._moto.pid, 9)
    assert grader.grade(S3, S3_RIGHT, OUTSIDE).score == 100


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/tmp/x"), r"No space left on device \(/tmp/x\): make room"),
        (OSError(errno.EMFILE, "Too many open files"), r"Too many open files .*`ulimit -n 4096`"),
        (OSError(errno.ENOENT, "No such file or directory", "/gone"), r"\(/gone\): set TMPDIR"),
        (OSError(errno.EIO, "Input/output error"), r"Input/output error .*labgrade doctor"),
        (MemoryError(), "out of memory"),
    ],
    ids=["disk full", "out of descriptors", "no temporary folder", "a bad disk", "out of memory"],
)
def test_what_the_machine_lacks_is_tried_again_and_then_named(
    grader: Grader, error: Exception, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = running._copy
    monkeypatch.setattr(running, "_copy", failing(error, 1, copy))
    assert grader.grade(HELLO, RIGHT, OUTSIDE).score == 100
    monkeypatch.setattr(running, "_copy", failing(error, 2, copy))
    with pytest.raises(MachineError, match=words):
        grader.grade(HELLO, RIGHT, OUTSIDE)


def test_a_temporary_folder_that_is_gone_is_named(
    grader: Grader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(MachineError, match=r"gone/labgrade-\w+\): set TMPDIR to a folder that can be written to"):
        grader.grade(HELLO, RIGHT, OUTSIDE)


def test_a_sandbox_that_fails_is_tried_again_and_then_told(grader: Grader, monkeypatch: pytest.MonkeyPatch) -> None:
    run = running.run
    for times in (1, 2):
        broken = failing(SandboxError("sandbox: it broke"), times, run)
        monkeypatch.setattr("grader.attempts.submissions.run", broken)
        if times == 1:
            assert grader.grade(HELLO, RIGHT, OUTSIDE).score == 100
        else:
            with pytest.raises(SandboxError, match="it broke"):
                grader.grade(HELLO, RIGHT, OUTSIDE)


@pytest.mark.slow
def test_a_box_that_dies_with_the_way_to_the_emulator_is_made_anew_and_then_told(
    grader: Grader, tmp_path: Path
) -> None:
    work = tmp_path / "main.py"
    mark = f"3.{time.time_ns()}"
    work.write_text(f"import subprocess\n{(RIGHT / 'main.py').read_text()}subprocess.run(['sleep', '{mark}'])\n")
    with box_killed_in_the_run(1, 1.0) as killer:
        report = grader.grade(HELLO, work, BOXED)
    assert (report.outcome, report.score, killer.left) == ("passed", 100, 0)
    with box_killed_in_the_run(2, 1.0), pytest.raises(SandboxError, match="bubblewrap did not make the box"):
        grader.grade(HELLO, work, BOXED)
    assert eventually(lambda: not living(mark), 1)


def test_a_scenario_that_fails_is_tried_again_and_then_told(grader: Grader) -> None:
    lab, prepare = read(S3.folder), S3.prepare
    assert prepare is not None
    vars(lab)["prepare"] = failing(ConnectionError("refused"), 1, prepare)
    assert grader.grade(lab, S3_RIGHT, replace(OUTSIDE, student="ada")).score == 100
    vars(lab)["prepare"] = failing(ConnectionError("refused"), 2, prepare)
    with pytest.raises(LabError, match=r"scenario\.py: ConnectionError: refused"):
        grader.grade(lab, S3_RIGHT, replace(OUTSIDE, student="grace"))


def test_an_emulator_that_cannot_be_started_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.emulators.moto.child.COMMAND", "raise OSError('no such luck')")
    with pytest.raises(EmulatorError, match="moto died: OSError: no such luck"):
        grade(HELLO, RIGHT, options=OUTSIDE)


def test_a_clock_that_jumps_changes_nothing(grader: Grader, monkeypatch: pytest.MonkeyPatch) -> None:
    steady = grader.grade(HELLO, RIGHT, OUTSIDE)
    now, jumps = time.time, iter(range(10**9))
    monkeypatch.setattr(time, "time", lambda: now() + (-1) ** next(jumps) * 86400 * 400)
    assert canonical(grader.grade(HELLO, RIGHT, OUTSIDE).to_json()) == canonical(steady.to_json())


def test_one_that_cannot_be_graded_stops_no_other(grader: Grader, tmp_path: Path) -> None:
    works = [Work(HELLO, place, Options()) for place in (RIGHT, tmp_path / "nothing", RIGHT)]
    first, second, third = grader.each(works, workers=2)
    assert isinstance(first, Report)
    assert isinstance(second, LabgradeError)
    assert isinstance(third, Report)
    assert (first.score, third.score) == (100, 100)
