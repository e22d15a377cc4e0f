"""Where labgrade gets LocalStack and MiniStack from, and what it says where it cannot: with programs that are fakes."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader import emulators
from grader.emulators import container, launch, localstack, ministack
from grader.errors import EmulatorError, UsageError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the fakes are shell scripts")


@pytest.fixture(autouse=True)
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty PATH but for the fakes that a test puts there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for variable in (localstack.VARIABLE, ministack.VARIABLE):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PATH", str(folder))
    return folder


def script(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(["#!/bin/sh", "PATH=/usr/local/bin:/usr/bin:/bin", *lines, ""]), "utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_the_names_are_those_of_the_manual() -> None:
    assert emulators.NAMES == ("moto", "localstack", "ministack")
    with pytest.raises(UsageError, match="there is no 'floci'; labgrade starts moto, localstack, ministack"):
        launch("floci", region="us-east-1")


def test_without_ministack_the_ways_to_get_it_are_said() -> None:
    with pytest.raises(EmulatorError, match=r"uv tool install ministack==1\.5\.33.*pipx.*LABGRADE_MINISTACK"):
        launch("ministack", region="us-east-1")


def test_without_localstack_the_ways_to_get_it_are_said() -> None:
    with pytest.raises(EmulatorError, match=r"Docker, uv .*LABGRADE_LOCALSTACK_PYTHON.*'cbor2<5\.9'"):
        launch("localstack", region="us-east-1")


def test_what_the_variable_names_goes_first(tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(tools / "ministack")
    named = script(tmp_path / "mine")
    monkeypatch.setenv(ministack.VARIABLE, str(named))
    assert ministack._command() == (str(named),)
    python = script(tmp_path / "python3.13")
    monkeypatch.setenv(ministack.VARIABLE, str(python))
    assert ministack._command() == (str(python), "-m", "ministack")
    monkeypatch.setenv(localstack.VARIABLE, str(python))
    assert localstack._command() == (str(python), "-m", "localstack.runtime.main")


def test_a_variable_that_names_no_program_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ministack.VARIABLE, "/nowhere/ministack")
    with pytest.raises(EmulatorError, match="LABGRADE_MINISTACK: /nowhere/ministack is no program"):
        launch("ministack", region="us-east-1")


def test_a_program_on_path_is_used(tools: Path) -> None:
    found = script(tools / "ministack")
    assert ministack._command() == (str(found),)


def test_a_localstack_that_is_only_a_command_line_is_not_used(tools: Path, tmp_path: Path) -> None:
    environment = tmp_path / "env"
    (environment / "bin").mkdir(parents=True)
    script(environment / "bin" / "python")
    (tools / "localstack").symlink_to(script(environment / "bin" / "localstack"))
    assert localstack._command() is None
    (environment / "lib" / "python3.13" / "site-packages" / "rolo").mkdir(parents=True)
    assert localstack._command() == (str(environment / "bin" / "python"), "-m", "localstack.runtime.main")


def test_uv_installs_exactly_what_was_measured(tools: Path, tmp_path: Path) -> None:
    script(tools / "uvx", f'printf "%s\\n" "$@" > {tmp_path}/asked', "echo /cache/bin/python")
    assert localstack._command() == ("/cache/bin/python", "-m", "localstack.runtime.main")
    asked = (tmp_path / "asked").read_text("utf-8").splitlines()
    assert asked[:5] == ["--quiet", "--python", ">=3.12,<3.14", "--from", "localstack-core[runtime]==4.14.0"]
    assert asked[5:13:2] == ["--with"] * 4
    assert asked[6:14:2] == ["cbor2<5.9", "cryptography==46.0.7", "pyopenssl==25.3.0", "service_identity==24.2.0"]


def test_an_installation_that_fails_is_said(tools: Path) -> None:
    script(tools / "uvx", "echo no route to the index >&2", "exit 1")
    with pytest.raises(EmulatorError, match=r"uvx: cannot install ministack==1\.5\.33: no route to the index"):
        launch("ministack", region="us-east-1")


def test_one_that_ends_at_once_is_said_with_its_last_words(
    tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    script(tools / "ministack", "echo first", "echo 'license expired' >&2", "exit 55")
    with pytest.raises(EmulatorError, match="MiniStack ended before it answered; its last words: license expired"):
        launch("ministack", region="us-east-1").ready(20)
    assert list(tmp_path.glob("labgrade-emulator-*")) == []


def test_one_that_never_answers_is_given_up(tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    script(tools / "ministack", "echo Ready.", "exec sleep 600")
    started = time.monotonic()
    with pytest.raises(EmulatorError, match=r"MiniStack does not answer; its last words: Ready\."):
        launch("ministack", region="us-east-1").ready(0.5)
    assert time.monotonic() - started < 10
    assert list(tmp_path.glob("labgrade-emulator-*")) == []


def test_one_that_prints_without_end_is_not_held_up(tools: Path, tmp_path: Path) -> None:
    script(tools / "ministack", f"head -c 3000000 /dev/zero; echo; echo done; touch {tmp_path}/printed; exec sleep 600")
    starting = launch("ministack", region="us-east-1")
    with pytest.raises(EmulatorError, match="its last words: done"):
        starting.ready(3)
    assert (tmp_path / "printed").exists()


DOCKER = """
case "$1" in
version) echo 27.0 ;;
image) test ! -e {absent} ;;
pull) echo "$@" >> {log} ;;
rm) echo "$@" >> {log}; pkill -9 -P $(cat {pid}) ;;
run)
  echo "$@" >> {log}; echo $$ > {pid}
  port=$(echo "$@" | sed 's/.*127.0.0.1:\\([0-9]*\\):4566.*/\\1/')
  {python} {server} $port & cat >/dev/null; kill -9 $! ;;
