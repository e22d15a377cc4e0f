from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sandbox.processes import eventually, living

from grader.errors import SandboxError
from grader.sandbox import Ended, Limits, open_sandbox, unconfined

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are counted in /proc")
Shell = Callable[..., Ended]

DAEMON = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        print("daemon", flush=True)
        time.sleep(300)
    os._exit(0)
os.wait()
time.sleep(float(sys.argv[2]))
"""
BOMB = """
import os, time
for _ in range(7):
    if os.fork() == 0:
        os.setsid()
while True:
    pass
"""
HOLDER = """
import sys, time
held = open(open(sys.argv[1]).readline().strip(), "w")
time.sleep(60)
"""
MOVING = """
import os, time
end = time.monotonic() + 60
while time.monotonic() < end:
    if os.fork():
        os._exit(0)
"""


def python(code: str, mark: str, *arguments: object) -> str:
    """A command line that runs that code."""
    words = " ".join(map(str, arguments))
    return f"exec {sys.executable} -c '{code}' {mark} {words}"


def test_an_exit_code_and_both_outputs_come_back(shell: Shell) -> None:
    ended = shell("echo out; echo err >&2; exit 3")
    assert (ended.exit_code, ended.stdout, ended.stderr) == (3, "out\n", "err\n")
    assert not ended.timed_out
    assert not ended.truncated
    assert 0 < ended.seconds < 10


def test_a_signal_is_a_negative_exit_code(shell: Shell) -> None:
    assert shell("kill -SEGV $$").exit_code == -signal.SIGSEGV


def test_the_environment_is_the_given_one_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "hidden")
    given = {"PATH": "/usr/bin:/bin", "ODD": "two\nlines = \N{HANGUL SYLLABLE GA}"}
    ended = open_sandbox("none").run(["/usr/bin/env", "-0"], environment=given, folder=tmp_path, timeout_seconds=20)
    assert dict(entry.split("=", 1) for entry in ended.stdout.split("\0")[:-1]) == given


def test_the_environment_of_the_supervisor_shows_nothing(shell: Shell) -> None:
    assert shell("cat /proc/$PPID/environ").stdout == ""


def test_it_reads_the_end_of_file(shell: Shell) -> None:
    assert shell("cat; echo after").stdout == "after\n"


def test_it_works_in_its_folder(shell: Shell, tmp_path: Path) -> None:
    assert shell("pwd").stdout == f"{tmp_path}\n"


def test_arguments_arrive_as_they_are(tmp_path: Path) -> None:
    odd = ["a b", "new\nline", "'\"$HOME\\", "\N{HANGUL SYLLABLE GA}", ""]
    command = ["/usr/bin/printf", "<%s>", *odd]
    ended = open_sandbox("none").run(command, environment={}, folder=tmp_path, timeout_seconds=20)
    assert ended.stdout == "".join(f"<{word}>" for word in odd)


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    ended = open_sandbox("none").run(["/no/such"], environment={}, folder=tmp_path, timeout_seconds=20)
    assert (ended.exit_code, ended.stderr) == (127, "cannot start /no/such: No such file or directory\n")


def test_a_pipe_that_closes_early_ends_its_writer_quietly(shell: Shell) -> None:
    assert shell("yes | head -n 1; exit ${PIPESTATUS[0]}") == Ended(
        141, False, pytest.approx(0, abs=20), "y\n", "", False
    )


def test_what_never_ends_is_killed_at_its_time(shell: Shell, mark: str) -> None:
    ended = shell(f"echo before; exec -a {mark} sleep 300", timeout_seconds=0.5)
    assert (ended.exit_code, ended.timed_out, ended.stdout) == (None, True, "before\n")
    assert 0.5 <= ended.seconds < 5
    assert living(mark) == []


def test_what_ignores_sigterm_is_killed_too(shell: Shell, mark: str) -> None:
    ended = shell(f"trap '' TERM INT HUP; : {mark}; while true; do sleep 0.05; done", timeout_seconds=0.4)
    assert ended.timed_out
    assert living(mark) == []


def test_what_stops_itself_runs_into_its_time(shell: Shell) -> None:
    assert shell("kill -STOP $$", timeout_seconds=0.3).timed_out


def test_a_child_left_behind_is_dead_afterwards(shell: Shell, mark: str) -> None:
    ended = shell(f"(exec -a {mark} sleep 300) & echo done")
    assert (ended.exit_code, ended.stdout) == (0, "done\n")
    assert living(mark) == []


@pytest.mark.parametrize("seconds", [0.4, 300])
def test_a_daemon_of_its_own_session_is_dead_afterwards(shell: Shell, mark: str, seconds: float) -> None:
    ended = shell(python(DAEMON, mark, seconds), timeout_seconds=2.0)
    assert ended.stdout == "daemon\n"
    assert living(mark) == []


def test_a_bomb_of_sessions_is_dead_afterwards(shell: Shell, mark: str) -> None:
    shell(python(BOMB, mark), timeout_seconds=0.5)
    assert living(mark) == []


def test_one_that_forks_on_and_on_is_not_outrun(shell: Shell, mark: str) -> None:
    shell(python(MOVING, mark))
    assert living(mark) == []


def test_orphans_are_reaped_while_it_runs(shell: Shell) -> None:
    count = "grep -l '^State:.Z' /proc/[0-9]*/status 2>/dev/null | xargs -r grep -h PPid | grep -cw $PPID"
    assert shell(f"for i in $(seq 20); do (true &) ; done; sleep 0.3; {count}").stdout == "0\n"


def test_killing_its_own_process_group_reaches_nobody_else(shell: Shell, mark: str) -> None:
    ended = shell(f": {mark}; kill -KILL 0")
    assert (ended.exit_code, ended.stderr) == (-signal.SIGKILL, "")
    assert living(mark) == []


def test_killing_its_supervisor_ends_the_run_and_the_tree(shell: Shell, mark: str) -> None:
    ended = shell(f"echo out; kill -KILL $PPID; exec -a {mark} sleep 300")
    assert ended.exit_code == -signal.SIGKILL
    assert ended.stdout == "out\n"
    assert "the process that watches over this one was killed" in ended.stderr
    assert living(mark) == []


def test_terminating_its_supervisor_ends_the_tree_in_order(shell: Shell, mark: str) -> None:
    ended = shell(f"kill -TERM $PPID; exec -a {mark} sleep 300")
    assert (ended.exit_code, ended.timed_out, ended.stderr) == (-signal.SIGTERM, False, "")
    assert living(mark) == []


def test_a_supervisor_that_does_not_work_is_an_error_of_ours(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(unconfined, "SUPERVISOR", tmp_path / "nothing.py")
    with pytest.raises(SandboxError, match=r"sandbox: the supervisor did not work: .*No such file"):
        shell("true")


def test_stopping_its_supervisor_does_not_stop_the_grader(
    shell: Shell, mark: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unconfined, "GRACE_SECONDS", 0.5)
    ended = shell(f"kill -STOP $PPID; exec -a {mark} sleep 300", timeout_seconds=0.3)
    assert ended.exit_code == -signal.SIGKILL
    assert living(mark) == []


def test_a_hundred_megabytes_stream_through(shell: Shell) -> None:
    ended = shell("head -c 100000000 /dev/zero | tr '\\0' x; printf end", limits=Limits(output_mib=100))
    assert ended.exit_code == 0
    assert ended.truncated
    assert ended.stdout.startswith("xxx")
    assert ended.stdout.endswith("xend")
    assert len(ended.stdout) < 70_000


def test_both_outputs_are_read_at_once(shell: Shell) -> None:
    ended = shell("for i in $(seq 60); do head -c 100000 /dev/zero >&2; head -c 100000 /dev/zero; done; echo end")
    assert ended.exit_code == 0
    assert ended.stdout.endswith("end\n")


def test_closing_its_outputs_is_no_end(shell: Shell, tmp_path: Path) -> None:
    ended = shell("exec >&- 2>&-; sleep 0.2; touch reached")
    assert ended.exit_code == 0
    assert (tmp_path / "reached").exists()


def test_a_stranger_who_holds_the_pipe_open_holds_nobody_up(shell: Shell, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, pipe])
    try:
        started = time.monotonic()
        assert shell("echo /proc/$$/fd/1 > pipe; sleep 0.5; echo out").stdout == "out\n"
        assert time.monotonic() - started < 5
    finally:
        holder.kill()
        holder.wait()


def test_what_cannot_be_killed_is_an_error_of_ours(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake = tmp_path / "supervisor.py"
    fake.write_text("import os, sys\nos.write(int(sys.argv[1]), b'0 0 0.5 1\\n')\n")
    monkeypatch.setattr(unconfined, "SUPERVISOR", fake)
    with pytest.raises(SandboxError, match="cannot be killed; end it by hand"):
        shell("true")


GRADER = """
import pathlib, sys
from grader.sandbox import open_sandbox
command = ["/bin/bash", "-c", f"(setsid bash -c 'exec -a {sys.argv[1]} sleep 300' &) ; exec -a {sys.argv[1]} sleep 300"]
open_sandbox("none").run(command, environment={"PATH": "/usr/bin:/bin"}, folder=pathlib.Path("/"), timeout_seconds=100)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_grader_that_dies_takes_the_tree_with_it(mark: str, number: signal.Signals) -> None:
    name = f"{mark}-tree"
    grader = subprocess.Popen([sys.executable, "-c", GRADER, name], stderr=subprocess.DEVNULL)
    assert eventually(lambda: len(set(living(name)) - {grader.pid}) >= 2)
    grader.send_signal(number)
    grader.wait(20)
    assert eventually(lambda: living(name) == [])


HEAVY = {"asyncio", "importlib.metadata", "inspect", "logging", "pathlib", "re", "subprocess", "threading", "typing"}


def test_the_supervisor_loads_nothing_heavy() -> None:
    name = unconfined.SUPERVISOR.stem
    code = f"import sys; sys.path.insert(0, {str(unconfined.SUPERVISOR.parent)!r}); import {name}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    assert "select" in loaded.stdout.split()
    assert HEAVY.isdisjoint(loaded.stdout.split())
