"""What a submission can read, write and call: one run each for files, the kernel and the network."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attacks.conftest import Attack, said
from attacks.visits import visited
from conftest import ROOT, SECRET

from grader.emulators import moto

FILES = """
import json
def reads(path):
    try:
        return open(path, errors="replace").read(200) if not os.path.isdir(path) else sorted(os.listdir(path))
    except OSError as error:
        return type(error).__name__
def writes(path):
    try:
        open(path, "a").write("x")
        return True
    except OSError as error:
        return type(error).__name__
def imports(name):
    try:
        __import__(name)
        return True
    except ImportError:
        return False
print(json.dumps({
    "read": {path: reads(path) for path in PATHS},
    "written": {path: writes(path) for path in WRITTEN},
    "imported": {name: imports(name) for name in ["grader", "moto", "boto3", "flask"]},
    "processes": sorted(int(name) for name in os.listdir("/proc") if name.isdigit()),
    "environment": dict(os.environ),
    "devices": sorted(os.listdir("/dev")),
    "links": {name: reads(name) for name in ["link"]},
}))
"""
KERNEL = """
import ctypes, json
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    ctypes.set_errno(0)
    return libc.syscall(number, *arguments), ctypes.get_errno()
def kills(pid):
    try:
        os.kill(pid, 9)
    except OSError as error:
        return type(error).__name__
    import time; time.sleep(0.05)
    return os.path.exists(f"/proc/{pid}") and "alive"
def family(number, kind=socket.SOCK_STREAM):
    try:
        socket.socket(number, kind).close()
        return True
    except OSError as error:
        return error.errno
status = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines())
numbers = {"ptrace": 101, "unshare": 272, "setns": 308, "mount": 165, "keyctl": 250, "bpf": 321, "userfaultfd": 323,
           "io_uring_setup": 425, "chroot": 161, "memfd_create": 319, "shmget": 29, "process_vm_writev": 311}
print(json.dumps({
    "calls": {name: call(number, 0, 0, 0, 0) for name, number in numbers.items()} if os.uname().machine == "x86_64" else {},
    "killed": kills(1),
    "setuid": call(105, 0)[0] if os.uname().machine == "x86_64" else -1,
    "capabilities": {name: int(status[name], 16) for name in ["CapEff", "CapPrm", "CapBnd", "CapInh"]},
    "no_new_privileges": status["NoNewPrivs"].strip(),
    "filtered": status["Seccomp"].strip(),
    "vsock": family(40), "packet": family(17, socket.SOCK_RAW), "raw": family(2, socket.SOCK_RAW),
}))
"""
NETWORK = """
import json, time, urllib.request
def connects(address, family=socket.AF_INET):
    began = time.monotonic()
    one = socket.socket(family, socket.SOCK_STREAM)
    one.settimeout(5)
    try:
        one.connect(address)
        reached = True
    except OSError:
        reached = False
    return reached, time.monotonic() - began
def resolves(name):
    began = time.monotonic()
    try:
        socket.getaddrinfo(name, 80)
        return True, 0.0
    except OSError:
        return False, time.monotonic() - began
def asks(path):
    one = socket.create_connection(("127.0.0.1", 4566), 10)
    one.sendall(f"POST {path} HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n".encode())
    return int(one.makefile("rb").readline().split()[1])
def tried(work):
    try:
        work()
    except Exception as error:
        return type(error).__name__
url = f"http://127.0.0.1:{PORT}/"
sns = boto3.client("sns", region_name="us-east-1")
def subscribes():
    topic = sns.create_topic(Name="t")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=url)
    sns.publish(TopicArn=topic, Message="m")
def proxies():
    api = boto3.client("apigateway")
    one = api.create_rest_api(name="a")["id"]
    root = api.get_resources(restApiId=one)["items"][0]["id"]
    api.put_method(restApiId=one, resourceId=root, httpMethod="GET", authorizationType="NONE")
    api.put_method_response(restApiId=one, resourceId=root, httpMethod="GET", statusCode="200")
    api.put_integration(restApiId=one, resourceId=root, httpMethod="GET", type="HTTP_PROXY", uri=url,
                        integrationHttpMethod="GET")
    api.create_deployment(restApiId=one, stageName="s")
    urllib.request.urlopen(urllib.request.Request(
        f"http://127.0.0.1:4566/s/", headers={"Host": f"{one}.execute-api.us-east-1.amazonaws.com"}), timeout=10)
