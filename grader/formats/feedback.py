"""How much a student is told: what is hidden is taken out of the report before any format sees it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from grader.errors import UsageError
from grader.report import Outcome, ReportJson
from grader.texts import say

LEVELS: tuple[str, ...] = ("full", "found", "names", "count")

# Named one by one: what a later version adds stays hidden until somebody says at which level it may be seen.
_KEPT = (
    *("schema", "labgrade", "lab", "student", "course", "lang", "account", "region", "parameters"),
    *("submission", "emulator", "sandbox", "started_at", "seconds"),
    *("score", "max_score", "percent", "outcome", "grading", "hidden"),
)
_CHECK = ("id", "requirement", "points", "max_points", "outcome", "seconds")
_TEXTS = ("message", "found", "wanted", "why", "fix")
_RUN = ("exit_code", "timed_out", "seconds", "truncated")
_STAGE = ("kind", "entry", "exit_code", "timed_out", "seconds")
_NOTES = {"names": ("submission", "emulator"), "count": ("submission",)}


def reduced(report: ReportJson, feedback: str) -> ReportJson:
    """The report at this level: `full`, `found` (and wanted), `names` (and outcomes), or `count`.

    A new object: nothing is changed in place. A reduced report says so in its key `feedback`, and can only
    become less. Hidden keys are null or empty; at `count` there are no checks, but `counts` by outcome.
    """
    if feedback not in LEVELS:
        raise nearest("feedback", feedback, LEVELS)
    level = max(feedback, report.get("feedback") or "full", key=LEVELS.index)
    if level == "full":
        return report
    kept = {key: report[key] for key in _KEPT if key in report}
    kept["feedback"] = level
    kept["checks"] = [] if level == "count" else [_check(check, level) for check in report["checks"]]
    if level == "count":
        kept["counts"] = report.get("counts") or _counts(report["checks"])
    kept["run"] = _run(report["run"], level)
    kept["model"] = report["model"] if level == "found" else {}
    notes = report.get("notes") or []
    kept["notes"] = [note for note in notes if level == "found" or note["about"] in _NOTES[level]]
    return kept


def nearest(what: str, name: str, names: Sequence[str]) -> UsageError:
    """The error for a name that is none of these, with the one that was probably meant."""
    from difflib import get_close_matches

    near = get_close_matches(name, names, n=1)
    about: dict[str, Any] = {"what": what, "name": repr(name), "names": list(names)}
    if near:
        meant = "There is no {what} {name}. Did you mean {near}? There are: {names}."
        return UsageError(say(meant, **about, near=near[0]))
    return UsageError(say("There is no {what} {name}. There are: {names}.", **about))


def _check(check: Mapping[str, Any], level: str) -> dict[str, Any]:
    told = {"found", "wanted", "message"} if level == "found" else set()
    if check["outcome"] == Outcome.FAILED:
        told.discard("message")  # it may sum up what is hidden
    return {
        **{key: check[key] for key in _CHECK},
        **{key: check[key] if key in told else None for key in _TEXTS},
        "doc": None,
        "needs": check["needs"] if level == "found" else [],
        "texts": {key: text for key, text in check["texts"].items() if key in {*told, "requirement"}},
        **({"hidden": True} if check.get("hidden") else {}),
    }


def _run(run: Mapping[str, Any] | None, level: str) -> Any:
    if run is None or level == "found":
        return run
    stages = [{key: s.get(key) for key in _STAGE} | {"message": None, "texts": {}} for s in run["stages"]]
    return {key: run.get(key) for key in _RUN} | {"stdout": None, "stderr": None, "stages": stages}


def _counts(checks: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    tally = Counter(check["outcome"] for check in checks)
    return {outcome.value: tally[outcome.value] for outcome in Outcome}
