"""Solutions and mistakes: what they declare, and the submission that each of them is."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from authoring.made import CHECK, a_lab, changed

from grader import answers
from grader.answers import Kind
from grader.errors import LabError
from grader.lab import read
from grader.report import Outcome

MISTAKE = f'solution = "boto3"\nfails = ["{CHECK}"]\nwhy = "It is."\n'


def answer(folder: Path, kind: Kind, name: str) -> answers.Answer:
    lab = read(folder)
    return answers.read(lab, folder / kind / name, kind)


def files(of: answers.Answer) -> dict[str, str]:
    with of.work() as work:
        return {path.relative_to(work).as_posix(): path.read_text() for path in work.rglob("*") if path.is_file()}


def test_an_answers_own_files_are_no_part_of_its_submission(tmp_path: Path) -> None:
    extra = {"solutions/boto3/data/report.txt": "the student's own", "solutions/boto3/report.txt": "x"}
    folder = a_lab(tmp_path, extra)
    assert sorted(files(answer(folder, "solutions", "boto3"))) == ["data/report.txt", "main.py"]


def test_a_mistake_is_its_solution_with_the_change_in_it(tmp_path: Path) -> None:
    folder = a_lab(tmp_path)
    work = files(answer(folder, "mistakes", "hours_for_days"))
    assert list(work) == ["main.py"]
    assert "days * 60 * 60" in work["main.py"]
    assert "days * 24 * 60 * 60" in (folder / "solutions/boto3/main.py").read_text()


def test_a_change_lands_in_the_copy_though_a_repository_lies_around_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folder = a_lab(tmp_path)
    changed(
        folder, "mistakes/hours_for_days/change.diff", "--- a/main.py", "diff --git a/main.py b/main.py\n--- a/main.py"
    )
    work = files(answer(folder, "mistakes", "hours_for_days"))
    assert "days * 60 * 60" in work["main.py"]


def test_a_mistake_without_a_change_is_a_submission_itself(tmp_path: Path) -> None:
    own = {"mistakes/other/mistake.toml": MISTAKE.split("\n", 1)[1], "mistakes/other/main.sh": "true\n"}
    assert files(answer(a_lab(tmp_path, own), "mistakes", "other")) == {"main.sh": "true\n"}


def test_a_mistake_needs_what_its_solution_needs(tmp_path: Path) -> None:
    needs = {"solutions/boto3/solution.toml": 'needs = ["no-such-program"]\n'}
    mistake = answer(a_lab(tmp_path, needs), "mistakes", "hours_for_days")
    assert answers.lacking(mistake) == "no no-such-program"


def test_a_machine_with_the_aws_cli_lacks_nothing_for_it(tmp_path: Path) -> None:
    needs = {"solutions/boto3/solution.toml": 'needs = ["aws", "python3"]\n'}
    assert answers.lacking(answer(a_lab(tmp_path, needs), "solutions", "boto3")) == ""


def test_a_provider_of_terraform_is_looked_for_in_the_callers_mirror(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "terraform"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    monkeypatch.setenv("TF_PLUGIN_CACHE_DIR", str(tmp_path / "mirror"))
    needs = {"solutions/boto3/solution.toml": 'needs = ["terraform", "terraform-provider-aws"]\n'}
    solution = answer(a_lab(tmp_path, needs), "solutions", "boto3")
    assert answers.lacking(solution) == "no terraform-provider-aws"
    (tmp_path / "mirror/registry.terraform.io/hashicorp/aws").mkdir(parents=True)
    assert answers.lacking(solution) == ""


def test_a_check_that_a_mistake_does_not_name_is_expected_to_pass(tmp_path: Path) -> None:
    mistake = answer(a_lab(tmp_path), "mistakes", "hours_for_days")
    assert mistake.expected(CHECK) is Outcome.FAILED
    assert mistake.expected("another_check") is Outcome.PASSED


def test_a_declaration_is_read_with_its_evidence(tmp_path: Path) -> None:
    toml = f'[emulators.localstack]\ncannot_show = "row 7"\nchecks = ["{CHECK}"]\n[emulators.moto]\nrefuses = "row 8"\n'
    declared = answer(a_lab(tmp_path, {"solutions/boto3/solution.toml": toml}), "solutions", "boto3").declarations
    assert declared["localstack"] == answers.Declaration(False, "row 7", frozenset({CHECK}))
    assert declared["moto"] == answers.Declaration(True, "row 8")


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("fails = \n", r"mistake\.toml.*line 1"),
        (MISTAKE + "skip = []\n", r"mistake\.toml:4: unknown key 'skip' \(did you mean skips\?\)"),
        (MISTAKE.replace("letters_", "leters_"), rf"mistake\.toml:2: no check is called .* \(did you mean {CHECK}\?\)"),
        (MISTAKE.replace(f'"{CHECK}"', ""), r"mistake\.toml:2: fails names the checks"),
        (MISTAKE.replace("why", "# "), r"mistake\.toml:1: why says what AWS would do"),
        (MISTAKE.replace("boto3", "boto"), r"mistake\.toml:1: no solution is called 'boto' \(did you mean boto3\?\)"),
        (MISTAKE.split("\n", 1)[1], r"change\.diff:1: which solution does it change\?"),
        (MISTAKE + f'skips = ["{CHECK}"]\n', rf"mistake\.toml:4: {CHECK} cannot be failed and skipped"),
        (MISTAKE + "needs = 3\n", r"mistake\.toml:4: needs is a list of strings"),
        (MISTAKE.replace('"It is."', "3"), r"mistake\.toml:3: why is a string"),
        (MISTAKE + "[emulators.motto]\nrefuses = 'x'\n", r"mistake\.toml:4: .*no emulator is called so.*mean moto"),
        (MISTAKE + "[emulators.moto]\n", r"mistake\.toml:4: .*refuses or cannot_show, and with what evidence"),
        (MISTAKE + "[emulators.moto]\nrefuse = 'x'\n", r"mistake\.toml:5: unknown key 'refuse' of moto"),
        (MISTAKE + "[emulators.moto]\nrefuses = 'x'\nchecks = ['y']\n", r"mistake\.toml:6: no check is called 'y'"),
    ],
)
def test_a_bad_declaration_is_told_with_file_and_line(tmp_path: Path, toml: str, words: str) -> None:
    folder = a_lab(tmp_path, {"mistakes/hours_for_days/mistake.toml": toml})
    with pytest.raises(LabError, match=words):
        answer(folder, "mistakes", "hours_for_days")


def test_a_mistake_with_neither_submission_nor_change_is_told(tmp_path: Path) -> None:
    folder = a_lab(tmp_path, {"mistakes/empty/mistake.toml": MISTAKE.split("\n", 1)[1]})
    with pytest.raises(LabError, match=r"mistake\.toml:1: there is no submission here"):
        answer(folder, "mistakes", "empty")


def test_a_mistake_without_a_declaration_is_told(tmp_path: Path) -> None:
    folder = a_lab(tmp_path, {"mistakes/bare/main.py": "pass\n"})
    with pytest.raises(LabError, match=r"bare/mistake\.toml: No such file"):
        answer(folder, "mistakes", "bare")


def test_a_change_that_does_not_apply_is_told(tmp_path: Path) -> None:
    folder = a_lab(tmp_path, {"solutions/boto3/main.py": "print('rewritten')\n"})
    with pytest.raises(LabError, match=r"change\.diff:1: does not apply: error: patch failed: main\.py:8"):
        files(answer(folder, "mistakes", "hours_for_days"))
