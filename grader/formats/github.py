"""The report as a step of GitHub Actions prints it: what a student reads, then annotations.

All that a student may have written stands between `::stop-commands::` and a token that nobody could guess, or
escaped inside a command of ours:
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands (2026-11-25).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from grader.formats import ending, story
from grader.formats.escaping import one_line, visible
from grader.formats.terminal import render as screen
from grader.languages import spoken
from grader.report import Outcome, ReportJson

# Of each level GitHub shows ten annotations a step and drops the others without a word. Its documentation does not
# say so: https://github.com/orgs/community/discussions/26680 (2026-11-25).
_SHOWN = 10
_LONGEST = 2000


def render(report: ReportJson, *, token: str | None = None, **options: Any) -> str:
    """Text for a step's standard output. `token` is for tests: nobody may know it beforehand."""
    token = token or secrets.token_hex(16)
    title = f"labgrade: {one_line(report['lab']['title'], 200)}, {story.score(report)}"
    shown = screen(report, **{**options, "colour": False})
    return (
        f"{command('group', title)}\n::stop-commands::{token}\n{shown}\n::{token}::\n::endgroup::\n{annotating(report)}"
    )


def annotating(report: ReportJson) -> str:
    """A notice with the mark, and an error for each check that did not pass, as far as they are shown."""
    lines = [command("notice", f"{ending.verdict(report)} {story.unseen(report)}".strip(), title=_title(report))]
    errors = list(_errors(report))
    if len(errors) > _SHOWN:
        more = spoken("{count} more are in the summary of this step.", count=len(errors) - _SHOWN + 1)
        errors[_SHOWN - 1 :] = [command("error", more, title=_title(report))]
    return "".join(f"{line}\n" for line in [*lines, *errors])


def command(name: str, message: object, **properties: object) -> str:
    """`::name key=value::message`, with all that would end it escaped; a property without a value is left out."""
    escaped = ",".join(f"{key}={_property(value)}" for key, value in properties.items() if value)
    return f"::{name}{' ' if escaped else ''}{escaped}::{_data(message)}"


def _errors(report: ReportJson) -> Iterator[str]:
    if report.get("counts") and report["outcome"] != "passed":
        yield command("error", story.counted(report), title=_title(report))
    for number, check in enumerate(report["checks"], 1):
        if check["outcome"] not in (Outcome.FAILED, Outcome.ERROR):
            continue
        said = [text for _, text in story.evidence(check)] or [story.explained(check, report)]
        title = f"{number} {story.mark(check)}: {one_line(check['requirement'], 200)}"
        message = "\n".join(filter(None, said)) or one_line(check["requirement"])
        yield command("error", message[:_LONGEST], file=_file(report), title=title)


def _title(report: ReportJson) -> str:
    return one_line(report["lab"]["title"], 200)


def _file(report: ReportJson) -> str:
    """The submission's entry, where its path leads there from where labgrade was called."""
    submission: Mapping[str, Any] | None = report["submission"]
    stages = (report["run"] or {}).get("stages") or []
    if not submission or not stages:
        return ""
    path, entry = submission["path"].replace("\\", "/").rstrip("/"), stages[0]["entry"].replace("\\", "/")
    if path.startswith(("/", "~", "..")) or ":" in path:
        return ""
    inside = path if path.rsplit("/", 1)[-1] == entry else f"{path}/{entry}"
    return one_line(inside.removeprefix("./"), 300)


def _data(value: object) -> str:
    return visible(value).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: object) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")
