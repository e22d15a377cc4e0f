"""What a student did in a workspace, told as a script and handed in, earns what the workspace earned."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from history.works import handed_in, opened

from grader.answers import Answer, answers, lacking
from grader.lab import Lab, folders, read

LABS = [read(folder) for folder in folders()]
EVERY = [(lab, answer) for lab in LABS for answer in answers(lab, "solutions")]
SOLUTIONS = [(lab, answer) for lab, answer in EVERY if not answer.waits]
WAITING = [(lab, answer) for lab, answer in EVERY if answer.waits]
MISTAKES = [(lab, answer) for lab in LABS for answer in answers(lab, "mistakes")]
QUICK = (
    "s3-lifecycle/one_rule_each",
)  # one of many; the rest is slow, each with every command in a process of its own


def named(pairs: list[tuple[Lab, Answer]]) -> list[str]:
    return [f"{lab.id}/{answer.name}" for lab, answer in pairs]


def same_score(lab: Lab, answer: Answer, place: Path, student: str | None = None) -> None:
    if missing := lacking(answer):
        pytest.skip(missing)
    place.mkdir(exist_ok=True)
    with opened(lab, place / "journal", student) as work:
        work.do(answer)
        before = work.outcomes()
        told = work.history()
    assert told.unknown == ()
    assert told.untold == ()
    report = handed_in(lab, told, place / "work", student)
    assert report.run is not None
    after = {check.id: str(check.outcome) for check in report.checks}
    assert (report.run["exit_code"], after) == (0, before), f"{told.script}\n{report.run['stderr']}"


@pytest.mark.parametrize("name", QUICK)
def test_a_history_earns_what_its_workspace_earned(name: str, tmp_path: Path) -> None:
    lab, answer = SOLUTIONS[named(SOLUTIONS).index(name)]
    same_score(lab, answer, tmp_path, "ada@example.org")


@pytest.mark.slow
@pytest.mark.parametrize(("lab", "answer"), SOLUTIONS, ids=named(SOLUTIONS))
def test_the_history_of_every_solution_earns_full_marks(lab: Lab, answer: Answer, tmp_path: Path) -> None:
    same_score(lab, answer, tmp_path)


@pytest.mark.long
@pytest.mark.slow
def test_the_history_of_every_solution_that_mostly_waits_earns_full_marks(tmp_path: Path) -> None:
    if missing := {lacking(answer) for _, answer in WAITING} - {""}:
        pytest.skip("; ".join(missing))
    with ThreadPoolExecutor(len(WAITING)) as side_by_side:
        done = [side_by_side.submit(same_score, *one, tmp_path / str(n)) for n, one in enumerate(WAITING)]
    for each in done:
        each.result()


@pytest.mark.slow
@pytest.mark.parametrize(("lab", "answer"), MISTAKES[::9], ids=named(MISTAKES[::9]))
def test_the_history_of_a_mistake_makes_it_again(lab: Lab, answer: Answer, tmp_path: Path) -> None:
    same_score(lab, answer, tmp_path)
