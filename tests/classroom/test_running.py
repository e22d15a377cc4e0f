"""A class is graded: all of it, once, whatever happens meanwhile."""

from __future__ import annotations

import random
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from classroom.classes import assignment, fake, handed_in, planned, report

from grader.classroom import Person, Roster, jobs, kept
from grader.classroom.database import Database, open_for_reading, open_for_writing
from grader.classroom.gradebook import Gradebook
from grader.classroom.jobs import Job
from grader.classroom.plan import Plan
from grader.classroom.running import Choice, Threads, run
from grader.classroom.running import jobs as to_do
from grader.errors import EmulatorError, LabError, UsageError
from grader.report import Outcome, canonical

WORKS = {"ada": "60", "grace": "100", "linus": "0", "ken": "80"}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "PAUSE_SECONDS", 0)


class Grader:
    """Counts what it grades, and fails as it is told."""

    def __init__(self, **failing: Exception) -> None:
        self.graded: list[str] = []
        self.failing = failing
        self._lock = threading.Lock()

    def __call__(self, job: Job) -> dict[str, Any]:
        with self._lock:
            self.graded.append(job.student)
        if job.student in self.failing:
            raise self.failing[job.student]
        return fake(job)


def grade(plan: Plan, database: Database, choice: Choice | None = None, grader: Any = fake, workers: int = 2) -> None:
    kept.lay(database, plan)
    run(to_do(plan, choice or Choice(), database), database, Threads(grader, workers))


def scores(book: Gradebook) -> dict[str, int | None]:
    return {one.person.id: one.score for one in book.results if one.counts}


def test_everybody_gets_their_score(tmp_path: Path) -> None:
    handed_in(tmp_path / "class", WORKS)
    with open_for_writing(tmp_path / "out") as database:
        grade(planned(tmp_path), database)
        assert scores(kept.of(database)) == {"ada": 60, "grace": 100, "ken": 80, "linus": 0}
    assert scores(kept.gradebook(tmp_path / "out")) == {"ada": 60, "grace": 100, "ken": 80, "linus": 0}


def test_what_has_not_changed_is_not_graded_again_and_what_has_is(tmp_path: Path) -> None:
    handed_in(tmp_path / "class", WORKS)
    with open_for_writing(tmp_path / "out") as database:
        grade(planned(tmp_path), database)
        again = Grader()
        grade(planned(tmp_path), database, grader=again)
        assert again.graded == []
        (tmp_path / "class" / "ada" / "main.py").write_text("70")
        grade(planned(tmp_path), database, grader=again)
        assert again.graded == ["ada"]
        assert scores(kept.of(database))["ada"] == 70


@pytest.mark.parametrize(
    "changed",
    [
        assignment(more='emulator = "localstack"'),
        assignment(more="", lab="weight = 1\n\n[limits]\ntimeout_seconds = 9"),
        replace(assignment(), assignment=replace(assignment().assignment, course="other")),
    ],
    ids=["emulator", "limits", "course"],
)
def test_what_decides_a_grading_otherwise_has_it_graded_anew(tmp_path: Path, changed: Any) -> None:
    handed_in(tmp_path / "class", {"ada": "60"})
    with open_for_writing(tmp_path / "out") as database:
        grade(planned(tmp_path, assignment()), database)
        assert to_do(planned(tmp_path, assignment()), Choice(), database) == []
        assert len(to_do(planned(tmp_path, changed), Choice(), database)) == 1


def test_another_version_of_the_lab_or_of_labgrade_has_it_graded_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed_in(tmp_path / "class", {"ada": "60"})
    key = planned(tmp_path).attempts[0].key
    monkeypatch.setattr("grader.classroom.plan.VERSION", "9.9.9")
    newer = planned(tmp_path).attempts[0].key
    monkeypatch.setattr("grader.lab.Lab.version", "other")
    assert len({key, newer, planned(tmp_path).attempts[0].key}) == 3


def test_a_chosen_few_are_graded(tmp_path: Path) -> None:
    handed_in(tmp_path / "class", WORKS)
    grader = Grader()
    with open_for_writing(tmp_path / "out") as database:
        grade(planned(tmp_path), database, Choice(students=("ken",)), grader)
        assert grader.graded == ["ken"]
        book = kept.of(database)
        assert scores(book) == {"ken": 80}, "who waits to be graded is not missing"
        assert book.total_percent(Person("ada")) is None


