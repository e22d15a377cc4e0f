"""The first lab's page: what its solutions and mistakes look like there, and how large it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Labgrade

from grader.formats import drawings, render

LAB = ROOT / "labs" / "s3_lifecycle"
WRONG = {
    '{"Prefix": "logs/"}': '{"Prefix": "logs"}',
    '"NoncurrentDays": days["NONCURRENT"]': '"NoncurrentDays": days["IA"]',
    '"DaysAfterInitiation": days["ABORT"]': '"DaysAfterInitiation": days["IA"]',
    '"Expiration": {"ExpiredObjectDeleteMarker": True},': "",
}


def compared(report: dict[str, Any]) -> dict[str, str]:
    """Each row of the drawing, and whether it is as asked."""
    drawn = drawings.figure(report["model"])
    assert drawn is not None
    return {label: verdict for label, *_, verdict in drawn.table.rows}


@pytest.mark.parametrize("words", [[], ["--student", "ada", "--course", "C1"]])
@pytest.mark.parametrize("solution", ["one_rule_each", "split_by_size"])
def test_a_right_answer_is_drawn_just_as_asked(solution: str, words: list[str], labgrade: Labgrade) -> None:
    report = labgrade("run", "s3-lifecycle", LAB / "solutions" / solution, "--format", "json", *words).report
    assert report["score"] == 100
    assert set(compared(report).values()) == {"as asked"}
    assert len(compared(report)) == 7


def test_a_wrong_answer_is_drawn_beside_what_was_asked(labgrade: Labgrade, tmp_path: Path) -> None:
    source = (LAB / "solutions" / "one_rule_each" / "main.py").read_text("utf-8")
    for right, wrong in WRONG.items():
        assert right in source
        source = source.replace(right, wrong)
    (tmp_path / "main.py").write_text(source)
    report = labgrade("run", "s3-lifecycle", tmp_path / "main.py", "--format", "json").report
    assert compared(report) == {
        "logs/app.log, 1 MiB": "not as asked: days 395 to 729",
        "logs/tiny.log, 2 KiB": "not as asked: days 395 to 729",
        "logs.txt, 1 MiB": "not as asked: from day 30 on",
        "photos/cat.jpg, 1 MiB": "as asked",
        "... once overwritten": "not as asked: days 30 to 59",
        "unfinished upload": "not as asked: days 7 to 29",
        "lone delete marker": "asked: goes by itself",
    }
    assert len(render("html", report).encode()) < 150_000


def test_the_page_is_at_most_150_kb_even_with_much_output(labgrade: Labgrade, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(
        "import sys\nfor n in range(9000):\n    print('<&>' * 9)\n    print('<&>' * 9, file=sys.stderr)\n"
    )
    report = labgrade("run", "s3-lifecycle", tmp_path / "main.py", "--format", "json").report
    assert len(report["run"]["stdout"]) > 60_000
    assert len(render("html", report).encode()) < 150_000
