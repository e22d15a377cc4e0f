"""When an answer's promise holds, and when what it declares of an emulator does: on reports made up for the purpose."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest import SkipTest

import pytest
from authoring.made import a_lab

from grader.answers import Answer, Declaration, Sort
from grader.errors import CannotDeploy
from grader.grading import Grader
from grader.lab import Lab, read
from grader.promises import Promise
from grader.report import CheckResult, Outcome, Report
from grader.selftest import Plan, sampled
from grader.testing import promises as promised
from grader.texts import say

PASS, FAIL, SKIP, ERROR, BLIND = "passed", "failed", "skipped", "error", "inconclusive"
IDS = ("one", "two", "three")


def report(*outcomes: str, exit_code: int | None = 0, found: str = "so") -> Report:
    checks = tuple(
        CheckResult(name, say("It holds"), 30, Outcome(outcome), message=say(found))
        for name, outcome in zip(IDS, outcomes, strict=True)
    )
    run = {"exit_code": exit_code, "timed_out": exit_code is None, "stages": [], "stderr": "it broke"}
    lab, none = {"id": "a-lab", "title": "A lab", "version": ""}, {"name": "moto", "version": "", "endpoint": ""}
    kind = {"kind": "python", "path": "x", "sha256": ""}
    return Report(lab, checks, {}, none, {}, "1", "r", "now", 1.0, submission=kind, run=run)


def answer(sort: Sort, declared: Declaration | None = None) -> Answer:
    fails = frozenset({"two"}) if sort == "mistakes" else frozenset[str]()
    skips = frozenset({"three"}) if sort == "mistakes" else frozenset[str]()
    declarations = {"localstack": declared} if declared else {}
    return Answer(sort, Path("an_answer"), fails=fails, skips=skips, declarations=declarations)


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Tells what is broken when that answer's gradings end in these reports, one after the other, the last for good."""
    lab = read(a_lab(tmp_path))
    monkeypatch.setattr(Answer, "work", lambda _: _Nothing())

    def tell(what: Answer, *reports: Report, students: tuple[str, ...] = ()) -> list[str]:
        queue = list(reports)
        monkeypatch.setattr(Grader, "grade", lambda *_, **__: queue.pop(0) if len(queue) > 1 else queue[0])
        verdict = Promise(lab, what, "localstack", students).test()
        return [str(breach).partition(": expected ")[2] or str(breach) for breach in verdict.breaches]

    return tell


class _Nothing:
    def __enter__(self) -> Path:
        return Path()

    def __exit__(self, *_: object) -> None: ...


def test_a_solution_with_full_marks_keeps_its_promise(broken: Any) -> None:
    assert broken(answer("solutions"), report(PASS, PASS, PASS)) == []


def test_a_solution_loses_nothing_by_what_an_emulator_cannot_show(broken: Any) -> None:
    assert broken(answer("solutions"), report(PASS, BLIND, BLIND)) == []


def test_a_mistake_must_be_seen(broken: Any) -> None:
    assert broken(answer("mistakes"), report(PASS, BLIND, BLIND)) == [
        "failed, got inconclusive\n    so",
        "skipped, got inconclusive\n    so",
    ]


@pytest.mark.parametrize(
    ("outcomes", "told"),
    [
        ((PASS, FAIL, SKIP), []),
        ((FAIL, FAIL, SKIP), ["passed, got failed\n    so"]),
        ((PASS, PASS, SKIP), ["failed, got passed\n    so"]),
        ((PASS, FAIL, FAIL), ["skipped, got failed\n    so"]),
        ((PASS, ERROR, SKIP), ["failed, got error\n    so"]),
    ],
)
def test_a_mistake_fails_just_what_it_names(broken: Any, outcomes: tuple[str, ...], told: list[str]) -> None:
    assert broken(answer("mistakes"), report(*outcomes)) == told


@pytest.mark.parametrize(("exit_code", "ending"), [(1, "exit code 1"), (-9, "exit code -9"), (None, "a time-out")])
def test_a_solutions_run_ends_well(broken: Any, exit_code: int | None, ending: str) -> None:
    told = broken(answer("solutions"), report(PASS, PASS, PASS, exit_code=exit_code))
    assert told == [f"a run that ends well, got {ending}\n    it broke"]


def test_a_mistakes_run_may_break(broken: Any) -> None:
    assert broken(answer("mistakes"), report(PASS, FAIL, SKIP, exit_code=1)) == []


def test_an_untouched_account_may_be_skipped_and_unseen_but_earns_nothing(broken: Any) -> None:
    assert broken(answer("nothing"), report(FAIL, SKIP, BLIND)) == []
    assert broken(answer("nothing"), report(FAIL, SKIP, PASS)) == ["no points for nothing, got passed\n    so"]
    assert broken(answer("nothing"), report(FAIL, SKIP, ERROR)) == ["no points for nothing, got error\n    so"]


