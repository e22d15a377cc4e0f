"""start, status, reset, stop and run: what a student meets of an evening, through the real command."""

from __future__ import annotations

import os
import socket
import stat
import sys
import time
from pathlib import Path
from typing import Any

import botocore.session
import pexpect
import pytest
from conftest import LABGRADE, SECRET
from workspace.evenings import RIGHT_TAGS, Evening, free_port, listening, wait_until

from grader.cli.first_screen import READING, tried

BUCKET = "labgrade-hello-5e11a0"


def test_the_first_screen_says_names_numbers_and_what_next(evening: Evening) -> None:
    done = evening.start("s3-lifecycle")
    for words in (
        "Version and age objects in S3",
        "s3-lifecycle, about 60 minutes",
        "It is an emulator: nothing",
        f"endpoint  http://127.0.0.1:{evening.port}",
        "region    us-east-1",
        "account   123456789012",
        "LAB_RECOVERY_BUCKET  labgrade-recovery-3fa9c1   is there, damaged",
        "LAB_IA_DAYS          30",
        "aws s3 ls",
        "labgrade shell s3-lifecycle",
        'eval "$(labgrade env)"',
    ):
        assert words in done.out, done.out
    assert max(len(line) for line in done.out.splitlines()) <= 80
    assert done.err == ""


def test_what_is_to_be_tried_reads_and_is_of_a_service_of_the_lab() -> None:
    assert tried(["sqs"]) == "sqs list-queues"
    assert tried(["ec2"]) == "ec2 describe-vpcs"
    assert tried(["sns", "sqs", "kms"]) == "sns list-topics"
    assert tried(["s3"]) == "s3 ls"
    assert tried(["braket"]) == "sts get-caller-identity"
    model = botocore.session.get_session()
    for service, command in READING.items():
        words = command.split()
        if words != ["s3", "ls"]:
            name = "".join(word.title() for word in words[1].split("-"))
            api = model.get_service_model(service)
            known = {operation.lower(): operation for operation in api.operation_names}
            asked = api.operation_model(known[name.lower()]).input_shape
            assert words[0] == service
            assert name.startswith(("List", "Describe"))
            assert not (asked and asked.required_members)


def test_the_emulator_outlives_the_command_and_has_the_starting_state(evening: Evening) -> None:
    evening.start("s3-lifecycle")
    names = [bucket["Name"] for bucket in evening.client("s3", "s3-lifecycle").list_buckets()["Buckets"]]
    assert names == ["labgrade-recovery-3fa9c1"]


def test_the_first_run_says_that_nobody_has_called(evening: Evening) -> None:
    evening.start()
    since = evening.status()["started_at"]
    clock = time.strftime("%H:%M", time.localtime(since))
    told = " ".join(evening("run", "hello").out.split())
    assert "Your workspace on moto 5.2.5, which has had no call from you." in told
    assert f"since it started at {clock}. Is your shell pointed at it? This one is not: AWS_ENDPOINT_URL is not" in told
    elsewhere = evening("run", "hello", env={"AWS_ENDPOINT_URL": "http://localhost:1"}).out
    assert "AWS_ENDPOINT_URL is http://localhost:1" in " ".join(elsewhere.split())
    here = evening("run", "hello", env={"AWS_ENDPOINT_URL": f"http://localhost:{evening.port}"}).out
    assert "This shell is pointed at it" in " ".join(here.split())


def test_a_run_tells_the_calls_and_the_score_of_last_time(evening: Evening) -> None:
    evening.start()
    s3 = evening.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    first = evening.report()
    assert (first["score"], first["emulator"]["calls"], first["grading"]) == (40, 1, {})
    s3.put_bucket_tagging(Bucket=BUCKET, Tagging=RIGHT_TAGS)
    s3.list_buckets()
    done = evening("run", "hello")
    assert done.code == 0
    assert "after 3 calls of yours. Last time: 40." in " ".join(done.out.split())
    assert evening.status()["calls"] == 3


def test_list_shows_the_best_score_so_far(evening: Evening) -> None:
    evening.start()
    s3 = evening.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    evening.report()
    s3.delete_bucket(Bucket=BUCKET)
    assert evening.report()["score"] == 0
    row = next(line for line in evening("list").out.splitlines() if line.startswith("hello"))
    assert row.endswith("best 40 of 100")
    evening("stop", "hello")
    assert "best 40 of 100" in evening("list").out