def test_regrading_grades_all_and_keeps_the_old_result_until_there_is_a_new_one(tmp_path: Path) -> None:
    handed_in(tmp_path / "class", WORKS)
    with open_for_writing(tmp_path / "out") as database:
        grade(planned(tmp_path), database)
        plan, choice = planned(tmp_path), Choice(regrade=True)
        work = to_do(plan, choice, database)
        assert len(work) == 4
        database.ask_again([job.key for job in work])
        assert scores(kept.of(database))["ada"] == 60
        run(work[:1], database, Threads(fake))
        assert [job.student for job in to_do(plan, Choice(), database)] == ["grace", "ken", "linus"], (
            "a kill, and again"
        )


def test_a_fault_is_tried_again_and_then_listed_apart_and_never_a_zero(tmp_path: Path) -> None:
    handed_in(tmp_path / "class", WORKS)
    grader = Grader(ada=EmulatorError("moto does not answer"), ken=RuntimeError("a bug"))
    with open_for_writing(tmp_path / "out") as database:
        grade(planned(tmp_path), database, grader=grader)
        book = kept.of(database)
        faults = {one.person.id: one for one in book.results if one.status == "fault"}
        assert sorted(faults) == ["ada", "ken"]
        assert faults["ada"].instructor_reasons == ("moto does not answer",)
        assert faults["ken"].instructor_reasons == ("RuntimeError: a bug",)
        assert faults["ada"].final_percent is None
        assert sorted(grader.graded) == ["ada"] * 3 + ["grace"] + ["ken"] * 3 + ["linus"]
        mended = Grader()
        grade(planned(tmp_path), database, Choice(only_failed=True), mended)
        assert sorted(mended.graded) == ["ada", "ken"]
        assert scores(kept.of(database)) == {"ada": 60, "grace": 100, "ken": 80, "linus": 0}


def test_a_fault_that_passes_by_leaves_no_trace(tmp_path: Path) -> None:
    handed_in(tmp_path / "class", {"ada": "60"})
    grader = Grader(ada=EmulatorError("busy"))

    def recovers(job: Job) -> dict[str, Any]:
        if len(grader.graded) == 1:
            grader.failing.clear()
        return grader(job)

    with open_for_writing(tmp_path / "out") as database:
        grade(planned(tmp_path), database, grader=recovers)
        assert [one.status for one in kept.of(database).results] == ["graded"]


def test_a_broken_lab_is_not_tried_again(tmp_path: Path) -> None:
    handed_in(tmp_path / "class", {"ada": "60"})
    grader = Grader(ada=LabError("checker.py:3: broken"))
    with open_for_writing(tmp_path / "out") as database:
        grade(planned(tmp_path), database, grader=grader)
    assert grader.graded == ["ada"]


def test_a_regrade_that_faults_leaves_the_earlier_result_and_says_so(tmp_path: Path) -> None:
    handed_in(tmp_path / "class", {"ada": "60"})
    with open_for_writing(tmp_path / "out") as database:
        grade(planned(tmp_path), database)
        grade(planned(tmp_path), database, Choice(regrade=True), Grader(ada=EmulatorError("busy")))
        result = kept.of(database).results[0]
        assert (result.status, result.score) == ("graded", 60)
        assert result.instructor_reasons == ("It could not be graded again (busy); the result from before counts.",)


@pytest.mark.parametrize(
    ("outcome", "inconclusive", "told"),
    [
        (Outcome.ERROR, True, "second: It is not."),
        (Outcome.INCONCLUSIVE, False, "moto cannot show second; --inconclusive leaves such checks out of the maximum."),
        (Outcome.INCONCLUSIVE, True, None),
        (Outcome.FAILED, False, None),
    ],
)
def test_a_report_without_a_fair_mark_is_a_fault(outcome: Outcome, inconclusive: bool, told: str | None) -> None:
    assert jobs.fault_in(report(40, outcome=outcome), inconclusive=inconclusive) == told


