"""A class graded on a scheduler and workers of Dask's, all of them processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from conftest import LABGRADE, ROOT, Ended, clean_environment

from grader.classroom import kept
from grader.classroom.database import NAME
from grader.report import canonical

pytestmark = pytest.mark.slow
RIGHT = (ROOT / "labs/hello/solutions/boto3/main.py").read_text("utf-8")
STUDENTS = 10


@pytest.fixture(scope="module", autouse=True)
def dask() -> None:
    try:
        import distributed  # noqa: F401
    except ImportError:
        if os.environ.get("CI"):
            raise
        pytest.skip("Dask is not installed here: pip install -e '.[cluster]'")


@contextmanager
def running(*words: object, place: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process of Dask's, for as long as it takes."""
    log = place / f"{words[0]}.log"
    command = [
        sys.executable,
        "-m",
        f"distributed.cli.dask_{words[0]}",
        *words[1:],
    ]
    with log.open("ab") as out:
        process = subprocess.Popen(
            [str(word) for word in command], stdout=out, stderr=out, cwd=place, env=clean_environment(place)
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def cluster(place: Path, workers: int) -> Iterator[tuple[dict[str, Any], list[subprocess.Popen[bytes]]]]:
    """What the scheduler says of itself, and its workers."""
    told = place / "scheduler.json"
    local = ("--host", "127.0.0.1")
    with ExitStack() as stack:
        dashboard = ("--dashboard-address", "127.0.0.1:0")
        scheduler = ("scheduler", *local, "--port", "0", *dashboard, "--scheduler-file", told)
        stack.enter_context(running(*scheduler, place=place))
        waited(told.is_file)
        one = ("worker", "--scheduler-file", told, *local, "--nthreads", "1", "--no-nanny", "--no-dashboard")
        processes = [stack.enter_context(running(*one, place=place)) for _ in range(workers)]
        about = json.loads(told.read_text())
        log = place / "worker.log"
        waited(lambda: not workers or log.read_text().count("Registered to") >= workers)
        yield about, processes


def waited(true: Any) -> None:
    deadline = time.monotonic() + 120
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def call(place: Path, *words: object) -> Ended:
    done = subprocess.run(
        [LABGRADE, *map(str, words)], cwd=place, env=clean_environment(place), capture_output=True, timeout=400
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


def told(place: Path) -> list[tuple[str, str, int | None, Any, Any]]:
    """Everything of a class's results that is not a time or a port."""
    return [
        (one.person.id, one.status, one.score, canonical(dict(one.report or {})), (one.report or {})["submission"])
        for one in kept.gradebook(place).results
    ]


def test_workers_grade_as_the_local_pool_does_and_a_lost_ones_work_is_done_again(tmp_path: Path) -> None:
    for number in range(STUDENTS):
        folder = tmp_path / "class" / f"s{number}"
        folder.mkdir(parents=True)
        (folder / "main.py").write_text(RIGHT if number % 2 else RIGHT.replace('"course"', '"Course"'))
        (folder / ".DS_Store").touch()
    grade = ("grade", "hello", "class", "--sandbox", "none", "--out")
    with cluster(tmp_path, 3) as (about, workers):
        address = about["address"]
        words = [LABGRADE, *grade, "far", "--cluster", address]
        client = subprocess.Popen(
            words, cwd=tmp_path, env=clean_environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        database = tmp_path / "far" / NAME
        waited(lambda: client.poll() is not None or (database.is_file() and seen(database)))
        assert client.poll() is None, client.communicate()
        os.kill(workers[0].pid, signal.SIGKILL)
        out, err = client.communicate(timeout=400)
        assert client.returncode == 0, err.decode()
        assert f"{STUDENTS} graded: mean 70.0%" in out.decode()
        assert workers[0].poll() == -signal.SIGKILL
        port = about["services"]["dashboard"]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/status", timeout=60) as page:
            assert page.status == 200
            assert b"Bokeh" in page.read()
    assert call(tmp_path, *grade, "near").code == 0
    assert told(tmp_path / "far") == told(tmp_path / "near")


def test_what_is_not_to_be_had_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "class" / "ada").mkdir(parents=True)
    (tmp_path / "class" / "ada" / "main.py").write_text(RIGHT)
    grade = ("grade", "hello", "class", "--out", "out", "--sandbox", "none")
    nobody = call(tmp_path, *grade, "--cluster", "tcp://127.0.0.1:9")
    assert (nobody.code, nobody.out) == (2, "")
    assert nobody.err.splitlines()[-1].startswith("labgrade: --cluster tcp://127.0.0.1:9: no scheduler of Dask's")
    other = call(tmp_path, *grade, "--emulator", "localstack", "--cluster", "tcp://127.0.0.1:9")
    assert (other.code, "--cluster: workers grade on moto" in other.err) == (2, True)
    with cluster(tmp_path, 0) as (about, _):
        empty = call(tmp_path, *grade, "--cluster", about["address"])
        assert (empty.code, "has no workers yet; start some: dask worker" in empty.err) == (2, True)


def seen(database: Path) -> bool:
    """Is there a result to be seen in a file that another process has locked?"""
    import sqlite3

    try:
        with sqlite3.connect(f"file:{database}?mode=ro&immutable=1", uri=True) as opened:
            return bool(opened.execute("SELECT count(*) FROM grading").fetchone()[0])
    except sqlite3.Error:
        return False
