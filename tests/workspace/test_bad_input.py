"""What can be wrong with a machine and a folder: one clear line for each, and never a traceback."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
from pathlib import Path

import pytest
from conftest import LABGRADE, Ended
from workspace.evenings import Evening, free_port, wait_until

BUCKET = "labgrade-hello-5e11a0"


def refused(done: Ended, *words: str, code: int = 2) -> None:
    assert (done.code, done.out) == (code, ""), (done.out, done.err)
    assert "Traceback" not in done.err
    assert "fault of ours" not in done.err
    assert len(done.err.splitlines()) == 1
    for word in words:
        assert word in done.err, done.err


def test_no_home_directory(evening: Evening) -> None:
    nowhere = {"XDG_STATE_HOME": "", "HOME": "", "USERPROFILE": ""}
    refused(evening("start", "hello", env=nowhere), "no home directory", "XDG_STATE_HOME")
    refused(evening("status", env=nowhere), "no home directory")
    assert evening("list", env=nowhere).code == 0
    (evening.home / "main.py").write_text("print()\n")
    assert evening("run", "hello", "main.py", env=nowhere).code == 1


def test_a_state_folder_that_is_a_file(evening: Evening) -> None:
    evening.state.write_text("")
    refused(evening("start", "hello"), str(evening.state), "XDG_STATE_HOME")
    assert evening("list").code == 0


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root gives folders away")
def test_a_state_folder_of_another_user(evening: Evening) -> None:
    (evening.state / "labgrade").mkdir(parents=True)
    os.chown(evening.state / "labgrade", 12345, 12345)
    refused(evening("start", "hello"), "belongs to another user", "sudo")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"lab": 1}', '{"parameters": 3}', "\x00\xff", "null"])
def test_a_broken_workspace_is_named_and_stop_clears_it(evening: Evening, content: str) -> None:
    evening.folder().mkdir(parents=True)
    (evening.folder() / "workspace.json").write_text(content)
    for command in ("start", "run", "shell", "env", "reset"):
        refused(evening(command, "hello"), "workspace.json is broken")
    assert "is broken" in evening("status").err
    assert evening("stop", "hello").code == 0
    assert not evening.folder().exists()


def test_a_keeper_file_that_names_a_stranger(evening: Evening) -> None:
    """After a reboot somebody else may have the port: it is asked, and not believed."""
    evening.start()
    evening.client("s3").create_bucket(Bucket=BUCKET)
    evening.kill()
    keeper = evening.folder() / "keeper.json"
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        threading.Thread(target=_babble, args=(stranger,), daemon=True).start()
        keeper.write_text(json.dumps({"port": stranger.getsockname()[1], "token": "secret", "pid": 1}))
        assert evening.status()["running"] is False
        assert evening("start", "hello").code == 0
    assert evening.report()["score"] == 40


def _babble(stranger: socket.socket) -> None:
    while True:
        try:
            connection, _ = stranger.accept()
            connection.recv(100)
            connection.sendall(b'{"alive": true, "calls": 3, "token": "secret"}\n')
        except OSError:
            return


@pytest.mark.parametrize("content", ["", "[]", '{"port": "x"}', '{"port": 99999999, "token": 1}'])
def test_a_broken_keeper_file_is_a_dead_keeper(evening: Evening, content: str) -> None:
    evening.start()
    evening.kill()
    (evening.folder() / "keeper.json").write_text(content)
    assert evening.status()["running"] is False
    assert evening("start", "hello").code == 0


def test_a_port_taken_by_something_that_is_no_emulator(evening: Evening) -> None:
    evening.start()
    evening.kill()
    with socket.create_server(("127.0.0.1", evening.port)):
        done = evening("start", "hello")
        assert done.code == 0
        assert f"port {evening.port} is taken" in " ".join(done.out.split())
        refused(evening("start", "s3-lifecycle", "--endpoint-url", f"http://127.0.0.1:{evening.port}"), "no emulator")


def test_a_start_that_was_broken_off_begins_anew(evening: Evening) -> None:
    evening.start()
    kept = evening.kept()
    (evening.folder() / "workspace.json").write_text(json.dumps({**kept, "prepared": False}))
    refused(evening("env", "hello"), "has no workspace")
    assert evening("start", "hello", "--port", evening.port).code == 0
    assert evening.kept()["id"] != kept["id"]


def test_two_starts_at_once_open_one(evening: Evening) -> None:
    command = [str(LABGRADE), "start", "hello", "--port", str(evening.port)]
    both = [
        subprocess.Popen(command, env=evening.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sum(b"It has been open since" in out for out, _ in said) == 1


def test_a_start_that_is_interrupted_leaves_nothing(evening: Evening) -> None:
    process = subprocess.Popen(
        [LABGRADE, "start", "s3-lifecycle", "--port", str(evening.port)], env=evening.environment(),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    wait_until((evening.folder("s3-lifecycle") / "workspace.json").exists)
    process.send_signal(2)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, b"Traceback" in err) == (130, False)
    assert not (evening.folder("s3-lifecycle") / "workspace.json").exists()
    wait_until(lambda: subprocess.run(["pgrep", "-f", str(evening.state)], capture_output=True).returncode == 1)


def test_an_emulator_that_is_not_there(evening: Evening) -> None:
    done = evening("start", "hello", "--endpoint-url", f"http://127.0.0.1:{free_port()}")
    refused(done, "no emulator answers")
    assert evening("status").out.startswith("No workspace is open")


def test_aws_itself_is_never_prepared(evening: Evening) -> None:
    refused(evening("start", "hello", "--endpoint-url", "https://s3.amazonaws.com"), "belongs to AWS itself")


def test_a_scenario_that_breaks_leaves_no_workspace(evening: Evening, tmp_path: Path) -> None:
    import shutil

    from conftest import ROOT

    lab = tmp_path / "labs" / "broken"
    shutil.copytree(ROOT / "labs/hello", lab)
    (lab / "scenario.py").write_text("def prepare(access, given):\n    return {'bytes': b'not JSON'}\n")
    done = evening("start", "broken", "--labs", lab.parent, "--port", evening.port)
    refused(done, "scenario.py", "facts", code=3)
    assert evening("status").out.startswith("No workspace is open")


def test_into_without_files(evening: Evening) -> None:
    refused(evening("start", "hello", "--into", "x"), "--into")


def test_a_disk_that_takes_nothing_is_one_line(evening: Evening) -> None:
    import resource

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    command = [LABGRADE, "start", "hello", "--port", str(evening.port)]
    done = subprocess.run(
        command, env=evening.environment(), preexec_fn=full, capture_output=True, text=True, timeout=120
    )
    refused(Ended(done.returncode, done.stdout, done.stderr), str(evening.state), code=done.returncode)
    assert done.returncode in (2, 3)
    assert evening("status").out.startswith("No workspace is open")
    assert evening("start", "hello", "--port", evening.port).code == 0  # once there is room


def test_another_users_workspace_on_the_same_port_is_left_alone(evening: Evening, tmp_path: Path) -> None:
    """Of two users of one machine each has a state of their own; one's workspace died, and the other took its port."""
    (tmp_path / "other").mkdir()
    other = Evening(tmp_path / "other")
    evening.start()
    evening.client("s3").create_bucket(Bucket=BUCKET)
    evening.kill()
    other.port = evening.port
    try:
        other.start()
        done = evening("start", "hello")
        assert f"Its port {evening.port} is taken" in " ".join(done.out.split())
        assert (evening.report()["score"], other.report()["score"]) == (40, 0)
        assert evening("stop", "hello", "--yes").code == 0
        assert other.status()["running"]
        assert other.client("s3").list_buckets()["Buckets"] == []
    finally:
        other("stop", "hello", "--yes")
