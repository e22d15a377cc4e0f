"""The self-test through the real command: a lab that keeps its promises, and one that breaks them all."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from authoring.made import CHECK, RIGHT, a_lab, changed
from conftest import Ended, Labgrade, clean_environment, ended

FREE, BREAKS, UNSTEADY = "nothing_is_asked", "it_breaks_at_seven", "it_wavers_at_eight"
MORE = f'''

import itertools

from grader.checks import Failure

TURN = itertools.count()
OTHER = {{"weight": 100, "doc": "https://docs.aws.amazon.com/x", "why": "So it is.", "fix": "Think."}}


@check(**OTHER)
def {FREE}(aws: Aws, given: Given) -> None:
    """Nothing is asked."""


@check(**OTHER)
def {BREAKS}(aws: Aws, given: Given) -> None:
    """The delay is not seven."""
    if delay(aws, given) == 7:
        raise KeyError("Attributes")


@check(**OTHER)
def {UNSTEADY}(aws: Aws, given: Given) -> None:
    """A delay of eight is told otherwise each time."""
    if delay(aws, given) == 8:
        given.note(say("Look {{turn}}.", turn=next(TURN)))


def delay(aws: Aws, given: Given) -> int:
    queue = aws.find("sqs", "get_queue_url", QueueName=given.queue)
    require(queue, "no queue.")
    reply = aws.read("sqs", "get_queue_attributes", QueueUrl=queue["QueueUrl"], AttributeNames=["DelaySeconds"])
    return int(reply["Attributes"]["DelaySeconds"])
'''
ALL = f'"{CHECK}"'
DELAYED = RIGHT.replace("str(days * 24 * 60 * 60)}", 'str(days * 24 * 60 * 60), "DelaySeconds": "%d"}')


def mistake(name: str, work: str, fails: str, more: str = "") -> dict[str, str]:
    toml = f'fails = ["{fails}"]\nwhy = "So it is."\n{more}'
    return {f"mistakes/{name}/mistake.toml": toml, f"mistakes/{name}/main.py": work}


BROKEN = {
    "solutions/four_days/main.py": RIGHT.replace("days * 24", "4 * 24"),
    "solutions/falls_over/main.py": RIGHT + "\nraise SystemExit('and then it falls over')\n",
    "solutions/eight/main.py": DELAYED % 8,
    "solutions/elsewhere/main.py": RIGHT,
    "solutions/elsewhere/solution.toml": 'needs = ["no-such-program"]\n',
    "solutions/never_refused/main.py": RIGHT,
    "solutions/never_refused/solution.toml": '[emulators.moto]\nrefuses = "row 7"\n',
    "solutions/blind/main.py": RIGHT.replace("days * 24", "4 * 24"),
    "solutions/blind/solution.toml": f'[emulators.moto]\ncannot_show = "row 8"\nchecks = [{ALL}]\n',
    **mistake("right_after_all", RIGHT, CHECK),
    **mistake("seven", DELAYED % 7, BREAKS),
    **mistake("empty", " \n", CHECK),
}


def called(place: Path, *words: object) -> Ended:
    """The real command, in that folder."""
    return ended(words, clean_environment(place), place)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """The lab that `labgrade new` writes, proven."""
    place = tmp_path_factory.mktemp("kept")
    a_lab(place)
    return called(place, "selftest", "./a_lab", "--students", 1)


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """A lab that breaks every promise there is, and what the self-test says of it."""
    place = tmp_path_factory.mktemp("broken")
    folder = a_lab(place, BROKEN)
    with (folder / "checker.py").open("a") as checker:
        checker.write(MORE)
    changed(folder, "mistakes/hours_for_days/report.txt", "10 hours", "ten hours")
    return called(place, "selftest", "./a_lab", "--students", 0)


def test_a_lab_that_keeps_its_promises_is_a_row_and_exit_code_0(kept: Ended) -> None:
    assert (kept.code, kept.err) == (0, "")
    head, row = kept.out.splitlines()
    assert head.split("  ")[0] == "lab"
    assert row.split() == ["a-lab", "moto", "1/1", "1/1", "0", "0", "yes"]


def test_broken_promises_are_counted_and_end_with_exit_code_1(broken: Ended) -> None:
    assert broken.code == 1
    # Of the solutions boto3 alone; of the mistakes hours_for_days and seven.
    assert broken.out.splitlines()[1].split() == ["a-lab", "moto", "1/4", "2/4", "2", "1", "no"]


@pytest.mark.parametrize(
    "words",
    [
        f"an untouched account, {FREE}: expected no points for nothing, got passed",
        f"solutions/four_days, {CHECK}: expected passed, got failed\n    a letter is deleted after 4 days.",
        "solutions/falls_over: expected a run that ends well, got exit code 1\n    and then it falls over",
        "solutions/never_refused: expected a refusal, as it declares (row 7), got a run that ends well",
        f"mistakes/right_after_all, {CHECK}: expected failed, got passed",
        f"mistakes/seven, {BREAKS}: expected failed, got error\n    the check itself failed: KeyError: 'Attributes'",
        "solutions/eight: expected the same report when it is graded twice, got another",
        "mistakes/hours_for_days: expected the report in report.txt, got another",
        "-     found   a letter is deleted after ten hours.",
        "+     found   a letter is deleted after 10 hours.",
        "If the report is right as it is now:  labgrade selftest ./a_lab --only hours_for_days --approve",
        "mistakes/empty: expected a grading, got none",
        f"mistakes, {FREE}: expected a mistake that fails it, got none",
        "solutions/elsewhere: not run: no no-such-program",
        f"solutions/blind: not shown, as it declares (row 8): {CHECK} failed",
    ],
)
def test_a_broken_promise_is_told_in_words(broken: Ended, words: str) -> None:
    assert words in broken.out


@pytest.mark.parametrize("words", ["solutions/blind, ", "solutions/boto3", "solutions/elsewhere, "])
def test_what_holds_is_not_complained_of(broken: Ended, words: str) -> None:
    assert words not in broken.out


def test_an_answer_that_is_right_for_the_defaults_alone_is_told_with_the_student(
    tmp_path: Path, labgrade: Labgrade
) -> None:
    folder = a_lab(tmp_path, {"solutions/ten_days/main.py": RIGHT.replace("days * 24", "10 * 24")})
    done = labgrade("selftest", folder, "--only", "ten_days", "--students", 1)
    assert done.code == 1
    assert f"solutions/ten_days, student sampled-1, {CHECK}: expected passed, got failed" in done.out
    assert f"solutions/ten_days, {CHECK}" not in done.out


def test_approving_records_the_report_as_the_command_line_says(tmp_path: Path, labgrade: Labgrade) -> None:
    folder = a_lab(tmp_path)
    report = folder / "mistakes/hours_for_days/report.txt"
    before = report.read_text()
    report.unlink()
    only = ("--only", "hours_for_days", "--students", 0)
    done = labgrade("selftest", "./a_lab", *only, "--approve", cwd=tmp_path)
    assert done.code == 0
    assert "mistakes/hours_for_days: its report is recorded" in done.out
    assert report.read_text() == before


def test_the_object_for_programs_tells_the_same(tmp_path: Path, labgrade: Labgrade) -> None:
    folder = a_lab(tmp_path)
    changed(folder, "mistakes/hours_for_days/report.txt", "10 hours", "ten hours")
    only = ("--only", "hours_for_days", "--students", 0)
    kept = tmp_path / "proofs.json"
    done = labgrade("selftest", folder, *only, "--format", "json", "--save", kept)
    told: dict[str, Any] = json.loads(done.out)
    assert json.loads(kept.read_text("utf-8")) == told
    assert (done.code, told["holds"]) == (1, False)
    (proof,) = told["proofs"]
    assert (proof["lab"], proof["emulator"], proof["mistakes"]) == ("a-lab", "moto", {"caught": 1, "of": 1})
    assert [breach["expected"] for breach in proof["broken"]] == ["the report in report.txt"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["helo"], "did you mean hello?"),
        (["./a_lab", "--only", "hours_for_days", "--students", "0", "--save", "no/such"], "no/such cannot be written"),
        (["./a_lab", "--only", "nobody"], "a-lab: no solution or mistake is called nobody"),
        (["--labs", ".", "--only", "x", "hello", "./a_lab"], "--only: name one lab with it"),
        (["./a_lab", "--approve", "--emulator", "localstack"], "--approve: reports are approved on moto"),
        (["./bare"], "no solutions/ and no mistakes/"),
        (["--labs", "./empty"], "there is no lab here (labgrade new my-lab begins one)"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(
    tmp_path: Path, labgrade: Labgrade, words: list[str], message: str
) -> None:
    a_lab(tmp_path)
    bare = a_lab(tmp_path, name="bare")
    shutil.rmtree(bare / "solutions")
    shutil.rmtree(bare / "mistakes")
    (tmp_path / "empty").mkdir()
    done = labgrade("selftest", *words, cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert done.err.count("\n") == 1


def test_a_bad_declaration_names_file_and_line_before_anything_runs(tmp_path: Path, labgrade: Labgrade) -> None:
    folder = a_lab(tmp_path)
    changed(folder, "mistakes/hours_for_days/mistake.toml", "why =", "because =")
    done = labgrade("selftest", folder)
    assert done.code == 3
    assert "mistake.toml:6: unknown key 'because'" in done.err
