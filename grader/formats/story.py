"""The sentences that every format says about a report, so that all of them tell the same story.

Two facts are shown where a report has them: `emulator.calls` (calls it had had) and `grading.previous` (the
last score). What is returned is safe to show: every text of the report went through `escaping`.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any, TypeAlias

from grader.formats.escaping import one_line, paragraphs
from grader.languages import spoken, told
from grader.report import FULL, Outcome, ReportJson
from grader.texts import listed

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
COUNTED: Mapping[str, str] = {
    Outcome.PASSED: "{count} passed",
    Outcome.FAILED: "{count} failed",
    Outcome.SKIPPED: "{count} skipped",
    Outcome.ERROR: "{count} could not be judged by labgrade",
    Outcome.INCONCLUSIVE: "{count} cannot be shown by this emulator",
}
WORKSPACE: Mapping[str, str] = {  # by how many calls it has had
    "unknown": "Your workspace on {emulator}.",
    "none": "Your workspace on {emulator}, which has had no call from you.",
    "one": "Your workspace on {emulator}, after 1 call of yours.",
    "several": "Your workspace on {emulator}, after {calls} calls of yours.",
}
WORK: Mapping[str, str] = {
    "unknown": "Your work on {emulator}.",
    "none": "Your work on {emulator}, which has had no call from you.",
    "one": "Your work on {emulator}, after 1 call of yours.",
    "several": "Your work on {emulator}, after {calls} calls of yours.",
}
BROKEN: Mapping[str, str] = {  # by what ended it
    "time": "{who} did not end within {after} and was stopped; what follows is about what it had built until then.",
    "unrun": "{who} could not be run; what follows is about what was there all the same.",
    "signal": "{who} was ended by {signal} after {after}; what follows is about what it had built until then.",
    "code": "{who} ended with exit code {code} after {after}; what follows is about what it had built until then.",
}
LABELS: Mapping[str, str] = {"found": "found", "wanted": "wanted", "why": "why", "fix": "mend", "doc": "read"}


def mark(check: Json) -> str:
    """The word for a check's outcome."""
    known = check["outcome"] in MARKS
    return spoken(MARKS[check["outcome"]]) if known else one_line(check["outcome"], 12).upper()


def points(checks: Iterable[Json]) -> str:
    """`10/15`; `-/15` where there is neither a win nor a loss."""
    listed = list(checks)
    most = sum(check["max_points"] for check in listed)
    judged = any(check["outcome"] not in (Outcome.ERROR, Outcome.INCONCLUSIVE) for check in listed)
    return f"{sum(check['points'] for check in listed)}/{most}" if judged else f"-/{most}"


def score(report: ReportJson) -> str:
    """`65 of 100`, or that there is no mark."""
    if report["outcome"] == "error":
        return spoken("no mark")
    return spoken("{score} of {most}", score=report["score"], most=report["max_score"])


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
        where = "{what} ({kind}) on a fresh {emulator}." if about["fresh"] else "{what} ({kind}) on {emulator}."
        kind = _kinds(submission["kind"])
        first = spoken(where, what=one_line(_called(report), 200), kind=kind, emulator=emulator(report))
    else:
        first = _live(about, emulator(report))
    return " ".join(filter(None, [first, _whose(report), _last_time(report)]))


def broken_off(report: ReportJson) -> str:
    """What became of the stage that ended the submission early, said of all that follows; empty where none did."""
    run = report["run"]
    broken = [stage for stage in _stages(run) if _badly(stage)] if run else []
    if not broken:
        return ""
    stage = broken[0]
    entry, code, after = one_line(stage["entry"], 80), stage["exit_code"], duration(stage["seconds"])
    who = spoken("Your program {entry}", entry=entry) if entry.endswith((".py", ".sh")) else entry
    if stage["timed_out"]:
        return spoken(BROKEN["time"], who=who, after=after)
    if code is None:
        return spoken(BROKEN["unrun"], who=who)
    if code < 0:
        return spoken(BROKEN["signal"], who=who, signal=_signal(-code), after=after)
    return spoken(BROKEN["code"], who=who, code=code, after=after)


def left_out(report: ReportJson) -> str:
    """What this emulator could not show, in points; empty where it showed everything."""
    missing = FULL - report["max_score"]
    if missing <= 0 or report["outcome"] == "error":
        return ""
    if missing == 1:
        return spoken("1 point could not be judged on {emulator} and is left out.", emulator=emulator(report))
    several = "{points} points could not be judged on {emulator} and are left out."
    return spoken(several, points=missing, emulator=emulator(report))


def explained(check: Json, report: ReportJson) -> str:
    """Why a check that did not pass was not judged; empty for one that was, or where nothing is known."""
    message = paragraphs(check["message"])
    match check["outcome"]:
        case Outcome.SKIPPED:
            cure = f"{message} {paragraphs(check['fix'])}".strip()
            return _awaited(check, report) or cure[:1].upper() + cure[1:]
        case Outcome.ERROR:
            told = [spoken("labgrade could not judge this. The fault is not yours, so no mark is given.")]
            told += [spoken("What happened: {message}", message=message)] if message else []
            return " ".join(told)
        case Outcome.INCONCLUSIVE:
            why = message or spoken("{emulator} cannot show this.", emulator=emulator(report))
            return spoken("{why} The points are left out: not won, not lost.", why=why)
    return ""


