"""`labgrade watch`: graded again after each save, whatever the editor, and what turned is said."""

from __future__ import annotations

import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import LABGRADE, Labgrade, clean_environment

from grader import watching
from grader.access import Access
from grader.errors import LabgradeError
from grader.watching import Calls, Files, Step, watch
from grader.workspace import record
from grader.workspace.record import Standing

RIGHT = """
import boto3, os
s3, bucket = boto3.client("s3"), os.environ["LAB_BUCKET"]
s3.create_bucket(Bucket=bucket)
s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "course", "Value": "labgrade"}]})
"""
HALF = RIGHT.split("s3.put_bucket_tagging")[0]
PATIENCE_SECONDS = 60.0


def saved(path: Path, text: str) -> None:
    """As most editors save: a draft beside it takes its name."""
    draft = path.with_name(f".{path.name}.draft~")
    draft.write_text(text)
    draft.replace(path)


class Watching:
    """The real command at work, with its lines as they come."""

    def __init__(self, home: Path, *words: object, **env: str) -> None:
        self.process = subprocess.Popen(
            [LABGRADE, "watch", *map(str, words)],
            env=clean_environment(home, env),
            cwd=home,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def until(self, pattern: str) -> str:
        """All lines up to the first that matches."""
        seen = ""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not re.search(pattern, seen):
            try:
                seen += self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no {pattern!r} in:\n{seen}") from None
        return seen

    def quiet(self, seconds: float) -> bool:
        """Does it say nothing for so long?"""
        try:
            self._lines.get(timeout=seconds)
        except queue.Empty:
            return True
        return False

    def end(self, how: int = signal.SIGINT) -> tuple[int, str]:
        self.process.send_signal(how)
        assert self.process.stderr
        error = self.process.stderr.read()
        return self.process.wait(20), error

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._lines.put(line)


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Callable[..., Watching]]:
    begun: list[Watching] = []

    def call(*words: object, **env: str) -> Watching:
        begun.append(Watching(tmp_path, *words, **env))
        return begun[-1]

    yield call
    for one in begun:
        one.process.kill()
        one.process.wait()


pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="ended by a signal of POSIX's")


def test_each_save_is_graded_and_what_turned_is_said(watched: Any, tmp_path: Path) -> None:
    main = tmp_path / "main.py"
    main.write_text(HALF)
    run = watched("hello", main)
    first = run.until(r"read  ")
    assert "40 of 100. main.py on moto" in first
    assert re.search(r"1  PASS  +40/40", first)
    assert re.search(r"2  FAIL  +0/60", first)
    assert "found   the bucket has no tags." in first
    saved(main, RIGHT)
    second = run.until(r"2  PASS .*\n.*")
    assert "100 of 100, 60 more than last time." in second
    assert re.search(r"2  PASS  new  60/60", second)
    assert "40/40" not in second
    saved(main, HALF)
    third = run.until(r"read  ")
    assert "40 of 100, 60 fewer than last time." in third
    assert re.search(r"2  FAIL  new +0/60", third)
    code, error = run.end()
    assert (code, "Traceback" in error) == (130, False)


def test_half_written_work_is_no_end(watched: Any, tmp_path: Path) -> None:
    main = tmp_path / "main.py"
    main.write_text(RIGHT)
    run = watched("hello", main)
    run.until("2  PASS .*\n.*")
    main.write_text("")
    run.until("is empty")
    main.unlink()
    run.until("No such")
    main.write_text(HALF)
    assert "60 fewer than last time" in run.until("read  ")
    code, _ = run.end(signal.SIGTERM)
    assert code == 143


def test_a_folder_is_watched_with_all_that_counts_in_it(watched: Any, tmp_path: Path) -> None:
    work = tmp_path / "work"
    (work / "more").mkdir(parents=True)
    (work / "main.py").write_text("from more import tags\n" + HALF + "tags.tag(s3, bucket)\n")
    (work / "more" / "tags.py").write_text("def tag(s3, bucket): pass\n")
    run = watched("hello", work)
    run.until("read  ")
    (work / ".main.py.swp").write_text("an editor's")
    (work / "__pycache__").mkdir()
    (work / "__pycache__" / "main.pyc").write_text("python's")
    assert run.quiet(1.5)
    tagging = 'Bucket=bucket, Tagging={"TagSet": [{"Key": "course", "Value": "labgrade"}]}'
    saved(work / "more" / "tags.py", f"def tag(s3, bucket): s3.put_bucket_tagging({tagging})\n")
    assert re.search("2  PASS  new", run.until("2  PASS .*\n.*"))


def test_the_reader_may_go(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(RIGHT)
    command = f"'{LABGRADE}' watch hello main.py | head -1"
    run = subprocess.Popen(
        ["bash", "-c", command], env=clean_environment(tmp_path), cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    assert run.stdout
    assert "100 of 100" in run.stdout.readline()
    saved(tmp_path / "main.py", HALF)
    assert run.wait(PATIENCE_SECONDS) == 0


def test_without_a_submission_each_call_that_changes_the_workspace_is_graded(
    watched: Any, labgrade: Labgrade, tmp_path: Path
) -> None:
    state = {"XDG_STATE_HOME": str(tmp_path / "state")}
    assert labgrade("start", "hello", env=state).code == 0
    try:
        run = watched(**state)  # the only one that is open
        run.until("read  ")
        told = json.loads(labgrade("status", "--format", "json", env=state).out)
        s3 = Access(told[0]["endpoint"]).client("s3")
        s3.list_buckets()
        assert run.quiet(1.5)
        s3.create_bucket(Bucket="labgrade-hello-5e11a0")
        assert "40 more than last time" in run.until("1  PASS  new")
    finally:
        labgrade("stop", "hello", "--yes", env=state)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("hello", "nowhere.py"), "nowhere.py: is not there"),
        (("helo", "main.py"), "did you mean hello?"),
        (("hello",), "labgrade start hello"),
        ((), "no workspace is open"),
    ],
)
def test_what_cannot_be_watched_is_told_at_once(labgrade: Labgrade, words: tuple[str, ...], said: str) -> None:
    done = labgrade("watch", *words)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1), done.err
    assert said in done.err


