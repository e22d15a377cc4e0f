"""moto's process: started beside the caller, told what to do by nobody else, and gone with it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import __version__

from grader.emulators import moto
from grader.emulators.moto import child
from grader.errors import EmulatorError


@pytest.fixture(scope="module")
def running() -> Iterator[moto.Moto]:
    with moto.launch() as starting:
        yield starting.ready()


def wait_until_gone(pid: int, seconds: float = 5) -> bool:
    until = time.monotonic() + seconds
    while True:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if time.monotonic() > until:
            return False
        time.sleep(0.01)


def test_launching_returns_before_moto_is_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    go = tmp_path / "go"
    wait = f"import os, time\nwhile not os.path.exists({str(go)!r}): time.sleep(0.01)\n"
    monkeypatch.setattr(child, "COMMAND", wait + child.COMMAND)
    with moto.launch() as starting:
        go.touch()
        assert starting.ready().alive()


def test_it_serves_the_account_and_the_region_of_the_labs(running: moto.Moto) -> None:
    identity = running.access.client("sts").get_caller_identity()
    topic = running.access.client("sns").create_topic(Name="t")["TopicArn"]
    assert identity["Account"] == "123456789012"
    assert topic == "arn:aws:sns:us-east-1:123456789012:t"


def test_it_says_which_moto_it_is_and_which_mends_it_has(running: moto.Moto) -> None:
    assert running.version == __version__
    assert len(running.mends) == 12
    assert running.alive()


def test_the_region_may_be_another() -> None:
    with moto.launch(region="eu-west-1", services=()) as starting:
        topic = starting.ready().access.client("sns").create_topic(Name="t")["TopicArn"]
    assert topic.startswith("arn:aws:sns:eu-west-1:")


def test_it_listens_on_the_loopback_alone(running: moto.Moto) -> None:
    assert running.access.endpoint.startswith("http://127.0.0.1:")


def test_calls_are_counted_and_kept_in_a_journal() -> None:
    with moto.launch() as starting:
        running = starting.ready()
        assert running.calls() == 0
        client = running.access.client("s3")
        client.create_bucket(Bucket="counted")
        client.list_buckets()
        assert running.calls() == 2
        assert running.journal()[0] == {"method": "PUT", "path": "/counted", "service": "s3", "status": 200}


def test_closing_ends_the_process_and_leaves_no_zombie() -> None:
    running = moto.launch().ready()
    running.close()
    running.close()
    assert wait_until_gone(running.pid, 0)
    assert not running.alive()


def test_closing_what_is_still_starting_ends_it() -> None:
    starting = moto.launch()
    pid = starting._child.process.pid
    starting.close()
    starting.close()
    assert wait_until_gone(pid, 0)


def test_a_process_that_hangs_is_killed() -> None:
    running = moto.launch().ready()
    os.kill(running.pid, signal.SIGSTOP)
    running.close()
    assert wait_until_gone(running.pid, 0)


def test_a_taken_port_is_named_with_a_cure() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(
            EmulatorError, match=rf"port {port} of 127\.0\.0\.1: Address already in use; .*choose another"
        ):
            moto.launch(port=port).ready()


def test_a_port_that_was_asked_for_is_the_one() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
    with moto.launch(port=port) as starting:
        assert starting.ready().access.endpoint == f"http://127.0.0.1:{port}"


def test_a_service_that_moto_does_not_have_is_named() -> None:
    with pytest.raises(EmulatorError, match=r"no service at nonsense\.us-east-1"):
        moto.launch(services=("nonsense",)).ready()


def test_a_death_is_explained_by_the_last_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.emulators.moto.child.COMMAND", "raise OSError('no such luck')")
    with pytest.raises(EmulatorError, match="moto died: OSError: no such luck"):
        moto.launch().ready()


def test_a_flood_on_standard_error_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.emulators.moto.child.COMMAND", "import sys; sys.exit('x' * 10_000_000 + 'end')")
    starting = moto.launch()
    with pytest.raises(EmulatorError) as caught:
        starting.ready()
    assert len(str(caught.value)) < 400
    assert len(starting._child._said) <= 16384


def test_a_moto_that_was_killed_is_not_alive_and_says_so() -> None:
    running = moto.launch().ready()
    os.kill(running.pid, signal.SIGKILL)
    running._end()
    assert not running.alive()
    with pytest.raises(EmulatorError, match="moto died without a word"):
        running.calls()
    running.close()


def test_too_slow_a_start_is_an_error_and_ends_it() -> None:
    starting = moto.launch()
    with pytest.raises(EmulatorError, match=r"not ready within 0\.01 s"):
        starting.ready(timeout_seconds=0.01)
    assert wait_until_gone(starting._child.process.pid, 0)


def test_it_has_nothing_of_the_callers_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "secret-token")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with moto.launch() as starting:
        process = Path("/proc") / str(starting.ready().pid)
        environment = (process / "environ").read_bytes().decode()
        assert str((process / "cwd").resolve()) == "/"
    assert "secret-token" not in environment
    assert "PYTHONPATH" not in environment
    assert "AWS_ENDPOINT_URL" not in environment


def test_it_leaves_no_temporary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with moto.launch() as starting:
        client = starting.ready().access.client("s3")
        client.create_bucket(Bucket="bodies")
        client.put_object(Bucket="bodies", Key="big", Body=b"x" * (6 << 20))
        descriptors = (Path("/proc") / str(starting.ready().pid) / "fd").iterdir()
        assert not [one for one in descriptors if one.readlink().is_relative_to(tmp_path)]
        assert list(tmp_path.iterdir()) == []
    assert list(tmp_path.iterdir()) == []


ORPHAN = """
import os, signal, sys
from grader.emulators import moto
from grader.emulators.moto import child
running = moto.launch().ready()
fork = running.fork()
print(running.pid, fork.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_it_and_its_forks_die_with_a_grader_that_was_killed() -> None:
    ended = subprocess.run([sys.executable, "-c", ORPHAN], stdout=subprocess.PIPE, text=True, timeout=30, check=False)
    assert ended.returncode == -signal.SIGKILL
    for pid in ended.stdout.split():
        assert wait_until_gone(int(pid))


def test_no_thread_or_descriptor_stays_behind() -> None:
    moto.launch().ready().close()
    before = set(os.listdir("/proc/self/fd"))  # noqa: PTH208
    running = moto.launch().ready()
    running.fork().close()
    running.close()
    assert set(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_an_answer_that_comes_late_is_not_taken_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    with moto.launch() as starting:
        running = starting.ready()
        running.access.client("s3").list_buckets()
        os.kill(running.pid, signal.SIGSTOP)
        monkeypatch.setattr("grader.emulators.moto.running.REPLY_SECONDS", 0.1)
        with pytest.raises(EmulatorError, match=r"did not answer within 0\.1 s"):
            running.journal()
        os.kill(running.pid, signal.SIGCONT)
        monkeypatch.undo()
        assert running.calls() == 1
