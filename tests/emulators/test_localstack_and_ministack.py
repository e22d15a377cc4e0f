"""The real LocalStack and MiniStack, as labgrade starts them: through boto3, the AWS CLI and bare sockets."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from grader.access import ForkUnsupported
from grader.emulators import launch, program
from grader.emulators.interface import Starting
from grader.emulators.live import find
from grader.emulators.own import Own
from grader.errors import EmulatorError

NAMES = ("ministack", "localstack")
VERSIONS = {"ministack": "1.5.33", "localstack": "4.14.0"}
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
AWS = Path(sys.executable).with_name("aws")
WAIT_SECONDS = 30


def begun(name: str, region: str = "us-east-1") -> Starting:
    """Where it cannot be had, the test is skipped; never in CI, where it must be there."""
    try:
        return launch(name, region=region)
    except EmulatorError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="module", params=NAMES)
def emulator(request: pytest.FixtureRequest) -> Iterator[Own]:
    emulator = begun(request.param).ready()
    yield emulator
    emulator.close()


def s3(emulator: Own, **named: Any) -> Any:
    client = emulator.access.client("s3")
    client.create_bucket(Bucket=named["Bucket"])
    return client


def test_it_is_empty_and_in_the_account_that_labs_hard_code(emulator: Own) -> None:
    assert emulator.to_json() == {
        "name": emulator.name,
        "version": VERSIONS[emulator.name],
        "endpoint": emulator.access.endpoint,
        "fresh": True,
    }
    assert emulator.access.client("sts").get_caller_identity()["Account"] == "123456789012"
    assert emulator.access.client("sns").list_topics()["Topics"] == []
    assert (emulator.alive(), emulator.mends) == (True, "")
    with pytest.raises(ForkUnsupported):
        emulator.fork()


def test_the_region_is_the_one_that_was_asked_for() -> None:
    emulator = begun("ministack", "eu-west-1").ready()
    with emulator:
        topic = emulator.access.client("sns").create_topic(Name="news")["TopicArn"]
    assert topic == "arn:aws:sns:eu-west-1:123456789012:news"


def test_a_message_goes_round_and_the_queues_url_is_the_gates(emulator: Own) -> None:
    sqs = emulator.access.client("sqs")
    url = sqs.create_queue(QueueName="round")["QueueUrl"]
    assert url.startswith(f"{emulator.access.endpoint}/")
    assert sqs.get_queue_url(QueueName="round")["QueueUrl"] == url
    sqs.send_message(QueueUrl=url, MessageBody="there and back")
    assert sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1)["Messages"][0]["Body"] == "there and back"


def test_a_queue_waits_for_a_message_through_the_gate(emulator: Own) -> None:
    sqs = emulator.access.client("sqs")
    url = sqs.create_queue(QueueName="patient")["QueueUrl"]
    sender = threading.Timer(0.5, sqs.send_message, kwargs={"QueueUrl": url, "MessageBody": "late"})
    sender.start()
    assert sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"][0]["Body"] == "late"
    sender.join()


def test_an_object_of_megabytes_comes_back_as_it_was(emulator: Own) -> None:
    body = os.urandom(9 << 20)
    client = s3(emulator, Bucket="large")
    client.put_object(Bucket="large", Key="whole", Body=body)
    assert client.get_object(Bucket="large", Key="whole")["Body"].read() == body
    assert client.get_object(Bucket="large", Key="whole", Range="bytes=5-9")["Body"].read() == body[5:10]
    assert client.head_object(Bucket="large", Key="whole")["ContentLength"] == len(body)


def test_a_presigned_url_works_without_boto3(emulator: Own) -> None:
    client = s3(emulator, Bucket="presigned")
    arguments = {"Bucket": "presigned", "Key": "a b+c.txt"}
    put = client.generate_presigned_url("put_object", arguments)
    assert put.startswith(emulator.access.endpoint)
    urlopen(Request(put, b"by url", method="PUT"), timeout=WAIT_SECONDS).close()
    with urlopen(client.generate_presigned_url("get_object", arguments), timeout=WAIT_SECONDS) as answer:
        assert answer.read() == b"by url"


@pytest.mark.parametrize("key", ["_localstack/health", "_ministack/reset", "a//b", "100%", "ä €+&?#", "x/../y"])
def test_a_key_is_a_key_whatever_it_looks_like(emulator: Own, key: str) -> None:
    client = s3(emulator, Bucket="keys")
    client.put_object(Bucket="keys", Key=key, Body=key.encode())
    assert client.get_object(Bucket="keys", Key=key)["Body"].read() == key.encode()
    assert key in [entry["Key"] for entry in client.list_objects_v2(Bucket="keys")["Contents"]]


def test_a_bucket_is_found_by_its_host_name(emulator: Own) -> None:
    client = s3(emulator, Bucket="by-host")
    client.put_object(Bucket="by-host", Key="k", Body=b"found")
    host = "by-host.s3.us-east-1.localhost.localstack.cloud"
    presigned = client.generate_presigned_url("get_object", {"Bucket": "by-host", "Key": "k"})
    asked = Request(presigned.replace("/by-host/k", "/k"), headers={"Host": host})
    with urlopen(asked, timeout=WAIT_SECONDS) as answer:
        assert answer.read() == b"found"


STACK = """
Resources:
  Queue: {Type: AWS::SQS::Queue}
  Bucket: {Type: AWS::S3::Bucket}
