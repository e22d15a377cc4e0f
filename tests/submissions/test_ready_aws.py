"""Calls of `aws` after a submission's first: forks of what that one left, and no different from the plain program."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from sandbox.processes import living

from grader import submissions
from grader.access import Access
from grader.errors import SandboxError
from grader.sandbox import open_sandbox
from grader.submissions import Run, tools

Runner = Callable[..., Run]
if sys.platform != "linux" or not tools._python_of(Path(tools.real_aws() or "/")):
    pytest.skip("there is no AWS CLI beside labgrade that is a program in Python", allow_module_level=True)

# The server's process, and whether a call is one of its forks.
KNOWN = r"""
server() { grep -lsa "${PATH%%:*}/.aws/serve.py" /proc/[0-9]*/cmdline | cut -d/ -f3 | while read -r pid; do
  [ "$(cut -d' ' -f6 < /proc/$pid/stat)" = $pid ] && echo $pid; done; }
children() { local pid; pid=$(server); [ "$pid" ] && cat /proc/$pid/task/$pid/children; }
forked() { mkfifo held; "$@" s3 cp - s3://none/key < held > /dev/null 2>&1 & exec 4> held; rm held
  for moment in {1..20}; do [ "$(children)" ] && break; sleep 0.1; done
  [ "$(children)" ] && echo forked || echo plain; exec 4>&-; wait $!; }
