"""`labgrade doctor`: what this machine can do, tried for real."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import click

from grader.cli import option
from grader.languages import spoken, told
from grader.texts import listed

if TYPE_CHECKING:
    from grader.doctor import Examination, Finding
    from grader.formats.layout import Page

MARK_CELLS, SUBJECT_CELLS = 7, 12
LABELS = {"why": "why", "mend": "mend"}
MARKS = {
    "OK": "OK",
    "NOTE": "NOTE",
    "MISSING": "MISSING",
    "OLD": "OLD",
    "BROKEN": "BROKEN",
    "SLOW": "SLOW",
    "TAKEN": "TAKEN",
    "LOW": "LOW",
}


@click.command("doctor")
@option("--format", "shape", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
@click.option("--all", "start_all", is_flag=True, help="Start LocalStack and MiniStack, too, where they are installed.")
@option("--timeout", type=click.FloatRange(min=1), default=12, show_default=True, help="Seconds for all of it.")
def doctor_command(shape: str, start_all: bool, timeout: float) -> None:
    """Say what labgrade can do on this machine, and what to mend.

    Everything is tried for real, on an emulator of its own; nothing leaves this machine. Exit code 0 means that
    `labgrade run` can grade here.
    """
    from grader.doctor import examine

    if sys.stderr.isatty():
        click.echo(spoken("Trying everything; this takes some seconds."), err=True)
    # A look must not become an installation: uv then uses what it has, and fetches nothing.
    os.environ["UV_OFFLINE"] = "1"
    examination = examine(timeout_seconds=timeout, start_all=start_all)
    if shape == "json":
        click.echo(json.dumps(examination.to_json(), indent=2))
    else:
        _show(examination)
    raise SystemExit(0 if examination.holds else 1)


def _show(examination: Examination) -> None:
    from grader.cli import screen

    page = screen.page()
    page.blank()
    head = spoken("What labgrade {version} can do on this machine", version=examination.version)
    page.line((f"  {head}", "bold"))
    shown = None
    for section, finding in examination.findings:
        if section != shown:
            page.blank()
            page.line((f"  {told(section)}", "bold"))
            page.blank()
            shown = section
        _line(page, finding)
    page.blank()
    for sentence in _verdict(examination):
        page.paragraph(sentence, "  ")
    screen.show(page)


def _line(page: Page, finding: Finding) -> None:
    from grader.doctor.finding import HARMLESS, Mark
    from grader.formats.escaping import one_line
    from grader.formats.layout import padded

    style = "green" if finding.mark == Mark.OK else "yellow" if finding.mark in HARMLESS else "bold red"
    subject = padded(finding.said("subject"), SUBJECT_CELLS)
    lead = ("  ", (padded(spoken(MARKS[finding.mark]), MARK_CELLS), style), f"  {subject}  ")
    page.paragraph(one_line(finding.said("found")), *lead)
    indent = " " * (2 + MARK_CELLS + 2)
    for label, text in (("why", finding.said("why")), ("mend", finding.said("mend"))):
        if text:
            page.paragraph(one_line(text), indent, (f"{padded(spoken(LABELS[label]), SUBJECT_CELLS)}  ", "dim"))


def _verdict(examination: Examination) -> list[str]:
    broken = [finding.said("subject") for _, finding in examination.findings if not finding.holds]
    if broken:
        return [spoken("labgrade cannot grade here yet: mend {subjects}.", subjects=listed(broken))]
    lacking = [finding.said("subject") for finding in examination.lacking]
    if not lacking:
        return [spoken("labgrade can grade here, and nothing is amiss.")]
    amiss = "labgrade can grade here. What is amiss matters only if you want to use it: {subjects}."
    return [spoken(amiss, subjects=listed(lacking))]
