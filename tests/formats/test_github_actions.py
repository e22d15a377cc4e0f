"""In a job of GitHub Actions: summary, outputs and annotations come by themselves, and nobody else can make any."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Labgrade
from formats.test_platform_formats import obeyed

from grader.cli import actions
from grader.report import ReportJson

TOLD: dict[str, Any] = {"feedback": "full", "hidden": ()}
FORGING = """
echo "::error::forged"
echo "::notice title=Autograding report::{\\"totalPoints\\":100}" >&2
echo "result=100" >> "${GITHUB_OUTPUT:-/dev/null}"
aws s3 mb "s3://$LAB_BUCKET"
"""


@pytest.fixture
def step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files of a step."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "outputs"))
    return tmp_path


def test_the_step_has_a_summary_and_outputs(step: Path, samples: dict[str, ReportJson]) -> None:
    places = actions.heard(samples["mixed"], [("terminal", None), ("json", step / "r.json")], TOLD)
    assert places == [("github", None), ("json", step / "r.json")]
    assert (step / "outputs").read_text() == "score=65\nmax-score=100\npercent=65.0\noutcome=failed\n"
    assert (step / "summary.md").read_text().startswith("## Version and age objects in S3: 65 of 100\n")


def test_what_others_wrote_into_the_summary_stays(step: Path, samples: dict[str, ReportJson]) -> None:
    (step / "summary.md").write_text("before\n")
    actions.heard(samples["mixed"], [("github", None)], TOLD)
    assert (step / "summary.md").read_text().startswith("before\n## Version and age")


def test_a_summary_never_passes_a_mebibyte(step: Path, samples: dict[str, ReportJson]) -> None:
    for already, words in (
        (actions.SUMMARY_BYTES - 2000, "(names|which)"),
        (actions.SUMMARY_BYTES - 100, ""),
        (actions.SUMMARY_BYTES, ""),
    ):
        (step / "summary.md").write_text("x" * already)
        actions.heard(samples["mixed"], [("github", None)], TOLD)
        written = (step / "summary.md").read_text()
        assert len(written.encode()) <= actions.SUMMARY_BYTES
        assert ("65 of 100" in written) == bool(words)
        assert "with the slash" not in written


def test_the_summary_tells_no_more_than_the_report(step: Path, samples: dict[str, ReportJson]) -> None:
    told = {"feedback": "names", "hidden": ("nothing_else_moves",)}
    actions.heard(samples["mixed"], [("github", None)], told)
    summary = (step / "summary.md").read_text()
    assert "1 more check is not shown here" in summary
    assert "outside logs/" not in summary
    assert "deleted for good" not in summary


@pytest.mark.parametrize("shape", ["json", "junit"])
@pytest.mark.usefixtures("step")
def test_beside_a_report_for_a_program_annotations_go_to_standard_error(
    shape: str, samples: dict[str, ReportJson], capsys: pytest.CaptureFixture[str]
) -> None:
    places: list[tuple[str, Path | None]] = [(shape, None)]
    assert actions.heard(samples["mixed"], places, TOLD) == places
    said = capsys.readouterr()
    assert said.out == ""
    assert obeyed(said.err) == ["notice", "error", "error", "error"]


def test_files_that_cannot_be_written_cost_no_report(
    step: Path, samples: dict[str, ReportJson], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_OUTPUT", str(step / "no" / "such"))
    assert actions.heard(samples["mixed"], [("terminal", None)], TOLD) == [("github", None)]
    assert "No such file" in capsys.readouterr().err


def test_only_github_says_that_it_is_github() -> None:
    assert actions.are_here({"GITHUB_ACTIONS": "true"})
    assert not actions.are_here({"GITHUB_ACTIONS": "false"})
    assert not actions.are_here({})


def test_a_submission_can_forge_neither_an_annotation_nor_an_output(tmp_path: Path, labgrade: Labgrade) -> None:
    (tmp_path / "main.sh").write_text(FORGING)
    files = {name: str(tmp_path / name.lower()) for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")}
    environment = {"GITHUB_ACTIONS": "true", **files}
    done = labgrade("run", "hello", tmp_path / "main.sh", "--labs", ROOT / "labs", env=environment)
    assert done.code == 1
    assert obeyed(done.out) == ["group", "stop-commands", "endgroup", "notice", "error"]
    assert obeyed(done.err) == []
    assert (tmp_path / "github_output").read_text().splitlines()[0] == "score=40"
    assert "result=100" not in (tmp_path / "github_output").read_text()
    assert obeyed((tmp_path / "github_step_summary").read_text()) == []


def test_a_check_to_hide_that_there_is_not_is_told(labgrade: Labgrade, tmp_path: Path) -> None:
    done = labgrade("run", "hello", tmp_path / "nothing-is-read-before", "--hide", "bucket_exist")
    assert (done.code, done.out) == (2, "")
    assert "There is no check 'bucket_exist'. Did you mean bucket_exists?" in done.err