def evidence(check: Json) -> list[tuple[str, str]]:
    """Of a failed check: found, wanted, why, mend and read, each where there is one."""
    if check["outcome"] != Outcome.FAILED:
        return []
    texts = {key: paragraphs(check[key]) for key in LABELS}
    texts["found"] = texts["found"] or paragraphs(check["message"])
    if check["wanted"] == check["requirement"]:
        del texts["wanted"]  # it stands above already
    return [(spoken(LABELS[key]), text) for key, text in texts.items() if text]


def counted(report: ReportJson) -> str:
    """`6 of 9 checks passed, 2 failed, 1 was skipped.`: all that is told where feedback is a count."""
    counts: dict[str, int] = report.get("counts") or {}
    passed = spoken("{count} of {all} checks passed", count=counts.get(Outcome.PASSED, 0), all=sum(counts.values()))
    others = _counted({**counts, Outcome.PASSED: 0})
    return spoken("{counts}.", counts=[passed, *others])


def unseen(report: ReportJson) -> str:
    """`2 more checks are not shown here: 1 passed, 1 failed.`; empty where every check is."""
    counts: dict[str, int] = report.get("hidden") or {}
    how = _counted(counts)
    several = "{count} more checks are not shown here: {how}."
    one = "1 more check is not shown here: {how}."
    count = sum(counts.values())
    return spoken(one if count == 1 else several, count=count, how=how) if how else ""


def secret(check: Json) -> str:
    """To the instructor, of a check that students are not shown; empty for any other."""
    return spoken("Students are not shown this check.") if check.get("hidden") else ""


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
    words = [spoken("{first} to {last}", first=r[0], last=r[-1]) if len(r) > 2 else told(listed(r)) for r in runs]
    return told(listed(words)) if words else ""


def compared(what: str, report: ReportJson) -> str:
    """`65 of 100, 25 more than last time`, said of anything; just that where there was no last time."""
    previous = report["grading"].get("previous")
    if not isinstance(previous, int) or report["outcome"] == "error":
        return what
    difference = report["score"] - previous
    if not difference:
        return spoken("{what}, the same as last time", what=what)
    change = "{what}, {points} more than last time" if difference > 0 else "{what}, {points} fewer than last time"
    return spoken(change, what=what, points=abs(difference))


def duration(seconds: float) -> str:
    """`0.2 s`, `60 s`."""
    return spoken("{seconds} s", seconds=f"{seconds:.1f}" if seconds < 9.95 else f"{seconds:.0f}")


def _counted(counts: Mapping[str, int]) -> list[str]:
    return [spoken(COUNTED[outcome], count=counts[outcome]) for outcome in COUNTED if counts.get(outcome)]


def _kinds(kind: str) -> str:
    words = [spoken(KINDS[part]) if part in KINDS else one_line(part, 40) for part in kind.split("+")]
    return reduce(lambda first, then: spoken("{first} then {then}", first=first, then=then), words)


def _live(about: Json, where: str) -> str:
    """A workspace is known by its lab; any other emulator by its address."""
    if not about.get("workspace") and about["endpoint"]:
        where = spoken("{emulator} at {endpoint}", emulator=where, endpoint=one_line(about["endpoint"], 200))
    calls = about.get("calls")
    number = "unknown"
    if isinstance(calls, int):
        number = "none" if not calls else "one" if calls == 1 else "several"
    said = WORKSPACE[number] if about.get("workspace") else WORK[number]
    return spoken(said, emulator=where, calls=calls if isinstance(calls, int) else None)


def _whose(report: ReportJson) -> str:
    if not report["student"]:
        return ""
    student = one_line(report["student"], 80)
    if not report["course"]:
        return spoken("Student {student}.", student=student)
    return spoken("Student {student}, course {course}.", student=student, course=one_line(report["course"], 80))


def _called(report: ReportJson) -> str:
    """The submission's path, or where that is just `.`, its entries."""
    path, run = report["submission"]["path"], report["run"]
    entries = ", ".join(stage["entry"] for stage in run["stages"]) if run else ""
    return path if path.strip("./\\") else entries or path


def _last_time(report: ReportJson) -> str:
    previous = report["grading"].get("previous")
    return spoken("Last time: {points}.", points=previous) if isinstance(previous, int) else ""


def _awaited(check: Json, report: ReportJson) -> str:
    awaited = [
        spoken("{number} passes ({requirement})", number=number, requirement=one_line(other["requirement"], 300))
        for number, other in enumerate(report["checks"], 1)
        if other["id"] in check["needs"] and other["outcome"] != Outcome.PASSED
    ]
    return spoken("Skipped until {awaited}.", awaited=listed(awaited)) if awaited else ""


def _stages(run: Json) -> list[Json]:
    return run["stages"] or [{**run, "entry": spoken("The submission"), "message": None}]


def _badly(stage: Json) -> bool:
    return bool(stage["exit_code"] != 0 or stage["timed_out"])


def _ended(stage: Json) -> str:
    entry, code, after = one_line(stage["entry"], 80), stage["exit_code"], duration(stage["seconds"])
    if stage["timed_out"]:
        return spoken("{entry} was stopped after {after}: it had not finished by then.", entry=entry, after=after)
    if code is None:
        return spoken("{entry} could not be run.", entry=entry)
    if code < 0:
        return spoken("{entry} was ended by {signal} after {after}.", entry=entry, signal=_signal(-code), after=after)
    if code:
        return spoken("{entry} ended with exit code {code} after {after}.", entry=entry, code=code, after=after)
    return spoken("{entry} succeeded in {after}.", entry=entry, after=after)


def _signal(number: int) -> str:
    try:
        return spoken("signal {number} ({name})", number=number, name=signal.Signals(number).name)
    except ValueError:
        return spoken("signal {number}", number=number)