def test_a_run_grades_with_the_names_of_whom_it_was_started_for(evening: Evening) -> None:
    evening.start("hello", "--student", "ada/../é", "--course", "C1")
    bucket = evening.kept()["parameters"]["bucket"]
    evening.client("s3").create_bucket(Bucket=bucket)
    report = evening.report()
    assert (report["score"], report["student"], report["course"]) == (40, "ada/../é", "C1")
    assert report["parameters"]["bucket"] == bucket != BUCKET
    assert not list(evening.state.rglob("*ada*"))
    told = evening("run", "hello", "--student", "bob").out
    assert "ada/../é, for whom it was started" in " ".join(told.split())


def test_a_run_knows_the_facts_of_the_scenario(evening: Evening) -> None:
    evening.start("s3-lifecycle")
    s3 = evening.client("s3", "s3-lifecycle")
    marker = s3.list_object_versions(Bucket="labgrade-recovery-3fa9c1")["DeleteMarkers"][0]
    s3.delete_object(Bucket="labgrade-recovery-3fa9c1", Key=marker["Key"], VersionId=marker["VersionId"])
    outcomes = {check["id"]: check["outcome"] for check in evening.report("s3-lifecycle")["checks"]}
    brought_back = [name for name, outcome in outcomes.items() if outcome == "passed"]
    assert any("q1" in name or "deleted" in name for name in brought_back), outcomes


def test_grading_leaves_no_trace(evening: Evening) -> None:
    evening.start("s3-lifecycle")
    s3 = evening.client("s3", "s3-lifecycle")
    s3.create_bucket(Bucket="labgrade-photos-3fa9c1")
    journal = evening.folder("s3-lifecycle") / "journal.jsonl"
    before = (complete(s3), journal.read_bytes(), evening.status("s3-lifecycle")["calls"])
    reads = 2  # of `complete`, by the student
    first, second = evening.report("s3-lifecycle"), evening.report("s3-lifecycle")
    assert first["checks"][0]["outcome"] == "passed"
    after = (complete(s3), journal.read_bytes(), evening.status("s3-lifecycle")["calls"])
    assert after == (*before[:2], before[2] + reads)
    from grader.report import canonical

    first["grading"] = second["grading"] = {}
    assert canonical(first)["checks"] == canonical(second)["checks"]


def complete(s3: Any) -> Any:
    kept = [s3.list_buckets()["Buckets"]]
    kept.append(s3.list_object_versions(Bucket="labgrade-recovery-3fa9c1")["Versions"])
    return kept


def test_two_labs_are_open_at_once_and_have_to_be_named(evening: Evening) -> None:
    evening.start()
    evening.port = free_port()
    evening.start("s3-lifecycle")
    shown = evening("status").out
    assert "hello " in shown
    assert "s3-lifecycle " in shown
    for command in (["run"], ["env"], ["shell"], ["stop"], ["reset"]):
        done = evening(*command)
        assert done.code == 2
        assert "hello and s3-lifecycle: say which one" in done.err
    evening("stop", "s3-lifecycle")
    assert "Your first bucket" in evening("run").out


def test_starting_what_is_open_shows_the_screen_again(evening: Evening) -> None:
    evening.start()
    evening.client("s3").create_bucket(Bucket=BUCKET)
    again = evening("start", "hello")
    assert again.code == 0
    assert "It has been open since" in again.out
    assert evening.client("s3").list_buckets()["Buckets"][0]["Name"] == BUCKET
    other = evening("start", "hello", "--student", "bob")
    assert (other.code, "labgrade stop hello" in other.err) == (2, True)


def test_reset_starts_over_on_the_same_port(evening: Evening) -> None:
    evening.start("s3-lifecycle")
    evening.client("s3", "s3-lifecycle").create_bucket(Bucket="labgrade-photos-3fa9c1")
    assert evening("reset", "s3-lifecycle").code == 0
    row = evening.status("s3-lifecycle")
    assert (row["endpoint"], row["calls"]) == (f"http://127.0.0.1:{evening.port}", 0)
    names = [bucket["Name"] for bucket in evening.client("s3", "s3-lifecycle").list_buckets()["Buckets"]]
    assert names == ["labgrade-recovery-3fa9c1"]


def test_stop_ends_it_and_twice_is_no_error(evening: Evening) -> None:
    evening.start()
    pid = evening.kept("keeper.json")["pid"]
    assert evening("stop").code == 0
    wait_until(lambda: not Path(f"/proc/{pid}").exists() or sys.platform != "linux")
    assert not listening(evening.port)
    assert not evening.folder().exists()
    for words in (["stop", "hello"], ["stop"]):
        done = evening(*words)
        assert (done.code, done.err) == (0, "")
    assert evening("stop", "helo").code == 2


