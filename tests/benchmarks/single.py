"""One command, as a whole process, against the naive thing in its place."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from comparing import Comparison, Side

from grader.lab import Lab
from labs import LABS, ROOT, solution, variables

NAIVE = Path(__file__).parent / "naive"
LABGRADE = Path(sys.executable).parent / "labgrade"
PYTHON = sys.executable


def command(*words: str | Path, more: Mapping[str, str] | None = None) -> Callable[[], None]:
    """A whole process, whose failure is the benchmark's."""

    def call() -> None:
        done = subprocess.run(words, capture_output=True, env={**os.environ, **(more or {})}, cwd=ROOT, check=False)
        assert done.returncode == 0, (words, done.stdout, done.stderr)

    return call


def runs() -> list[Comparison]:
    """`labgrade run` for every lab; its naive half lies in `naive/`."""
    return [_run(lab) for lab in LABS]


def _run(lab: Lab) -> Comparison:
    prepared = "the starting state, " if (NAIVE / lab.folder.name / "prepare.py").exists() else ""
    naive = (NAIVE / "run.sh", PYTHON, solution(lab) / "main.py", NAIVE / lab.folder.name)
    floor = Side(
        f"a shell script: `moto_server`, {prepared}`main.py`, one boto3 look",
        command(*naive, more=variables(lab)),
    )
    ours = Side(f"`labgrade run {lab.id}` on a right `main.py`", command(LABGRADE, "run", lab.id, solution(lab)))
    return Comparison(ours, [(floor, 1.0)])


def commands(workspace: dict[str, str]) -> list[Comparison]:
    """What a student waits for besides."""
    click = Side('`python -c "import click"`', command(PYTHON, "-c", "import click"))
    boto3 = "import boto3; boto3.client('s3').list_buckets()"
    graded = Side(
        "`labgrade run s3-lifecycle` on a warm, finished workspace",
        command(LABGRADE, "run", "s3-lifecycle", more=workspace),
    )
    called = Side(f'`python -c "{boto3}"` on it', command(PYTHON, "-c", boto3, more=workspace))
    return [
        Comparison(graded, [(called, 2.0)]),
        Comparison(Side("`labgrade --help`", command(LABGRADE, "--help")), [(click, 2.0)]),
        Comparison(Side("`labgrade list`", command(LABGRADE, "list")), [(click, 3.0)]),
    ]


@contextmanager
def finished_workspace() -> Iterator[dict[str, str]]:
    """An open workspace of s3-lifecycle, finished; the environment in which both sides find it."""
    lab = next(lab for lab in LABS if lab.id == "s3-lifecycle")
    with tempfile.TemporaryDirectory(prefix="labgrade-benchmark-") as state:
        known = {"XDG_STATE_HOME": state}
        whole = {**os.environ, **known}
        subprocess.run([LABGRADE, "start", lab.id], check=True, capture_output=True, env=whole)
        try:
            told = subprocess.run([LABGRADE, "env", "--format", "json"], check=True, capture_output=True, env=whole)
            found = {**known, **json.loads(told.stdout)}
            command(PYTHON, solution(lab) / "main.py", more=found)()
            yield found
        finally:
            subprocess.run([LABGRADE, "stop", "--yes"], check=True, capture_output=True, env=whole)
