"""Windows and macOS: the whole evening with fork and all that only POSIX has forbidden."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from workspace.evenings import Evening

BUCKET = "labgrade-hello-5e11a0"
# Stands for the Python that keeper and moto are started with, too.
FORBIDDING = """\
#!{python} -I
import os, signal, socket, sys
sys.platform = {platform!r}
for name in ("fork", "forkpty", "setsid", "getuid", "geteuid", "getgid", "chown", "killpg", "getpgid", "mkfifo"):
    delattr(os, name)
for name in ("SIGKILL", "SIGHUP", "SIGUSR1", "SIGALRM", "alarm", "setitimer", "pthread_kill", "sigwait"):
    delattr(signal, name)
for name in ("send_fds", "recv_fds"):
    delattr(socket, name)
for name in ("fcntl", "pwd", "grp", "resource", "termios", "pty", "syslog"):
    sys.modules[name] = None
if sys.platform == "darwin":
    sys.modules["_scproxy"] = type(sys)("_scproxy")
    sys.modules["_scproxy"]._get_proxy_settings = sys.modules["_scproxy"]._get_proxies = dict
at = sys.argv.index("-c")
code, sys.argv, sys.executable = sys.argv[at + 1], ["-c", *sys.argv[at + 2 :]], {itself!r}
if {root!r} not in sys.path:
    sys.path.insert(0, {root!r})
exec(code)
"""
LABGRADE = "import sys; sys.argv[0] = 'labgrade'; from grader.cli import main; main()"


@pytest.mark.parametrize("platform", ["linux", pytest.param("darwin", marks=pytest.mark.slow)])
def test_an_evening_with_what_posix_alone_has_forbidden(evening: Evening, tmp_path: Path, platform: str) -> None:
    root = str(Path(__file__).parents[2])
    python = tmp_path / "python"
    told = FORBIDDING.format(python=sys.executable, itself=str(python), root=root, platform=platform)
    python.write_text(told)
    python.chmod(0o755)

    def labgrade(*words: str) -> str:
        done = subprocess.run(
            [python, "-c", LABGRADE, *words], env=evening.environment(), capture_output=True, text=True, timeout=120
        )
        assert done.returncode in (0, 1), done.stderr
        assert done.stderr == ""
        return done.stdout

    labgrade("start", "hello", "--port", str(evening.port))
    evening.client("s3").create_bucket(Bucket=BUCKET)
    before = (evening.folder() / "journal.jsonl").read_bytes()
    assert "after 1 call of yours" in " ".join(labgrade("run", "hello").split())
    assert "after 1 call of yours. Last time: 40." in " ".join(labgrade("run", "hello").split())
    assert (evening.folder() / "journal.jsonl").read_bytes() == before
    assert "1 call of yours" in labgrade("status")
    assert f"AWS_ENDPOINT_URL=http://127.0.0.1:{evening.port}" in labgrade("env", "--format", "dotenv")
    labgrade("stop", "--keep")
    assert "with the same ids" in " ".join(labgrade("start", "hello").split())
    assert "40 of 100" in labgrade("run", "hello")
    assert 'aws s3api create-bucket --bucket "$LAB_BUCKET"' in labgrade("history")
    assert f"http://127.0.0.1:{evening.port}" in labgrade("reset", "--yes")
    assert "0 of 100" in labgrade("run", "hello", "--format", "terminal")
    assert "40 of 100" in labgrade("list")
    assert BUCKET in labgrade("show", "hello")
    labgrade("stop", "--yes")
    assert not evening.folder().exists()
