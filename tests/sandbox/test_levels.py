from __future__ import annotations

import sys

import pytest

from grader.errors import SandboxError
from grader.sandbox import Level, open_sandbox


@pytest.mark.parametrize("level", ["user"])
def test_a_level_that_is_not_there_is_an_error_and_never_a_weaker_one(level: Level) -> None:
    with pytest.raises(SandboxError, match=f"cannot give the level '{level}'; --sandbox none runs") as raised:
        open_sandbox(level)
    assert raised.value.exit_code == 3


def best() -> str:
    try:
        return open_sandbox("bwrap").level
    except SandboxError:
        return "none"


BEST = best()


def test_an_unknown_level_is_told_which_there_are() -> None:
    with pytest.raises(SandboxError, match="the levels are auto, bwrap, user and none"):
        open_sandbox("docker")  # type: ignore[arg-type]


def test_auto_takes_the_best_there_is() -> None:
    assert open_sandbox().level == BEST


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere orphans leave the tree")
def test_level_none_promises_what_the_other_tests_prove() -> None:
    assert open_sandbox("none").guarantees == (
        "clean-environment",
        "private-copy",
        "time-limit",
        "output-limit",
        "process-tree-killed",
    )