def test_a_terminal_is_asked_before_work_is_lost(evening: Evening) -> None:
    evening.start()
    quick = pexpect.spawn(str(LABGRADE), ["stop"], env=evening.environment(), timeout=30, encoding="utf-8")
    quick.expect("has ended")  # nothing was built: nothing is asked
    quick.close()
    evening.start()
    evening.client("s3").create_bucket(Bucket=BUCKET)
    for command in ("stop", "reset"):
        asked = pexpect.spawn(str(LABGRADE), [command], env=evening.environment(), timeout=30, encoding="utf-8")
        asked.expect("1 call of yours")
        asked.sendline("n")
        asked.expect(pexpect.EOF)
        asked.close()
        assert asked.exitstatus == 130
    assert evening.status()["running"]
    assert evening("stop", "--yes").code == 0


def test_nothing_of_the_callers_secrets_lives_on(evening: Evening) -> None:
    evening.start()
    if sys.platform == "linux":
        environ = Path(f"/proc/{evening.kept('keeper.json')['pid']}/environ").read_bytes()
        assert SECRET.encode() not in environ
    assert all(SECRET not in path.read_text("utf-8", "replace") for path in evening.state.rglob("*") if path.is_file())


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_what_is_remembered_is_for_nobody_else(evening: Evening) -> None:
    evening.start()
    for path in (evening.state / "labgrade").rglob("*"):
        if path.name == "labgrade" or "bin" in path.parts or path.suffix == ".lock" or path.suffix == ".log":
            continue
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 or path.parent == evening.folder(), path
    assert stat.S_IMODE((evening.state / "labgrade").stat().st_mode) == 0o700
    assert stat.S_IMODE(evening.folder().stat().st_mode) == 0o700


def test_a_keeper_whose_folder_is_gone_ends(evening: Evening) -> None:
    evening.start()
    import shutil

    shutil.rmtree(evening.folder())
    wait_until(lambda: not listening(evening.port))


def test_an_emulator_that_is_already_running_is_prepared_and_left(evening: Evening) -> None:
    from grader.emulators import moto

    with moto.launch(services=["s3"]).ready() as running:
        url = running.access.endpoint
        assert evening("start", "s3-lifecycle", "--endpoint-url", url).code == 0
        s3 = running.access.client("s3")
        assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["labgrade-recovery-3fa9c1"]
        s3.create_bucket(Bucket="labgrade-photos-3fa9c1")
        report = evening.report("s3-lifecycle")
        assert report["checks"][0]["outcome"] == "passed"
        assert all(check["outcome"] != "skipped" or check["needs"] for check in report["checks"])
        assert report["emulator"]["endpoint"] == url
        assert any("`labgrade start s3-lifecycle` has prepared it" in note["message"] for note in report["notes"])
        assert evening("stop", "s3-lifecycle").code == 0
        assert len(s3.list_buckets()["Buckets"]) == 2


def test_a_workspace_steps_back_where_another_emulator_is_named(evening: Evening) -> None:
    evening.start()
    evening.client("s3").create_bucket(Bucket=BUCKET)
    done = evening("run", "hello", "--endpoint-url", f"http://127.0.0.1:{free_port()}")
    assert (done.code, "no emulator answers" in done.err) == (2, True)
    named = evening.report("hello", "--endpoint-url", f"http://localhost:{evening.port}")
    assert (named["score"], named["emulator"]["calls"]) == (40, 1)


def test_main_py_beside_no_workspace_is_pointed_out(evening: Evening) -> None:
    (evening.home / "main.py").write_text("print()\n")
    done = evening("run", "hello", env={"LOCALSTACK_HOST": f"127.0.0.1:{free_port()}"})
    assert done.code == 2
    assert "main.py is here: `labgrade run hello main.py` grades it." in done.err
    asked = pexpect.spawn(
        str(LABGRADE), ["run", "hello"], env=evening.environment(), cwd=evening.home, timeout=60, encoding="utf-8"
    )
    asked.expect("Grade main.py?")
    asked.sendline("")
    asked.expect("on a fresh moto")
    asked.close()
    evening.start()
    assert "main.py is here" not in evening("run", "hello").err


def test_a_taken_port_is_stepped_around_and_said(evening: Evening) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = evening("start", "hello", "--port", port)
        assert (done.code, done.out) == (3, "")
        assert f"port {port}" in done.err
        assert not (evening.folder() / "keeper.json").exists()
