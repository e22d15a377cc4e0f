from __future__ import annotations

import os
import sys
from contextlib import suppress

import pytest
from conftest import ROOT

from grader.errors import SandboxError
from grader.grading import Options, grade
from grader.sandbox import Level, open_sandbox
from grader.sandbox.bwrap import trial as bwrap_trial
from grader.sandbox.unconfined import Unconfined
from grader.sandbox.user import trial as user_trial


def best() -> str:
    for level in ("bwrap", "user") if sys.platform == "linux" and os.geteuid() == 0 else ("bwrap",):
        with suppress(SandboxError):
            return open_sandbox(level).level
    return "none"


BEST = best()


def test_an_unknown_level_is_told_which_there_are() -> None:
    with pytest.raises(SandboxError, match="the levels are auto, bwrap, user and none"):
        open_sandbox("docker")  # type: ignore[arg-type]


def test_auto_takes_the_best_there_is() -> None:
    assert open_sandbox().level == BEST


@pytest.mark.skipif(sys.platform != "linux", reason="there is nothing between a box and none")
@pytest.mark.parametrize(("caller", "level"), [(0, "user"), (1000, "none")])
def test_without_a_box_auto_gives_roots_work_another_user(
    monkeypatch: pytest.MonkeyPatch, caller: int, level: str
) -> None:
    def no_box() -> str:
        raise SandboxError("no bubblewrap")

    monkeypatch.setattr(bwrap_trial, "program", no_box)
    monkeypatch.setattr(user_trial, "required", lambda: user_trial.Kernel(1 << 30, 0, True))
    monkeypatch.setattr(os, "geteuid", lambda: caller)
    assert open_sandbox("auto").level == level


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere orphans leave the tree")
def test_level_none_promises_what_the_other_tests_prove() -> None:
    assert open_sandbox("none").guarantees == (
        "clean-environment",
        "private-copy",
        "time-limit",
        "output-limit",
        "process-tree-killed",
    )


def test_a_report_says_that_auto_found_nothing_and_who_chose_nothing_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.sandbox._best", Unconfined)

    def told(level: Level) -> list[str]:
        report = grade("hello", ROOT / "labs/hello/solutions/boto3", options=Options(sandbox=level))
        assert report.sandbox["level"] == "none"
        return [str(note.message) for note in report.notes if note.about == "sandbox"]

    assert told("auto") == ["It ran as you do, in no box, which this machine has none of (`labgrade doctor` says why)."]
    assert told("none") == []


@pytest.mark.skipif(BEST != "bwrap", reason="this machine makes no box")
def test_whether_a_box_can_be_made_is_tried_once_for_all_submissions(monkeypatch: pytest.MonkeyPatch) -> None:
    bwrap_trial.require.cache_clear()
    open_sandbox("bwrap")
    monkeypatch.setattr(bwrap_trial.subprocess, "run", lambda *_, **__: pytest.fail("tried again"))
    open_sandbox("bwrap")
