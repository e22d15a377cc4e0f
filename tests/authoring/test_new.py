"""`labgrade new`: a lab that works from its first minute."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from conftest import Labgrade

from grader.skeleton import TEMPLATE


def commands(told: str) -> list[list[str]]:
    return [shlex.split(line)[1:] for line in told.splitlines() if re.match(r"  labgrade ", line)]


def test_a_new_lab_passes_whatever_the_command_tells_to_try(tmp_path: Path, labgrade: Labgrade) -> None:
    done = labgrade("new", "my-lab", cwd=tmp_path)
    assert done.code == 0
    assert done.out.startswith("./my_lab is a lab that works")
    tried = commands(done.out)
    assert [words[0] for words in tried] == ["show", "run", "lint", "selftest"]
    for words in tried:
        options = ["--students", "0"] if words[0] == "selftest" else []
        ended = labgrade(*words, *options, cwd=tmp_path)
        assert (ended.code, ended.err) == (0, ""), words


def test_a_new_lab_has_an_answer_of_each_kind(tmp_path: Path, labgrade: Labgrade) -> None:
    labgrade("new", "my-lab", cwd=tmp_path)
    assert len(list((tmp_path / "my_lab/solutions").iterdir())) == 1
    assert [path.name for path in (tmp_path / "my_lab/mistakes").iterdir()] == ["hours_for_days"]
    assert (tmp_path / "my_lab/mistakes/hours_for_days/report.txt").is_file()


def test_a_new_lab_goes_to_the_labs_where_there_are_some(tmp_path: Path, labgrade: Labgrade) -> None:
    (tmp_path / "labs").mkdir()
    assert labgrade("new", "my-lab", cwd=tmp_path).out.startswith("labs/my_lab is a lab")
    assert (tmp_path / "labs/my_lab/checker.py").is_file()


def test_a_new_lab_goes_where_it_is_told(tmp_path: Path, labgrade: Labgrade) -> None:
    assert labgrade("new", "my-lab", "--into", tmp_path / "deep/down").code == 0
    assert (tmp_path / "deep/down/my_lab/lab.toml").read_text() == (TEMPLATE / "lab.toml").read_text()


def test_nothing_is_overwritten(tmp_path: Path, labgrade: Labgrade) -> None:
    (tmp_path / "my_lab").mkdir()
    (tmp_path / "my_lab/checker.py").write_text("mine")
    done = labgrade("new", "my-lab", cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "my_lab: is there already, and nothing in it was changed" in done.err
    assert [path.name for path in (tmp_path / "my_lab").iterdir()] == ["checker.py"]


@pytest.mark.parametrize("name", ["My-Lab", "1st", "../up", "a b", "", "-", "a--b", "ünder", "x" * 41])
def test_a_name_that_cannot_be_is_told_in_one_line(tmp_path: Path, labgrade: Labgrade, name: str) -> None:
    done = labgrade("new", "--", name, cwd=tmp_path)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert "cannot be a lab's name" in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, labgrade: Labgrade) -> None:
    (tmp_path / "file").write_text("")
    done = labgrade("new", "my-lab", "--into", tmp_path / "file")
    assert done.code == 2
    assert "my_lab: cannot be written" in done.err
