"""Finding and reading labs: what is wrong with one is told with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import LabError, UsageError
from grader.lab import find, folders, read

GOOD = 'title = "A lab"\nsummary = "It."\nservices = ["s3"]\nminutes = 5\n'
CHECKER = '''from grader.checks import check

D = dict(doc="https://docs.aws.amazon.com/x", why="W", fix="F")

@check(weight=2, **D)
def second_by_name(aws, given):
    """First in the file."""

@check(weight=1, **D)
def a_first_by_name(aws, given):
    """Second in the file, on
    two lines.

    Not shown.
    """
'''


def made(folder: Path, toml: str = GOOD, name: str = "my_lab", **files: str) -> Path:
    place = folder / name
    place.mkdir(parents=True)
    (place / "lab.toml").write_text(toml)
    for stem, text in files.items():
        (place / f"{stem}.py").write_text(text)
    return place


def test_an_id_is_the_folders_name_with_dashes(tmp_path: Path) -> None:
    made(tmp_path)
    assert find("my-lab", [tmp_path]).id == "my-lab"
    assert find("my_lab", [tmp_path]).id == "my-lab"


def test_a_lab_is_found_by_its_folders_path(tmp_path: Path) -> None:
    assert find(str(made(tmp_path))).title == "A lab"


def test_labs_are_found_where_the_variable_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path / "one")
    made(tmp_path / "two", name="other_lab")
    monkeypatch.setenv("LABGRADE_LABS", f"{tmp_path / 'one'}:{tmp_path / 'two'}")
    assert {"my_lab", "other_lab"} <= {folder.name for folder in folders()}


def test_a_folder_given_counts_before_our_own(tmp_path: Path) -> None:
    made(tmp_path, name="s3_lifecycle")
    assert find("s3-lifecycle", [tmp_path]).title == "A lab"


def test_an_unknown_lab_gets_the_nearest_name() -> None:
    with pytest.raises(UsageError, match=r"no lab is called 's3-lifecylce': did you mean s3-lifecycle\?"):
        find("s3-lifecylce")


def test_a_labs_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere: no such folder"):
        find("x", [tmp_path / "nowhere"])


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("title = \n", r"lab\.toml.*line 1"),
        (GOOD + "minuts = 5\n", r"lab\.toml:5: unknown key 'minuts' \(did you mean minutes\?\)"),
        (GOOD.replace("minutes = 5", "minutes = '5'"), r"lab\.toml:4: minutes is a int"),
        (GOOD.replace('title = "A lab"\n', ""), r"lab\.toml:1: title is missing"),
        (GOOD + "[parameters]\ndays = 3\n", r"lab\.toml:6: parameter days is a table"),
        (GOOD + "\n[parameters.days]\nkind = 'x'\n", r"lab\.toml:6: parameter days: kind is one of"),
    ],
)
def test_a_broken_lab_toml_is_told_with_its_line(tmp_path: Path, toml: str, words: str) -> None:
    with pytest.raises(LabError, match=words):
        read(made(tmp_path, toml))


@pytest.mark.parametrize(
    ("checker", "words"),
    [
        ("def broken(:\n", r"checker\.py:1: SyntaxError"),
        ("import grader\n\nnothing_here\n", r"checker\.py:3: NameError"),
        ("import no_such_module\n", r"checker\.py:1: ModuleNotFoundError"),
        ("x = 1\n", "no function of it is a @check"),
    ],
)
def test_a_broken_checker_is_told_with_its_line(tmp_path: Path, checker: str, words: str) -> None:
    with pytest.raises(LabError, match=words):
        _ = read(made(tmp_path, checker=checker)).checks


def test_a_lab_without_a_checker_is_told(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"checker\.py: is not there"):
        _ = read(made(tmp_path)).checks


def test_a_broken_module_beside_the_checker_is_told_with_its_own_line(tmp_path: Path) -> None:
    place = made(tmp_path, checker="from . import rules\n", rules="x = 1\ny = x.z\n")
    with pytest.raises(LabError, match=r"rules\.py:2: AttributeError"):
        _ = read(place).checks


def test_checks_stand_in_the_order_of_the_file(tmp_path: Path) -> None:
    checks = read(made(tmp_path, checker=CHECKER)).checks
    assert [check.id for check in checks] == ["second_by_name", "a_first_by_name"]


def test_a_requirement_is_the_docstrings_first_paragraph(tmp_path: Path) -> None:
    checks = read(made(tmp_path, checker=CHECKER)).checks
    assert [check.requirement for check in checks] == ["First in the file", "Second in the file, on two lines"]


def test_a_task_lists_the_checkers_requirements_with_their_points(tmp_path: Path) -> None:
    place = made(tmp_path, checker=CHECKER)
    lines = "{% for r in requirements %}{{ r.number }} {{ r.text }} ({{ r.points }})\n{% endfor %}"
    (place / "task.md").write_text(lines)
    assert read(place).task({}) == "1 First in the file (67)\n2 Second in the file, on two lines (33)\n"


@pytest.mark.parametrize(("task", "words"), [("a\n{{ nothing }}\n", "nothing"), ("a\n{% for %}\n", r"task\.md:2")])
def test_a_broken_task_is_told(tmp_path: Path, task: str, words: str) -> None:
    place = made(tmp_path, checker=CHECKER)
    (place / "task.md").write_text(task)
    with pytest.raises(LabError, match=words):
        read(place).task({})


def test_a_version_moves_with_the_checker_and_not_with_the_solutions(tmp_path: Path) -> None:
    place = made(tmp_path, checker=CHECKER)
    before = read(place).version
    (place / "solutions" / "one").mkdir(parents=True)
    (place / "solutions" / "one" / "main.py").write_text("x")
    (place / "__pycache__").mkdir()
    (place / "__pycache__" / "x.pyc").write_text("x")
    assert read(place).version == before
    (place / "checker.py").write_text(CHECKER + "\n")
    assert read(place).version != before


def test_two_labs_of_one_name_keep_their_own_modules(tmp_path: Path) -> None:
    one = made(tmp_path / "one", checker=CHECKER)
    two = made(tmp_path / "two", checker=CHECKER.replace("second_by_name", "another"))
    assert read(one).checks[0].id == "second_by_name"
    assert read(two).checks[0].id == "another"