SEVEN = Declaration(refuses=False, evidence="row 7", checks=frozenset({"two"}))
SOME = Declaration(refuses=False, evidence="row 7")
NONE = Declaration(refuses=True, evidence="row 7")
ALL = Declaration(refuses=True, evidence="row 7", checks=frozenset({"two", "three"}))


@pytest.mark.parametrize(
    ("declared", "told"),
    [(NONE, []), (SOME, ["a grading, got none\n    no such type"]), (None, ["a grading, got none\n    no such type"])],
)
def test_what_an_emulator_cannot_deploy_at_all_is_to_be_declared_as_refused(
    declared: Declaration | None, told: list[str], broken: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise CannotDeploy("no such type")

    monkeypatch.setattr(Promise, "_tested", refuse)
    assert broken(answer("solutions", declared), report(PASS, PASS, PASS)) == told


@pytest.mark.parametrize(
    ("declared", "graded", "told"),
    [
        (SEVEN, report(PASS, BLIND, PASS), []),
        (SEVEN, report(PASS, FAIL, PASS), []),
        (SEVEN, report(PASS, PASS, PASS), ["what it declares (row 7) to be off, got the outcome on AWS"]),
        (SEVEN, report(PASS, BLIND, FAIL), ["passed, got failed"]),
        (SEVEN, report(PASS, ERROR, PASS), ["passed, got error"]),
        (SOME, report(PASS, BLIND, FAIL), []),
        (SOME, report(PASS, PASS, PASS), ["what it declares (row 7) to be off, got the outcomes on AWS"]),
        (NONE, report(PASS, FAIL, SKIP, exit_code=1), []),
        (NONE, report(PASS, PASS, PASS, exit_code=1), []),
        (NONE, report(PASS, FAIL, SKIP), ["a refusal, as it declares (row 7), got a run that ends well"]),
        (NONE, report(PASS, ERROR, SKIP, exit_code=1), ["passed, got error"]),
        (ALL, report(PASS, FAIL, SKIP, exit_code=1), []),
        (ALL, report(FAIL, FAIL, SKIP, exit_code=1), ["passed, got failed"]),
        (ALL, report(PASS, FAIL, PASS, exit_code=1), ["a check that is lost, got passed"]),
    ],
)
def test_a_declaration_is_held_to_what_it_says(
    broken: Any, declared: Declaration, graded: Report, told: list[str]
) -> None:
    found = broken(answer("solutions", declared), graded)
    assert len(found) == len(told)
    assert all(line.startswith(words) for line, words in zip(found, told, strict=True))


def test_a_declaration_of_one_emulator_says_nothing_of_another(broken: Any) -> None:
    other = Answer("solutions", Path("an_answer"), declarations={"ministack": SEVEN})
    assert broken(other, report(PASS, FAIL, PASS)) == ["passed, got failed\n    so"]


def test_a_breach_names_the_student_whose_parameters_show_it(broken: Any) -> None:
    what = answer("mistakes")
    told = broken(what, report(PASS, FAIL, SKIP), report(PASS, PASS, SKIP), students=("ada",))
    assert told == ["failed, got passed\n    so"]


def test_a_promise_tells_a_test_what_does_not_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab = read(a_lab(tmp_path))
    monkeypatch.setattr(Grader, "grade", lambda *_, **__: report(PASS, FAIL, PASS))
    kept = next(promise for promise in promised(lab) if promise.answer.name == "boto3")
    with pytest.raises(AssertionError, match=r"a-lab on moto: solutions/boto3:\nsolutions/boto3, two: expected passed"):
        kept.check()


def test_a_promise_that_this_machine_cannot_test_is_skipped(tmp_path: Path) -> None:
    lab = read(a_lab(tmp_path, {"solutions/boto3/solution.toml": 'needs = ["no-such-program"]\n'}))
    kept = next(promise for promise in promised(lab) if promise.answer.name == "boto3")
    with pytest.raises(SkipTest, match="not run: no no-such-program"):
        kept.check()


def test_each_answer_and_the_untouched_account_promise_something(tmp_path: Path) -> None:
    titles = [str(promise) for promise in promised(a_lab(tmp_path))]
    assert titles == [
        "a-lab on moto: an untouched account",
        "a-lab on moto: mistakes/hours_for_days",
        "a-lab on moto: solutions/boto3",
    ]


def test_students_are_sampled_and_the_same_every_time(tmp_path: Path) -> None:
    lab: Lab = read(a_lab(tmp_path))
    values = [lab.values(student) for student in sampled(Plan().students)]
    assert len({str(value) for value in [lab.values(), *values]}) == 3
    assert sampled(2) == ("sampled-1", "sampled-2")
