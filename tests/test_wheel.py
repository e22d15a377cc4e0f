"""The wheel by itself: what it carries, and that it grades on a machine that has nothing else of labgrade."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT, Ended, clean_environment

ANSWERS = ("solutions", "mistakes")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from the tree as it is, with the build tools that are here."""
    place = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", place, ROOT]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = place.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command `labgrade` in an environment with the wheel, what it depends on, and nothing else."""
    place = tmp_path_factory.mktemp("alone") / "venv"
    subprocess.run([sys.executable, "-m", "venv", place], check=True, timeout=120)
    install = [place / "bin/pip", "install", "-q", "-c", ROOT / "requirements.lock", wheel]
    subprocess.run(install, check=True, timeout=900)
    return place / "bin/labgrade"


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def called(command: Path, folder: Path, *words: object) -> Ended:
    environment = clean_environment(folder) | {"PATH": f"{command.parent}{os.pathsep}/usr/bin{os.pathsep}/bin"}
    done = subprocess.run(
        [command, *map(str, words)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def test_the_wheel_carries_what_autograders_and_pages_are_made_of(wheel: Path) -> None:
    scripts = {f"grader/exports/autograder/{name}" for name in ("setup.sh", "run_autograder")}
    pages = {f"grader/formats/page/class.{suffix}" for suffix in ("css", "js", "html.j2")}
    assert scripts | pages <= names(wheel)
    with zipfile.ZipFile(wheel) as archive:
        (entries,) = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
        assert "[pytest11]\nlabgrade = grader.pytest_plugin" in archive.read(entries).decode()


def test_the_wheel_carries_every_lab(wheel: Path) -> None:
    for lab in sorted(path.parent.name for path in (ROOT / "labs").glob("*/lab.toml")):
        for name in ("lab.toml", "task.md", "checker.py"):
            assert f"grader/labs/{lab}/{name}" in names(wheel)


def test_the_wheel_has_no_answers_to_a_lab(wheel: Path) -> None:
    assert not [name for name in names(wheel) if name.startswith("grader/labs/") and name.split("/")[3] in ANSWERS]


def test_the_wheel_carries_what_is_no_python(wheel: Path) -> None:
    assert "grader/py.typed" in names(wheel)
    assert "grader/formats/report-v1.schema.json" in names(wheel)
    assert "grader/templates/lab/mistakes/hours_for_days/report.txt" in names(wheel)
    assert "grader/locale/ko/LC_MESSAGES/labgrade.mo" in names(wheel)
    assert {f"grader/labs/hello/ko/{name}" for name in ("task.md", "messages.po", "messages.mo")} <= names(wheel)


def test_the_wheel_brings_nothing_but_labgrade(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in names(wheel)}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"grader"}
    assert not [name for name in names(wheel) if "__pycache__" in name or name.endswith(".pyc")]


@pytest.mark.long
@pytest.mark.slow
def test_the_wheel_alone_grades_a_lab_from_anywhere(installed: Path, tmp_path: Path) -> None:
    work = tmp_path / "main.py"
    work.write_text((ROOT / "labs/hello/solutions/boto3/main.py").read_text())
    done = called(installed, tmp_path, "run", "hello", "main.py")
    assert (done.code, done.err) == (0, "")
    assert "100 of 100" in done.out
    assert called(installed, tmp_path, "run", "s3-lifecycle", "main.py").code == 1


@pytest.mark.slow
def test_the_wheel_alone_begins_and_proves_a_lab(installed: Path, tmp_path: Path) -> None:
    assert called(installed, tmp_path, "new", "my-lab").code == 0
    assert called(installed, tmp_path, "lint", "./my_lab").out == "Nothing to mend in my-lab.\n"
    assert called(installed, tmp_path, "selftest", "./my_lab", "--students", 0).code == 0


@pytest.mark.slow
@pytest.mark.parametrize("command", ["selftest", "lint"])
def test_the_wheel_says_where_the_answers_are(installed: Path, tmp_path: Path, command: str) -> None:
    done = called(installed, tmp_path, command, "hello")
    assert (done.code, done.out) == (2, "")
    assert "hello: an installed labgrade comes without the labs' solutions and mistakes" in done.err
    assert "in its repository and in its source distribution" in done.err


@pytest.mark.slow
def test_the_wheel_alone_has_no_development_packages(installed: Path) -> None:
    listed = subprocess.run([installed.parent / "pip", "list"], capture_output=True, text=True, check=True).stdout
    for name in ("pytest", "mypy", "ruff", "hypothesis", "awscli"):
        assert f"\n{name} " not in listed
