"""What a lab's author writes in a test of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from authoring.made import CHECK, a_lab
from conftest import ROOT

from grader.errors import UsageError
from grader.report import Outcome
from grader.testing import graded


def test_a_submission_is_graded_in_two_lines() -> None:
    assert graded(ROOT / "labs/hello", ROOT / "labs/hello/solutions/boto3").passed


def test_what_was_found_is_told_as_the_student_reads_it(tmp_path: Path) -> None:
    work = tmp_path / "main.sh"
    work.write_text("true\n")
    result = graded(a_lab(tmp_path), work, student="ada")
    assert (result.passed, result.score, result.failed_checks, result.skipped_checks) == (False, 0, [CHECK], [])
    check = result.check(CHECK)
    assert (check.outcome, check.points, check.found) == (Outcome.FAILED, 0, "there is no queue of that name.")
    assert check.why.startswith("SQS deletes a message")
    assert result.report.student == "ada"


def test_a_check_that_there_is_not_is_named_with_those_that_there_are(tmp_path: Path) -> None:
    work = tmp_path / "main.sh"
    work.write_text("true\n")
    with pytest.raises(KeyError, match=f"no check 'letters'; there are {CHECK}"):
        graded(a_lab(tmp_path), work).check("letters")


def test_a_lab_that_there_is_not_is_told() -> None:
    with pytest.raises(UsageError, match="did you mean hello"):
        graded("helo", "main.py")
