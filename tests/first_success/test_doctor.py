"""`labgrade doctor` on machines of every kind: it sees what is amiss, names the cure, and calls nobody."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import LABGRADE, ROOT, SECRET, Labgrade, clean_environment

from grader.doctor import Mark, aws_cli, emulators, examination, installation, machine, programs, sandboxes
from grader.doctor.attempt import attempt
from grader.doctor.bench import Bench
from grader.doctor.examination import PROBES
from grader.errors import EmulatorError
from grader.sandbox.bwrap import trial
from grader.submissions.mirrors import this_system

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="fake programs in sh")
PATIENT = ("--timeout", "60")  # a busy machine is not what is tested


def program(folder: Path, name: str, body: str) -> Path:
    """A program of that name in the folder, in sh."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def version_of_aws(folder: Path, version: str) -> Path:
    return program(folder, "aws", f'echo "aws-cli/{version} Python/3.11.2 Linux/6.1 exe/x86_64"')


def in_front(folder: Path) -> dict[str, str]:
    return {"PATH": f"{folder}:{os.environ['PATH']}"}


Findings = dict[str, dict[str, Any]]


def findings(out: str) -> Findings:
    return {finding["subject"]: finding for finding in json.loads(out)["findings"]}


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    made = Bench(60)
    yield made
    made.close()


def look(probe: Any, bench: Bench) -> Any:
    """The first thing that a probe finds."""
    return next(iter(probe(bench)))


# The whole command.


@pytest.fixture(scope="module")
def neglected(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, str, str]:
    """A machine on which much is amiss, and nothing that is needed: code, terminal, JSON."""
    place = tmp_path_factory.mktemp("neglected")
    home, tools = place / "home", place / "bin"
    (home / ".aws").mkdir(parents=True)
    (home / ".aws" / "credentials").write_text(
        "[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = very-secret\n"
        "[practice]\naws_access_key_id = test\naws_secret_access_key = test\n"
    )
    (home / ".aws" / "config").write_text(
        "[profile \x1b[31mwork]\nsso_session = s\n[profile plain]\nregion = eu-west-1\n"
    )
    version_of_aws(tools, "2.9.19")
    program(tools, "bwrap", "echo 'bwrap: setting up uid map: Permission denied' >&2\nexit 1")
    program(tools, "docker", "echo 'Cannot connect to the Docker daemon' >&2\nexit 1")
    program(tools, "jq", "exec /nowhere/jq")
    environment = clean_environment(
        home,
        {
            **in_front(tools),
            "AWS_SESSION_TOKEN": "token-of-mine",
            "AWS_ENDPOINT_URL_S3": "https://s3.amazonaws.com",
            "AWS_ENDPOINT_URL": "https://sts.amazonaws.com",
            "HTTP_PROXY": "http://192.0.2.1:3128",
            "PYTHONIOENCODING": "latin-1",
            "LABGRADE_MINISTACK": "/nowhere/ministack",
        },
    )
    told = [
        subprocess.run(
            [LABGRADE, "doctor", *PATIENT, *more], env=environment, cwd=place, capture_output=True, timeout=120
        )
        for more in ([], ["--format", "json"])
    ]
    assert [done.stderr for done in told] == [b"", b""]
    return told[0].returncode, told[0].stdout.decode("latin-1"), told[1].stdout.decode()


def test_what_is_amiss_and_not_needed_is_no_failure(neglected: tuple[int, str, str]) -> None:
    code, shown, told = neglected
    assert code == 0, shown
    assert json.loads(told)["holds"] is True
    assert json.loads(told)["schema"] == "labgrade/doctor/v1"
    needed = [finding for finding in json.loads(told)["findings"] if finding["needed"]]
    assert {finding["mark"] for finding in needed} <= {"OK", "NOTE"}
    assert {"Python", "labgrade", "moto", "a lab", "disk"} <= {finding["subject"] for finding in needed}


def test_every_probe_says_something(neglected: tuple[int, str, str]) -> None:
    seen = {finding["subject"] for finding in json.loads(neglected[2])["findings"]}
    assert {probe.subject for probe in PROBES} <= seen


def test_moto_was_started_called_and_copied_and_a_lab_graded(neglected: tuple[int, str, str]) -> None:
    found = findings(neglected[2])
    assert re.search(r"5\.\d.* started in .* answered boto3 .* copied in \d+ ms", found["moto"]["found"])
    assert "main.py was run with boto3" in found["a lab"]["found"]


