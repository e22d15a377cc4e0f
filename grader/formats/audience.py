"""Whom a report is for: one private result, made into what each of three may read.

What a student may not read is taken out here, before any format sees the report; nothing is merely styled away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from grader.formats.feedback import nearest, reduced
from grader.report import Outcome, ReportJson

AUDIENCES: tuple[str, ...] = ("student", "instructor", "machine")

# Of what class grading knows about a result, this much is the student's own business.
_STUDENTS_GRADING = (
    *("previous", "assignment", "person", "attempt", "attempt_name", "submitted_at", "late_minutes"),
    *("penalised_score", "reasons", "signature"),
)
# Beside the checks, only these notes and nothing of the model is sure to give no hidden check away.
_NOTES = ("submission", "emulator", "sandbox")


def addressed(report: ReportJson, audience: str, *, feedback: str = "full", hidden: Collection[str] = ()) -> ReportJson:
    """The report for a `student`, the `instructor` or a `machine`. `hidden` are ids of checks.

    A student reads at the feedback level, and of hidden checks only how many there are and how they ended. The
    instructor reads everything, hidden checks marked as such. A machine gets the object as it is, at that level.
    """
    if audience not in AUDIENCES:
        raise nearest("audience", audience, AUDIENCES)
    if audience == "machine":
        return reduced(report, feedback)
    if audience == "instructor":
        return reduced(_marked(report, hidden), feedback)
    grading = {key: report["grading"][key] for key in _STUDENTS_GRADING if key in report["grading"]}
    shown = reduced(_without({**report, "grading": grading}, hidden), feedback)
    if shown != report and "signature" in grading:  # it holds for the whole, and for that alone
        shown = {**shown, "grading": {key: value for key, value in grading.items() if key != "signature"}}
    return shown


def _marked(report: ReportJson, hidden: Collection[str]) -> ReportJson:
    checks = [{**check, "hidden": True} if check["id"] in hidden else check for check in report["checks"]]
    return {**report, "checks": checks}


def _without(report: ReportJson, hidden: Collection[str]) -> ReportJson:
    """The report less those checks, and less all that may speak of them."""
    taken = [check for check in report["checks"] if check["id"] in hidden]
    if not taken:
        return report
    shown = [check for check in report["checks"] if check["id"] not in hidden]
    ids = {check["id"] for check in shown}
    return {
        **report,
        "checks": [{**check, "needs": [need for need in check["needs"] if need in ids]} for check in shown],
        "hidden": _summed(taken, report.get("hidden") or {}),
        "model": {},
        "notes": [note for note in report.get("notes") or [] if note["about"] in _NOTES],
    }


def _summed(taken: Iterable[Mapping[str, Any]], before: Mapping[str, int]) -> dict[str, int]:
    """How many ended how; a later version's own outcomes are left out."""
    tally = Counter(check["outcome"] for check in taken) + Counter(before)
    return {outcome.value: tally[outcome.value] for outcome in Outcome}
