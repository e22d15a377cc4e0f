"""Boxes that are forked from one that is kept warm: for what runs in them, as a new one with a new interpreter."""

from __future__ import annotations

import json
import os
import signal
import sys
import textwrap
import time
import zipfile
from ast import literal_eval
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path

import pytest

from grader.errors import SandboxError
from grader.sandbox import PYTHON, Ended, Limits, Sandbox, open_sandbox
from grader.sandbox.bwrap import ROOTS, Bwrap
from grader.sandbox.bwrap.forking import Forking, Templates
from grader.sandbox.bwrap.mounts import Mounts
from grader.sandbox.bwrap.template import Template
from grader.sandbox.inside import doors
from grader.sandbox.strangers import strangers_uid

SERVICES = ("s3",)


@pytest.fixture(scope="module")
def plain() -> Bwrap:
    if sys.platform != "linux":
        pytest.skip("bubblewrap is only for Linux")
    try:
        opened = open_sandbox("bwrap")
    except SandboxError as error:
        pytest.skip(str(error))
    assert isinstance(opened, Bwrap)
    return opened


@pytest.fixture(scope="module")
def templates() -> Iterator[Templates]:
    with closing(Templates()) as kept:
        yield kept


@pytest.fixture(scope="module")
def forking(plain: Bwrap, templates: Templates) -> Forking:
    return Forking(plain, templates, SERVICES)


def ran(
    sandbox: Sandbox,
    place: Path,
    code: str,
    *,
    files: Mapping[str, str] | None = None,
    script: str = "main.py",
    limits: Limits | None = None,
    timeout_seconds: float = 30,
) -> Ended:
    """A script in a room of its own."""
    private = place / f"private-{time.time_ns()}"
    for name in ("work", "home"):
        (private / name).mkdir(parents=True)
    for name, text in {script: textwrap.dedent(code), **(files or {})}.items():
        (private / "work" / name).parent.mkdir(exist_ok=True)
        (private / "work" / name).write_text(text)
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(private / "home"), "LANG": "C.UTF-8", "LAB_X": "ü"}
    with sandbox.room(private, limits) as room:
        return room.run(
            [*PYTHON, script],
            environment=environment,
            folder=private / "work",
            timeout_seconds=timeout_seconds,
            limits=limits,
        )


def is_forked(sandbox: Sandbox, place: Path, files: Mapping[str, str] | None = None) -> bool:
    done = ran(sandbox, place, "import sys; print('boto3' in sys.modules)", files=files)
    return done.stdout == "True\n"


SEEN = """
    import builtins, os, signal, sys, threading, time, random
    print({
        "argv": sys.argv, "orig_argv": sys.orig_argv, "path": sys.path, "flags": str(sys.flags),
        "executable": (sys.executable, sys.prefix, sys.base_prefix),
        "main": sorted(globals()), "file": __file__, "name": __name__, "spec": __spec__, "package": __package__,
        "loader": type(__loader__).__name__, "doc": __doc__,
        "streams": [(s.encoding, s.errors, s.line_buffering, s.write_through, s.isatty(), s.name, s.mode)
                    for s in (sys.stdin, sys.stdout, sys.stderr)],
        "cwd": os.getcwd(), "environ": dict(os.environ), "umask": os.umask(0o22),
        "ids": (os.getuid(), os.getgid(), os.geteuid(), os.getgroups(), os.getpid(), os.getppid(), os.getsid(0)),
        "signals": {int(n): str(signal.getsignal(n)) for n in signal.valid_signals() if n not in (9, 19)},
        "open": sorted(os.listdir("/proc/self/fd")), "threads": threading.active_count(),
        "hostname": os.uname().nodename, "processes": sorted(n for n in os.listdir("/proc") if n.isdigit()),
        "interfaces": sorted(os.listdir("/sys/class/net")) if os.path.isdir("/sys/class/net") else None,
        "caps": [line for line in open("/proc/self/status") if line.startswith(("Cap", "NoNew", "Seccomp", "Sig"))],
        "root": sorted(os.listdir("/")), "tmp": os.listdir("/tmp"), "lab": sorted(os.listdir("/lab")),
        "limits": open("/proc/self/limits").read(), "owner": [os.stat(n).st_uid for n in (".", "main.py", "/lab/home")],
        "inside": [name for name in sys.modules if name.startswith("inside")],
        "dumpable": os.stat("/proc/self").st_uid,
    }, sep="")
"""


def test_a_script_sees_what_it_would_see_in_a_box_of_its_own(plain: Bwrap, forking: Forking, tmp_path: Path) -> None:
    own, forked = ran(plain, tmp_path, SEEN), ran(forking, tmp_path, SEEN)
    assert (own.exit_code, own.stderr) == (0, "")
    assert is_forked(forking, tmp_path)
    assert literal_eval(forked.stdout) == literal_eval(own.stdout)


