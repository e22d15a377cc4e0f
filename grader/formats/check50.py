"""The JSON of check50 (`check50 --output json`), for what reads it: a result for each check, in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from grader.formats import story
from grader.formats.escaping import one_line, paragraphs
from grader.formats.jsontext import written
from grader.languages import spoken
from grader.report import Outcome, ReportJson

# The version whose shape this is, as github.com/cs50/check50 has it (2026-11-25).
VERSION = "3.3.11"


def render(report: ReportJson, **_options: Any) -> str:
    """The object; `passed` is null for what nobody judged, as check50 has it for what it skips."""
    slug = one_line(report["lab"]["id"], 80)
    return written({"slug": slug, "results": list(_results(report)), "version": VERSION})


def _results(report: ReportJson) -> Iterator[dict[str, Any]]:
    if report.get("counts"):
        yield _result("checks", story.counted(report), report["outcome"] == "passed")
    if unseen := story.unseen(report):
        lost = any(report["hidden"].get(outcome) for outcome in (Outcome.FAILED, Outcome.SKIPPED, Outcome.ERROR))
        yield _result("more checks", unseen, not lost)
    for check in report["checks"]:
        passed = {Outcome.PASSED: True, Outcome.FAILED: False}.get(check["outcome"])
        made = _result(one_line(check["id"], 200), one_line(check["requirement"], 300), passed)
        made["dependency"] = one_line(check["needs"][0], 200) if check["needs"] else None
        made["cause"] = _cause(check, report)
        yield made


def _result(name: str, description: str, passed: bool | None) -> dict[str, Any]:
    cause = None if passed else {"rationale": description, "help": None}
    return {
        **{"name": name, "description": description, "passed": passed, "log": [], "cause": cause},
        **{"data": {}, "dependency": None},
    }


def _cause(check: Mapping[str, Any], report: ReportJson) -> dict[str, Any] | None:
    if check["outcome"] == Outcome.PASSED:
        return None
    if check["outcome"] != Outcome.FAILED:
        return {"rationale": story.explained(check, report) or story.mark(check), "help": None}
    found, wanted = paragraphs(check["found"] or check["message"]), paragraphs(check["wanted"])
    told = {text for text in (found, wanted) if text}
    advice = [f"{label}: {text}" for label, text in story.evidence(check) if text not in told]
    nothing = spoken("Does not hold: {requirement}", requirement=one_line(check["requirement"], 300))
    cause: dict[str, Any] = {"rationale": found or nothing, "help": "\n".join(advice) or None}
    return cause | ({"expected": wanted, "actual": found} if found and wanted else {})