"""
FIRST = KNOWN + "aws sqs create-queue --queue-name first > /dev/null\n"
AWKWARD = r"""
aws s3 mb s3://some-bucket
printf 'hel\r\nlo' | aws s3 cp - s3://some-bucket/a
aws s3 cp s3://some-bucket/a - | od -c
aws s3 cp - s3://some-bucket/here <<END
a heredoc
END
aws s3 cp s3://some-bucket/here -
echo "[$(aws s3api head-object --bucket some-bucket --key a --query ContentLength)]"
aws s3api head-object --bucket some-bucket --key none; echo $?
aws nonsense; echo $?
aws s3api create-bucket; echo $?
aws configure set region eu-west-1 --profile other; aws configure get region --profile other
aws --profile missing sts get-caller-identity; echo $?
AWS_DEFAULT_OUTPUT=text aws sts get-caller-identity
export AWS_DEFAULT_OUTPUT=table; aws sts get-caller-identity; unset AWS_DEFAULT_OUTPUT
env -u AWS_DEFAULT_REGION -u AWS_REGION aws sqs list-queues; echo $?
echo '{"QueueName": "of-a-file"}' > q.json; mkdir sub
aws sqs create-queue --cli-input-json file://q.json
aws sqs create-queue --cli-input-json file:///dev/stdin < q.json
aws sqs create-queue --cli-input-json file://<(cat q.json)
(cd sub && aws s3 cp --no-progress ../q.json s3://some-bucket/relative)
(umask 077; aws s3 cp --no-progress s3://some-bucket/relative private; stat -c %a private)
head -c 20000000 /dev/zero > big; aws s3 cp --no-progress big s3://some-bucket/big
aws s3 cp --quiet s3://some-bucket/big back; cmp big back && echo same; ls -l | tr -s ' ' | cut -d' ' -f1,5,9
url=$(aws sqs get-queue-url --queue-name of-a-file --query QueueUrl --output text)
aws sqs send-message --queue-url "$url" --message-body 'é ☃' --query MD5OfMessageBody
aws sqs receive-message --visibility-timeout 0 --queue-url "$url" --query 'Messages[].Body' --output text | od -c
LC_ALL=C aws sqs receive-message --visibility-timeout 0 --queue-url "$url" \
  --query 'Messages[].Body' --output text | od -c
PYTHONIOENCODING=utf-16 aws sqs receive-message --visibility-timeout 0 --queue-url "$url" \
  --query 'Messages[].Body' --output text | od -c
aws s3 ls s3://some-bucket | cut -c20- > listed; cat listed
aws s3api list-buckets --query 'Buckets[].Name' > /dev/full; echo $?
aws s3api list-buckets --query 'Buckets[].Name' >&-; echo $?
aws s3api list-buckets --query 'Buckets[].Name' <&-; echo $?
aws s3api wait bucket-exists --bucket some-bucket; echo $?
aws s3 sync sub s3://some-bucket/sub; echo $?
for i in 1 2 3 4 5 6; do aws sqs create-queue --queue-name "many-$i" > /dev/null & done; wait
aws sqs list-queues --queue-name-prefix many --query 'length(QueueUrls)'
python -c 'import subprocess; print(subprocess.run(["aws", "s3api", "list-buckets", "--query", "Buckets[].Name"]))'
exec 5> five; aws s3api list-buckets --query 'Buckets[].Name'; exec 5>&-
(ulimit -n 256; aws s3api list-buckets --query 'Buckets[].Name')
HOME=$PWD/sub AWS_CONFIG_FILE= aws configure set region eu-north-1; cat sub/.aws/config
mkdir -p ~/.aws/cli; printf '[toplevel]\nwho = sts get-caller-identity --query Account\nout = !echo outside $1\n' \
  > ~/.aws/cli/alias
aws who; aws out
mkfifo pipe; sleep 1000 > pipe &
aws s3 cp - s3://some-bucket/never < pipe & pid=$!; sleep 2; kill -TERM $pid; wait $pid; echo $?
timeout --preserve-status -s KILL 2 aws s3 cp - s3://some-bucket/never < pipe; echo $?
aws --version; echo $?
"""


def printed(done: Run) -> str:
    return done.stages[-1].ended.stdout


@pytest.mark.slow
@pytest.mark.long
def test_it_prints_and_leaves_what_the_plain_program_does(
    run: Runner, warm_emulator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told() -> list[str]:
        with warm_emulator.fork() as emulator:
            done = run({"main.sh": AWKWARD}, emulator.access, seconds=240).stages[-1].ended
            texts = [text.replace(emulator.access.endpoint, "THERE") for text in (done.stdout, done.stderr)]
            return [re.sub(r"(line \d+): +\d+ ", r"\1: ", text) for text in texts]  # bash tells whom a signal ended

    ready = told()
    plain_front = tools.front
    monkeypatch.setattr(tools, "front", lambda folder, **_: plain_front(folder))
    assert ready == told()
    assert "same\n" in ready[0]


def test_calls_after_the_first_are_forks(run: Runner, access: Access) -> None:
    script = FIRST + "forked aws\naws sqs list-queues --query 'length(QueueUrls)'"
    assert printed(run({"main.sh": script}, access)) == "forked\n1\n"


def test_what_an_import_has_read_makes_a_call_a_plain_one(run: Runner, access: Access) -> None:
    changes = ["AWS_REGION=eu-west-1", "HOME=$PWD", "LC_ALL=C"]
    script = FIRST + "\n".join(f"forked env {change} aws" for change in changes)
    assert printed(run({"main.sh": script}, access)).split() == ["forked", "plain", "plain"]


def test_a_call_is_in_the_surroundings_of_its_caller(run: Runner, access: Access) -> None:
    script = FIRST + (
        "export AWS_DEFAULT_OUTPUT=text AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1; mkdir below; cd below\n"
        "aws sqs create-queue --queue-name elsewhere > answer; umask 077\n"
        'echo \'{"QueueNamePrefix": "else"}\' > asked\n'
        "aws sqs list-queues --cli-input-json file://asked | sed 's/.*:[0-9]*//' > ../answer; cat answer ../answer\n"
    )
    answer = printed(run({"main.sh": script}, access)).splitlines()
    assert [line.rpartition("/")[2] for line in answer] == ["elsewhere", "elsewhere"]
    assert "elsewhere" not in repr(access.client("sqs").list_queues())


def test_a_server_that_was_killed_is_replaced(run: Runner, access: Access) -> None:
    script = FIRST + (
        "kill -KILL $(server); aws sqs list-queues --query 'length(QueueUrls)'; forked aws\n"
        "rm -r ${PATH%%:*}/.aws; aws sqs list-queues --query 'length(QueueUrls)'\n"
    )
    assert printed(run({"main.sh": script}, access)) == "1\nforked\n1\n"


def test_a_command_under_way_is_not_begun_anew_when_the_server_is_killed(run: Runner, access: Access) -> None:
    script = FIRST + (
        "mkfifo pipe; aws s3 mb s3://some-bucket\n"
        '{ until [ "$(children)" ]; do sleep 0.1; done; sleep 0.5; kill -KILL $(server); echo late; } > pipe &\n'
        "aws s3 cp - s3://some-bucket/key < pipe; echo $?; aws s3 cp s3://some-bucket/key -\n"
    )
    assert printed(run({"main.sh": script}, access)) == "make_bucket: some-bucket\n137\nlate\n"


def test_many_calls_at_once(run: Runner, access: Access) -> None:
    script = "for i in 1 2 3 4 5 6 7 8; do aws sqs create-queue --queue-name q$i --output text & done; wait"
    lines = printed(run({"main.sh": "aws sqs list-queues\n" + script}, access)).splitlines()
    assert sorted(line.rpartition("/")[2] for line in lines) == [f"q{number}" for number in range(1, 9)]


@pytest.mark.parametrize(("signal", "code"), [("TERM", 143), ("INT", 130), ("KILL", 137), ("HUP", 129)])
def test_a_signal_ends_the_command(run: Runner, access: Access, signal: str, code: int) -> None:
    script = FIRST + (
        "mkfifo pipe; sleep 50 > pipe & trap '' PIPE\n"
        f"timeout --preserve-status -s {signal} 1 aws sqs create-queue --cli-input-json file:///dev/stdin < pipe\n"
        "echo $?; sleep 0.2; ls -l /proc/[0-9]*/fd 2>&1 | grep -c $PWD/pipe\n"
    )
    ended = run({"main.sh": script}, access, seconds=30).stages[-1].ended
    assert ended.stdout.split() == [str(code), "1"]


def test_it_holds_no_pipe_of_the_submissions(run: Runner, access: Access) -> None:
    script = KNOWN + (
        "answer=$(aws sqs list-queues 2>&1; exec 2>&1; aws sqs create-queue --queue-name q --output text)\n"
        "echo ${answer##*/}; exec 5> >(cat); aws sqs list-queues >&5; exec 5>&-; ls -l /proc/$(server)/fd\n"
    )
    before = time.monotonic()
    lines = printed(run({"main.sh": script}, access)).splitlines()
    assert lines[0] == "q"
    held = {line.rpartition("-> ")[2].partition(":")[0] for line in lines if "-> " in line}
    assert {name.rpartition("/")[2] for name in held} == {"null", "lock", "socket", "pipe"}
    assert sum("pipe:" in line for line in lines) == 2  # its own
    assert time.monotonic() - before < 20


@pytest.mark.parametrize("level", ["none", "user", "bwrap"])
def test_nothing_of_it_is_left_nor_waited_for(
    level: Any, write: Callable[..., Path], warm_emulator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/tmp")  # another user does not get into pytest's
    try:
        sandbox = open_sandbox(level)
    except SandboxError as error:
        pytest.skip(str(error))
    mark = f"{level}-{os.getpid()}"
    script = f"aws sqs create-queue --queue-name {mark} >&2\naws sqs list-queues --query 'length(QueueUrls)'"
    script += f"\n{KNOWN}tr '\\0' '\\n' < /proc/$(server)/cmdline | grep -c {mark}; date +%s.%N"
    submission = submissions.read(write({"main.sh": script}))
    with warm_emulator.fork() as emulator:
        serving: Callable[..., AbstractContextManager[None]] = emulator.serving
        done = submissions.run(submission, access=emulator.access, parameters={}, sandbox=sandbox, serving=serving)
    took = time.time()
    ended = done.stages[-1].ended
    assert (ended.exit_code, ended.message) == (0, None)
    count, running, last = ended.stdout.split()
    assert (count, running) == ("1", "1")
    assert took - float(last) < 2
    assert not living(mark)
