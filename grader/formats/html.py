"""The report as a page: one self-contained file, to read in a browser, on a phone or on paper. No script in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeAlias

from markupsafe import Markup

from grader.formats import drawings, ending, story
from grader.formats.escaping import bounded, one_line, paragraphs, visible
from grader.formats.page.address import address
from grader.formats.page.document import document
from grader.formats.page.strip import strip
from grader.formats.words import say
from grader.report import ReportJson

Json: TypeAlias = Mapping[str, Any]

_OUTPUT = 10_000
_ABOUT_GRADED = ("submission", "emulator", "sandbox")  # notes that tell what was graded, said first


def render(report: ReportJson, **_options: Any) -> str:
    """The whole page, for a report that was reduced already."""
    notes = report.get("notes") or []
    title = one_line(report["lab"]["title"], 200)
    advice = ending.advice(report)
    passed = report["outcome"] == "passed"
    return document(
        "report.html.j2",
        lang=report["lang"],
        styles=(drawings.style(report["model"]),),
        title=say("report of", lab=title, score=story.score(report)),
        lab={"id": one_line(report["lab"]["id"], 80), "title": title},
        score=story.score(report),
        outcome=report["outcome"],
        strip=Markup(strip(report["checks"])),  # drawn, and escaped where it is drawn
        graded=story.graded(report),
        remarks=_remarks(report, notes),
        early_run=bool(story.broken_off(report)),
        figure=_figure(report["model"]),
        checks=_checks(report),
        counted=" ".join(filter(None, [report.get("counts") and story.counted(report), story.unseen(report)])),
        run=_run(report),
        notes=[paragraphs(note["message"]) for note in notes if note["about"] not in _ABOUT_GRADED],
        parameters=[(f"LAB_{name.upper()}", one_line(value, 300)) for name, value in report["parameters"].items()],
        verdict=f"{ending.verdict(report)} {ending.took(report)}",
        advice=[(ending.holds(report), ""), *advice] if passed else advice,
        about=_about(report),
    )


def _remarks(report: ReportJson, notes: list[Json]) -> list[str]:
    said = [paragraphs(note["message"]) for note in notes if note["about"] in _ABOUT_GRADED]
    return [text for text in (story.broken_off(report), story.left_out(report), *said) if text]


def _figure(model: object) -> drawings.Figure | None:
    from dataclasses import replace

    drawn = drawings.figure(model)
    if drawn is None:
        return None
    # It comes escaped.
    return replace(drawn, wide=Markup(drawn.wide), narrow=Markup(drawn.narrow))


def _checks(report: ReportJson) -> list[dict[str, Any]]:
    """Each check, with what there is to say of it, unless an earlier one said just that."""
    said: dict[object, int] = {}
    shown = []
    for number, check in enumerate(report["checks"], 1):
        reason, evidence = story.explained(check, report), story.evidence(check)
        what, link = (reason, *evidence), address(check["doc"])
        first = said.setdefault(what, number) if reason or evidence else number
        shown.append(
            {
                "number": number,
                "mark": story.mark(check),
                "outcome": check["outcome"],
                "requirement": one_line(check["requirement"], 300),
                "points": story.points([check]),
                "secret": story.secret(check),
                "reason": reason,
                "evidence": [(label, text, link if text == link else "") for label, text in evidence],
                "as_at": first if first != number else None,
            }
        )
    return shown


def _run(report: ReportJson) -> dict[str, Any] | None:
    run = report["run"]
    if not run:
        return None
    streams = [(say(f"printed to {name}"), run[name]) for name in ("stderr", "stdout") if _said(run[name])]
    return {
        "stages": story.ran(run),
        "truncated": run["truncated"],
        "streams": [(title, bounded(visible(text).strip("\n"), _OUTPUT)) for title, text in streams],
        "open": bool(story.broken_off(report)) or report["outcome"] != "passed",
    }


def _said(output: str | None) -> bool:
    return bool(output and output.strip())


def _about(report: ReportJson) -> list[tuple[str, str | list[str]]]:
    submission, sandbox = report["submission"] or {}, report["sandbox"]
    feedback = report.get("feedback")
    facts: list[tuple[str, str | list[str]]] = [
        ("graded at", _moment(report["started_at"])),
        ("submission", one_line(submission.get("path"), 300)),
        ("digest", one_line(submission.get("sha256"), 80)),
        ("emulator", story.emulator(report)),
        ("endpoint", one_line(report["emulator"]["endpoint"], 200)),
        ("account", one_line(report["account"], 40)),
        ("region", one_line(report["region"], 40)),
        ("sandbox", one_line(f"{sandbox['level'] or ''} {sandbox['version'] or ''}", 120)),
        ("guarantees", [one_line(each, 200) for each in sandbox["guarantees"]]),
        ("lab version", one_line(report["lab"]["version"], 100)),
        ("labgrade", one_line(report["labgrade"], 40)),
        ("feedback", say(f"feedback {feedback}") if feedback else ""),
    ]
    return [(say(key), value) for key, value in facts if value]


def _moment(started_at: str) -> str:
    try:
        return f"{datetime.fromisoformat(started_at):%Y-%m-%d %H:%M %Z}".strip()
    except ValueError:
        return one_line(started_at, 40)