def test_on_a_terminal_it_is_one_screen(terminal: Any, tmp_path: Path) -> None:
    main = tmp_path / "main.py"
    main.write_text(HALF)
    child = terminal("watch", "hello", main)
    child.expect_exact("Waiting for the next change; Ctrl-C ends it.")
    assert "\x1b[2J" in child.before or "\x1b[H" in child.before
    assert "40 of 100" in child.before
    saved(main, RIGHT)
    child.expect_exact("Waiting for the next change")
    shown = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", child.before)
    assert re.search(r"1  PASS  +40/40", shown)
    assert re.search(r"2  PASS  +new  60/60", shown)
    assert all(len(line) <= 80 for line in shown.splitlines() if "://" not in line)
    child.sendintr()
    child.expect_exact("interrupted")
    child.wait()
    assert child.exitstatus == 130


# Without a process.


def report(**outcomes: str) -> dict[str, Any]:
    score = sum(50 for outcome in outcomes.values() if outcome == "passed")
    checks = [{"id": name, "outcome": outcome} for name, outcome in outcomes.items()]
    return {"checks": checks, "score": score, "outcome": "failed", "grading": {}}


class Script:
    """A source that changes each time that it is asked, and what comes of each grading."""

    def __init__(self, *results: dict[str, Any] | LabgradeError) -> None:
        self.results = list(results)
        self.stamps = 0

    def stamp(self) -> int:
        self.stamps += 1
        return self.stamps

    def grade(self) -> dict[str, Any]:
        result = self.results.pop(0)
        if isinstance(result, LabgradeError):
            raise result
        return result


@pytest.fixture(autouse=True)
def haste(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("POLL_SECONDS", "REST_SECONDS", "MOST_REST_SECONDS"):
        monkeypatch.setattr(watching, name, 0.01)


def steps(*results: dict[str, Any] | LabgradeError) -> list[Step | LabgradeError]:
    script = Script(*results)
    going = watch(script, script.grade)
    return [next(going) for _ in results]


def test_only_what_turned_since_the_last_mark_is_new() -> None:
    broken = LabgradeError("half")
    first, error, second, third = steps(
        report(a="failed", b="passed"),
        broken,
        report(a="passed", b="passed"),
        report(a="passed", b="skipped", c="failed"),
    )
    assert isinstance(first, Step)
    assert (first.first, first.turned) == (True, frozenset())
    assert error is broken
    assert isinstance(second, Step)
    assert (second.turned, second.report["grading"]["previous"]) == ({"a"}, 50)
    assert isinstance(third, Step)
    assert third.turned == {"b", "c"}


def test_a_source_that_never_rests_is_graded_all_the_same() -> None:
    assert len(steps(*[report(a="passed")] * 3)) == 3


def test_a_touch_a_new_name_and_a_change_of_the_same_size_all_show(tmp_path: Path) -> None:
    path = tmp_path / "main.py"
    path.write_text("one")
    source = Files(path)
    before = source.stamp()
    assert source.stamp() == before
    stat = path.stat()
    path.write_text("two")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert source.stamp() != before
    path.unlink()
    assert source.stamp() != before


def test_a_link_to_a_file_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real.py").write_text("one")
    (tmp_path / "main.py").symlink_to(tmp_path / "real.py")
    source = Files(tmp_path / "main.py")
    before = source.stamp()
    (tmp_path / "real.py").write_text("longer")
    assert source.stamp() != before


class Counted:
    """A workspace's standing, as the test would have it."""

    id = "w1"

    def __init__(self) -> None:
        self.now = Standing(running=True, calls=4, changes=2)

    def standing(self) -> Standing:
        return self.now


def test_a_workspace_changes_when_something_in_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    space = Counted()
    monkeypatch.setattr(record, "find", lambda _lab: space)
    source = Calls("hello")
    before = source.stamp()
    space.now = Standing(running=True, calls=9, changes=2)  # somebody looks
    assert source.stamp() == before
    space.now = Standing(running=True, calls=10, changes=3)
    assert source.stamp() != before
    space.now = Standing(running=False)
    assert source.stamp() != before
    monkeypatch.setattr(record, "find", lambda _lab: None)
    assert source.stamp() == "gone"


def test_where_nobody_counts_the_clock_does(monkeypatch: pytest.MonkeyPatch) -> None:
    space = Counted()
    space.now = Standing(running=True)
    monkeypatch.setattr(record, "find", lambda _lab: space)
    monkeypatch.setattr(watching, "ROUND_SECONDS", 0.05)
    before = Calls("hello").stamp()
    time.sleep(0.1)
    assert Calls("hello").stamp() != before
