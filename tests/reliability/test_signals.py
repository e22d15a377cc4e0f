"""Told to end, at whatever stage: the exit code says so, and nothing is left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import LABGRADE, ROOT, clean_environment

LAB = 'title = "T"\nsummary = "S"\nservices = ["s3"]\nminutes = 5\n'
HOLD = """
import os, time
from pathlib import Path
def hold(stage):
    if os.environ.get("HOLD") == stage:
        Path(os.environ["HELD"]).touch()
        time.sleep(120)
"""
SCENARIO = HOLD + 'def prepare(access, given):\n    hold("scenario")\n'
CHECKER = (
    HOLD
    + """
from grader.checks import check

@check(weight=1, why="w", fix="f", doc="https://docs.aws.amazon.com/")
def holds(aws, given):
    '''It holds.'''
    hold("check")

def model(aws, given):
    hold("model")
    return {}
"""
)
WORK = "import os, time, pathlib\nif os.environ['LAB_HOLD'] == 'submission':\n    time.sleep(120)\n"
STAGES = ("start", "scenario", "submission", "check", "model")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")


def of(place: Path) -> list[int]:
    """Processes that were begun with that temporary folder, or below it."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and str(place).encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def a_lab(folder: Path, stage: str) -> Path:
    lab = folder / "labs" / "held"
    lab.mkdir(parents=True)
    (lab / "lab.toml").write_text(
        f'{LAB}[parameters.hold]\nkind = "choice"\nvalues = ["{stage}"]\ndefault = "{stage}"\n'
    )
    (lab / "scenario.py").write_text(SCENARIO)
    (lab / "checker.py").write_text(CHECKER)
    return lab.parent


def wait_for(stage: str, held: Path, temporary: Path, process: subprocess.Popen[str]) -> None:
    """Until the stage is reached."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        reached = {
            "start": len(of(temporary)) > 1,  # the command, and the emulator that it has just begun
            "submission": bool(list(temporary.glob("labgrade-*/work/main.py"))),
        }.get(stage, held.exists())
        if reached:
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.005)
    pytest.fail(f"the stage {stage} was never reached")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["INT", "TERM"])
@pytest.mark.parametrize(
    "stage", [pytest.param(stage, marks=[] if stage == "check" else pytest.mark.slow) for stage in STAGES]
)
def test_a_signal_ends_everything_at_once(stage: str, number: signal.Signals, code: int, tmp_path: Path) -> None:
    temporary, work, held = tmp_path / "temporary", tmp_path / "main.py", tmp_path / "held"
    temporary.mkdir()
    work.write_text(WORK)
    variables = {
        "TMPDIR": str(temporary),
        "HOLD": stage,
        "HELD": str(held),
        "LABGRADE_LABS": str(a_lab(tmp_path, stage)),
        # In a box the emulator has an environment of its own, by which it is not found here.
        "LABGRADE_SANDBOX": "none" if stage == "start" else "auto",
    }
    command = [LABGRADE, "run", "held", str(work)]
    process = subprocess.Popen(
        command, env=clean_environment(tmp_path, variables), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        wait_for(stage, held, temporary, process)
        began = time.monotonic()
        os.kill(process.pid, number)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out) == (code, "")
        assert "labgrade: " in err
        assert "what it had started was ended" in err
        assert time.monotonic() - began < 30
        assert list(temporary.iterdir()) == []
        deadline = time.monotonic() + 10
        while of(temporary) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert of(temporary) == []
    finally:
        process.kill()


@pytest.mark.slow
def test_two_graders_at_once_are_no_trouble_to_one_another(tmp_path: Path) -> None:
    lab = ROOT / "labs/s3_lifecycle"
    mistake = tmp_path / "main.py"
    mistake.write_text("import os, boto3\nboto3.client('s3').create_bucket(Bucket=os.environ['LAB_BUCKET'])\n")
    works = [lab / "solutions/one_rule_each", mistake]
    alone = [_graded(work, tmp_path).communicate() for work in works]
    together = [_graded(work, tmp_path) for work in (*works, *works)]
    assert [_score(process.communicate()[0]) for process in together] == [_score(out) for out, _ in alone] * 2


def _graded(work: Path, home: Path) -> subprocess.Popen[str]:
    command = [LABGRADE, "run", "s3-lifecycle", str(work), "--format", "json"]
    return subprocess.Popen(
        command, env=clean_environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def _score(out: str) -> list[tuple[str, str]]:
    return [(check["id"], check["outcome"]) for check in json.loads(out)["checks"]]


@pytest.mark.parametrize(
    "most", [pytest.param(12), *(pytest.param(n, marks=pytest.mark.slow) for n in (8, 16, 20, 24, 32, 48))]
)
def test_out_of_descriptors_it_says_so_and_gives_no_mark(most: int, tmp_path: Path) -> None:
    work = tmp_path / "main.py"
    work.write_text(RIGHT)
    command = f'ulimit -n {most}; exec "{LABGRADE}" run hello "{work}" --format json'
    done = subprocess.run(
        ["bash", "-c", command], env=clean_environment(tmp_path), capture_output=True, text=True, timeout=120
    )
    if done.returncode == 0:
        assert '"score": 100' in done.stdout
    else:
        assert done.returncode == 3
        assert "Too many open files" in done.stdout + done.stderr
        assert "Traceback" not in done.stderr


RIGHT = """
import os, boto3
s3 = boto3.client("s3")
s3.create_bucket(Bucket=os.environ["LAB_BUCKET"])
s3.put_bucket_tagging(Bucket=os.environ["LAB_BUCKET"], Tagging={"TagSet": [{"Key": "course", "Value": "labgrade"}]})
"""