print(json.dumps({
    "connected": {str(a): connects(a) for a in [("192.0.2.1", 80), ("169.254.169.254", 80), ("127.0.0.1", PORT),
                                                ("169.254.170.2", 80)]},
    "v6": connects(("::1", PORT), socket.AF_INET6),
    "another": connects(("127.0.0.1", OTHER)),
    "abstract": connects("\\0" + NAME, socket.AF_UNIX),
    "resolved": {name: resolves(name) for name in ["example.com", "metadata.google.internal"]},
    "localhost": connects(("localhost", 4566)),
    "control": {path: asks(path) for path in CONTROL},
    "through": {"sns": tried(subscribes), "apigateway": tried(proxies)},
}))
"""
CONTROL = [
    "/moto-api/reset", "//moto-api/reset", "/%6doto-api/reset", "/moto-api%2freset", "/x/../moto-api/reset",
    "/./moto-api/reset", "http://127.0.0.1:4566/moto-api/reset", "/MOTO-API/../moto-api/reset", "/moto-api/reset?x",
]  # fmt: skip


@pytest.fixture(scope="module")
def files(attack: Attack, secret: Path) -> Any:
    import grader.checks

    own = [str(secret), str(ROOT / "labs"), str(ROOT / "grader"), grader.checks.__file__, str(Path.home())]
    system = ["/etc/shadow", "/proc/1/environ", "/proc/1/maps", "/var/run/docker.sock", "/root/.ssh", "/home", "/sys"]
    written = [
        "/x",
        "/usr/bin/x",
        "/etc/hosts",
        "/dev/x",
        "/run/labgrade/inside/launcher.py",
        "/proc/sys/kernel/core_pattern",
    ]
    code = f"PATHS, WRITTEN = {[*own, *system]!r}, {written!r}\n"
    return said(attack(f"os.symlink({str(secret)!r}, 'link')\n" + code + FILES, env={"LABGRADE_SECRET": SECRET}))


@pytest.fixture(scope="module")
def kernel(attack: Attack) -> Any:
    return said(attack(KERNEL))


@pytest.fixture(scope="module")
def network(attack: Attack) -> Iterator[Any]:
    """With a server on the host's loopback that counts who comes, one on an abstract name, and another's emulator."""
    name = f"labgrade-{time.time_ns()}"
    with visited() as (port, visits), socket.socket(socket.AF_UNIX) as unix, moto.launch().ready() as another:
        unix.bind("\0" + name)
        unix.listen()
        other = int(another.access.endpoint.rpartition(":")[2])
        before = f"PORT, OTHER, NAME, CONTROL = {port}, {other}, {name!r}, {CONTROL!r}\n"
        yield {**said(attack(before + NETWORK)), "visits": visits, "calls": another.calls()}


def test_no_file_of_the_callers_of_the_labs_or_of_another_student_is_there(files: Any, secret: Path) -> None:
    for path in (str(secret), str(ROOT / "labs"), "/etc/shadow", "/var/run/docker.sock", "/root/.ssh", "/home", "/sys"):
        assert files["read"][path] in ("FileNotFoundError", "PermissionError"), path


def test_the_grader_is_not_there_to_be_read_or_imported(files: Any) -> None:
    import grader.checks

    assert files["read"][str(ROOT / "grader")] == "FileNotFoundError"
    assert files["read"][grader.checks.__file__] == "FileNotFoundError"
    assert files["imported"] == {"grader": False, "moto": False, "boto3": True, "flask": False}


def test_the_first_process_cannot_be_looked_into(files: Any) -> None:
    assert files["read"]["/proc/1/environ"] in ("PermissionError", "")
    assert files["read"]["/proc/1/maps"] in ("PermissionError", "")


def test_nothing_can_be_written_but_its_own_folders(files: Any) -> None:
    assert all(outcome is not True for outcome in files["written"].values()), files["written"]


def test_a_link_to_a_file_outside_leads_nowhere(files: Any) -> None:
    assert files["links"]["link"] == "FileNotFoundError"


def test_no_process_but_its_own_is_seen(files: Any) -> None:
    assert len(files["processes"]) <= 3


def test_the_callers_environment_is_not_there(files: Any) -> None:
    assert SECRET not in str(files["environment"])
    assert "LABGRADE_SECRET" not in files["environment"]


def test_there_are_only_harmless_devices(files: Any) -> None:
    harmless = {"null", "zero", "full", "random", "urandom", "shm", "fd", "stdin", "stdout", "stderr"}
    assert set(files["devices"]) <= harmless


@pytest.mark.parametrize(
    "call",
    [
        "ptrace",
        "unshare",
        "setns",
        "mount",
        "keyctl",
        "bpf",
        "userfaultfd",
        "io_uring_setup",
        "chroot",
        "memfd_create",
        "shmget",
        "process_vm_writev",
    ],
)
def test_the_kernel_refuses(kernel: Any, call: str) -> None:
    if not kernel["calls"]:
        pytest.skip("the numbers are those of x86_64")
    assert kernel["calls"][call] == [-1, 1]


def test_the_first_process_cannot_be_killed(kernel: Any) -> None:
    assert kernel["killed"] in ("PermissionError", "alive")


def test_there_are_no_privileges_and_no_way_to_any(kernel: Any) -> None:
    assert set(kernel["capabilities"].values()) == {0}
    assert (kernel["no_new_privileges"], kernel["filtered"], kernel["setuid"]) == ("1", "2", -1)


def test_there_are_no_sockets_that_pass_by_the_network_namespace(kernel: Any) -> None:
    assert (kernel["vsock"], kernel["packet"]) == (97, 97)
    assert kernel["raw"] is not True


def test_nobody_outside_is_reached_and_that_fails_at_once(network: Any) -> None:
    for address, (reached, seconds) in {**network["connected"], "::1": network["v6"]}.items():
        assert not reached, address
        assert seconds < 2, address


def test_another_students_emulator_is_not_reached(network: Any) -> None:
    assert (network["another"][0], network["calls"]) == (False, 0)


def test_no_abstract_socket_of_the_host_is_reached(network: Any) -> None:
    assert not network["abstract"][0]


def test_names_are_not_resolved_and_that_fails_at_once(network: Any) -> None:
    for reached, seconds in network["resolved"].values():
        assert (reached, seconds < 2) == (False, True)


def test_the_emulator_is_at_localhost_too(network: Any) -> None:
    assert network["localhost"][0]


@pytest.mark.parametrize("path", CONTROL)
def test_the_control_routes_are_closed(network: Any, path: str) -> None:
    assert network["control"][path] >= 400


def test_the_emulator_calls_nobody_on_the_hosts_loopback(network: Any) -> None:
    assert network["through"]["sns"]  # it was refused, not silently done
    assert network["visits"] == []
