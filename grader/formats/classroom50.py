"""Classroom 50's `result.json`, of the schema `classroom50/result/v1`.

What it says of whose work this is comes from the environment that its runner gives an autograder:
https://github.com/foundation50/classroom50/wiki/Advanced-Autograding (2026-11-25). The runner stamps owner and type
again. Without that environment there are stand-ins, so that the file is of the schema anywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from grader.formats import story
from grader.formats.escaping import one_line
from grader.formats.jsontext import written
from grader.report import Outcome, ReportJson

SCHEMA = "classroom50/result/v1"
_TYPES = ("individual", "group", "team")


def render(report: ReportJson, *, environ: Mapping[str, str] | None = None, **_options: Any) -> str:
    """The object: no key is empty, points are whole numbers, and no score is above its maximum."""
    around, error = environ or {}, report["outcome"] == "error"
    digest = one_line((report["submission"] or {}).get("sha256") or "0" * 64, 64)
    graded = _utc(report["started_at"])
    commit = around.get("COMMIT_URL") or f"urn:sha256:{digest}"
    kind = around.get("ASSIGNMENT_TYPE", "").strip().lower()
    return written(
        {
            "schema": SCHEMA,
            "classroom": around.get("CLASSROOM") or one_line(report["course"], 80) or "none",
            "assignment": around.get("ASSIGNMENT") or one_line(report["lab"]["id"], 80),
            "assignment_type": kind if kind in _TYPES else "individual",
            "owner": around.get("OWNER") or around.get("USERNAME") or one_line(report["student"], 80) or "unknown",
            "submission": around.get("SUBMISSION_TAG") or f"submit/{graded.replace(':', '-')}-{digest[:7]}",
            "commit": commit,
            "release": around.get("RELEASE_URL") or commit,
            "review": around.get("REVIEW_URL") or commit,
            "datetime": graded,
            "graded_at": graded,
            "score": 0 if error else report["score"],
            "max-score": 0 if error else report["max_score"],
            "tests": list(_tests(report)),
        }
    )


def _tests(report: ReportJson) -> Iterator[dict[str, Any]]:
    if sentence := " ".join(filter(None, [report.get("counts") and story.counted(report), story.unseen(report)])):
        listed = report["checks"]
        score = report["score"] - sum(check["points"] for check in listed)
        most = report["max_score"] - sum(check["max_points"] for check in listed if _counts(check))
        yield _test("more checks" if listed else "checks", score, most, sentence)
    names: Counter[str] = Counter()
    for number, check in enumerate(report["checks"], 1):
        name = one_line(check["requirement"], 200) or one_line(check["id"], 200) or f"check {number}"
        names[name] += 1
        output = "\n".join(f"{label}: {text}" for label, text in story.evidence(check))
        made = _test(
            name if names[name] == 1 else f"{name} ({names[name]})",
            check["points"],
            check["max_points"] if _counts(check) else 0,
            output or story.explained(check, report),
        )
        yield {**made, "passed": check["outcome"] == Outcome.PASSED, "outcome": one_line(check["outcome"], 40)}


def _test(name: str, score: int, most: int, output: str) -> dict[str, Any]:
    score = max(min(score, most), 0)
    return {"test-name": name, "passed": score == most, "score": score, "max-score": most, "output": output}


def _counts(check: Mapping[str, Any]) -> bool:
    return bool(check["outcome"] != Outcome.INCONCLUSIVE)


def _utc(started_at: str) -> str:
    try:
        moment = datetime.fromisoformat(started_at)
    except ValueError:
        moment = datetime.fromtimestamp(0, UTC)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
