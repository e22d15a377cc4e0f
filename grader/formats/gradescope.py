"""Gradescope's `results.json`: https://gradescope-autograders.readthedocs.io/en/latest/specs/ (2026-11-25).

Hidden checks are in it with their visibility, which Gradescope keeps; it then shows students no total either, so that
nothing can be worked out from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from grader.formats import ending, story
from grader.formats.escaping import bounded, one_line, paragraphs
from grader.formats.jsontext import written
from grader.formats.markup import block, fenced, inline
from grader.report import Outcome, ReportJson

VISIBILITIES = ("hidden", "after_due_date", "after_published", "visible")
_OUTPUT = 4000


def render(report: ReportJson, *, points: float = 100, hidden_visibility: str = "hidden", **_options: Any) -> str:
    """The object. `points` is what the assignment is worth there.

    The score is the share of what could be judged, after the late policy where there is one, so that it is out of
    `points` whatever the emulator could not show. A report without a mark has no score: Gradescope then says that
    the autograder failed, and nobody gets a zero.
    """
    made: dict[str, Any] = {
        "execution_time": round(report["seconds"], 2),
        "output": _output(report),
        "output_format": "md",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [_test(n, check, report, points, hidden_visibility) for n, check in enumerate(report["checks"], 1)],
        "extra_data": {"labgrade": one_line(report["labgrade"], 40), "lab": one_line(report["lab"]["version"], 100)},
    }
    if report["outcome"] != "error":
        return written({**made, "score": _score(report, points)})
    for test in made["tests"]:
        del test["score"], test["max_score"]
    return written(made)


def _score(report: ReportJson, points: float) -> float:
    kept = report["grading"].get("penalised_score")
    share = (report["score"] if kept is None else kept) / report["max_score"]
    return round(points * float(share), 2)


def _test(
    number: int, check: Mapping[str, Any], report: ReportJson, points: float, hidden_visibility: str
) -> dict[str, Any]:
    share = points / (report["max_score"] or 100)
    counts = check["outcome"] != Outcome.INCONCLUSIVE
    return {
        "name": one_line(check["requirement"], 300) or one_line(check["id"], 200),
        "name_format": "text",
        "number": str(number),
        "status": "failed" if counts and check["outcome"] != Outcome.PASSED else "passed",
        "score": round(check["points"] * share, 2),
        "max_score": round(check["max_points"] * share, 2) if counts else 0,
        "output": "\n\n".join(_told(check, report)),
        "output_format": "md",
        "tags": [one_line(check["id"], 200)],
        "visibility": hidden_visibility if check.get("hidden") else "visible",
        "extra_data": {"outcome": one_line(check["outcome"], 40)},
    }


def _told(check: Mapping[str, Any], report: ReportJson) -> Iterator[str]:
    if check["outcome"] != Outcome.PASSED:
        reason = story.explained(check, report)
        yield f"**{inline(story.mark(check))}** {block(reason)}".rstrip()
    for label, text in story.evidence(check):
        yield f"**{inline(label)}** {block(text)}"


def _output(report: ReportJson) -> str:
    said = [story.graded(report), story.broken_off(report), story.left_out(report), *_late(report)]
    said += [story.counted(report) if report.get("counts") else "", story.unseen(report)]
    notes = [block(paragraphs(note["message"])) for note in report.get("notes") or []]
    hides = any(check.get("hidden") for check in report["checks"])
    verdict = "" if hides else ending.verdict(report)  # the total would tell how hidden checks ended
    ran = _ran(report) if report["outcome"] != "passed" or story.broken_off(report) else []
    return "\n\n".join(filter(None, [*map(inline, [*said, verdict]), *notes, *ran]))


def _late(report: ReportJson) -> list[str]:
    reasons = report["grading"].get("reasons") or []
    return [one_line(reason) for reason in reasons]


def _ran(report: ReportJson) -> Iterator[str]:
    run = report["run"]
    if not run:
        return
    yield "\n".join(f"- {inline(sentence)}" for sentence in story.ran(run))
    for stream in ("stderr", "stdout"):
        text = run[stream]
        if text and text.strip():
            yield fenced(bounded(text.strip("\n"), _OUTPUT))
