"""A job of GitHub Actions: what a report says there by itself, in annotations, in the step's summary and as outputs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from grader.languages import spoken

# https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#step-isolation-and-limits
# (2026-11-25): a summary that is longer is not uploaded at all.
SUMMARY_BYTES = 1024 * 1024
_OUTPUTS = ("score", "max_score", "percent", "outcome")


def are_here(environ: Mapping[str, str] = os.environ) -> bool:
    """Is this a step of a job?"""
    return environ.get("GITHUB_ACTIONS") == "true"


def heard(
    report: dict[str, Any], places: list[tuple[str, Path | None]], told: Mapping[str, Any]
) -> list[tuple[str, Path | None]]:
    """Write summary and outputs, and let GitHub hear annotations; where each report then goes.

    The terminal's report becomes one that has them. Beside any other on standard output, which a program may read,
    they go to standard error: the runner reads both.
    """
    from grader.formats import addressed
    from grader.formats.github import annotating

    _append("GITHUB_STEP_SUMMARY", _summary(report, told))
    _append("GITHUB_OUTPUT", _outputs(report))
    if places[0] == ("terminal", None):
        return [("github", None), *places[1:]]
    if places[0] != ("github", None):
        shown = addressed(report, "student", **told)
        click.echo(annotating(shown), err=True, nl=False)
    return places


def _summary(report: dict[str, Any], told: Mapping[str, Any]) -> str:
    """In Markdown, at the level that fits beside what other commands of this step have written."""
    from grader.formats import LEVELS, render

    room = SUMMARY_BYTES - _size("GITHUB_STEP_SUMMARY")
    lowest = LEVELS.index(told["feedback"])
    for level in LEVELS[lowest:]:
        text = render("markdown", report, **{**told, "feedback": level}) + "\n"
        if len(text.encode()) <= room:
            return text
    return ""


def _outputs(report: dict[str, Any]) -> str:
    """Numbers and words of ours alone: nothing that a student wrote, so one line each will do."""
    values = {key: "" if report[key] is None else report[key] for key in _OUTPUTS}
    return "".join(f"{key.replace('_', '-')}={value}\n" for key, value in values.items())


def _size(variable: str) -> int:
    try:
        return Path(os.environ.get(variable, "")).stat().st_size
    except OSError:
        return 0


def _append(variable: str, text: str) -> None:
    path = os.environ.get(variable)
    if not path or not text:
        return
    try:
        with Path(path).open("a", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        click.echo(spoken("{path}: {reason}", path=path, reason=error.strerror or ""), err=True)