esac
"""
SERVER = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
class Health(BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'{"services": {}, "version": "4.14.0"}'
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers()
        self.wfile.write(body)
HTTPServer(("127.0.0.1", int(sys.argv[1])), Health).serve_forever()
"""


@pytest.fixture
def docker(tools: Path, tmp_path: Path) -> Path:
    """A docker command that starts a little server where it was asked to publish a port; the log of its orders."""
    log = tmp_path / "log"
    (tmp_path / "server.py").write_text(SERVER, "utf-8")
    text = DOCKER.format(
        log=log, absent=tmp_path / "absent", pid=tmp_path / "pid", python=sys.executable, server=tmp_path / "server.py"
    )
    script(tools / "docker", text)
    return log


def test_localstack_runs_in_a_container_where_it_is_not_installed(docker: Path) -> None:
    emulator = launch("localstack", region="us-east-1").ready(20)
    with emulator:
        assert (emulator.version, emulator.alive()) == ("4.14.0", True)
    run, removed = docker.read_text("utf-8").splitlines()
    words = run.split()
    assert f"127.0.0.1:{emulator._backend.ports.own}:4566" in words
    assert "localstack/localstack:4.14.0" in words
    assert f"LOCALSTACK_HOST=127.0.0.1:{emulator._gate.port}" in words
    assert {"--rm", "--interactive", "DISABLE_EVENTS=1"} < set(words)
    assert not {"-v", "--volume", "--mount", "--privileged", "--network"} & set(words)
    assert removed == f"rm --force {words[words.index('--name') + 1]}"
    assert not emulator.alive()
    emulator.close()


def test_an_image_that_is_not_here_is_pulled_first(docker: Path) -> None:
    docker.with_name("absent").touch()
    launch("localstack", region="us-east-1").close()
    assert docker.read_text("utf-8").splitlines()[0] == "pull --quiet localstack/localstack:4.14.0"


def test_an_image_that_cannot_be_pulled_is_said(tools: Path) -> None:
    script(tools / "docker", 'test "$1" = version && echo 27.0 && exit', "echo denied: no space >&2; exit 1")
    with pytest.raises(EmulatorError, match=r"docker: cannot pull localstack/localstack:4\.14\.0: denied: no space"):
        launch("localstack", region="us-east-1")


def test_a_container_ends_when_nobody_holds_its_input_any_more(tools: Path) -> None:
    script(tools / "docker-entrypoint.sh", "exec sleep 600 >/dev/null")
    script(tools / "cat", "exec /bin/cat")
    command = ["/bin/sh", "-c", container.WHILE_WANTED]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as shell:
        with pytest.raises(subprocess.TimeoutExpired):
            shell.wait(0.5)
        assert shell.stdin
        shell.stdin.close()
        assert shell.wait(5) == 0
        os.killpg(shell.pid, signal.SIGKILL)  # the end of a container's first process ends the others


def test_a_docker_without_an_engine_is_none(tools: Path) -> None:
    assert not container.engine_answers()
    script(tools / "docker", "echo cannot connect >&2", "exit 1")
    assert not container.engine_answers()


def test_a_docker_that_hangs_is_none(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "ENGINE_SECONDS", 0.2)
    script(tools / "docker", "exec sleep 60")
    assert not container.engine_answers()
