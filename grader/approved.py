"""Approved reports: what the student who made a mistake reads, kept in the repository so that reviewers read it too."""

from __future__ import annotations

import difflib
from typing import Any

from grader.answers import APPROVED, Answer
from grader.formats import render
from grader.report import ReportJson, canonical

WIDTH = 80


def text(answer: Answer, report: ReportJson) -> str:
    """The report on a terminal, in canonical form: the same on every machine and on every day."""
    kept = canonical(report)
    steady: dict[str, Any] = {
        "labgrade": "",
        "started_at": "",
        "seconds": 0.0,
        "grading": {},
        "emulator": {"name": report["emulator"]["name"], "version": "", "endpoint": "", "fresh": True},
        "sandbox": {"level": "", "version": "", "guarantees": []},
        "lab": {**kept["lab"], "version": ""},
        "submission": {**kept["submission"], "path": answer.title, "sha256": ""},
        "run": _untimed(kept["run"]),
        "checks": [{**check, "seconds": 0.0} for check in kept["checks"]],
    }
    return render("terminal", {**kept, **steady}, width=WIDTH, colour=False)


def difference(answer: Answer, now: str) -> str:
    """How the report differs from the approved one, as a unified diff; empty where it does not."""
    path = answer.folder / APPROVED
    approved = path.read_text("utf-8") if path.is_file() else ""
    return diff(approved, now, f"{answer.title}/{APPROVED}", "now")


def record(answer: Answer, now: str) -> bool:
    """Approve this report; was there another, or none, before?"""
    if not difference(answer, now):
        return False
    (answer.folder / APPROVED).write_text(now, "utf-8", newline="\n")
    return True


def diff(before: str, after: str, was: str, is_now: str) -> str:
    """The lines that changed, with a little of what is around them."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), was, is_now, n=2, lineterm="")
    return "\n".join(lines)


def _untimed(run: dict[str, Any]) -> dict[str, Any]:
    return {**run, "seconds": 0.0, "stages": [{**stage, "seconds": 0.0} for stage in run["stages"]]}
