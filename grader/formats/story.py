"""The sentences that every format says about a report, so that all of them tell the same story.

Two facts are shown where a report has them: `emulator.calls` (calls it had had) and `grading.previous` (the
last score). What is returned is safe to show: every text of the report went through `escaping`.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from grader.formats.escaping import one_line, paragraphs
from grader.report import FULL, Outcome, ReportJson

Json: TypeAlias = Mapping[str, Any]

MARKS: Mapping[str, str] = {
    Outcome.PASSED: "PASS",
    Outcome.FAILED: "FAIL",
    Outcome.SKIPPED: "SKIP",
    Outcome.ERROR: "ERROR",
    Outcome.INCONCLUSIVE: "N/A",
}
KINDS: Mapping[str, str] = {
    "python": "Python",
    "shell": "shell script",
    "cloudformation": "CloudFormation",
    "terraform": "Terraform",
}
LABELS: Mapping[str, str] = {"found": "found", "wanted": "wanted", "why": "why", "fix": "mend", "doc": "read"}


def mark(check: Json) -> str:
    """The word for a check's outcome."""
    return MARKS.get(check["outcome"]) or one_line(check["outcome"], 12).upper()


def points(checks: Iterable[Json]) -> str:
    """`10/15`; `-/15` where there is neither a win nor a loss."""
    listed = list(checks)
    most = sum(check["max_points"] for check in listed)
    judged = any(check["outcome"] not in (Outcome.ERROR, Outcome.INCONCLUSIVE) for check in listed)
    return f"{sum(check['points'] for check in listed)}/{most}" if judged else f"-/{most}"


def score(report: ReportJson) -> str:
    """`65 of 100`, or that there is no mark."""
    return "no mark" if report["outcome"] == "error" else f"{report['score']} of {report['max_score']}"


def emulator(report: ReportJson) -> str:
    """`moto 5.2.5`."""
    about = report["emulator"]
    return one_line(f"{about['name']} {about['version'] or ''}", 80)


def submission_name(report: ReportJson) -> str:
    """The last part of the submission's path, whichever way its slashes lean; empty where there is none."""
    submission = report["submission"]
    parts = re.split(r"[/\\]+", submission["path"].rstrip("/\\")) if submission else [""]
    return "" if parts[-1] in ("", ".", "..") else one_line(parts[-1], 80)


def graded(report: ReportJson) -> str:
    """What was graded, on what, for whom."""
    submission, about = report["submission"], report["emulator"]
    if submission:
        fresh = "a fresh " if about["fresh"] else ""
        what = f"{one_line(submission['path'], 200)} ({_kinds(submission['kind'])})"
        first = f"{what} on {fresh}{emulator(report)}."
    else:
        first = f"Your work on {emulator(report)}{_where(about)}{_calls(about.get('calls'))}."
    return " ".join(filter(None, [first, _whose(report), _last_time(report)]))


def broken_off(report: ReportJson) -> str:
    """The stage that ended the submission early, with what became of it; empty where it ran to its end."""
    run = report["run"]
    broken = [stage for stage in _stages(run) if _badly(stage)] if run else []
    return f"{_ended(broken[0])} The checks judged what it left behind." if broken else ""


def left_out(report: ReportJson) -> str:
    """What this emulator could not show, in points; empty where it showed everything."""
    missing = FULL - report["max_score"]
    if missing <= 0 or report["outcome"] == "error":
        return ""
    first, last = ("1 point", "is") if missing == 1 else (f"{missing} points", "are")
    return f"{first} could not be judged on {emulator(report)} and {last} left out."


def explained(check: Json, report: ReportJson) -> str:
    """Why a check that did not pass was not judged; empty for one that was, or where nothing is known."""
    message = paragraphs(check["message"])
    match check["outcome"]:
        case Outcome.SKIPPED:
            cure = f"{message} {paragraphs(check['fix'])}".strip()
            return _awaited(check, report) or cure[:1].upper() + cure[1:]
        case Outcome.ERROR:
            told = f" What happened: {message}" if message else ""
            return f"labgrade could not judge this. The fault is not yours, so no mark is given.{told}"
        case Outcome.INCONCLUSIVE:
            why = message or f"{emulator(report)} cannot show this."
            return f"{why} The points are left out: not won, not lost."
    return ""


