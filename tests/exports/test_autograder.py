"""Gradescope's autograder: its archive unpacked as Gradescope does, and its scripts run in such a folder."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Labgrade, clean_environment

from grader.classroom import LatePolicy
from grader.exports.autograder.bundle import bundle, requirements
from grader.exports.autograder.metadata import Metadata, read
from grader.exports.autograder.settings import Settings
from grader.lab import find

SETTINGS = Settings("hello", "clouds", 20, hidden=("bucket_exists",), late=LatePolicy(10, 10, 50, 7))
METADATA: dict[str, Any] = {  # as the page of Gradescope's documentation shows it
    "id": 123456,
    "created_at": "2018-08-01T14:22:32.365935-07:00",
    "assignment": {
        **{"due_date": "2018-07-31T23:00:00.000000-07:00", "late_due_date": None, "group_size": 4},
        **{"group_submission": True, "id": 25828, "course_id": 1234, "title": "Week 1", "total_points": "20.0"},
    },
    "submission_method": "upload",
    "users": [{"email": "zoe@x.example", "id": 2, "name": "Z"}, {"email": "ada@x.example", "id": 1, "name": "A"}],
    "previous_submissions": [{"submission_time": "2017-04-06T14:24:48-07:00", "score": 7.5, "results": {}}],
}
HALF = 'aws s3 mb "s3://$LAB_BUCKET"\necho "{\\"score\\": 20}" > "${RESULTS:-results.json}"\n'


@pytest.fixture(scope="module")
def zipped() -> bytes:
    return bundle(find("hello", [ROOT / "labs"]), SETTINGS)


def laid_out(root: Path, archive: bytes, submission: str, metadata: object = METADATA) -> Path:
    """A folder as /autograder is when a submission has come."""
    for name in ("source", "submission", "results"):
        (root / name).mkdir(parents=True)
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        for entry in opened.infolist():
            opened.extract(entry, root / "source")
            (root / "source" / entry.filename).chmod(entry.external_attr >> 16)
    (root / "submission" / "main.sh").write_text(submission)
    (root / "submission_metadata.json").write_text(json.dumps(metadata))
    (root / "run_autograder").write_bytes((root / "source" / "run_autograder").read_bytes())
    (root / "run_autograder").chmod(0o755)
    return root


def graded(root: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """What `run_autograder` does there, with the packages that are installed here."""
    if not (root / "venv").exists():
        (root / "venv").symlink_to(Path(sys.executable).parent.parent)
    environment = clean_environment(root, {"AUTOGRADER_ROOT": str(root), **more})
    return subprocess.run([root / "run_autograder"], env=environment, capture_output=True, text=True, timeout=240)


def results(root: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((root / "results" / "results.json").read_text())
    return loaded


def test_the_archive_has_what_gradescope_calls_and_the_lab_without_its_answers(zipped: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(zipped)) as opened:
        names = set(opened.namelist())
        modes = {entry.filename: entry.external_attr >> 16 for entry in opened.infolist()}
    assert {"setup.sh", "run_autograder", "settings.json", "requirements.txt"} <= names
    assert modes["setup.sh"] == modes["run_autograder"] == 0o755
    assert "labgrade/grader/labs/hello/checker.py" in names
    assert "labgrade/grader/formats/report-v1.schema.json" in names
    assert not [name for name in names if re.search("labs/.*(solutions|mistakes)|__pycache__", name)]


def test_the_same_lab_is_the_same_archive(zipped: bytes) -> None:
    assert bundle(find("hello", [ROOT / "labs"]), SETTINGS) == zipped
    assert Settings.from_text(SETTINGS.to_text()) == SETTINGS


def test_what_it_depends_on_is_pinned() -> None:
    lines = requirements().splitlines()
    assert any(line.startswith("moto[server]==") for line in lines)
    assert {line.split("[")[0].split("==")[0] for line in lines} >= {"boto3", "click", "jinja2", "awscli"}
    assert all("==" in line for line in lines)


def test_a_submission_is_graded_as_gradescope_wants_it(zipped: bytes, tmp_path: Path) -> None:
    root = laid_out(tmp_path / "autograder", zipped, HALF)
    for place in (root, root / "submission"):  # nothing that lies about is taken for labgrade
        (place / "grader.py").write_text("raise SystemExit(9)\n")
    done = graded(root)
    assert done.returncode == 0, done.stderr
    made = results(root)
    # 40 of 100 is 8 of 20; a day late it keeps 90 percent of it.
    assert made["score"] == 7.2
    assert "It came 15 h 22 min late" in made["output"]
    assert "keeps 90% of its score" in made["output"]
    assert "ada&#64;x" in made["output"]
    assert {test["tags"][0]: test["visibility"] for test in made["tests"]} == {
        **{"bucket_exists": "hidden", "cost_reports_count_the_bucket_for_the_course": "visible"},
    }
    assert round(sum(test["max_score"] for test in made["tests"]), 2) == 20
    assert not list((root / "results").glob(".*"))


def test_it_keeps_to_the_assignments_limits(tmp_path: Path) -> None:
    limited = bundle(find("hello", [ROOT / "labs"]), replace(SETTINGS, limits={"output_mib": 1}))
    root = laid_out(tmp_path / "autograder", limited, HALF + "head -c 9000000 /dev/zero | tr '\\0' x\n")
    assert graded(root).returncode == 0
    assert "printed more than the 1 MiB" in results(root)["output"]


def test_what_cannot_be_graded_keeps_what_was_scored_before(zipped: bytes, tmp_path: Path) -> None:
    root = laid_out(tmp_path / "autograder", zipped, "")
    (root / "submission" / "main.sh").rename(root / "submission" / "letter.txt")
    done = graded(root)
    assert done.returncode == 0, done.stderr
    assert results(root)["score"] == 7.5
    assert "letter.txt" in results(root)["output"]
    assert "This is no mark" in results(root)["output"]


def test_a_fault_of_ours_leaves_no_results_and_so_no_zero(zipped: bytes, tmp_path: Path) -> None:
    root = laid_out(tmp_path / "autograder", zipped, HALF)
    (root / "source/labgrade/grader/labs/hello/checker.py").write_text("raise RuntimeError\n")
    done = graded(root)
    assert done.returncode == 3
    assert "checker.py" in done.stderr
    assert not (root / "results" / "results.json").exists()


def test_whoever_is_killed_half_way_leaves_results_that_say_so(zipped: bytes, tmp_path: Path) -> None:
    root = laid_out(tmp_path / "autograder", zipped, "sleep 300\n")
    (root / "venv").symlink_to(Path(sys.executable).parent.parent)
    environment = clean_environment(root, {"AUTOGRADER_ROOT": str(root)})
    begun = subprocess.Popen([root / "run_autograder"], env=environment, start_new_session=True, stderr=subprocess.PIPE)
    gives_up = time.monotonic() + 120
    while not (root / "results" / "results.json").exists() and begun.poll() is None and time.monotonic() < gives_up:
        time.sleep(0.1)
    os.killpg(begun.pid, 9)
    begun.communicate()
    assert results(root)["score"] == 7.5
    assert "stopped before it had ended" in results(root)["output"]


def written(root: Path, metadata: object) -> Path:
    root.mkdir(exist_ok=True)
    (root / "submission_metadata.json").write_text(metadata if isinstance(metadata, str) else json.dumps(metadata))
    return root


def test_lateness_is_counted_from_the_due_time_that_is_the_students(tmp_path: Path) -> None:
    assert read(written(tmp_path, METADATA)) == Metadata("ada@x.example", 15 * 60 + 22, 7.5)
    extended = {"assignment": {"due_date": "2018-08-02T23:00:00.000000-07:00"}, **METADATA["users"][0]}
    assert read(written(tmp_path, {**METADATA, "users": [extended]})).late_minutes == 0
    without = {**METADATA, "assignment": {**METADATA["assignment"], "due_date": None}}
    assert read(written(tmp_path, without)).late_minutes == 0


@pytest.mark.parametrize(
    "metadata",
    [
        "",
        "[]",
        "{",
        {},
        {"users": [1], "assignment": 2, "previous_submissions": [{"score": "x"}]},
        {"created_at": "soon"},
    ],
)
def test_metadata_of_any_other_shape_says_nothing(metadata: object, tmp_path: Path) -> None:
    assert read(written(tmp_path, metadata)) == Metadata()
    assert read(tmp_path / "nowhere") == Metadata()


def test_the_command_writes_it(labgrade: Labgrade, tmp_path: Path) -> None:
    out = tmp_path / "a.zip"
    done = labgrade("export", "gradescope", "hello", "-o", out, "--hide", "bucket_exists", "--hidden-until", "due-date")
    assert (done.code, done.out) == (0, "")
    with zipfile.ZipFile(out) as opened:
        told = Settings.from_text(opened.read("settings.json").decode())
    assert told == replace(Settings("hello"), hidden=("bucket_exists",), hidden_visibility="after_due_date")
    wrong = labgrade("export", "gradescope", "hello", "-o", out, "--hide", "bucket")
    assert wrong.code == 2
    assert "Did you mean bucket_exists?" in wrong.err


ASSIGNMENT = """
title = "Week 1"
course = "clouds"
feedback = "names"

