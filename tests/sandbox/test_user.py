"""Level `user` by the real command, as root: what hostile work reaches there, and that right work is right."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import LABGRADE, SECRET, clean_environment
from sandbox.processes import eventually, living

from grader.sandbox.inside import landlock
from grader.sandbox.strangers import strangers_uid
from grader.sandbox.user import trial
from grader.submissions import tools
from grader.submissions.mirrors import held

if sys.platform != "linux" or strangers_uid() is None:
    pytest.skip("only root on Linux has another user to give", allow_module_level=True)
REPOSITORY = Path(__file__).parents[2]
# Nothing of what follows runs as root.
GUARD = """\
import os, sys
if os.getuid() == 0 or not os.environ["HOME"].startswith("/tmp/labgrade-"):
    sys.exit("not another user")
"""
RIGHT = """\
import boto3, json, os, signal, socket, subprocess, ctypes
s3 = boto3.client("s3")
s3.create_bucket(Bucket=os.environ["LAB_BUCKET"])
s3.put_bucket_tagging(Bucket=os.environ["LAB_BUCKET"], Tagging={"TagSet": [{"Key": "course", "Value": "labgrade"}]})
"""
ATTEMPTS = """\
def tried(attempt):
    try:
        return repr(attempt())[:80]
    except BaseException as error:
        return type(error).__name__

def write(path):
    open(path, "w").write("x")

def connect(port):
    socket.create_connection(("127.0.0.1", port), 3).close()

