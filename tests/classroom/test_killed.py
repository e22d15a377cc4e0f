"""A grading that is killed at any moment, and run again: nothing is lost, and nothing is graded twice."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from classroom.classes import handed_in
from conftest import LABGRADE, ROOT, clean_environment

from grader.classroom import kept
from grader.classroom.database import open_for_reading
from grader.classroom.running import AHEAD

PROGRAM = Path(__file__).parent / "killed.py"
KILLS = 50
STUDENTS = 300
WORKERS = 3  # of killed.py


def begun(place: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, PROGRAM, place], stderr=subprocess.PIPE)


def log(place: Path) -> list[list[str]]:
    path = place / "log"
    return [line.split() for line in path.read_text().splitlines() if " " in line] if path.is_file() else []


def here(place: Path) -> int:
    return sum(line[0] == "here" for line in log(place))


@pytest.mark.slow
def test_killed_fifty_times_it_loses_nothing_and_grades_nothing_twice(tmp_path: Path) -> None:
    students, kill, all_done = 0, 0, True
    chance = random.Random(20261125)
    while kill < KILLS:
        if all_done:  # also where a slow kill let everybody be graded
            students += STUDENTS
            handed_in(tmp_path / "class", {f"s{n}": str(n % 101) for n in range(students - STUDENTS, students)})
        before = here(tmp_path)
        process = begun(tmp_path)
        if kill % 5:  # else it dies while it begins
            deadline = time.monotonic() + 60
            while here(tmp_path) == before and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.002)
        time.sleep(chance.random() * (0.06 if kill % 5 else 0.5))
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert process.returncode in (0, -signal.SIGKILL), process.communicate()[1]
        all_done = process.returncode == 0
        kill += not all_done
    interrupted = len({line[1] for line in log(tmp_path) if line[0] == "kept"})
    last = begun(tmp_path)
    assert last.wait(120) == 0, last.communicate()[1]

    assert 0 < interrupted <= students, "the kills fell into the work"
    settled: set[str] = set()
    for what, whose in log(tmp_path):
        assert not (what == "begins" and whose in settled), f"{whose} was graded again"
        if what == "kept":
            assert whose not in settled
            settled.add(whose)
    scores = {one.person.id: one.score for one in kept.gradebook(tmp_path / "out").results}
    assert scores == {f"s{n}": n % 101 for n in range(students)}
    begins = Counter(whose for what, whose in log(tmp_path) if what == "begins")
    assert sum(begins.values()) <= students + AHEAD * WORKERS * KILLS, "no more again than was on its way"
    with sqlite3.connect(tmp_path / "out" / "labgrade.sqlite") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.slow
def test_the_command_itself_goes_on_after_a_kill(tmp_path: Path) -> None:
    right = (ROOT / "labs/hello/solutions/boto3/main.py").read_text()
    handed_in(tmp_path / "class", {f"s{n}": right for n in range(12)})
    words = [LABGRADE, "grade", "hello", "class", "--out", "out", "--sandbox", "none", "-j", "1"]
    environment = clean_environment(tmp_path)
    states: list[int] = []
    for _ in range(3):
        process = subprocess.Popen(words, cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL)
        deadline, before = time.monotonic() + 120, seen(tmp_path)
        while seen(tmp_path) == before and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(0.5)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        with open_for_reading(tmp_path / "out") as database:
            states.append(len(database.states()))
    assert states == sorted(set(states)), "each time there was more"
    done = subprocess.run(
        words, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    assert f"To grade      {12 - states[-1]} (hello {12 - states[-1]})." in done.stderr
    assert "12 graded: mean 100.0%" in done.stdout


def seen(place: Path) -> int:
    """How many results there are to be seen in the file, while another has it locked: a hint, and no more."""
    path = place / "out" / "labgrade.sqlite"
    try:
        with sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True) as database:
            return int(database.execute("SELECT count(*) FROM grading").fetchone()[0])
    except sqlite3.Error:
        return 0


@pytest.mark.slow
def test_told_to_end_it_keeps_what_it_has_and_says_so(tmp_path: Path) -> None:
    right = (ROOT / "labs/hello/solutions/boto3/main.py").read_text()
    handed_in(tmp_path / "class", {f"s{n:02}": right for n in range(30)})
    words = [LABGRADE, "grade", "hello", "class", "--out", "out", "--sandbox", "none", "-j", "2"]
    process = subprocess.Popen(words, cwd=tmp_path, env=clean_environment(tmp_path), stderr=subprocess.PIPE)
    deadline = time.monotonic() + 120
    while not seen(tmp_path) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.1)
    process.terminate()
    _, err = process.communicate(timeout=120)
    assert process.returncode == 143, err
    assert b"out: has all that was graded; the same command goes on from there.\n" in err
    assert b"labgrade: told to end; what it had started was ended." in err
    with open_for_reading(tmp_path / "out") as database:
        states = database.states()
    assert 0 < len(states) < 30
    assert all(state.fault is None for state in states.values()), "an end is no fault"