def test_the_shells_own_aws_is_old_while_submissions_have_a_good_one(neglected: tuple[int, str, str]) -> None:
    found = findings(neglected[2])
    assert found["your aws"]["mark"] == "OLD"
    assert "2.9.19" in found["your aws"]["found"]
    assert "AWS_ENDPOINT_URL" in found["your aws"]["why"]
    assert "getting-started-install.html" in found["your aws"]["mend"]
    assert found["AWS CLI"]["mark"] == "OK", found["AWS CLI"]
    assert "saw a bucket and a queue" in found["AWS CLI"]["found"]


def test_real_credentials_are_found_and_never_shown(neglected: tuple[int, str, str]) -> None:
    _, shown, told = neglected
    found = findings(told)["credentials"]
    assert found["mark"] == "NOTE"
    assert "credentials has default." not in found["found"]
    for word in ("default", "work", "AWS_ACCESS_KEY_ID is set", "never uses them"):
        assert word in found["found"], word
    assert "practice" not in found["found"]
    assert "plain" not in found["found"]
    for secret in ("AKIA", "very-secret", SECRET, "token-of-mine"):
        assert secret not in shown + told


def test_what_shadows_the_endpoint_is_named_with_its_cure(neglected: tuple[int, str, str]) -> None:
    found = findings(neglected[2])
    assert found["variables"]["found"] == "AWS_PROFILE, AWS_SESSION_TOKEN, AWS_ENDPOINT_URL_S3 are set"
    assert found["variables"]["mend"] == "unset AWS_PROFILE AWS_SESSION_TOKEN AWS_ENDPOINT_URL_S3"
    assert found["proxy"]["mend"] == "export NO_PROXY=127.0.0.1,localhost"
    assert found["endpoint"]["found"] == "AWS_ENDPOINT_URL is https://sts.amazonaws.com: not asked"


def test_programs_that_fail_are_broken_and_not_missing(neglected: tuple[int, str, str]) -> None:
    found = findings(neglected[2])
    assert found["bwrap"]["mark"] == "BROKEN"
    assert "setting up uid map: Permission denied" in found["bwrap"]["found"]
    assert found["bwrap"]["mend"]
    assert found["jq"]["mark"] == "BROKEN"
    assert found["Docker"]["mark"] == "BROKEN"
    assert "Cannot connect" in found["Docker"]["found"]
    assert found["MiniStack"]["mark"] == "BROKEN"
    assert "/nowhere/ministack" in found["MiniStack"]["found"]


def test_letters_that_cannot_be_shown_are_told(neglected: tuple[int, str, str]) -> None:
    assert findings(neglected[2])["letters"]["mark"] == "NOTE"


def test_the_screen_is_80_columns_of_words(neglected: tuple[int, str, str]) -> None:
    _, shown, _ = neglected
    wide = [line for line in shown.splitlines() if len(line) > 80 and "://" not in line]
    assert not wide
    assert "\x1b" not in shown
    assert "\\x1b[31mwork" in shown
    marks = {line.split()[0] for line in shown.splitlines() if re.match(r"  [A-Z]{2,}  ", line)}
    assert marks <= set(Mark)
    assert "labgrade can grade here." in shown
    assert "your aws" in shown.partition("labgrade can grade here.")[2]


def test_what_it_needs_and_has_not_is_exit_1(labgrade: Labgrade, tmp_path: Path) -> None:
    old = tmp_path / "shadow" / "moto-4.0.0.dist-info"
    old.mkdir(parents=True)
    (old / "METADATA").write_text("Metadata-Version: 2.1\nName: moto\nVersion: 4.0.0\n")
    done = labgrade("doctor", *PATIENT, env={"PYTHONPATH": str(old.parent)})
    assert done.code == 1
    assert re.search(r"OLD +labgrade +.*moto 4\.0\.0, not .*>=5", " ".join(done.out.split()))
    assert "labgrade cannot grade here yet: mend labgrade." in done.out


