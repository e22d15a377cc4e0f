"""The walls of level `user`, by the kernel's version of Landlock: a shell behind them, without a lab."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sandbox.processes import living

from grader.errors import SandboxError
from grader.sandbox import Ended, Limits
from grader.sandbox.bwrap import programs
from grader.sandbox.inside import landlock
from grader.sandbox.user import guarantees, trial
from grader.sandbox.user.reach import Reach
from grader.sandbox.user.room import Among
from grader.sandbox.user.trial import Kernel

if sys.platform != "linux":
    pytest.skip("Landlock is Linux's", allow_module_level=True)
HERE = landlock.version()
ROOT = os.geteuid() == 0
Behind = Callable[..., Ended]


@pytest.fixture
def place() -> Iterator[Path]:
    """Where every user gets to, which pytest's own folder is not."""
    with tempfile.TemporaryDirectory(prefix="labgrade-test-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def room(place: Path, abi: int) -> Among:
    private = place / "private"
    (private / "work").mkdir(parents=True)
    reach = Reach()
    programs.system(reach)
    return Among(Kernel(None, abi, True), reach, private)


def run(one: Among, line: str, limits: Limits | None = None) -> Ended:
    private = one._private
    return one.run(
        ["/bin/sh", "-c", line],
        environment={"PATH": "/usr/bin:/bin", "HOME": str(private / "home")},
        folder=private / "work",
        timeout_seconds=40,
        limits=limits,
    )


@pytest.fixture
def behind(place: Path) -> Behind:
    """How a line of shell ends behind the walls of that version of Landlock."""

    def ended(line: str, abi: int = HERE, limits: Limits | None = None) -> Ended:
        one = room(place, abi)
        try:
            return run(one, line, limits)
        finally:
            one.close()

    return ended


@pytest.mark.parametrize("abi", range(1, HERE + 1))
def test_every_version_of_landlock_keeps_files_that_everybody_may_read(behind: Behind, place: Path, abi: int) -> None:
    (place / "secret").write_text("secret")
    ended = behind(f"cat {place}/secret; ls {place}; echo in > file && cat file; mv file file2; : > /dev/null", abi)
    assert ended.stdout == "in\n"
    assert ended.stderr.count("Permission denied") == 2
    assert ended.exit_code == 0


def test_without_landlock_such_a_file_can_be_read_and_no_guarantee_says_otherwise(behind: Behind, place: Path) -> None:
    (place / "secret").write_text("secret")
    assert behind(f"cat {place}/secret", abi=0).stdout == "secret"
    assert not {"no-files-but-the-system", "read-only-system"} & {*guarantees(Kernel(1, 0, True))}


@pytest.mark.skipif(not ROOT, reason="only root can become another user")
def test_without_landlock_the_other_user_is_what_keeps_a_private_file(behind: Behind, place: Path) -> None:
    (place / "secret").write_text("secret")
    (place / "secret").chmod(0o600)
    ended = behind(f"id -u; id -G; cat {place}/secret; kill -0 {os.getpid()}", abi=0)
    uid, groups = ended.stdout.split()
    assert uid == groups
    assert int(uid) > 1000
    assert "Permission denied" in ended.stderr
    assert ended.exit_code != 0  # of kill


@pytest.mark.parametrize(
    ("abi", "uid", "missing"),
    [
        (7, 1, set()),
        (7, None, {"other-user"}),
        (4, None, {"other-user", "process-tree-killed", "no-signals-to-others"}),
        (3, 1, {"no-tcp-but-the-emulator's-port"}),
        (2, 1, {"no-tcp-but-the-emulator's-port", "read-only-system"}),
        (0, 1, {"no-tcp-but-the-emulator's-port", "read-only-system", "no-files-but-the-system"}),
    ],
)
def test_the_guarantees_are_those_of_this_kernel(abi: int, uid: int | None, missing: set[str]) -> None:
    assert {*guarantees(Kernel(1, 7, True))} - {*guarantees(Kernel(uid, abi, True))} == missing


def test_without_a_filter_of_calls_datagrams_are_not_promised_away() -> None:
    lost = {*guarantees(Kernel(1, 7, True))} - {*guarantees(Kernel(1, 7, False))}
    assert lost == {"system-call-filter", "tcp-and-no-datagrams"}


def test_neither_root_nor_landlock_is_an_error_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "strangers_uid", lambda: None)
    monkeypatch.setattr(trial, "_asked", lambda: (0, True))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SandboxError, match=r"no Landlock .* run labgrade as root in a container") as raised:
        trial.required()
    assert raised.value.exit_code == 3


def test_root_with_nobody_else_to_be_is_not_given_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "strangers_uid", lambda: None)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(SandboxError, match="too few user ids"):
        trial.required()


def test_elsewhere_than_on_linux_the_level_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(SandboxError, match="the level user is only for Linux; --sandbox none"):
        trial.required()


def test_a_folder_that_another_user_does_not_get_into_is_named(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    (place / "closed").mkdir(mode=0o700)
    monkeypatch.setattr(trial, "strangers_uid", lambda: 1 << 30)
    monkeypatch.setattr(tempfile, "tempdir", str(place / "closed"))
    monkeypatch.setattr(sys, "executable", "/usr/bin/env")
    monkeypatch.setattr(trial.sysconfig, "get_path", lambda _: "/usr/lib")
    with pytest.raises(SandboxError, match=f"does not get into {place}/closed, which labgrade needs: chmod o[+]x"):
        trial.required()


def test_all_that_was_started_is_dead_when_it_returns(place: Path, mark: str) -> None:
    one = room(place, HERE)
    started = f'for n in 1 2 3; do setsid sh -c "setsid sleep 300; : {mark}" & done; sleep 0.3; echo {mark}'
    try:
        assert run(one, started).stdout == f"{mark}\n"
        assert living(mark) == []  # before what `close` would find
    finally:
        one.close()


def test_a_launcher_that_is_killed_leaves_nothing(place: Path, mark: str) -> None:
    one = room(place, HERE)
    killer = threading.Timer(1.0, lambda: os.kill(one._process.pid, signal.SIGKILL))
    killer.start()
    line = f'setsid sh -c "setsid sleep 300; : {mark}" & sleep 300'
    with pytest.raises(SandboxError, match="the supervisor did not work"):
        run(one, line)
    one.close()
    assert living(mark) == []


@pytest.mark.parametrize(
    ("line", "limits", "message"),
    [
        ("for n in $(seq 60); do sleep 20 & done; sleep 1", Limits(processes=20), "as many processes"),
        ("for n in 1 2 3; do head -c 30M /dev/zero > $n; done; sleep 20", Limits(disk_mib=64), "It filled the 64"),
        ("head -c 9M /dev/zero > big", Limits(file_mib=4), "a file as large as one may be, 4 MiB"),
        ("while :; do :; done", Limits(cpu_seconds=1), "more than the 1 s"),
        ("yes", Limits(output_mib=1), "printed more than the 1 MiB"),
        ("head -c 99M /dev/zero | tail -c 98M | sleep 20", Limits(memory_mib=48), "more memory than the 48"),
    ],
)  # fmt: skip
def test_a_limit_that_is_met_ends_it_and_is_named(behind: Behind, line: str, limits: Limits, message: str) -> None:
    began = time.monotonic()
    ended = behind(line, limits=limits)
    assert ended.message
    assert message in str(ended.message)
    assert time.monotonic() - began < 35