def evidence(check: Json) -> list[tuple[str, str]]:
    """Of a failed check: found, wanted, why, mend and read, each where there is one."""
    if check["outcome"] != Outcome.FAILED:
        return []
    texts = {key: paragraphs(check[key]) for key in LABELS}
    texts["found"] = texts["found"] or paragraphs(check["message"])
    if check["wanted"] == check["requirement"]:
        del texts["wanted"]  # it stands above already
    return [(LABELS[key], text) for key, text in texts.items() if text]


def counted(report: ReportJson) -> str:
    """`6 of 9 checks passed, 2 failed, 1 was skipped.`: all that is told where feedback is a count."""
    counts: dict[str, int] = report.get("counts") or {}
    words = {
        Outcome.FAILED: "failed",
        Outcome.SKIPPED: "skipped",
        Outcome.ERROR: "could not be judged by labgrade",
        Outcome.INCONCLUSIVE: "cannot be shown by this emulator",
    }
    others = [f"{counts[outcome]} {word}" for outcome, word in words.items() if counts.get(outcome)]
    passed = f"{counts.get(Outcome.PASSED, 0)} of {sum(counts.values())} checks passed"
    return ", ".join([passed, *others]) + "."


def ran(run: Json) -> list[str]:
    """What became of each stage."""
    return [f"{_ended(stage)} {paragraphs(stage['message'])}".rstrip() for stage in _stages(run)]


def numbered(numbers: Iterable[int]) -> str:
    """`2 to 4 and 7`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    words = [f"{r[0]} to {r[-1]}" if len(r) > 2 else " and ".join(map(str, r)) for r in runs]
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def change(report: ReportJson) -> str:
    """`, 25 more than last time`, where there was one."""
    previous = report["grading"].get("previous")
    if not isinstance(previous, int) or report["outcome"] == "error":
        return ""
    difference = report["score"] - previous
    if not difference:
        return ", the same as last time"
    return f", {abs(difference)} {'more' if difference > 0 else 'fewer'} than last time"


def duration(seconds: float) -> str:
    """`0.2 s`, `60 s`."""
    return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"


def _kinds(kind: str) -> str:
    return " then ".join(KINDS.get(part) or one_line(part, 40) for part in kind.split("+"))


def _where(about: Json) -> str:
    return f" at {one_line(about['endpoint'], 200)}" if about["endpoint"] else ""


def _calls(calls: object) -> str:
    if not isinstance(calls, int):
        return ""
    if not calls:
        return ", which has had no call from you"
    return f", after {calls} call{'' if calls == 1 else 's'} of yours"


def _whose(report: ReportJson) -> str:
    if not report["student"]:
        return ""
    course = f", course {one_line(report['course'], 80)}" if report["course"] else ""
    return f"Student {one_line(report['student'], 80)}{course}."


def _last_time(report: ReportJson) -> str:
    previous = report["grading"].get("previous")
    return f"Last time: {previous}." if isinstance(previous, int) else ""


def _awaited(check: Json, report: ReportJson) -> str:
    awaited = [
        f"{number} passes ({one_line(other['requirement'], 300)})"
        for number, other in enumerate(report["checks"], 1)
        if other["id"] in check["needs"] and other["outcome"] != Outcome.PASSED
    ]
    return f"Skipped until {' and '.join(awaited)}." if awaited else ""


def _stages(run: Json) -> list[Json]:
    return run["stages"] or [{**run, "entry": "The submission", "message": None}]


def _badly(stage: Json) -> bool:
    return bool(stage["exit_code"] != 0 or stage["timed_out"])


def _ended(stage: Json) -> str:
    entry, code, after = one_line(stage["entry"], 80), stage["exit_code"], duration(stage["seconds"])
    if stage["timed_out"]:
        return f"{entry} was stopped after {after}: it had not finished by then."
    if code is None:
        return f"{entry} could not be run."
    if code < 0:
        return f"{entry} was ended by {_signal(-code)} after {after}."
    return f"{entry} ended with exit code {code} after {after}." if code else f"{entry} succeeded in {after}."


def _signal(number: int) -> str:
    try:
        return f"signal {number} ({signal.Signals(number).name})"
    except ValueError:
        return f"signal {number}"
