"""Made-up classes and reports: what comes of grading, without an emulator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from grader.classroom.assignment_file import Opened, opened, parsed
from grader.classroom.jobs import Job
from grader.classroom.plan import Plan, plan
from grader.classroom.roster import Roster
from grader.classroom.staging import Staging
from grader.report import CheckResult, Outcome, Report
from grader.texts import plain

TOML = """\
title = "Week 1"
course = "clouds-2027"
{more}
[[labs]]
lab = "hello"
{lab}
"""


def assignment(more: str = "", lab: str = "") -> Opened:
    return parsed(Path("assignment.toml"), TOML.format(more=more, lab=lab).encode())


def planned(tmp_path: Path, opening: Opened | None = None, roster: Roster | None = None, where: str = "class") -> Plan:
    staging = Staging(tmp_path / "work")
    staging.folder.mkdir(exist_ok=True)
    return plan(opening or opened("hello"), tmp_path / where, staging, roster=roster)


def handed_in(root: Path, works: dict[str, str]) -> Path:
    """`{"ada": "60"}`: main.py of ada's, worth what it says by `fake`."""
    for name, text in works.items():
        (root / name).mkdir(parents=True)
        (root / name / "main.py").write_text(text)
    return root


def report(score: int, *, student: str | None = None, outcome: Outcome | None = None, sha256: str = "ab") -> Report:
    """A report of two checks, the first of them worth `score` and passed."""
    checks = [
        CheckResult("first", plain("The first."), score, Outcome.PASSED),
        CheckResult("second", plain("The second."), 100 - score, outcome or Outcome.FAILED, plain("It is not.")),
    ]
    return Report(
        lab={"id": "hello", "title": "Hello", "version": "1", "texts": {}},
        checks=tuple(check for check in checks if check.max_points),
        parameters={"token": "5e11a0"},
        emulator={"name": "moto", "version": "5", "endpoint": "http://127.0.0.1:1", "fresh": True},
        sandbox={"level": "none", "version": "1", "guarantees": []},
        account="123456789012",
        region="us-east-1",
        started_at="2027-03-01T10:00:00+00:00",
        seconds=0.5,
        student=student,
        course="clouds-2027",
        submission={"path": "main.py", "kind": "python", "sha256": sha256},
    )


def fake(job: Job) -> dict[str, Any]:
    """Grades by what main.py says."""
    return report(int((job.path / "main.py").read_text()), student=job.student).to_json()
