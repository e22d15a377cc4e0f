"""What is shown while a class is graded."""

from __future__ import annotations

import io
import sys

import pytest

from grader.classroom.database import Grading
from grader.cli.class_pages import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO) -> str:
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    with progress(3) as one_more:
        one_more(Grading("a", {}, None, 1.0))
        one_more(Grading("b", None, "busy", 1.0))
        one_more(Grading("c", {}, None, 1.0))
    return stream.getvalue()


def test_a_terminal_shows_how_far_it_is_the_rate_what_is_left_and_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    told = shown(monkeypatch, Terminal())
    assert "3/3" in told
    assert "a minute" in told
    assert "left, 1 faults" in told


def test_elsewhere_nothing_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, io.StringIO()) == ""
