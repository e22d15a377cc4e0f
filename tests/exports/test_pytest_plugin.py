"""`pytest --labgrade LAB=PATH`: each check is a test, beside the tests that there are."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest
from conftest import ROOT, clean_environment

# Blocked by its own name and loaded by its module's: so it is loaded once, installed or not.
PLUGIN = ("-p", "no:labgrade", "-p", "grader.pytest_plugin", "-p", "no:cacheprovider", "-p", "no:hypothesispytest")
HALF = 'aws s3 mb "s3://$LAB_BUCKET"\n'
BROKEN = (
    "from grader.checks import check\n\n@check(weight=1, doc='https://x', why='w', fix='f')\ndef holds(aws, given):\n"
)
BROKEN += '    """It holds."""\n    raise RuntimeError("of ours")\n'


def run(folder: Path, *words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", *PLUGIN, *map(str, words)]
    environment = clean_environment(folder, {"PYTHONPATH": str(ROOT)})
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=240)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, ElementTree.Element]]:
    """What pytest says of three gradings and a test of one's own, and each case by its name."""
    folder = tmp_path_factory.mktemp("ci")
    (folder / "half.sh").write_text(HALF)
    (folder / "empty.sh").write_text("true\n")
    (folder / "letter.txt").write_text("dear teacher\n")
    (folder / "test_own.py").write_text("def test_own():\n    pass\n")
    lab = folder / "labs" / "broken"
    lab.mkdir(parents=True)
    (lab / "lab.toml").write_text('title = "B"\nsummary = "B."\nservices = ["s3"]\nminutes = 1\n')
    (lab / "checker.py").write_text(BROKEN)
    options = ["--labgrade", "hello=half.sh", "--labgrade", "broken=empty.sh", "--labgrade-labs", "labs"]
    done = run(folder, *options, "--labgrade-sandbox", "none", "--junitxml", "out.xml")
    assert done.returncode == 1, done.stderr + done.stdout
    cases = ElementTree.parse(folder / "out.xml").getroot().iter("testcase")  # pytest's own
    return done.stdout, {case.get("name", ""): case for case in cases}


def test_each_check_is_a_test_beside_ones_own(ran: tuple[str, dict[str, ElementTree.Element]]) -> None:
    _, cases = ran
    assert set(cases) == {
        *("test_own", "hello/bucket_exists", "hello/cost_reports_count_the_bucket_for_the_course", "broken/holds"),
    }
    assert not list(cases["test_own"])
    assert not cases["hello/bucket_exists"].findall("failure")


def test_a_failed_check_tells_what_was_found_and_shows_no_code(ran: tuple[str, dict[str, ElementTree.Element]]) -> None:
    said, cases = ran
    (failure,) = cases["hello/cost_reports_count_the_bucket_for_the_course"].findall("failure")
    assert "found   the bucket has no tags." in (failure.text or "")
    assert "The bucket has the tag `course`" in said
    assert "Traceback" not in said
    assert "pytest_plugin.py" not in said


def test_a_fault_of_ours_is_an_error_and_no_failure(ran: tuple[str, dict[str, ElementTree.Element]]) -> None:
    said, cases = ran
    assert [each.tag for each in cases["broken/holds"]] == ["error"]
    assert re.search("2 passed, 1 failed|1 failed, 2 passed", said)
    assert "1 error" in said


def test_two_submissions_for_one_lab_share_no_name(tmp_path: Path) -> None:
    for name in ("half.sh", "empty.sh"):
        (tmp_path / name).write_text("true\n")
    done = run(tmp_path, "--labgrade", "hello=half.sh", "--labgrade", "hello=empty.sh", "--collect-only")
    assert "labgrade::hello=half.sh/bucket_exists" in done.stdout
    assert "labgrade::hello=empty.sh/bucket_exists" in done.stdout


def test_what_cannot_be_graded_fails_with_its_reason_and_k_chooses(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear teacher\n")
    done = run(tmp_path, "--labgrade", "hello=letter.txt", "-k", "bucket_exists")
    assert done.returncode == 1
    assert "1 failed, 1 deselected" in done.stdout
    assert "letter.txt" in done.stdout


@pytest.mark.parametrize(
    ("option", "said"),
    [("hello", "--labgrade hello: give it as LAB=PATH"), ("helo=x", "no lab is called 'helo': did you mean hello?")],
)
def test_a_wrong_option_is_told_in_a_line(option: str, said: str, tmp_path: Path) -> None:
    done = run(tmp_path, "--labgrade", option)
    assert done.returncode == 4
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_unused_it_loads_nothing_of_labgrade(tmp_path: Path) -> None:
    (tmp_path / "test_light.py").write_text(
        "import sys\n\ndef test_light():\n"
        "    ours = {name for name in sys.modules if name.startswith('grader')}\n"
        "    assert ours <= {'grader', 'grader.version', 'grader.pytest_plugin'}, ours\n"
        "    assert not {'boto3', 'moto', 'jinja2', 'rich', 'click'} & set(sys.modules)\n"
    )
    done = run(tmp_path, "test_light.py")
    assert done.returncode == 0, done.stdout


def test_pytest_finds_it_where_labgrade_is_installed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"labgrade": "grader.pytest_plugin"}