Outputs:
  Url: {Value: !Ref Queue}
"""


def test_a_stack_is_created_and_its_output_names_the_gate(emulator: Own) -> None:
    client = emulator.access.client("cloudformation")
    client.create_stack(StackName="both", TemplateBody=STACK)
    client.get_waiter("stack_create_complete").wait(StackName="both", WaiterConfig={"Delay": 0.2, "MaxAttempts": 100})
    (output,) = client.describe_stacks(StackName="both")["Stacks"][0]["Outputs"]
    assert f":{emulator._gate.port}/" in output["OutputValue"]
    sqs = emulator.access.client("sqs")
    assert "Messages" not in sqs.receive_message(QueueUrl=output["OutputValue"])


def test_a_network_is_made(emulator: Own) -> None:
    ec2 = emulator.access.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    assert [one["CidrBlock"] for one in ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"]] == ["10.9.0.0/16"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sqs", "create-queue", "--queue-name", "by-cli"], "/by-cli"),
        (["s3", "mb", "s3://by-cli"], "make_bucket: by-cli"),
        (["ec2", "create-vpc", "--cidr-block", "10.8.0.0/16"], "10.8.0.0/16"),
        (["cloudformation", "list-stacks"], "StackSummaries"),
    ],
)
def test_the_aws_cli_works_through_the_gate(emulator: Own, words: list[str], said: str, tmp_path: Path) -> None:
    if not AWS.exists():
        pytest.skip("awscli is not installed beside this Python")
    access = emulator.access
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "AWS_ACCESS_KEY_ID": access.access_key,
        "AWS_SECRET_ACCESS_KEY": access.secret_key,
        "AWS_DEFAULT_REGION": access.region,
    }
    command = [str(AWS), "--endpoint-url", access.endpoint, *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, said in done.stdout) == (0, True), done.stderr


@pytest.mark.parametrize(
    "request_line",
    [
        "GET /_localstack/health",
        "GET //_localstack/health",
        "GET /%5flocalstack/health",
        "GET /_localstack%2fhealth",
        "GET http://127.0.0.1/_localstack/health",
        "POST /_ministack/reset",
        "POST /%5Fministack%2Freset",
        "POST /x/../_ministack/reset",
        "GET /_aws/sqs/messages?QueueUrl=http://x/queue/us-east-1/123456789012/kept",
    ],
)
def test_the_control_routes_are_closed(emulator: Own, request_line: str) -> None:
    emulator.access.client("sqs").create_queue(QueueName="kept")
    with socket.create_connection(("127.0.0.1", emulator._gate.port), timeout=WAIT_SECONDS) as client:
        client.sendall(f"{request_line} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".encode())
        assert client.recv(4096).startswith(b"HTTP/1.1 403 Forbidden\r\n")
    assert len(emulator.access.client("sqs").list_queues(QueueNamePrefix="kept")["QueueUrls"]) == 1


def test_calls_are_counted(emulator: Own) -> None:
    before = emulator.calls()
    for _ in range(3):
        emulator.access.client("sts").get_caller_identity()
    assert emulator.calls() - before == 3


def test_nobody_reaches_it_from_another_machine(emulator: Own) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # sends nothing; the route tells the machine's own address
        outside = probe.getsockname()[0]
    if outside.startswith("127."):
        pytest.skip("this machine has no address but the loopback")
    for port in (emulator._gate.port, emulator._backend.ports.own):
        socket.create_connection(("127.0.0.1", port), timeout=WAIT_SECONDS).close()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((outside, port), timeout=WAIT_SECONDS)


def test_it_calls_no_server_of_the_machine(emulator: Own) -> None:
    """An SNS subscription is a way to any address that the emulator can reach."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(1)
        sns = emulator.access.client("sns")
        topic = sns.create_topic(Name="outward")["TopicArn"]
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=url, ReturnSubscriptionArn=True)
        sns.publish(TopicArn=topic, Message="hello")
        with pytest.raises(TimeoutError):
            listener.accept()


def test_labgrade_knows_it_again_as_a_live_endpoint(emulator: Own) -> None:
    found = find(endpoint_url=emulator.access.endpoint, environ={})
    assert (found.emulator.name, found.emulator.version) == (emulator.name, emulator.version)
    assert found.emulator.access.account == "000000000000"
    keyed = find(endpoint_url=emulator.access.endpoint, environ={"AWS_ACCESS_KEY_ID": "123456789012"})
    assert keyed.emulator.access.account == "123456789012"
    direct = find(endpoint_url=f"http://127.0.0.1:{emulator._backend.ports.own}", environ={})
    assert (direct.emulator.name, direct.emulator.version) == (emulator.name, emulator.version)


