"""The terminal and strangers' text: it cannot act, hide, forge a mark, or overflow."""

from __future__ import annotations

import copy
import re
import unicodedata
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.formats import encodable, render
from grader.formats.layout import cells, wrapped
from grader.report import ReportJson

ANY_TEXT = st.text(st.characters(exclude_categories=()))
SGR = re.compile("\x1b\\[[0-9;]*m")
WIDTHS = (60, 80, 120)


def screen(report: ReportJson, **options: Any) -> str:
    return render("terminal", report, **options)


def test_markup_in_a_students_text_is_text(samples: dict[str, ReportJson]) -> None:
    report = copy.deepcopy(samples["mixed"])
    report["checks"][3]["found"] = "[bold red]rule[/] :boom: [link=x]y[/link]"
    for colour in (False, True):
        assert "[bold red]rule[/] :boom: [link=x]y[/link]" in SGR.sub("", screen(report, colour=colour))


@given(text=ANY_TEXT, width=st.sampled_from([20, 60, 80]))
def test_no_text_acts_hides_forges_or_overflows(text: str, width: int, samples: dict[str, ReportJson]) -> None:
    report = copy.deepcopy(samples["crashed"])
    report["student"] = report["course"] = report["submission"]["path"] = report["run"]["stderr"] = text
    report["run"]["stages"][0] |= {"entry": text, "message": text}
    report["checks"][1] |= dict.fromkeys(("requirement", "found", "wanted", "why", "fix", "doc"), text)
    for line in screen(report, width=width).splitlines():
        assert not [c for c in line if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
        assert cells(line) <= max(width, 40) or "://" in line
        assert not line.lstrip().startswith("::")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_workflow_command_never_begins_a_line(width: int, samples: dict[str, ReportJson]) -> None:
    report = copy.deepcopy(samples["mixed"])
    report["checks"][3] |= {
        "found": "::error::first " + "long words " * 9 + "::error::x " * 40,
        "wanted": "::stop::",
    }
    text = screen(report, width=width)
    assert not [line for line in text.splitlines() if line.lstrip().startswith("::")]
    assert r"\x3a:error::x" in text


def test_an_endless_word_is_cut_and_bounded(samples: dict[str, ReportJson]) -> None:
    report = copy.deepcopy(samples["mixed"])
    report["checks"][3] |= dict.fromkeys(("requirement", "found", "wanted", "why", "fix", "doc"), "x" * 200000)
    assert len(screen(report).splitlines()) < 300
    assert "characters left out" in " ".join(screen(report).split())


@given(st.lists(st.text("abc로", min_size=1, max_size=25), max_size=30), st.integers(min_value=2, max_value=20))
def test_lines_are_filled_but_never_beyond_their_width(words: list[str], width: int) -> None:
    lines = wrapped(" ".join(words), width)
    assert "".join(lines).replace(" ", "") == "".join(words)
    assert max(map(cells, lines)) <= width
    for line, following in pairwise(lines):
        assert cells(line) + 1 + cells(following.split()[0]) > width


def test_wide_letters_are_counted_as_wide(samples: dict[str, ReportJson]) -> None:
    report = copy.deepcopy(samples["mixed"])
    report["checks"][3] |= {
        "requirement": "버킷은 모든 객체의 모든 버전을 보관합니다 " * 3,
        "found": "로그 " * 90,
    }
    assert max(cells(line) for line in screen(report).splitlines() if "://" not in line) <= 80


def test_an_ascii_terminal_can_show_it(graded: ReportJson) -> None:
    encodable(screen(graded), "ascii").encode("ascii")