def test_a_report_of_nothing_is_a_fault() -> None:
    bare = replace(report(0, outcome=Outcome.INCONCLUSIVE), checks=report(0, outcome=Outcome.INCONCLUSIVE).checks)
    assert jobs.fault_in(bare, inconclusive=True) == "nothing of it could be judged."


def test_reports_are_the_same_in_any_order_and_with_any_number_of_workers(tmp_path: Path) -> None:
    handed_in(tmp_path / "class", {f"s{n}": str(n) for n in range(20)})
    plan = planned(tmp_path)
    found = []
    for workers in (1, 7):
        work = to_do(plan, Choice(), None)
        random.Random(workers).shuffle(work)
        with open_for_writing(tmp_path / f"out{workers}") as database:
            kept.lay(database, plan)
            run(work, database, Threads(fake, workers))
            results = kept.of(database).results
            found.append([(one.person.id, one.score, canonical(dict(one.report or {}))) for one in results])
    assert found[0] == found[1]


def test_equal_work_of_one_student_is_graded_once(tmp_path: Path) -> None:
    handed_in(tmp_path / "class" / "ada", {"attempt-1": "60", "attempt-2": "60"})
    assert len(planned(tmp_path).attempts) == 2
    assert len(to_do(planned(tmp_path), Choice(), None)) == 1


def test_an_interruption_keeps_what_was_running(tmp_path: Path) -> None:
    handed_in(tmp_path / "class", {f"s{n:02}": "50" for n in range(30)})
    plan = planned(tmp_path)

    def interrupted(_: Any) -> None:
        raise KeyboardInterrupt

    with open_for_writing(tmp_path / "out") as database:
        kept.lay(database, plan)
        grader = Grader()
        with pytest.raises(KeyboardInterrupt):
            run(to_do(plan, Choice(), database), database, Threads(grader, 2), interrupted)
        done = len(database.states())
        assert 0 < done < 30
        rest = to_do(plan, Choice(), database)
        run(rest, database, Threads(grader, 2))
        assert len(grader.graded) == 30, "what ran at the interruption was kept, and nothing was graded twice"


def test_one_process_writes_at_a_time(tmp_path: Path) -> None:
    with open_for_writing(tmp_path), pytest.raises(UsageError, match="another labgrade is grading into it"):
        open_for_writing(tmp_path)
    open_for_writing(tmp_path).close()


def test_a_database_of_a_newer_labgrade_is_left_alone(tmp_path: Path) -> None:
    with open_for_writing(tmp_path) as database:
        database._connection.execute("PRAGMA user_version = 99")
    for opening in (open_for_writing, open_for_reading):
        with pytest.raises(UsageError, match=r"a newer labgrade has written it \(its form is 99, and this one knows 1"):
            opening(tmp_path)


def test_a_file_that_is_no_database_of_ours_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "labgrade.sqlite").write_bytes(b"hello, this is not a database, is it?" * 100)
    with pytest.raises(UsageError, match="file is not a database"):
        open_for_writing(tmp_path)
    import sqlite3

    (tmp_path / "labgrade.sqlite").unlink()
    with sqlite3.connect(tmp_path / "labgrade.sqlite") as other:
        other.execute("CREATE TABLE mine (x)")
    with pytest.raises(UsageError, match="is no file of labgrade's"):
        open_for_writing(tmp_path)


def test_a_folder_without_results_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no results of labgrade grade"):
        kept.gradebook(tmp_path)


def test_a_roster_is_opened_again_as_it_was(tmp_path: Path) -> None:
    handed_in(tmp_path / "class", {"ada": "60"})
    people = (Person("ada", "Ada", "a@x", "ada", "s1", "1", "sec", "", ("a", "b")), Person("grace"))
    roster = Roster(people, ("x", "y"), "canvas", (("Points", "10"),), ";")
    opening = assignment(lab='due = 2027-03-01T10:00:00+09:00\nhidden = ["bucket_exists"]')
    with open_for_writing(tmp_path / "out") as database:
        grade(planned(tmp_path, opening, roster), database)
        book = kept.of(database)
    assert (book.roster, book.assignment) == (roster, opening.assignment)
    assert [(one.person.id, one.status) for one in book.results] == [("ada", "graded"), ("grace", "missing")]