def test_a_program_that_hangs_holds_nobody_up_and_is_not_left_behind(labgrade: Labgrade, tmp_path: Path) -> None:
    program(tmp_path / "bin", "jq", f"echo $$ > {tmp_path}/pid\nsleep 600 & echo $! >> {tmp_path}/pid\nwait")
    began = time.monotonic()
    done = labgrade("doctor", "--timeout", "4", "--format", "json", env=in_front(tmp_path / "bin"))
    assert time.monotonic() - began < 15
    assert findings(done.out)["jq"]["mark"] == "SLOW"
    assert done.err == ""
    pids = (tmp_path / "pid").read_text().split()
    assert len(pids) == 2
    assert comes_true(lambda: not any(map(_runs, pids)))


def comes_true(holds: Callable[[], bool]) -> bool:
    """What was killed is gone when a busy machine comes to it."""
    deadline = time.monotonic() + 10
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.05)
    return holds()


def _alive(group: str) -> list[str]:
    states = subprocess.run(["ps", "-o", "stat=", "-g", group], capture_output=True, text=True).stdout.split()
    return [state for state in states if not state.startswith("Z")]


def _runs(pid: str) -> bool:
    try:
        said = Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return False
    return "sleep" in said or "jq" in said


@pytest.mark.parametrize(
    ("body", "code", "ended"),
    [("echo here; sleep 600 & wait", None, False), ("echo here; sleep 600 &", 0, True), ("yes here", None, False)],
)
def test_a_program_is_ended_with_all_that_it_started(tmp_path: Path, body: str, code: int | None, ended: bool) -> None:
    tried = attempt([program(tmp_path, "tried", f"echo $$ > {tmp_path}/pid; {body}")], seconds=2)
    assert (tried.code, tried.ended, tried.output[:5]) == (code, ended, "here\n")
    assert tried.seconds < 10
    assert len(tried.output) <= 1 << 16
    group = (tmp_path / "pid").read_text().strip()
    assert comes_true(lambda: not _alive(group))


def test_a_probe_that_breaks_down_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(_bench: Bench) -> list[Any]:
        raise ValueError("not\nforeseen")

    def hangs(_bench: Bench) -> list[Any]:
        time.sleep(30)
        return []

    monkeypatch.setattr(machine, "letters", breaks)
    monkeypatch.setattr(machine, "disk", hangs)
    kept = [probe for probe in PROBES if probe.place in ("machine.letters", "machine.disk")]
    monkeypatch.setattr(examination, "PROBES", kept)
    examined = examination.examine(timeout_seconds=0.5)
    assert examined.seconds < 10
    disk, letters = (finding for _, finding in examined.findings)
    assert (letters.mark, letters.found, letters.holds) == (Mark.BROKEN, "ValueError: not foreseen", True)
    assert (disk.mark, disk.holds, examined.holds) == (Mark.SLOW, False, False)
    assert "--timeout 60" in str(disk.mend)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    environment = clean_environment(home, {"XDG_STATE_HOME": "/proc/none", "XDG_CACHE_HOME": "/dev/null/cache"})
    done = subprocess.run(
        [LABGRADE, "doctor", *PATIENT, "--format", "json"], env=environment, cwd=home, capture_output=True, timeout=120
    )
    found = findings(done.stdout.decode())["folders"]
    assert (found["mark"], done.returncode) == ("BROKEN", 0)
    assert "state (/proc/none/labgrade)" in found["found"]


NETWORK = """
echo 1 2>/dev/null > /proc/sys/net/ipv6/conf/default/disable_ipv6
ip link set lo up && ip link add out type veth peer name wall && ip addr add 10.99.0.2/24 dev out &&
    ip link set wall up && ip link set out up && ip route add default via 10.99.0.1 || exit 1
echo counted; "$@" > "$OUT" 2>&1; echo $?
sleep 0.2; awk '$1 == "out:" { print $11 }' /proc/self/net/dev
"""


