"""Every sample as each format shows it, word for word: read these files to see what students read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.formats import render
from grader.report import ReportJson

Approved = Callable[[str, str], None]


def test_the_terminal_shows_what_was_approved(name: str, graded: ReportJson, approved: Approved) -> None:
    approved(f"{name}.txt", render("terminal", graded))


@pytest.mark.parametrize("width", [60, 120])
@pytest.mark.parametrize("which", ["passed", "mixed"])
def test_another_width_shows_what_was_approved(
    which: str, width: int, samples: dict[str, ReportJson], approved: Approved
) -> None:
    approved(f"{which}-{width}.txt", render("terminal", samples[which], width=width))


@pytest.mark.parametrize("feedback", ["found", "names", "count"])
@pytest.mark.parametrize("which", ["mixed", "crashed"])
def test_less_feedback_shows_what_was_approved(
    which: str, feedback: str, samples: dict[str, ReportJson], approved: Approved
) -> None:
    approved(f"{which}-{feedback}.txt", render("terminal", samples[which], feedback=feedback))


def test_junit_is_what_was_approved(name: str, graded: ReportJson, approved: Approved) -> None:
    approved(f"{name}.xml", render("junit", graded))


def test_junit_of_a_mere_count_is_what_was_approved(samples: dict[str, ReportJson], approved: Approved) -> None:
    approved("mixed-count.xml", render("junit", samples["mixed"], feedback="count"))


@pytest.mark.parametrize("which", ["mixed", "crashed", "hostile"])
def test_json_is_what_was_approved(which: str, samples: dict[str, ReportJson], approved: Approved) -> None:
    approved(f"{which}.json", render("json", samples[which]))


def test_colour_is_what_was_approved(samples: dict[str, ReportJson], approved: Approved) -> None:
    approved("mixed.ansi", render("terminal", samples["mixed"], colour=True))


def test_a_change_tells_how_to_record_it(
    approved: Approved, monkeypatch: pytest.MonkeyPatch, samples: dict[str, ReportJson]
) -> None:
    monkeypatch.delenv("LABGRADE_APPROVE", raising=False)
    with pytest.raises(AssertionError, match="LABGRADE_APPROVE=1 pytest tests/formats"):
        approved("mixed.txt", render("terminal", samples["mixed"]) + "x")


def test_every_golden_file_is_compared_by_a_test() -> None:
    names = {path.name for path in (Path(__file__).parent / "golden").iterdir()}
    stems = {name.split(".")[0].split("-")[0] for name in names}
    from_samples = {path.stem for path in (Path(__file__).parent / "golden").glob("*.xml")} - {"mixed-count"}
    assert stems == from_samples
