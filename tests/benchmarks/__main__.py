"""How fast labgrade is, as ratios to a floor measured in the same run.

    python tests/benchmarks            print the table
    python tests/benchmarks --write    and put it into the README

Every figure is the median of interleaved runs, so that both sides meet the same machine at the same time.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
LABGRADE = Path(sys.executable).parent / "labgrade"
SOLUTION = ROOT / "labs/s3_lifecycle/solutions/one_rule_each"
BEGIN, END = "<!-- benchmark -->", "<!-- /benchmark -->"


@dataclass(frozen=True)
class Comparison:
    """What is measured, against what, and the ratio that is aimed at."""

    what: str
    floor_is: str
    ours: Callable[[], None]
    floor: Callable[[], None]
    target: float


@dataclass(frozen=True)
class Figure:
    comparison: Comparison
    ours: float
    floor: float

    @property
    def ratio(self) -> float:
        return self.ours / self.floor

    @property
    def row(self) -> str:
        of = self.comparison
        times = f"{self.ours * 1000:.0f} ms", f"{self.floor * 1000:.0f} ms"
        return f"| {of.what} | {of.floor_is} | {times[0]} | {times[1]} | **{self.ratio:.2f}** | ≤ {of.target:.1f} |"


def command(*words: str | Path, environment: dict[str, str] | None = None) -> Callable[[], None]:
    """A whole process, whose failure is the benchmark's."""

    def call() -> None:
        subprocess.run(words, check=True, capture_output=True, env={**os.environ, **(environment or {})}, cwd=ROOT)

    return call


@contextmanager
def warm_workspace() -> Iterator[dict[str, str]]:
    """An open workspace of s3-lifecycle, finished; the environment in which both sides find it."""
    with tempfile.TemporaryDirectory(prefix="labgrade-benchmark-") as state:
        known = {"XDG_STATE_HOME": state}
        whole = {**os.environ, **known}
        subprocess.run([LABGRADE, "start", "s3-lifecycle"], check=True, capture_output=True, env=whole)
        try:
            told = subprocess.run([LABGRADE, "env", "--format", "json"], check=True, capture_output=True, env=whole)
            variables = {**known, **json.loads(told.stdout)}
            command(sys.executable, SOLUTION / "main.py", environment=variables)()
            yield variables
        finally:
            subprocess.run([LABGRADE, "stop", "--yes"], check=True, capture_output=True, env=whole)


def comparisons(workspace: dict[str, str]) -> list[Comparison]:
    from grader.lab import find
    from grader.parameters import environment

    python = sys.executable
    variables = dict(environment(find("s3-lifecycle").values()))
    click = command(python, "-c", "import click")
    return [
        Comparison(
            "`labgrade run s3-lifecycle` on a right `main.py`",
            "a shell script: `moto_server`, the bucket, `main.py`, one boto3 read",
            command(LABGRADE, "run", "s3-lifecycle", SOLUTION),
            command(HERE / "naive.sh", python, SOLUTION / "main.py", environment=variables),
            1.0,
        ),
        Comparison(
            "`labgrade run s3-lifecycle` on a warm, finished workspace",
            "`python -c \"import boto3; boto3.client('s3').list_buckets()\"` on it",
            command(LABGRADE, "run", "s3-lifecycle", environment=workspace),
            command(python, "-c", "import boto3; boto3.client('s3').list_buckets()", environment=workspace),
            2.0,
        ),
        Comparison("`labgrade --help`", '`python -c "import click"`', command(LABGRADE, "--help"), click, 2.0),
        Comparison("`labgrade list`", '`python -c "import click"`', command(LABGRADE, "list"), click, 3.0),
    ]


def measured(comparison: Comparison, rounds: int) -> Figure:
    ours: list[float] = []
    floor: list[float] = []
    for call in (comparison.ours, comparison.floor):  # once unmeasured: byte code and disk caches
        call()
    for _ in range(rounds):
        for call, times in ((comparison.ours, ours), (comparison.floor, floor)):
            began = time.perf_counter()
            call()
            times.append(time.perf_counter() - began)
    return Figure(comparison, statistics.median(ours), statistics.median(floor))


def table(figures: list[Figure]) -> str:
    head = "| what | against | labgrade | floor | ratio | aim |\n|---|---|---|---|---|---|\n"
    return head + "\n".join(figure.row for figure in figures) + "\n"


def write(text: str) -> None:
    readme = ROOT / "README.md"
    before, _, rest = readme.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    readme.write_text(f"{before}{BEGIN}\n{text}{END}{after}", "utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    with warm_workspace() as workspace:
        figures = [measured(comparison, chosen.rounds) for comparison in comparisons(workspace)]
    print(table(figures))
    if chosen.write:
        write(table(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