ENDINGS = {
    "well": "print('done')",
    "a raised error": "def f():\n    1/0\nf()",
    "a chain of errors": "try:\n    1/0\nexcept Exception as e:\n    raise KeyError('x') from e",
    "a syntax error": "x = (",
    "no text": "print('\\udc80')",
    "sys.exit": "import sys; sys.exit(3)",
    "sys.exit with words": "import sys; sys.exit('sorry')",
    "exit": "exit(4)",
    "os._exit": "import os; print('x'); os._exit(5)",
    "an abort": "import os; os.abort()",
    "a signal": "import os, signal; os.kill(os.getpid(), signal.SIGTERM); import time; time.sleep(9)",
    "Ctrl-C": "raise KeyboardInterrupt",
    "a thread that goes on": "import threading, time\n"
    "threading.Thread(target=lambda: (time.sleep(.3), print('late'))).start()",
    "atexit": "import atexit; atexit.register(print, 'bye'); print(1)",
    "a destructor": "class A:\n    def __del__(self): print('gone')\na = A()",
    "a child": "import subprocess, sys\n"
    "print(subprocess.run([sys.executable, '-c', 'import boto3; print(1)'], capture_output=True, text=True).stdout)",
    "multiprocessing": "import multiprocessing as m\ndef f(x): return x * x\n"
    "if __name__ == '__main__':\n    with m.get_context('spawn').Pool(1) as p: print(p.map(f, [3]))",
    "a fork": "import os\nif os.fork() == 0: os._exit(7)\nprint(os.waitstatus_to_exitcode(os.wait()[1]))",
    "warnings": "import warnings; warnings.warn('careful')",
    "partial output": "import sys; sys.stdout.write('half'); sys.stderr.write('err')",
    "a closed output": "import sys, os; sys.stdout.close(); os.close(2)",
    "future": "from __future__ import annotations\ndef f(x: nowhere): pass\nprint(f.__annotations__)",
    "a file named by an encoding": "# -*- coding: latin-1 -*-\nprint('ok')",
    "a pickled main": "import pickle\nclass A: pass\nprint(type(pickle.loads(pickle.dumps(A()))).__name__)",
    "a dataclass": "import dataclasses\n@dataclasses.dataclass\nclass A:\n    x: 'int' = 1\nprint(A())",
    "an import of what lies beside": "import helper; print(helper.__file__, helper.X)",
    "what boto3 has not imported": "import boto3; boto3.s3.transfer.TransferConfig()",
    "a client that imports it": "import boto3\nboto3.client('s3', 'us-east-1', endpoint_url='http://127.0.0.1:1')\n"
    "import boto3.s3.transfer as t, s3transfer.subscribers as u; print(t.__name__, u.__name__)",
    "a stream that cannot seek": "import sys; print(sys.stdout.seekable(), sys.stderr.seekable()); sys.stdout.tell()",
    "many forks": "import os, time\nfor _ in range(45):\n    if os.fork() == 0: time.sleep(1); os._exit(0)\n"
    "for _ in range(45): os.wait()\nprint('fine')",
    "a signal for number 1": "import os, signal, time\ntry: os.kill(1, signal.SIGINT)\nexcept OSError as e: print(e)\n"
    "time.sleep(.2); print('here')",
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_script_ends_as_it_would_in_a_box_of_its_own(
    plain: Bwrap, forking: Forking, tmp_path: Path, ending: str
) -> None:
    files = {"helper.py": "X = 1"}
    own, forked = (ran(box, tmp_path, ENDINGS[ending], files=files) for box in (plain, forking))
    assert (forked.exit_code, forked.stdout, forked.stderr) == (own.exit_code, own.stdout, own.stderr)


@pytest.mark.parametrize("shadowing", ["boto3.py", "json/__init__.py", "botocore/x.py", "logging.py", "inside/x.py"])
def test_what_would_be_imported_in_the_place_of_a_module_is(forking: Forking, tmp_path: Path, shadowing: str) -> None:
    assert not is_forked(forking, tmp_path, {shadowing: "X = 1"})
    assert is_forked(forking, tmp_path, {"helpers.py": "X = 1"})


@pytest.mark.parametrize(
    "then", ["os.remove('main.py')", "os.chmod('main.py', 0)", "os.remove('main.py'); os.mkdir('main.py')"]
)
def test_a_script_that_is_there_no_more_is_told_by_python(
    plain: Bwrap, forking: Forking, tmp_path: Path, then: str
) -> None:
    ends = []
    for number, sandbox in enumerate((plain, forking)):
        private = tmp_path / f"{number}"
        (private / "work").mkdir(parents=True)
        (private / "work/main.py").write_text(f"import os; {then}")
        with sandbox.room(private) as room:
            for _ in range(2):
                done = room.run(
                    [*PYTHON, "main.py"], environment={"LANG": "C.UTF-8"}, folder=private / "work", timeout_seconds=20
                )
        ends.append((done.exit_code, done.stdout, done.stderr))
    assert ends[0] == ends[1]
    assert ends[0][0]


def test_a_script_that_is_an_archive_is_run_as_one(forking: Forking, tmp_path: Path) -> None:
    private = tmp_path / "private"
    (private / "work").mkdir(parents=True)
    with zipfile.ZipFile(private / "work/main.py", "w") as archive:
        archive.writestr("__main__.py", "print('from an archive')")
    with forking.room(private) as room:
        done = room.run(
            [*PYTHON, "main.py"], environment={"LANG": "C.UTF-8"}, folder=private / "work", timeout_seconds=20
        )
    assert (done.stdout, done.stderr) == ("from an archive\n", "")


def test_boto3_works_as_ever_and_what_it_read_ahead_is_nobody_elses(forking: Forking, tmp_path: Path) -> None:
    code = """
        import boto3, json
        from botocore.loaders import Loader
        model = Loader().load_service_model("s3", "service-2")
        fresh = boto3.session.Session("a", "b", region_name="eu-west-3")
        model["metadata"]["endpointPrefix"] = "spoilt"
        again = Loader().load_service_model("s3", "service-2")["metadata"]["endpointPrefix"]
        client = fresh.client("s3")
        print(json.dumps([again, client.meta.endpoint_url, client.can_paginate("list_objects_v2"),
                          sorted(client.waiter_names)[0], fresh.resource("s3").Bucket("b").name,
                          fresh.client("sqs").meta.endpoint_url]))
    """
    for _ in range(2):
        done = ran(forking, tmp_path, code)
        assert json.loads(done.stdout) == [
            *("s3", "https://s3.eu-west-3.amazonaws.com", True, "bucket_exists", "b"),
            "https://sqs.eu-west-3.amazonaws.com",
        ], done.stderr


def test_boto3_looks_where_a_script_tells_it_to(forking: Forking, tmp_path: Path) -> None:
    code = """
        import boto3, os
        os.makedirs("models/mine/2026-01-01")
        with open("models/mine/2026-01-01/service-2.json", "w") as file:
            file.write('{"metadata": {}}')
        for place in ("", "models"):
            os.environ["AWS_DATA_PATH"] = place
            known = boto3.session.Session().get_available_services()
            print("mine" in known, "s3" in known)
        known.append("spoilt")
        print("spoilt" in boto3.session.Session().get_available_services())
    """
    done = ran(forking, tmp_path, code)
    assert done.stdout.split() == ["False", "True", "True", "True", "False"], done.stderr


def test_nothing_of_one_submission_is_there_for_the_next(forking: Forking, tmp_path: Path) -> None:
    first = """
        import os, random, socket, subprocess
        for place in ("/tmp", "/lab", "/dev/shm"):
            open(f"{place}/left", "w").write("left")
        server = socket.create_server(("127.0.0.1", 5000))
        subprocess.Popen(["sleep", "100"], start_new_session=True)
        print(random.random())
    """
    second = """
        import os, random, socket
        print(random.random())
        left = [p for p in ("/tmp", "/lab", "/dev/shm") if os.path.exists(f"{p}/left")]
        answered = socket.socket().connect_ex(("127.0.0.1", 5000)) == 0
        print(left, answered, sorted(name for name in os.listdir("/proc") if name.isdigit()))
    """
    one, two = ran(forking, tmp_path, first), ran(forking, tmp_path, second)
    assert one.stderr == two.stderr == ""
    number, found = two.stdout.splitlines()
    assert number != one.stdout.strip()
    assert found == "[] False ['1', '2']"


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root may read it")
def test_the_template_holds_nothing_of_a_submission(forking: Forking, tmp_path: Path) -> None:
    """What is in its memory is in that of every box to come."""
    secret = f"secret-{time.time_ns()}"
    done = ran(forking, tmp_path, f"print({secret!r})", files={secret: secret})
    assert done.stdout == f"{secret}\n"
    memory = b"".join(map(memory_of, template_pids()))
    assert b"botocore" in memory
    assert secret.encode() not in memory


def test_a_limit_is_that_boxs_own(forking: Forking, tmp_path: Path) -> None:
    code = "open('/tmp/x', 'wb').write(b'x' * (3 << 20))"
    small = ran(forking, tmp_path, code, limits=Limits(disk_mib=1))
    assert small.exit_code != 0
    assert ran(forking, tmp_path, code, limits=Limits(disk_mib=8)).exit_code == 0


def test_a_template_that_dies_is_replaced_and_takes_its_boxes_along(plain: Bwrap, tmp_path: Path) -> None:
    with closing(Templates()) as templates:
        forking = Forking(plain, templates, SERVICES)
        assert is_forked(forking, tmp_path)
        (template,) = templates._kept.values()
        os.killpg(template._process.pid, 9)  # type: ignore[attr-defined]
        template._process.wait(10)
        assert is_forked(forking, tmp_path)


def test_a_template_that_makes_no_box_is_asked_once(
    plain: Bwrap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.sandbox.bwrap.forking.writable", lambda _: {"/nowhere": 1})
    begun: list[Template] = []

    class Counted(Template):
        def __init__(self, bwrap: str, mounts: Mounts) -> None:
            begun.append(self)
            super().__init__(bwrap, mounts)

    monkeypatch.setattr("grader.sandbox.bwrap.forking.Template", Counted)
    with closing(Templates()) as templates:
        forking = Forking(plain, templates, SERVICES)
        for _ in range(3):
            assert not is_forked(forking, tmp_path)
        assert len(begun) == 1
        assert not begun[0].alive()


def test_a_template_that_hangs_holds_nobody_up(plain: Bwrap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    others = template_pids()
    with closing(Templates()) as templates:
        forking = Forking(plain, templates, SERVICES)
        assert is_forked(forking, tmp_path)
        (pid,) = set(template_pids()) - set(others)
        os.kill(pid, signal.SIGSTOP)
        with monkeypatch.context() as patient:
            patient.setattr("grader.sandbox.bwrap.box.START_SECONDS", 1)
            for module in ("bwrap.template", "bwrap.box", "launched"):
                patient.setattr(f"grader.sandbox.{module}.GRACE_SECONDS", 1)
            box = forking._forked(tmp_path, Limits(), ())
        assert box is None
        deadline = time.monotonic() + 10
        while not doors.ended(pid):
            assert time.monotonic() < deadline
            time.sleep(0.02)


def test_the_launcher_can_do_what_it_must_and_no_more(plain: Bwrap, forking: Forking, tmp_path: Path) -> None:
    for sandbox in (plain, forking):
        done = ran(sandbox, tmp_path, "print([line for line in open('/proc/1/status') if line.startswith('Cap')])")
        allowed = sum(1 << number for number in ROOTS.values()) if strangers_uid() is not None else 0
        for line in literal_eval(done.stdout):
            name, value = line.split()
            # What it could be given by a program that it starts, it is not, without new privileges.
            assert name == "CapBnd:" or int(value, 16) & ~allowed == 0, (name, value)


def test_where_no_box_can_be_forked_each_is_made_anew(
    plain: Bwrap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.sandbox.bwrap.template.MAKERS", ())
    monkeypatch.setattr("grader.sandbox.bwrap.template.ROOTS", {})
    monkeypatch.setattr("grader.sandbox.bwrap.template.options", lambda _: ["--unshare-user", "--as-pid-1"])
    with closing(Templates()) as templates:
        forking = Forking(plain, templates, SERVICES)
        assert not is_forked(forking, tmp_path)
        assert not is_forked(forking, tmp_path)


def test_closing_ends_all(plain: Bwrap, tmp_path: Path) -> None:
    before = children()
    with closing(Templates()) as templates:
        assert is_forked(Forking(plain, templates), tmp_path)
        assert children() != before
    assert children() == before


def children() -> set[int]:
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return {pid for pid in pids if parent(pid) == os.getpid()}


def test_a_template_is_in_namespaces_of_its_own(forking: Forking, tmp_path: Path) -> None:
    assert is_forked(forking, tmp_path)
    (pid,) = template_pids()
    for kind in ("net", "mnt", "pid", "ipc", "uts"):
        assert os.readlink(f"/proc/{pid}/ns/{kind}") != os.readlink(f"/proc/self/ns/{kind}")  # noqa: PTH115


def template_pids() -> list[int]:
    """Of this process: pytest's others have their own."""
    processes = [entry for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    found = [entry for entry in processes if b"template.main" in command(entry) and b"bwrap" not in command(entry)]
    return [int(entry.name) for entry in found if parent(parent(int(entry.name))) == os.getpid()]


def parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def memory_of(pid: int) -> bytes:
    found = b""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:  # noqa: PTH123
        for line in maps:
            begin, end = (int(part, 16) for part in line.split()[0].split("-"))
            if line.split()[1].startswith("rw"):
                memory.seek(begin)
                with suppress(OSError):
                    found += memory.read(end - begin)
    return found


def command(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""