@pytest.mark.skipif(not all(map(shutil.which, ("unshare", "ip", "awk"))), reason="unshare, ip and awk are wanted")
def test_nothing_leaves_this_machine(tmp_path: Path) -> None:
    """In a network of its own whose way out leads nowhere, and counts."""
    home = tmp_path / "home"
    home.mkdir()
    environment = clean_environment(home, {"OUT": str(tmp_path / "out")})
    alone = ["unshare", "-rn", "sh", "-c", NETWORK, "sh"]
    command = [*alone, LABGRADE, "doctor", *PATIENT]
    done = subprocess.run(command, env=environment, cwd=home, capture_output=True, text=True, timeout=120)
    if not done.stdout.startswith("counted"):
        pytest.skip(f"no network namespace here: {done.stderr}")
    said = (tmp_path / "out").read_text()
    assert done.stdout.split() == ["counted", "0", "0"], said
    assert "saw a bucket and a queue" in " ".join(said.split())
    calling = "import socket; socket.create_connection(('192.0.2.1', 80), 0.5)"
    done = subprocess.run([*alone, sys.executable, "-c", calling], env=environment, capture_output=True, text=True)
    assert int(done.stdout.split()[2]) > 0  # it can count


# The AWS CLI, in every age.


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bench: Bench) -> Path:
    """The only folder on PATH with an `aws`, and none beside labgrade."""
    bench.moto()
    tools = tmp_path / "bin"
    tools.mkdir()
    monkeypatch.setattr(sys, "executable", str(tmp_path / "elsewhere" / "python"))
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    return tools


@pytest.mark.parametrize(
    ("version", "mark", "words"),
    [
        ("1.28.99", Mark.OLD, "too old to know AWS_ENDPOINT_URL"),
        ("1.29.0", Mark.NOTE, "`aws sqs` to real AWS"),
        ("1.46.3", Mark.NOTE, "`aws sqs` to real AWS"),
        ("2.12.7", Mark.OLD, "too old to know AWS_ENDPOINT_URL"),
        ("2.13.0", Mark.OK, ""),
        ("3.0.0", Mark.OK, ""),
    ],
)
def test_the_aws_of_this_shell_by_its_version(alone: Path, bench: Bench, version: str, mark: Mark, words: str) -> None:
    version_of_aws(alone, version)
    found = look(aws_cli.of_this_shell, bench)
    assert (found.mark, words in found.why) == (mark, True)
    assert version in found.found
    assert mark is Mark.OK or "labgrade shell" in found.mend


def test_an_old_python_2_cli_says_its_version_to_stderr(alone: Path, bench: Bench) -> None:
    program(alone, "aws", 'echo "aws-cli/1.16.1 Python/2.7.18" >&2')
    assert look(aws_cli.of_this_shell, bench).mark is Mark.OLD


def test_labgrades_own_aws_in_front_is_recognised(alone: Path, bench: Bench) -> None:
    from grader.submissions.tools import AWS

    real = version_of_aws(alone / "real", "1.44.0")
    (alone / "aws").write_text(AWS.format(first="", run=f"exec {real}"))
    (alone / "aws").chmod(0o755)
    found = look(aws_cli.of_this_shell, bench)
    assert (found.mark, "labgrade's own" in found.found) == (Mark.OK, True)


def test_this_shells_aws_is_asked_for_nothing_but_its_version(alone: Path, bench: Bench, tmp_path: Path) -> None:
    program(alone, "aws", f'echo "$*" >> {tmp_path}/asked\necho aws-cli/1.2.3')
    look(aws_cli.of_this_shell, bench)
    assert (tmp_path / "asked").read_text() == "--version\n"


REAL_AWS = shutil.which("aws", path=str(LABGRADE.parent))


@pytest.mark.skipif(REAL_AWS is None, reason="no AWS CLI beside labgrade")
def test_an_old_cli_works_in_submissions_all_the_same(alone: Path, bench: Bench) -> None:
    program(alone, "aws", f'[ "$1" = --version ] && echo aws-cli/2.9.19 && exit\nexec {REAL_AWS} "$@"')
    found = look(aws_cli.of_submissions, bench)
    assert found.mark is Mark.OLD, found
    assert "saw a bucket and a queue" in found.found
    assert "--endpoint-url" in found.why


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("[ $1 != --version ] || echo aws-cli/2.20.1", "asked somebody else"),
        ("[ $1 = --version ] && echo aws-cli/2.20.1 && exit; echo no such region >&2; exit 252", "no such region"),
        ("echo aws-shell 1.0", "aws-shell 1.0"),
        ("exit 3", "ended with 3"),
        ("exec /nowhere/python", "ended with 1"),
    ],
)
def test_a_cli_that_does_not_see_the_moto_is_broken(alone: Path, bench: Bench, body: str, words: str) -> None:
    program(alone, "aws", body)
    found = look(aws_cli.of_submissions, bench)
    assert found.mark is Mark.BROKEN
    assert words in found.found
    assert found.mend


