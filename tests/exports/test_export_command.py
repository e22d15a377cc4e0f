"""`labgrade export`, of a class that was really graded."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from conftest import LABGRADE, ROOT, Ended, Labgrade, clean_environment

from grader.lab import find

ROSTER = "student,name,email,login\nada,Ada Lovelace,ada@x.example,ada\nbo,Bo,bo@x.example,bo\ncy,Cy,cy@x.example,cy\n"
RIGHT = (ROOT / "labs/hello/solutions/boto3/main.py").read_text()
WRONG = 'aws s3 mb "s3://$LAB_BUCKET"\necho done with it\n'


SECRET = "kept-by-the-instructor-8842771"
ASSIGNMENT = """
title = "Week 1"
course = "clouds"
secret = "GRADING_SECRET"
student = "student"

[[labs]]
lab = "hello"
hidden = ["bucket_exists"]
"""


def called(folder: Path, *words: object) -> Ended:
    command = [LABGRADE, *map(str, words)]
    environment = clean_environment(folder, {"GRADING_SECRET": SECRET})
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=240)
    return Ended(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the class and its results: ada is right, bo is not, cy handed in nothing."""
    folder = tmp_path_factory.mktemp("class")
    (folder / "roster.csv").write_text(ROSTER)
    (folder / "assignment.toml").write_text(ASSIGNMENT)
    for who, name, text in (("ada", "main.py", RIGHT), ("bo", "main.sh", WRONG)):
        (folder / "in" / who).mkdir(parents=True)
        (folder / "in" / who / name).write_text(text)
    done = called(
        folder, "grade", "assignment.toml", "in", "--roster", "roster.csv", "--out", "results", "--sandbox", "none"
    )
    assert done.code == 0, done.err
    return folder


def test_each_gradebook_has_everybodys_mark(graded: Path) -> None:
    canvas = called(graded, "export", "canvas", "results", "--assignment-id", "77", "--points", "10")
    assert canvas.code == 0
    head, *marks = (line.split(",")[-1] for line in canvas.out.splitlines())
    assert head.endswith("(77)")
    assert marks == ["10", "10", "4", "0"]
    moodle = called(graded, "export", "moodle", "results", "--identity", "username")
    assert [line.split(",")[1] for line in moodle.out.splitlines()[1:]] == ["100", "40", "0"]
    assert len(called(graded, "export", "csv", "results").out.splitlines()) == 4
    lines = called(graded, "export", "jsonl", "results").out.splitlines()
    assert [json.loads(line)["final_score"] for line in lines] == [100, 40, 0]


def test_feedback_calls_the_work_what_its_student_calls_it(graded: Path) -> None:
    assert called(graded, "export", "feedback", graded / "results", "-o", "told").code == 0
    assert "\nbo (shell script) on a fresh moto" in (graded / "told/bo/hello.md").read_text()


def test_what_is_sent_and_the_page_are_in_one_language_whatever_it_was_graded_in(graded: Path) -> None:
    assert called(graded, "export", "feedback", "results", "-o", "korean", "--lang", "ko").code == 0
    assert called(graded, "export", "page", "results", "-o", "korean.html", "--lang", "ko").code == 0
    for path in (graded / "korean/bo/hello.md", graded / "korean/bo/hello.html", graded / "korean.html"):
        text = path.read_text("utf-8")
        assert "버킷에 태그가 하나도 없습니다" in text, path
        assert "the bucket has no tags" not in text.partition('<script type="application/json"')[0], path


def test_feedback_replaces_what_it_wrote_before_and_nothing_else(graded: Path) -> None:
    assert called(graded, "export", "feedback", "results", "-o", "feedback").code == 0
    (graded / "feedback" / "gone.txt").write_text("from before")
    assert called(graded, "export", "feedback", "results", "-o", "feedback").code == 0
    names = {path.relative_to(graded / "feedback").as_posix() for path in (graded / "feedback").rglob("*.*")}
    assert names == {
        "index.csv",
        *(f"{who}/hello.{suffix}" for who in ("ada", "bo", "cy") for suffix in ("html", "md")),
    }
    assert "has no tags" in (graded / "feedback/bo/hello.md").read_text()
    (graded / "mine").mkdir(exist_ok=True)
    (graded / "mine" / "thesis.txt").write_text("years of work")
    refused = called(graded, "export", "feedback", "results", "-o", "mine")
    assert refused.code == 2
    assert "holds something else" in refused.err
    assert (graded / "mine" / "thesis.txt").read_text() == "years of work"


def test_no_file_for_a_student_has_the_secret_another_student_or_a_hidden_check(graded: Path) -> None:
    assert called(graded, "export", "feedback", "results", "-o", "sent").code == 0
    lab = find("hello", [ROOT / "labs"])
    tokens = {who: str(lab.values(who, "clouds")["token"]) for who in ("ada", "bo", "cy")}
    assert len(set(tokens.values())) == 3
    searched = [path for path in (graded / "sent").rglob("*") if path.is_file() and path.name != "index.csv"]
    assert len(searched) == 6
    for path in searched:
        text = path.read_text("utf-8")
        assert SECRET not in text
        assert "There is a bucket named" not in text
        assert "bucket_exists" not in text
        assert not [token for who, token in tokens.items() if who != path.parent.name and token in text], path
    assert any(tokens["bo"] in path.read_text("utf-8") for path in searched)
    everything = [path for path in graded.rglob("*") if path.is_file()]
    assert not [path for path in everything if SECRET.encode() in path.read_bytes()]


def test_the_page_is_written_whole(graded: Path) -> None:
    done = called(graded, "export", "page", "results", "-o", "class.html")
    assert (done.code, done.out) == (0, "")
    page = (graded / "class.html").read_text("utf-8")
    assert "Ada Lovelace" in page
    assert "has no tags" in page
    assert "nothing was compared" not in page


def test_what_is_wrong_is_told_in_a_line(graded: Path, labgrade: Labgrade, tmp_path: Path) -> None:
    assert "holds no results" in labgrade("export", "csv", tmp_path).err
    assert "name it with -o" in called(graded, "export", "feedback", "results").err
    dropped = called(graded, "export", "canvas", "results", "--title", "Final Score")
    assert (dropped.code, dropped.out) == (2, "")
    assert "Canvas drops" in dropped.err
    nowhere = called(graded, "export", "csv", "results", "-o", "no/such/place.csv")
    assert nowhere.code == 2
    assert "cannot be written" in nowhere.err
    assert labgrade("export", "excel", tmp_path).code == 2