@LINUX
def test_it_has_nothing_of_the_callers_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush-hush")
    monkeypatch.setenv("SOME_TOKEN", "hush-hush")
    emulator = begun("ministack").ready()
    with emulator:
        folder = str(emulator._backend.folder)  # type: ignore[attr-defined]
        environments = [environment for _, environment in processes() if folder in environment]
    assert environments
    assert "hush-hush" not in "".join(environments)
    assert "SOME_TOKEN" not in "".join(environments)


def processes() -> Iterator[tuple[int, str]]:
    """Every process that may be read, and its environment."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                yield int(entry.name), (entry / "environ").read_bytes().decode("utf-8", "replace")
            except OSError:
                continue


def gone(folder: Path) -> bool:
    """Is no process left that was started in it, and neither is it?"""
    return not folder.exists() and not [pid for pid, environment in processes() if str(folder) in environment]


def soon(holds: Any) -> bool:
    deadline = time.monotonic() + WAIT_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@LINUX
@pytest.mark.parametrize("name", ["ministack", pytest.param("localstack", marks=pytest.mark.slow)])
def test_closing_leaves_no_process_and_no_folder(name: str) -> None:
    emulator = begun(name).ready()
    folder = emulator._backend.folder  # type: ignore[attr-defined]
    assert not gone(folder)
    emulator.close()
    assert gone(folder)
    assert not emulator.alive()
    emulator.close()


@LINUX
def test_one_that_is_given_up_on_its_way_leaves_nothing() -> None:
    starting = begun("ministack")
    folder = starting._backend.folder  # type: ignore[attr-defined]
    starting.close()
    assert gone(folder)
    starting.close()


GRADER = """
import sys, time
from grader.emulators import launch
starting = launch(sys.argv[1], region="us-east-1")
print(starting._backend.folder, flush=True)
if sys.argv[2] == "ready":
    starting.ready()
print("now", flush=True)
time.sleep(600)
"""


@LINUX
@pytest.mark.slow
@pytest.mark.parametrize("moment", ["early", "ready"])
@pytest.mark.parametrize("name", NAMES)
def test_a_killed_grader_leaves_no_process_and_no_folder(name: str, moment: str) -> None:
    begun(name).close()
    command = [sys.executable, "-c", GRADER, name, moment]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as grader:
        assert grader.stdout
        folder = Path(grader.stdout.readline().strip())
        assert grader.stdout.readline() == "now\n"
        assert folder.exists()
        grader.send_signal(signal.SIGKILL)
    assert soon(lambda: gone(folder))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_two_at_once_know_nothing_of_each_other(name: str) -> None:
    starting = [begun(name), begun(name)]
    with starting[0].ready() as one, starting[1].ready() as other:
        one.access.client("sqs").create_queue(QueueName="mine")
        assert not other.access.client("sqs").list_queues().get("QueueUrls")
        one.close()
        assert other.alive()
        assert other.access.client("sts").get_caller_identity()["Account"] == "123456789012"


@pytest.mark.parametrize("name", ["ministack", pytest.param("localstack", marks=pytest.mark.slow)])
def test_one_that_answers_on_its_port_already_is_not_taken_for_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another emulator got the port between the look and the leap: the health route alone would not tell."""
    begun(name).close()
    with begun(name).ready() as other:
        other.access.client("sqs").create_queue(QueueName="theirs")
        taken, free = other._backend.ports.own, program.free_port
        ports = iter([taken])
        monkeypatch.setattr(program, "free_port", lambda: next(ports, None) or free())
        with begun(name).ready() as ours:
            assert ours._backend.ports.own != taken
            assert not ours.access.client("sqs").list_queues().get("QueueUrls")


@LINUX
def test_one_that_dies_is_not_alive_and_its_gate_says_so() -> None:
    emulator = begun("ministack").ready()
    with emulator:
        folder = emulator._backend.folder  # type: ignore[attr-defined]
        marked = [pid for pid, environment in processes() if f"LABGRADE_LISTENING={folder}" in environment]
        for pid in marked:
            os.kill(pid, signal.SIGKILL)
        assert marked
        assert soon(lambda: not emulator.alive())
        with pytest.raises(HTTPError, match="502: Bad Gateway"):
            urlopen(emulator.access.endpoint, timeout=WAIT_SECONDS)


@LINUX
def test_closing_ends_it_even_where_its_guardian_was_killed() -> None:
    emulator = begun("ministack").ready()
    folder = emulator._backend.folder  # type: ignore[attr-defined]
    emulator._backend._guardian.kill()  # type: ignore[attr-defined]
    emulator._backend._guardian.wait()  # type: ignore[attr-defined]
    assert not emulator.alive()
    emulator.close()
    assert gone(folder)