[[labs]]
lab = "hello"
hidden = ["bucket_exists"]

[late]
percent_per_day = 10

[limits]
timeout_seconds = 30
memory_mib = 512
"""


def test_an_assignment_decides_and_what_is_said_beside_it_wins(labgrade: Labgrade, tmp_path: Path) -> None:
    (tmp_path / "assignment.toml").write_text(ASSIGNMENT)
    words = ("export", "gradescope", "hello", "--assignment", "assignment.toml", "-o", "made.zip")

    def settings(*more: str) -> Settings:
        done = labgrade(*words, *more, cwd=tmp_path)
        assert done.code == 0, done.err
        with zipfile.ZipFile(tmp_path / "made.zip") as opened:
            return Settings.from_text(opened.read("settings.json").decode())

    made = settings()
    assert (made.course, made.feedback, made.hidden, made.late.percent_per_day) == (
        *("clouds", "names", ("bucket_exists",), 10),
    )
    assert (made.timeout_seconds, made.limits) == (30, {"memory_mib": 512})
    said = settings("--feedback", "count", "--course", "other")
    assert (said.feedback, said.course) == ("count", "other")


@pytest.mark.long
@pytest.mark.slow
def test_setup_makes_an_environment_in_which_it_runs(zipped: bytes, tmp_path: Path) -> None:
    root = laid_out(tmp_path / "autograder", zipped, HALF)
    environment = clean_environment(root, {"AUTOGRADER_ROOT": str(root), "LABGRADE_NO_APT": "1"})
    environment["PATH"] = f"{Path(sys.executable).resolve().parent}{os.pathsep}{environment['PATH']}"
    setup = [root / "source" / "setup.sh"]
    done = subprocess.run(setup, env=environment, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    assert not (root / "venv").is_symlink()
    done = graded(root)
    assert done.returncode == 0, done.stderr
    assert results(root)["score"] == 7.2