def test_no_cli_at_all_is_told_once(alone: Path, bench: Bench) -> None:
    found = look(aws_cli.of_submissions, bench)
    assert (found.mark, alone.exists()) == (Mark.MISSING, True)
    assert "pip install awscli" in found.mend
    assert list(aws_cli.of_this_shell(bench)) == []


# Other programs.


def test_terraform_is_asked_without_a_call_to_its_maker(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "bin", "terraform", f'env > {tmp_path}/env\necho \'{{"terraform_version": "1.5.7"}}\'')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("TF_PLUGIN_CACHE_DIR", raising=False)
    version, provider = programs.terraform(bench)
    assert (version.mark, "1.5.7" in version.found) == (Mark.OK, True)
    assert "CHECKPOINT_DISABLE=1" in (tmp_path / "env").read_text()
    assert (provider.mark, "labgrade prefetch terraform" in provider.mend) == (Mark.MISSING, True)
    mirror = tmp_path / ".terraform.d" / "plugins" / "registry.terraform.io" / "hashicorp"
    (mirror / "random").mkdir(parents=True)
    assert "looks nowhere else" in list(programs.terraform(bench))[1].found
    (mirror / "aws" / "6.0.0" / this_system()).mkdir(parents=True)
    provider = list(programs.terraform(bench))[1]
    assert (provider.mark, provider.found.startswith("6.0.0 in ")) == (Mark.OK, True)


def test_an_engine_on_another_machine_is_not_called(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "docker", f'echo "$1" >> {tmp_path}/asked\necho tcp://192.0.2.1:2376')
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    found = look(programs.docker, bench)
    assert (found.mark, "not on this machine" in found.found) == (Mark.NOTE, True)
    assert (tmp_path / "asked").read_text() == "context\n"


def test_an_engine_that_answers_is_fine(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "docker", "[ $1 = context ] && echo unix:///var/run/docker.sock || echo 28.2.2")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    found = look(programs.docker, bench)
    assert (found.mark, "28.2.2" in found.found) == (Mark.OK, True)


def test_ubuntus_apparmor_is_named_with_the_line_that_mends_it(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "bwrap", "echo 'bwrap: setting up uid map: Permission denied' >&2; exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    (tmp_path / "restricted").write_text("1\n")
    monkeypatch.setattr(trial, "RESTRICTED", tmp_path / "restricted")
    found = look(sandboxes.bwrap, bench)
    assert (found.mark, "apparmor_parser -r /etc/apparmor.d/bwrap-userns-restrict" in found.mend) == (Mark.BROKEN, True)
    (tmp_path / "restricted").write_text("0\n")
    assert "--security-opt" in look(sandboxes.bwrap, bench).mend


def test_the_levels_are_tried_and_what_holds_at_them_is_said(bench: Bench) -> None:
    found = look(sandboxes.chosen, bench)
    assert (found.mark in (Mark.OK, Mark.NOTE), found.needed) == (True, True)
    assert "time-limit" in found.found
    user = look(sandboxes.user, bench)
    assert user.mark in (Mark.OK, Mark.NOTE)
    if user.mark is Mark.OK:
        assert "no-new-privileges" in user.found
        assert "the emulator is in no box" in user.why
    else:
        assert "user" in user.found


# Emulators and their port.


def test_emulators_are_looked_for_where_the_launchers_look(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    for variable in ("LABGRADE_LOCALSTACK_PYTHON", "LABGRADE_MINISTACK"):
        monkeypatch.delenv(variable, raising=False)
    for probe, variable in (
        (emulators.localstack, "LABGRADE_LOCALSTACK_PYTHON"),
        (emulators.ministack, "LABGRADE_MINISTACK"),
    ):
        assert look(probe, bench).mark is Mark.MISSING
        assert look(probe, bench).mend
        program(tmp_path, "uvx", f"echo called >> {tmp_path}/called")
        assert (look(probe, bench).mark, "the first time" in look(probe, bench).why.lower()) == (Mark.NOTE, True)
        (tmp_path / "uvx").unlink()
        there = program(tmp_path / "env", "python", "")
        monkeypatch.setenv(variable, str(there))
        found = look(probe, bench)
        assert (found.mark, str(there) in found.found, "--all" in found.found) == (Mark.OK, True, True)
    assert not (tmp_path / "called").exists()


def test_all_really_starts_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fails = program(tmp_path, "ministack", "echo no such library; exit 1")
    monkeypatch.setenv("LABGRADE_MINISTACK", str(fails))
    bench = Bench(30, start_all=True)
    with pytest.raises(EmulatorError, match="no such library"):
        look(emulators.ministack, bench)


@pytest.mark.skipif("LABGRADE_MINISTACK" not in os.environ, reason="MiniStack is wanted: LABGRADE_MINISTACK")
def test_a_ministack_that_works_answers_boto3() -> None:
    found = look(emulators.ministack, Bench(60, start_all=True))
    assert (found.mark, "answered boto3" in found.found) == (Mark.OK, True)


class Answering(threading.Thread):
    """A server on a port of its own, that gives every question one answer."""

    def __init__(self, answer: bytes) -> None:
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.answer = answer
        self.start()

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(4096)
                connection.sendall(self.answer)


HEALTH = b'{"services": {"s3": "running"}, "version": "4.14.0"}'


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.0 200 OK\r\n\r\n" + HEALTH, "4.14.0 answers there"),
        (b"HTTP/1.0 404 No\r\n\r\n", "no emulator known here"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "no emulator known here"),
    ],
)
def test_who_has_the_port_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch, answer: bytes, words: str) -> None:
    server = Answering(answer)
    monkeypatch.setattr(emulators, "PORT", server.port)
    found = look(emulators.port, bench)
    server.listener.close()
    assert (found.mark, words in found.found) == (Mark.TAKEN, True), found


