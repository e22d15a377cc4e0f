"""The report in Markdown: for a step's summary, a merge request, a comment, or a file to send."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from grader.formats import ending, story
from grader.formats.escaping import bounded, one_line, paragraphs
from grader.formats.markup import block, fenced, inline
from grader.formats.page.address import address
from grader.formats.words import say
from grader.languages import spoken
from grader.report import ReportJson

_OUTPUT = 4000
_ABOUT_GRADED = ("submission", "emulator", "sandbox")  # notes that tell what was graded, said first


def render(report: ReportJson, **_options: Any) -> str:
    """A whole document, of a report that was reduced already."""
    parts = (_head, _checks, _evidence, _run, _notes, _closing)
    return "\n\n".join(paragraph for part in parts for paragraph in part(report) if paragraph) + "\n"


def _head(report: ReportJson) -> Iterator[str]:
    yield f"## {inline(one_line(report['lab']['title'], 200))}: {inline(story.score(report))}"
    yield inline(story.graded(report))
    for sentence in (story.broken_off(report), story.left_out(report)):
        yield inline(sentence)
    for note in report.get("notes") or []:
        if note["about"] in _ABOUT_GRADED:
            yield block(paragraphs(note["message"]))


def _checks(report: ReportJson) -> Iterator[str]:
    checks = report["checks"]
    if checks:
        head = f"| | | {inline(spoken('Requirement'))} | {inline(spoken('Points'))} |\n| --: | :-- | :-- | --: |"
        yield "\n".join([head, *(_row(number, check) for number, check in enumerate(checks, 1))])
    if report.get("counts"):
        yield inline(story.counted(report))
    yield inline(story.unseen(report))


def _row(number: int, check: Mapping[str, Any]) -> str:
    requirement = inline(one_line(check["requirement"], 300), cell=True)
    return f"| {number} | {inline(story.mark(check))} | {requirement} | {inline(story.points([check]))} |"


def _evidence(report: ReportJson) -> Iterator[str]:
    for number, check in enumerate(report["checks"], 1):
        reason, evidence = story.explained(check, report), story.evidence(check)
        if not reason and not evidence:
            continue
        yield f"### {number} {inline(one_line(check['requirement'], 300))}"
        yield inline(story.secret(check))
        yield block(reason)
        lines = [f"- **{inline(label)}** {_linked(text, check)}" for label, text in evidence]
        yield "\n".join(lines)


def _linked(text: str, check: Mapping[str, Any]) -> str:
    """An item of a list, each further line under the first."""
    link = address(check["doc"])
    if link and text == link:
        safe = link.translate({ord(letter): f"%{ord(letter):02X}" for letter in "<>\"'`\\()[]{}|^"})
        return f"<{safe}>"
    return block(text).replace("\n", "\n  ")


def _run(report: ReportJson) -> Iterator[str]:
    run = report["run"]
    if not run or (report["outcome"] == "passed" and not story.broken_off(report)):
        return
    yield f"### {inline(say('the run'))}"
    yield "\n".join(f"- {inline(sentence)}" for sentence in story.ran(run))
    for stream in ("stderr", "stdout"):
        if run[stream] and run[stream].strip():
            yield inline(say(f"printed to {stream}"))
            yield fenced(bounded(run[stream].strip("\n"), _OUTPUT))


def _notes(report: ReportJson) -> Iterator[str]:
    notes = [note for note in report.get("notes") or [] if note["about"] not in _ABOUT_GRADED]
    if notes:
        yield f"### {inline(say('worth knowing'))}"
        yield "\n".join(f"- {block(paragraphs(note['message']))}".replace("\n", "\n  ") for note in notes)


def _closing(report: ReportJson) -> Iterator[str]:
    yield inline(f"{ending.verdict(report)} {ending.took(report)}")
    if report["outcome"] == "passed":
        yield inline(ending.holds(report))
    for sentence, command in ending.advice(report):
        yield inline(sentence)
        yield fenced(command) if command else ""
