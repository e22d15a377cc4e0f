"""Bombs, and what a report says of them. Each proves first that it is in the box."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from attacks.conftest import Attack

pytestmark = pytest.mark.slow
BOMBS = {
    "memory": (
        "held = [bytearray(8 << 20) for _ in range(100000)]",
        ["--limit-memory", "200"],
        "more memory than the 200",
    ),
    "processes": (
        "import time\nfor _ in range(300):\n    try:\n        os.fork() or time.sleep(2)\n    except OSError:\n"
        "        time.sleep(0.3); break",
        ["--limit-processes", "40"],
        "as many processes as it may have, 40",
    ),
    "cpu": ("while True: pass", ["--limit-cpu", "1"], "computed for more than the 1 s"),
    "output": ("while True: print('x' * 100000)", ["--limit-output", "2"], "printed more than the 2"),
    "line": (
        "import sys\nwhile True: sys.stdout.write('x' * 100000)",
        ["--limit-output", "2"],
        "printed more than the 2",
    ),
    "file": (
        "try:\n    open('f', 'wb').write(b'x' * (9 << 20))\nexcept OSError: pass",
        ["--limit-file", "4"],
        "as large as one may be, 4",
    ),
    "disk": (
        "try:\n    for n in range(100): open(f'/tmp/{n}', 'wb').write(b'x' * (1 << 20))\nexcept OSError: pass\n"
        "import time; time.sleep(0.2)",
        ["--limit-disk", "16"],
        "filled the 16 MiB",
    ),
    "descriptors": (
        "held = []\ntry:\n    while True: held.append(open('/dev/null'))\nexcept OSError:\n    import time; time.sleep(0.3)",
        ["--limit-files", "100"],
        "as many files at once as it may, 100",
    ),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_stopped_and_the_report_says_at_which_limit(attack: Attack, bomb: str) -> None:
    code, flags, sentence = BOMBS[bomb]
    report = attack(code, *flags)
    assert report["run"]["stdout"][:3] != "not"
    assert sentence in str(report["run"]["stages"][0]["message"])
    assert report["score"] == 100  # what it had built by then is there


def test_time_is_bounded(attack: Attack) -> None:
    report = attack("import time; time.sleep(100)", "--timeout", "3")
    assert (report["run"]["timed_out"], report["score"]) == (True, 100)


def test_nothing_outlives_the_run_or_changes_what_is_judged(attack: Attack) -> None:
    mark = f"outlives-{os.getpid()}-{time.time_ns()}"
    code = f"""
import time
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            while True:
                if os.fork() == 0:
                    os.execlp("bash", {mark!r}, "-c", "sleep 100")
                time.sleep(0.2)
                s3.delete_bucket_tagging(Bucket=os.environ["LAB_BUCKET"]) if os.path.exists("/never") else None
        os._exit(0)
os._exit(0)
"""
    assert attack(code)["score"] == 100
    assert not [p for p in Path("/proc").glob("[0-9]*/cmdline") if mark.encode() in _read(p)]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


@pytest.mark.parametrize("code", ["os._exit(0)", "os._exit(3)", "os.kill(os.getpid(), 9)", "os.kill(-1, 9)", "1 / 0"])
def test_an_exit_code_wins_and_loses_nothing(attack: Attack, code: str) -> None:
    assert attack(code)["score"] == 100