def test_a_free_port_is_fine(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as once:
        monkeypatch.setattr(emulators, "PORT", once.getsockname()[1])
    assert look(emulators.port, bench).mark is Mark.OK


def test_where_this_shell_points_is_asked_on_this_machine(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from grader.doctor import account

    monkeypatch.setenv("AWS_ENDPOINT_URL", bench.moto().access.endpoint)
    found = look(account.endpoint, bench)
    assert (found.mark, "moto" in found.found) == (Mark.OK, True)
    with socket.create_server(("127.0.0.1", 0)) as once:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{once.getsockname()[1]}")
    assert "nobody answers" in look(account.endpoint, bench).found
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://[broken")
    assert look(account.endpoint, bench).mark is Mark.BROKEN


# What is needed.


def test_a_disk_with_no_room_is_told_before_a_submission_finds_out(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def free(amount: int) -> None:
        monkeypatch.setattr(shutil, "disk_usage", lambda _place: shutil._ntuple_diskusage(0, 0, amount))  # type: ignore[attr-defined]

    free(50 << 20)
    assert not look(machine.disk, bench).holds
    free(1 << 30)
    assert (look(machine.disk, bench).mark, look(machine.disk, bench).holds) == (Mark.LOW, True)


def test_a_moto_that_cannot_start_fails_what_needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from grader.doctor import examine
    from grader.emulators.moto import child

    monkeypatch.setattr(child, "COMMAND", "raise SystemExit('no flask here')")
    examined = examine(timeout_seconds=60)
    found = {finding.subject: finding for _, finding in examined.findings}
    assert not examined.holds
    for subject in ("moto", "a lab"):
        assert (found[subject].mark, "no flask here" in found[subject].found) == (Mark.BROKEN, True), found[subject]
    assert found["AWS CLI"].mark is Mark.BROKEN
    assert not found["AWS CLI"].needed


def test_a_right_answer_that_scores_less_says_why(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from grader import skeleton

    shutil.copytree(skeleton.TEMPLATE, tmp_path / "lab")
    (tmp_path / "lab" / "solutions" / "boto3" / "main.py").write_text("raise SystemExit('no boto3 here')")
    monkeypatch.setattr(skeleton, "TEMPLATE", tmp_path / "lab")
    found = look(installation.graded, bench)
    assert (found.mark, "no boto3 here" in found.found, found.holds) == (Mark.BROKEN, True, False)


def test_it_is_the_packaged_lab_that_is_graded() -> None:
    from grader.skeleton import TEMPLATE

    assert TEMPLATE.is_relative_to(ROOT / "grader")
