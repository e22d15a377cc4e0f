"""The README says what is so: its commands run, its options exist, and what it shows is what the repository has."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import matrix
import pytest
from conftest import ROOT, Labgrade
from readme_blocks import RUN, blocks, files, graded_run, steady

from grader.cli import COMMANDS

README = (ROOT / "README.md").read_text("utf-8")
FENCED = "\n".join(re.findall(r"^```sh\n(.*?)^```$", README, re.DOTALL | re.MULTILINE))
IN_TEXT = "\n".join(re.findall(r"`(labgrade [^`]+)`", README))
CALLS = sorted(set(re.findall(r"(?:^|/)labgrade ([a-z]+)((?:[^#\n\\]|\\\n)*)", f"{FENCED}\n{IN_TEXT}", re.MULTILINE)))
LABS = [place.parent for place in (ROOT / "labs").glob("*/lab.toml")]
KINDS = ("solutions", "mistakes")
CURE = "python tests/readme_blocks.py writes it anew"


@pytest.mark.parametrize("path", files())
def test_a_file_of_the_lab_is_shown_as_it_is(path: str) -> None:
    assert blocks()[path] == (ROOT / path).read_text("utf-8"), CURE


def test_the_graded_run_is_a_real_one() -> None:
    shown = blocks()[RUN]
    assert steady(shown) == steady(graded_run(shown.partition("\n")[0])), CURE
    assert "  FAIL  " in shown


def test_every_kind_of_file_that_a_lab_has_is_shown() -> None:
    names = {Path(path).name for path in files()}
    assert {"lab.toml", "task.md", "checker.py", "main.py", "solution.toml"} <= names
    assert {"mistake.toml", "change.diff", "report.txt"} <= names


@pytest.mark.parametrize(("command", "rest"), CALLS)
def test_a_command_of_the_readme_exists_with_its_options(command: str, rest: str, labgrade: Labgrade) -> None:
    helped = labgrade(command, "--help")
    assert helped.code == 0
    for option in re.findall(r"(?<!\S)--?[a-z][a-z-]*", rest):
        assert re.search(rf"(?<!\S){option}\b", helped.out), f"labgrade {command} has no {option}"


def test_an_option_that_the_readme_speaks_of_is_one_of_some_command(labgrade: Labgrade) -> None:
    helped = "".join(labgrade(command, "--help").out for command in COMMANDS)
    for option in set(re.findall(r"`(--[a-z-]+)", README)):
        assert f"{option} " in helped or f"{option}\n" in helped, option


def test_every_command_is_in_the_readme() -> None:
    assert set(COMMANDS) <= {command for command, _ in CALLS}


def test_a_path_that_the_readme_names_is_there() -> None:
    for path in re.findall(r"(?<![\w.])((?:labs|tests|grader)/[\w./]+\w)", README):
        assert (ROOT / path).exists(), path


def test_the_first_command_grades_a_right_solution_with_full_marks(labgrade: Labgrade) -> None:
    line = blocks()["first command"].strip()
    assert "\n" not in line
    assert line.startswith("python3 -m venv .venv && .venv/bin/pip install ")
    words = line.split(".venv/bin/labgrade ")[1].split()
    done = labgrade(*words, cwd=ROOT, env={"LABGRADE_SANDBOX": "auto"})
    assert (done.code, done.err) == (0, "")
    assert "100 of 100" in done.out


def test_the_test_command_is_one_line_with_the_locked_versions() -> None:
    line = blocks()["test command"].strip()
    assert line.splitlines() == [line]
    assert "pip install -q -c requirements.lock -e '.[dev]' && .venv/bin/pytest" in line


@pytest.mark.long
@pytest.mark.slow
def test_the_first_command_works_in_a_fresh_clone(tmp_path: Path) -> None:
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (tmp_path / "clone" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tmp_path / "clone" / name)
    command = blocks()["first command"]
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path / "clone", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "100 of 100" in done.stdout


def test_the_table_of_what_slips_through_has_a_row_for_each_lab_there_is() -> None:
    table = README.partition("<!-- shapes -->\n")[2].partition("<!-- /shapes -->")[0]
    head, rule, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    assert (len(head), set(rule)) == (5, {"---"}), "python tests/benchmarks/shapes.py --write"
    assert [row[0].strip("`") for row in rows] == sorted(folder.name.replace("_", "-") for folder in LABS)
    for row in rows:
        mistakes, through_shapes, through_labgrade = map(int, row[2:])
        assert 0 <= through_labgrade <= through_shapes <= mistakes


def test_the_matrix_tells_of_every_answer_of_every_lab_on_every_emulator() -> None:
    head, rule, *rows = cells_of(matrix.said())
    assert (len(head), set(rule)) == (len(matrix.HEAD), {"---"}), "selftest --save, then matrix.py --write"
    labs = sorted(LABS, key=lambda folder: folder.name)
    assert [row[:2] for row in rows] == [
        [f"`{folder.name.replace('_', '-')}`", f"`{emulator}`"]
        for folder in labs
        for emulator in ("moto", "localstack", "ministack")
    ]
    for folder, row in zip([folder for folder in labs for _ in range(3)], rows, strict=True):
        solutions, mistakes = (sum(one.is_dir() for one in (folder / kind).iterdir()) for kind in KINDS)
        *kinds, caught, declared = row[2:]
        held, told, apart = map(sum, zip(*map(counted, kinds), strict=True))
        assert (held, told + apart) == (told, solutions), row
        held, told, _ = counted(caught)
        assert (held, told + int(declared)) == (told, mistakes), row


def counted(cell: str) -> tuple[int, int, int]:
    """`5 of 6, 1 declared`: how many hold, of how many, and how many are counted apart."""
    held, told = map(int, found.groups()) if (found := re.search(r"(\d+) of (\d+)", cell)) else (0, 0)
    return held, told, sum(map(int, re.findall(r"(\d+) (?:declared|not run)", cell)))


def cells_of(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
