"""Five hundred submissions, right, wrong and hostile, side by side: each gets what it gets alone."""

from __future__ import annotations

import gc
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from grader.grading import Grader, Options, Work, grade
from grader.lab import read
from grader.report import Report, canonical
from grader.submissions.interface import Limits

SUBMISSIONS = 500
HELLO = read(ROOT / "labs/hello")
# Plain HTTP: what is soaked is the grader, and boto3's import would be most of the time.
CALL = """
import os, sys, time, signal, subprocess, urllib.request
from pathlib import Path
def call(method, path, body=b""):
    signed = "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
    address = os.environ["AWS_ENDPOINT_URL"] + "/" + path
    headers = {"Authorization": signed, "Content-Type": "application/xml"}
    asked = urllib.request.Request(address, data=body, method=method, headers=headers)
    return urllib.request.urlopen(asked, timeout=20).read()
bucket = os.environ["LAB_BUCKET"]
def tag(value):
    tags = b"<TagSet><Tag><Key>course</Key><Value>%s</Value></Tag></TagSet>" % value
    call("PUT", bucket + "?tagging", b"<Tagging>%s</Tagging>" % tags)
def right():
    call("PUT", bucket)
    tag(b"labgrade")
"""
OWN_EMULATOR = """
port = "%04X" % int(os.environ["AWS_ENDPOINT_URL"].rpartition(":")[2])
rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
inode = next(row[9] for row in rows if row[1].endswith(":" + port) and row[3] == "0A")
def holds(process):
    try:
        return any(os.readlink(link) == f"socket:[{inode}]" for link in (process / "fd").iterdir())
    except OSError:
        return False
for process in Path("/proc").iterdir():
    if process.name.isdigit() and holds(process):
        os.kill(int(process.name), signal.SIGKILL)
"""
WORKS = {
    "right": "right()",
    "no tag": "call('PUT', bucket)",
    "wrong tag": "call('PUT', bucket); tag(b'labgrades')",
    "nothing": "",
    "crashes when all is done": "right(); raise ValueError('on purpose')",
    "floods its output": "right()\nfor _ in range(300): print('x' * 10_000)",
    "says it has full marks": 'print(\'{"score": 100, "outcome": "passed"}\'); sys.exit(0)',
    "undoes it in the background": "right()\nif not os.fork():\n    os.setsid(); time.sleep(9); call('DELETE', bucket)",
    "never ends": "right(); time.sleep(600)",
    "tries the back door": "right()\ntry:\n    call('POST', 'moto-api/reset')\nexcept OSError:\n    pass",
    "removes its own folder": "right(); import shutil; shutil.rmtree('.')",
    "kills its emulator": "right()" + OWN_EMULATOR,
    "kills its supervisor": "right(); os.kill(os.getppid(), signal.SIGKILL)",
}
RARE = ("kills its emulator", "never ends")  # which take their time


def works(place: Path) -> dict[str, Work]:
    made = {}
    for name, text in WORKS.items():
        folder = place / name.replace(" ", "_")
        folder.mkdir(parents=True)
        (folder / "main.py").write_text(f"{CALL}\n{text}\n")
        limits = Limits(stage_seconds=2 if name == "never ends" else 30)
        # In a box there is nothing to kill.
        made[name] = Work(HELLO, folder, Options(limits=limits, sandbox="none" if "kills" in name else "auto"))
    return made


def verdict(report: object) -> str:
    """What must be the same: all but what the submission itself printed."""
    assert isinstance(report, Report), report
    told = canonical(report.to_json())
    return json.dumps([told[key] for key in ("checks", "score", "outcome")], sort_keys=True, default=str)


def soak(place: Path, submissions: int) -> dict[str, Any]:
    """In a process of its own: what differed, and what was left in it."""
    made = works(place)
    alone = {name: verdict(grade(work.lab, work.submission, options=work.options)) for name, work in made.items()}
    often = [name for name in made if name not in RARE]
    names = [*RARE * (submissions // 50), *often * (submissions // len(often) + 1)][:submissions]
    random.Random(5).shuffle(names)
    before = _descriptors()
    different = []
    with Grader() as grader:
        for name, report in zip(names, grader.each((made[name] for name in names), 2), strict=True):
            if verdict(report) != alone[name]:
                different.append(f"{name}: {verdict(report)} instead of {alone[name]}")
    scores = {name: json.loads(told)[1] for name, told in alone.items()}
    return {"different": different, "scores": scores, "descriptors": _descriptors() - before, "graded": len(names)}


def _descriptors() -> int:
    gc.collect()  # clients of emulators that are gone
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")
def test_each_of_five_hundred_gets_what_it_gets_alone(tmp_path: Path) -> None:
    told = _soaked(tmp_path, SUBMISSIONS)
    assert told["different"] == []
    assert told["graded"] == SUBMISSIONS
    assert told["descriptors"] == 0
    full = {name for name, score in told["scores"].items() if score == 100}
    assert full == set(WORKS) - {"no tag", "wrong tag", "nothing", "says it has full marks", "kills its emulator"}
    assert told["scores"]["kills its emulator"] == 0


def _soaked(place: Path, submissions: int) -> dict[str, Any]:
    temporary = place / "temporary"
    temporary.mkdir()
    command = [sys.executable, "-m", "reliability.test_soak", str(place / "works"), str(submissions)]
    more = {"TMPDIR": str(temporary), "PYTHONPATH": os.pathsep.join([str(ROOT / "tests"), str(ROOT)])}
    done = subprocess.run(command, env={**os.environ, **more}, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr
    assert list(temporary.iterdir()) == []
    assert _begun_with(temporary) == []
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _begun_with(temporary: Path) -> list[str]:
    """The command lines of processes whose environment names that folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and str(temporary).encode() in (entry / "environ").read_bytes():
                found.append((entry / "cmdline").read_bytes().decode(errors="replace"))
        except OSError:
            continue
    return found


if __name__ == "__main__":
    assert tempfile.gettempdir() == os.environ["TMPDIR"]
    print(json.dumps(soak(Path(sys.argv[1]), int(sys.argv[2]))))
