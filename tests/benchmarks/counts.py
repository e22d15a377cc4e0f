"""What grading costs besides time: calls, memory, and what is left behind (nothing)."""

from __future__ import annotations

import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader import submissions
from grader.grading import Grader, Options, Work
from grader.judging import judged
from grader.lab import Lab
from grader.sandbox import open_sandbox
from grader.supply import WarmSupply
from labs import LABS, solution

MOST_CALLS = 60
MOST_MIB = 40
MOST_GROWTH_MIB = 2  # what the allocator keeps comes and goes by less


@dataclass(frozen=True)
class Checks:
    """A lab's checks alone, on a warm emulator that holds a right answer."""

    lab: str
    seconds: float
    calls: int
    private_mib: float  # of the emulator, afterwards

    @property
    def row(self) -> str:
        return f"| {self.lab} | {self.seconds * 1000:.0f} ms | {self.calls} | {self.private_mib:.0f} MiB |"


def checks(rounds: int) -> list[Checks]:
    with closing(WarmSupply()) as supply:
        return [_checks(supply, lab, rounds) for lab in LABS]


def _checks(supply: WarmSupply, lab: Lab, rounds: int) -> Checks:
    values = lab.values()
    with supply.begun(lab, values) as begun:
        emulator: Any = begun.emulator
        work = submissions.read(solution(lab))
        submissions.run(work, access=emulator.access, parameters=values, sandbox=open_sandbox("none"))
        taken, before = [], emulator.calls()
        for _ in range(rounds + 1):
            began = time.perf_counter()
            judgement = judged(lab, emulator, values, begun.facts)
            taken.append(time.perf_counter() - began)
            assert all(check.outcome in ("passed", "inconclusive") for check in judgement.checks), judgement
        calls = (emulator.calls() - before) // (rounds + 1)
        return Checks(lab.id, statistics.median(taken[1:]), calls, private_mib(emulator.pid))


def private_mib(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


@dataclass(frozen=True)
class Left:
    """After so many gradings: how the grader grew since the tenth, and what did not go away."""

    gradings: int
    growth_mib: float
    processes: int
    sockets: int
    files: int

    @property
    def rows(self) -> str:
        left = f"{self.processes} processes, {self.sockets} sockets, {self.files} temporary files"
        return (
            f"| the grader's memory, from the 10th to the {self.gradings}th submission | "
            f"{self.growth_mib:+.1f} MiB | none (≤ {MOST_GROWTH_MIB} MiB) |\n"
            f"| left over after {self.gradings} submissions | {left} | none |\n"
        )


def left_over(gradings: int) -> Left:
    """In a process of its own, with a temporary folder of its own, by which what it started is known."""
    with tempfile.TemporaryDirectory(prefix="labgrade-benchmark-") as place:
        command = [sys.executable, __file__, str(gradings)]
        done = subprocess.run(command, env={**os.environ, "TMPDIR": place}, stdout=subprocess.PIPE, check=True)
        told = json.loads(done.stdout)
        processes = sum(place.encode() in _environment(entry) for entry in Path("/proc").iterdir())
        return Left(gradings, told["growth_mib"], processes, told["sockets"], len(list(Path(place).iterdir())))


def _environment(process: Path) -> bytes:
    try:
        return (process / "environ").read_bytes() if process.name.isdigit() else b""
    except OSError:
        return b""


def _grade(gradings: int) -> dict[str, Any]:
    """Right and empty work in turns, every lab."""
    works = [Work(lab, solution(lab), Options()) for lab in LABS]
    sockets, tenth = _sockets(), 0.0
    with Grader() as grader:
        wanted = (works[number % len(works)] for number in range(gradings))
        for number, report in enumerate(grader.each(wanted, 2), 1):
            assert getattr(report, "outcome", report) == "passed"
            if number == 10:
                tenth = _resident_mib()
        growth = _resident_mib() - tenth
    return {"growth_mib": growth, "sockets": _sockets() - sockets}


def _resident_mib() -> float:
    gc.collect()
    return private_mib(os.getpid())


def _sockets() -> int:
    return sum("socket:" in str(_target(link)) for link in Path("/proc/self/fd").iterdir())


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""


if __name__ == "__main__":
    print(json.dumps(_grade(int(sys.argv[1]))))
