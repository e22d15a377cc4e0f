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


def test_markdown_is_what_was_approved(name: str, graded: ReportJson, approved: Approved) -> None:
    approved(f"{name}.md", render("markdown", graded))


@pytest.mark.parametrize("which", ["mixed", "error", "inconclusive", "hostile"])
@pytest.mark.parametrize("format_name", ["check50", "classroom50", "gradescope"])
def test_other_platforms_get_what_was_approved(
    which: str, format_name: str, samples: dict[str, ReportJson], approved: Approved
) -> None:
    approved(f"{which}.{format_name}.json", render(format_name, samples[which]))


@pytest.mark.parametrize("which", ["mixed", "crashed", "error", "passed", "hostile"])
def test_a_step_of_github_actions_prints_what_was_approved(
    which: str, samples: dict[str, ReportJson], approved: Approved
) -> None:
    approved(f"{which}.github", render("github", samples[which], token="TOKEN"))


@pytest.mark.parametrize("suffix", ["txt", "xml", "md"])
def test_hidden_checks_are_counted_as_approved(suffix: str, samples: dict[str, ReportJson], approved: Approved) -> None:
    name = {"txt": "terminal", "xml": "junit", "md": "markdown"}[suffix]
    hidden = ("nothing_else_moves", "aws_accepts_it")
    approved(f"mixed-hidden.{suffix}", render(name, samples["mixed"], hidden=hidden))


def test_the_instructor_reads_hidden_checks_as_approved(samples: dict[str, ReportJson], approved: Approved) -> None:
    shown = render("terminal", samples["mixed"], audience="instructor", hidden=("nothing_else_moves",))
    approved("mixed-instructor.txt", shown)


def test_gradescope_gets_hidden_checks_as_approved(samples: dict[str, ReportJson], approved: Approved) -> None:
    hidden = ("nothing_else_moves", "aws_accepts_it")
    options = {"audience": "instructor", "hidden": hidden, "hidden_visibility": "after_published", "points": 20}
    approved("mixed-hidden.gradescope.json", render("gradescope", samples["mixed"], **options))


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
    from_samples = {path.stem for path in (Path(__file__).parent / "golden").glob("*.xml")} - {
        "mixed-count",
        "mixed-hidden",
    }
    assert stems == from_samples
