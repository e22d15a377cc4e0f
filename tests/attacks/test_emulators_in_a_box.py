"""What a submission has its emulator do: run a function, call out, hold too much; and an emulator that ends in its box."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from attacks.conftest import Attack, said
from attacks.visits import visited

MINISTACK = ("--emulator", "ministack")
FUNCTION = """
import io, json, zipfile
def function(name, source):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as one:
        one.writestr("index.py", source)
    boto3.client("lambda").create_function(FunctionName=name, Runtime="python3.12", Handler="index.handler",
        Role="arn:aws:iam::123456789012:role/r", Code={"ZipFile": packed.getvalue()}, Timeout=60)
def called(name, kind="RequestResponse"):
    return boto3.client("lambda").invoke(FunctionName=name, InvocationType=kind, Payload=b"{}")
"""
LOOKS = """
import os, socket
def reads(path):
    try:
        return sorted(os.listdir(path)) if os.path.isdir(path) else open(path, errors="replace").read(200)
    except OSError as error:
        return type(error).__name__
def connects(port):
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
        return True
    except OSError as error:
        return type(error).__name__
def handler(event, context):
    emulator = os.getppid()
    return {"read": {path: reads(path) for path in PATHS}, "host": socket.gethostname(), "uid": os.getuid(),
            "memory": reads(f"/proc/{emulator}/mem"), "connected": connects(PORT), "ran": True,
            "out": connects(80), "first": reads("/proc/1/environ")}
"""


@pytest.fixture(scope="module")
def visits() -> Iterator[tuple[int, list[str]]]:
    """A server on the host's loopback, and who has come."""
    with visited() as found:
        yield found


def ministack() -> dict[str, str]:
    """Where it is, for the command."""
    if not os.environ.get("LABGRADE_MINISTACK") and not shutil.which("ministack"):
        pytest.skip("there is no MiniStack")
    return {name: os.environ[name] for name in ("LABGRADE_MINISTACK",) if name in os.environ}


@pytest.mark.slow
def test_a_function_reads_nothing_of_the_machine_and_calls_nobody(
    attack: Attack, secret: Path, visits: tuple[int, list[str]]
) -> None:
    where = ministack()
    paths = [str(secret), "/etc/shadow", "/var/run/docker.sock", "/root/.ssh"]
    source = f"PATHS, PORT = {paths!r}, {visits[0]}\n{LOOKS}"
    code = f"{FUNCTION}\nfunction('looks', {source!r})\nprint(called('looks')['Payload'].read().decode())\n"
    code += f"""
sns = boto3.client("sns")
topic = sns.create_topic(Name="t")["TopicArn"]
sns.subscribe(TopicArn=topic, Protocol="http", Endpoint="http://127.0.0.1:{visits[0]}/")
sns.publish(TopicArn=topic, Message="m")
print(json.dumps(json.loads(called("looks")["Payload"].read())))
"""
    told = said(attack(code, *MINISTACK, env=where))
    assert told["ran"]
    assert told["host"] == "labgrade"
    assert set(told["read"].values()) <= {"FileNotFoundError", "PermissionError"}
    assert told["memory"] == "PermissionError"
    assert told["first"] in ("PermissionError", "")
    assert told["connected"] == told["out"] == "ConnectionRefusedError"
    assert visits[1] == []
    if os.geteuid() == 0:
        assert told["uid"] != 0


@pytest.mark.slow
def test_a_function_that_waits_for_the_checks_has_ended_before(attack: Attack) -> None:
    """It would bring the emulator down from the moment that the submission ends."""
    where = ministack()
    source = """
import os, time
def handler(event, context):
    while True:
        if os.path.exists("/lab/.settled"):
            os.kill(os.getppid(), 9)
        time.sleep(0.0005)
"""
    code = f"""{FUNCTION}
function("waits", {source!r})
print(called("waits", "Event")["StatusCode"])
import time; time.sleep(2)
"""
    report = attack(code, *MINISTACK, env=where)
    assert report["run"]["stdout"].split() == ["202"]
    assert (report["score"], report["outcome"]) == (100, "passed")


@pytest.mark.slow
def test_a_function_that_kills_the_emulator_kills_its_own_work(attack: Attack) -> None:
    where = ministack()
    source = "import os\ndef handler(event, context):\n    os.kill(os.getppid(), 9)\n"
    code = f"{FUNCTION}\nfunction('kills', {source!r})\ntry:\n    called('kills')\nexcept Exception: pass\n"
    report = attack(code, *MINISTACK, env=where)
    assert (report["score"], report["outcome"]) == (0, "failed")
    assert "stopped answering while your submission ran, and again" in str(report["checks"][0]["message"])


@pytest.mark.slow
@pytest.mark.parametrize(("attack", "emulator"), [("main.py", "moto"), ("main.sh", "ministack")], indirect=["attack"])
def test_an_emulator_that_is_made_to_hold_too_much_ends_and_the_report_says_so(attack: Attack, emulator: str) -> None:
    where, mib = ({}, 4) if emulator == "moto" else (ministack(), 64)  # moto keeps what is larger on its disk
    code = f"""
for n in range(2000 // {mib}):
    try:
        s3.put_object(Bucket=os.environ['LAB_BUCKET'], Key=str(n), Body=bytes({mib} << 20))
    except Exception:
        break
"""
    report = attack(code, "--emulator", emulator, env=where)
    assert (report["score"], report["outcome"]) == (0, "failed")
    assert "it was asked to hold more than 1536 MiB" in str(report)


DEEP = """
deep = '{"Statement": ' * 5000 + '[]' + '}' * 5000
for call in (lambda: sqs.create_queue(QueueName="q", Attributes={"Policy": deep}),
             lambda: sns.create_topic(Name="t", Attributes={"Policy": deep})):
    try:
        call()
    except Exception as error:
        print(type(error).__name__)
"""


@pytest.mark.parametrize("emulator", ["moto", pytest.param("ministack", marks=pytest.mark.slow)])
def test_a_huge_object_is_refused_and_a_policy_a_thousand_deep_ends_nothing(attack: Attack, emulator: str) -> None:
    code = """
sqs, sns = boto3.client("sqs"), boto3.client("sns")
with open("/tmp/huge", "wb") as file:
    file.truncate(250 << 20)
import http.client
one = http.client.HTTPConnection("127.0.0.1", 4566, timeout=60)
one.putrequest("PUT", "/" + os.environ["LAB_BUCKET"] + "/huge")
one.putheader("Content-Length", str(1 << 30))
one.endheaders()
print(one.getresponse().status)
for n in range(300):
    s3.put_object(Bucket=os.environ["LAB_BUCKET"], Key=f"{n}/" + "k" * 900)
"""
    report = attack(code + DEEP, "--emulator", emulator, env=ministack() if emulator == "ministack" else {})
    assert report["run"]["stdout"].split()[0] == "400"
    assert (report["score"], report["outcome"]) == (100, "passed")