os.symlink(SECRET_FILE, "link")
files = [SECRET_FILE, "link", GRADER, CHECKER, "/etc/shadow", f"/proc/{os.getppid()}/environ", "/proc/1/cmdline"]
beside = os.path.dirname(os.path.dirname(os.environ["HOME"]))
places = [f"{place}/x-{os.getpid()}" for place in ("/tmp", "/dev/shm", "/var/tmp", beside)]
print(json.dumps({
    "uids": [os.getresuid(), os.getgroups()],
    "environment": sorted(name for name in os.environ if not name.startswith(("LAB_", "AWS_"))),
    "secret in the environment": SECRET_WORD in repr(os.environ),
    "read": {path: tried(lambda: open(path).read(1)) for path in files},
    "listed": tried(lambda: os.listdir(os.path.dirname(SECRET_FILE))),
    "written": {path: tried(lambda: write(path)) for path in places},
    "own": [tried(lambda: write("x")), tried(lambda: write(os.environ["TMPDIR"] + "/x"))],
    "imports": tried(lambda: __import__("moto")),
    "host": tried(lambda: connect(PORT)),
    "listen": tried(lambda: socket.create_server(("127.0.0.1", 0))),
    "datagram": tried(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)),
    "name": tried(lambda: socket.gethostbyname("example.org")),
    "kill": tried(lambda: os.kill(GRADER_PID or os.getppid(), 0)),
    "root": tried(lambda: os.setuid(0)),
    "no new privileges": ctypes.CDLL(None).prctl(39, 0, 0, 0, 0),
    "ptrace": ctypes.CDLL(None).ptrace(0, 0, 0, 0),
    "namespace": ctypes.CDLL(None).unshare(0x10000000),
}))
"""
Graded = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def before() -> list[str]:
    """Words before the command, for a Python in a home that is closed to others: there, the home is another one."""
    closed = trial.closed_folder()
    if closed is None:
        return []
    bwrap, python = shutil.which("bwrap"), Path(sys.executable).resolve().parents[1]
    if bwrap is None or closed not in python.parents or closed in Path(sys.prefix).parents:
        pytest.skip(f"another user does not get into {closed}")
    shown = [word for name in {closed, *python.parents[:-1]} if closed in name.parents for word in ("--dir", str(name))]
    opened = ["--perms", "0755", "--tmpfs", str(closed), *shown, "--ro-bind", str(python), str(python)]
    return [bwrap, "--dev-bind", "/", "/", *opened, "--die-with-parent", "--cap-add", "ALL", "--"]


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """Where every user gets to, which pytest's own folder is not."""
    with tempfile.TemporaryDirectory(prefix="callers-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="module")
def graded(before: list[str], place: Path) -> Graded:
    """The report of `hello` on a right answer followed by that code."""

    def grade(code: str, *flags: str) -> dict[str, Any]:
        done = subprocess.run(
            [*before, *_command(place, code), "--format", "json", *flags],
            capture_output=True,
            env=clean_environment(place),
            cwd=place,
            timeout=150,
        )
        report: dict[str, Any] = json.loads(done.stdout or f'"{done.stderr.decode()}"')
        return report

    return grade


def _command(place: Path, code: str) -> list[str]:
    work = Path(tempfile.mkdtemp(dir=place))
    (work / "main.py").write_text(GUARD + RIGHT + code, "utf-8")
    return [str(LABGRADE), "run", "hello", str(work), "--sandbox", "user"]


@pytest.fixture(scope="module")
def report(graded: Graded, place: Path) -> dict[str, Any]:
    (place / "secret").write_text("the caller's")
    known = {
        "SECRET_FILE": str(place / "secret"),
        "GRADER": str(REPOSITORY / "grader/grading.py"),
        "CHECKER": str(REPOSITORY / "labs/hello/checker.py"),
        "SECRET_WORD": SECRET,
        "GRADER_PID": os.getpid(),
    }
    with socket.create_server(("127.0.0.1", 0)) as listener:
        names = "".join(f"{name} = {value!r}\n" for name, value in known.items())
        return graded(f"{names}PORT = {listener.getsockname()[1]}\n{ATTEMPTS}")


@pytest.fixture(scope="module")
def said(report: dict[str, Any]) -> dict[str, Any]:
    assert report["run"]["stderr"] == ""
    found: dict[str, Any] = json.loads(report["run"]["stdout"].splitlines()[-1])
    return found


def test_right_work_has_full_marks_and_the_report_names_the_level(report: dict[str, Any]) -> None:
    assert (report["score"], report["sandbox"]["level"]) == (100, "user")
    assert {"other-user", "no-new-privileges", "process-tree-killed"} <= {*report["sandbox"]["guarantees"]}
    assert "emulator-boxed" not in report["sandbox"]["guarantees"]


def test_the_report_says_what_the_level_does_not_stop(report: dict[str, Any]) -> None:
    said = " ".join(note["message"] for note in report["notes"] if note["about"] == "sandbox")
    assert "the emulator is in no box and calls whomever a submission names" in said
    assert ("Landlock goes by the port" in said) == (
        "no-tcp-but-the-emulator's-port" in report["sandbox"]["guarantees"]
    )


def test_it_is_a_user_whom_nobody_else_is(said: dict[str, Any]) -> None:
    uids, groups = said["uids"]
    assert len({*uids}) == 1
    assert uids[0] > 1000
    assert groups == []
    assert said["root"] == "PermissionError"
    assert said["no new privileges"] == 1


def test_the_callers_environment_is_not_there(said: dict[str, Any]) -> None:
    assert said["environment"] == ["HOME", "LANG", "PATH", "TMPDIR"]
    assert not said["secret in the environment"]


def test_the_walls_hold_as_far_as_the_guarantees_say(report: dict[str, Any], said: dict[str, Any]) -> None:
    held = report["sandbox"]["guarantees"]
    if "no-files-but-the-system" in held:
        assert {*said["read"].values()} == {"PermissionError"}
        assert {*said["written"].values()} == {"PermissionError"}
        assert (said["listed"], said["imports"]) == ("PermissionError", "PermissionError")
    if "no-tcp-but-the-emulator's-port" in held:
        assert (said["host"], said["listen"]) == ("PermissionError", "PermissionError")
    if "tcp-and-no-datagrams" in held:
        assert said["datagram"] == "PermissionError"
        assert said["name"] == "gaierror"
    if "system-call-filter" in held:
        assert (said["ptrace"], said["namespace"]) == (-1, -1)
    assert said["kill"] == "PermissionError"
    assert said["own"] == ["None", "None"]


def test_nothing_outlives_the_run(graded: Graded) -> None:
    mark = f"outlives-{os.getpid()}"
    code = f"subprocess.Popen(['sh', '-c', 'setsid sleep 300 & sleep 300; : {mark}'], start_new_session=True)"
    assert graded(code)["score"] == 100
    assert not living(mark)


def test_a_limit_that_is_met_stands_in_the_report(graded: Graded) -> None:
    bomb = "import time\nfor _ in range(200):\n    os.fork() or time.sleep(60)\n"
    graded_bomb = graded(bomb, "--limit-processes", "40", "--timeout", "8")
    assert graded_bomb["run"]["exit_code"] != 0
    assert "as many processes as it may have, 40" in graded_bomb["run"]["stages"][0]["message"]


def test_a_grader_that_is_killed_leaves_nothing(before: list[str], place: Path) -> None:
    mark = f"orphans-{os.getpid()}"
    code = f"subprocess.run(['sh', '-c', 'setsid sleep 300 & sleep 300; : {mark}'])"
    grader = subprocess.Popen(
        [*before, *_command(place, code)],
        env=clean_environment(place), cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert eventually(lambda: living(f": {mark}"), 60)
    grader.kill()
    grader.wait()
    assert eventually(lambda: not living(mark))


def test_where_another_user_cannot_get_to_what_it_needs_nothing_is_run(tmp_path: Path, place: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o700)
    environment = clean_environment(place, {"TMPDIR": str(tmp_path / "closed")})
    done = subprocess.run(
        _command(place, "open('/run/was-here', 'w')"), capture_output=True, env=environment, cwd=place
    )
    assert (done.returncode, done.stdout) == (3, b"")
    assert b"another user does not get into" in done.stderr
    assert b"chmod o+x" in done.stderr
    assert not Path("/run/was-here").exists()


def _with_terraform(before: list[str], place: Path, mirror: Path) -> subprocess.CompletedProcess[str]:
    if tools.find("terraform") is None:
        pytest.skip("there is no terraform")
    words = ["run", "hello", REPOSITORY / "labs/hello/solutions/terraform", "--sandbox", "user"]
    command = [*before, LABGRADE, *words, "--terraform-mirror", mirror]
    environment = clean_environment(place)
    return subprocess.run(command, env=environment, cwd=place, capture_output=True, text=True, timeout=150)


@pytest.mark.slow
def test_terraform_has_its_providers_from_a_mirror(before: list[str], place: Path) -> None:
    mirror = Path(os.environ.get("LABGRADE_TERRAFORM_MIRROR", "/nowhere"))
    if not held(mirror):
        pytest.skip("there is no mirror of providers")
    done = _with_terraform(before, place, mirror)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_mirror_where_another_user_does_not_get_is_the_machines_fault(before: list[str], place: Path) -> None:
    closed = place / "closed"
    (closed / "mirror/registry.terraform.io/hashicorp/aws/5.9.0").mkdir(parents=True)
    closed.chmod(0o700)
    done = _with_terraform(before, place, closed / "mirror")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        f"labgrade: sandbox: another user does not get into {closed}: chmod o+x {closed}, or have {closed}/mirror "
        "elsewhere.\n"
    )


@pytest.mark.skipif(landlock.version() < landlock.SCOPES, reason="this kernel's Landlock is too old to judge by")
def test_who_is_not_root_has_landlock_between_the_work_and_the_home(before: list[str], place: Path) -> None:
    uid, home = 54_321, Path(tempfile.mkdtemp(dir=place))
    (home / "secret").write_text("my own")
    for path in (home, home / "secret"):
        os.chown(path, uid, uid)
    code = f"""
for attempt in (lambda: open({str(home / "secret")!r}), lambda: os.truncate({str(home / "secret")!r}, 0),
                lambda: open(f"/proc/{{os.getppid()}}/environ"), lambda: os.kill(os.getppid(), 9)):
    try:
        attempt()
        print("done")
    except PermissionError:
        print("refused")
print(os.getuid())
"""
    command = _command(place, code)
    Path(command[3]).chmod(0o755)
    done = subprocess.run(
        [*before, "setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", *command, "--format", "json"],
        capture_output=True, env=clean_environment(home), cwd=home, timeout=150,
    )  # fmt: skip
    report = json.loads(done.stdout)
    assert report["run"]["stdout"].split() == ["refused"] * 4 + [str(uid)]
    assert report["score"] == 100
    assert "other-user" not in report["sandbox"]["guarantees"]
    assert "under your own user id" in json.dumps(report["notes"])
