"""The report as a student reads it: the mark, each requirement, then the evidence for what did not pass.

Every mark is a word. Only an address is ever wider than the terminal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from grader.formats import ending, story
from grader.formats.escaping import one_line, paragraphs, visible
from grader.formats.feedback import reduced
from grader.languages import spoken
from grader.report import Outcome, ReportJson

if TYPE_CHECKING:
    from grader.formats.layout import Page

Evidence: TypeAlias = list[tuple[str, str]]

_STYLES: Mapping[str, str] = {
    Outcome.PASSED: "green",
    Outcome.FAILED: "bold red",
    Outcome.SKIPPED: "yellow",
    Outcome.ERROR: "bold magenta",
    Outcome.INCONCLUSIVE: "cyan",
}
_OUTPUT_LINES = 15
_ABOUT_GRADED = ("submission", "emulator", "sandbox")  # notes that tell what was graded, said first


def render(
    report: ReportJson, *, width: int = 80, colour: bool = False, feedback: str = "full", **_options: Any
) -> str:
    """The screen, for a terminal of this width."""
    from grader.formats.layout import Page  # rich is only wanted here

    shown, page = reduced(report, feedback), Page(width)
    page.blank()
    for part in (_head, _checks, _evidence, _run, _notes, _picture, _closing):
        part(page, shown)
        page.blank()
    return page.text(colour)


def _head(page: Page, report: ReportJson) -> None:
    page.ends("  ", one_line(report["lab"]["title"], 200), story.score(report))
    page.paragraph(story.graded(report), "  ")
    if broken := story.broken_off(report):
        page.blank()
        page.paragraph(broken, "  ", style="bold")
        page.blank()
    if left_out := story.left_out(report):
        page.paragraph(left_out, "  ")
    for note in report.get("notes") or []:
        if note["about"] in _ABOUT_GRADED:
            page.paragraph(paragraphs(note["message"]), "  ")


def _checks(page: Page, report: ReportJson) -> None:
    from grader.formats.layout import cells, padded

    checks = report["checks"]
    marks = max((cells(story.mark(check)) for check in checks), default=0)
    points = max((len(story.points([check])) for check in checks), default=0)
    for number, check in enumerate(checks, 1):
        mark = (padded(story.mark(check), marks), _STYLES.get(check["outcome"], ""))
        lead = (f"  {number:>2}  ", mark, f"  {story.points([check]):>{points}}  ")
        page.paragraph(one_line(check["requirement"], 300), *lead)
    for sentence in filter(None, [report.get("counts") and story.counted(report), story.unseen(report)]):
        page.paragraph(sentence, "  ")


def _evidence(page: Page, report: ReportJson) -> None:
    """A block for each check that did not pass; one for all that have the same to say."""
    checks = list(enumerate(report["checks"], 1))
    told: list[Evidence] = []
    for _, check in checks:
        evidence = _said_of(check, report)
        if not evidence or evidence in told:
            continue
        told.append(evidence)
        _heading(page, [(n, other) for n, other in checks if _said_of(other, report) == evidence])
        for label, text in evidence:
            page.labelled(label, text)
        if secret := story.secret(check):
            page.labelled("", secret)
        page.blank()


def _said_of(check: Mapping[str, Any], report: ReportJson) -> Evidence:
    reason = story.explained(check, report)
    return [("", reason)] if reason else story.evidence(check)


def _heading(page: Page, alike: list[tuple[int, Mapping[str, Any]]]) -> None:
    number, check = alike[0]
    if len(alike) == 1:
        page.ends(f"  {number:<2} ", one_line(check["requirement"], 300), story.points([check]))
    else:
        numbers = story.numbered(n for n, _ in alike)
        page.ends(f"  {numbers}  ", story.mark(check), story.points(c for _, c in alike))
    page.blank()


def _run(page: Page, report: ReportJson) -> None:
    run = report["run"]
    if not run or not _matters(run, report):
        return
    page.line((f"  {spoken('When your submission ran')}", "bold"))
    page.blank()
    for sentence in story.ran(run):
        page.paragraph(sentence, "     ")
    if run["truncated"]:
        page.paragraph(spoken("It printed too much to keep: the middle is missing."), "     ")
    _output(page, run)


def _matters(run: Mapping[str, Any], report: ReportJson) -> bool:
    """Is there more to say of the run than the head did?"""
    printed = _said(run["stderr"]) or _said(run["stdout"])
    if story.broken_off(report):
        return printed or len(run["stages"]) > 1 or any(stage["message"] for stage in run["stages"])
    # A shell script goes on after an error: what it complained of matters though it ended well.
    return _said(run["stderr"]) and report["outcome"] != "passed"


def _output(page: Page, run: Mapping[str, Any]) -> None:
    from grader.formats.layout import folded

    stream = "stderr" if _said(run["stderr"]) else "stdout"
    if not _said(run[stream]):
        return
    lines = visible(run[stream]).expandtabs(4).rstrip().lstrip("\n").split("\n")
    # The bar in front keeps a student's text from passing for labgrade's own.
    pieces = [piece for line in lines[-_OUTPUT_LINES:] for piece in folded(line[-2000:], page.width - 7)]
    whole = len(lines) <= _OUTPUT_LINES and len(pieces) <= _OUTPUT_LINES
    page.blank()
    head = "What it printed to {stream}:" if whole else "The end of what it printed to {stream}:"
    page.line(f"     {spoken(head, stream=stream)}")
    for piece in pieces[-_OUTPUT_LINES:]:
        page.line("     ", ("| ", "dim"), piece.rstrip())


def _said(output: str | None) -> bool:
    return bool(output and output.strip())


def _notes(page: Page, report: ReportJson) -> None:
    notes = [note for note in report.get("notes") or [] if note["about"] not in _ABOUT_GRADED]
    if notes:
        page.line((f"  {spoken('Worth knowing')}", "bold"))
        page.blank()
    for note in notes:
        page.paragraph(paragraphs(note["message"]), "     ")


def _picture(page: Page, report: ReportJson) -> None:
    from grader.formats import drawings

    if report["outcome"] == "passed":
        for line in drawings.text(report["model"], page.width - 2):
            page.line("  ", line)


def _closing(page: Page, report: ReportJson) -> None:
    page.paragraph(f"{ending.verdict(report)} {ending.took(report)}", "  ")
    if report["outcome"] == "passed":
        page.blank()
        page.paragraph(ending.holds(report), "  ")
    for sentence, command in ending.advice(report):
        _advise(page, sentence, command, apart=report["outcome"] == "passed")
    if report["outcome"] == "failed" and report["max_score"] and report["model"].get("drawing"):
        _advise(page, spoken("A picture of what you built:"), f"{ending.command(report)} --open")


def _advise(page: Page, sentence: str, command: str, *, apart: bool = False) -> None:
    if apart and command:
        page.blank()
    page.paragraph(sentence, "  ")
    if apart and command:
        page.blank()
    if command:
        page.paragraph(command, "    ")
