"""`labgrade run`: grade one submission, or the state of an emulator, and print the report."""

from __future__ import annotations

import gc
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from grader.cli import actions, option, standard_input
from grader.cli.limiting import limits_of, sandbox_options
from grader.cli.mirroring import mirror_option
from grader.cli.places import labs_option
from grader.errors import UsageError
from grader.languages import current
from grader.texts import Text, say, sentences

SHOWN = ("terminal", "json", "junit", "html", "markdown", "github", "gradescope", "classroom50", "check50")
FEEDBACK = ("full", "found", "names", "count")


class Percent(click.FloatRange):
    """`85` or `85%`."""

    name = "percent"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number: Any = value.removesuffix("%") if isinstance(value, str) else value
        return super().convert(number, param, ctx)


@click.command("run")
@click.argument("lab", required=False)
@click.argument("submission", required=False, type=click.Path(path_type=Path))
@option("--student", help="The student's id: names and numbers vary by it.")
@option("--course", help="The public code of the course.")
@option("--emulator", type=click.Choice(["moto", "localstack", "ministack"]), help="Which emulator; moto is built in.")
@option("--endpoint-url", help="Grade the state of the emulator that answers here.")
@option("--allow-host", is_flag=True, help="Take an endpoint on a public address.")
@option("--entry", help="The submission's file to begin with, where that is not clear.")
@option("--format", "shape", type=click.Choice(SHOWN), default="terminal", show_default=True, help="Of the report.")
@option("--output", "-o", type=click.Path(path_type=Path), help="Write the report there instead of to the screen.")
@option("--report", "reports", multiple=True, metavar="FORMAT=PATH", help="Write one more report; repeatable.")
@option("--feedback", type=click.Choice(FEEDBACK), default="full", show_default=True, help="How much it gives away.")
@option("--hide", "hidden", multiple=True, metavar="CHECK", help="Tell of this check only how it ended; repeatable.")
@sandbox_options
@mirror_option
@option("--min-score", type=Percent(0, 100), metavar="PERCENT", help="Exit with 0 from this score on.")
@option("--open", "in_browser", is_flag=True, help="Show the report as a page in your browser, too.")
@labs_option
def run_command(
    lab: str | None,
    submission: Path | None,
    shape: str,
    output: Path | None,
    reports: tuple[str, ...],
    feedback: str,
    hidden: tuple[str, ...],
    min_score: float | None,
    in_browser: bool,
    labs: tuple[Path, ...],
    **how: Any,
) -> None:
    """Grade SUBMISSION (a file, or a folder) on a fresh emulator, or without one the state of a running emulator:
    your workspace's, where `labgrade start` has opened one.

    \b
    labgrade run s3-lifecycle main.py
    labgrade run s3-lifecycle my-folder --format junit --output report.xml
    labgrade run s3-lifecycle --endpoint-url http://localhost:4566
    tar -c . | labgrade run s3-lifecycle - > report.json
    """
    wanted = [_wanted(report) for report in reports]
    piped = submission == standard_input.DASH
    if piped:
        submission = click.get_current_context().with_resource(standard_input.unpacked())
        shape = standard_input.shape(shape)
    if lab is None or submission is None:
        from grader.cli.meant import lab_meant, submission_meant

        lab = lab or lab_meant()
        submission = submission or submission_meant(lab, how)
    if hidden:
        _check_known(hidden, lab, labs)
    graded = _graded(lab, submission, labs, how)
    if piped:
        graded = standard_input.told(graded)
    places = [(shape, output), *wanted]
    page = _page(lab, places) if in_browser else None
    report, told = graded.to_json(), {"feedback": feedback, "hidden": hidden}
    if actions.are_here():
        places = actions.heard(report, places, told)
    _write(report, places, told)
    if page is not None:
        from grader.cli.pages import open_page

        open_page(page)
    if click.get_current_context().find_root().obj:
        _tell_traces(graded)
    raise SystemExit(graded.exit_code(min_score))


def _tell_traces(graded: Any) -> None:
    for check in graded.checks:
        if check.trace:
            click.echo(f"\n{check.id}\n{check.trace}", err=True)


def _graded(lab: str, submission: Path | None, labs: tuple[Path, ...], how: dict[str, Any]) -> Any:
    from grader.supply import Supply

    gc.set_threshold(50_000)  # one grading makes little garbage, and all that is imported is searched each time
    with closing(Supply()) as supply:
        if submission is not None and not how["endpoint_url"]:
            supply.expect(how["sandbox"], how["emulator"])

        from grader.cli.identity import identity
        from grader.grading import Grader, Options
        from grader.lab import find

        who = identity(how.pop("student"), how.pop("course"))
        limits = limits_of(how)
        options = Options(student=who.student, course=who.course, limits=limits, lang=current(), **how)
        return Grader(supply).grade(find(lab, labs), submission, options)


def _check_known(hidden: tuple[str, ...], lab: str, labs: tuple[Path, ...]) -> None:
    """The checks to hide. A misspelt one would be shown: that is an error, before anything is graded."""
    from grader.formats.feedback import nearest
    from grader.lab import find

    ids = [check.id for check in find(lab, labs).checks]
    for unknown in sorted(set(hidden) - set(ids)):
        raise nearest("check", unknown, ids)


def _wanted(report: str) -> tuple[str, Path]:
    shape, equals, path = report.partition("=")
    if not equals or not path or shape not in SHOWN:
        raise UsageError(
            say(
                "--report {report}: give it as FORMAT=PATH, where FORMAT is one of {shown}",
                report=report,
                shown=", ".join(SHOWN),
            )
        )
    return shape, Path(path)


def _page(lab: str, places: list[tuple[str, Path | None]]) -> Path | None:
    """The file that a page is written to anyway; else one of its own, added to the places."""
    given = next((path for shape, path in places if shape == "html" and path), None)
    if given is not None:
        return given
    from grader.cli.pages import new_page

    page = new_page(lab)
    if page is None:
        return None
    if places[0] == ("html", None):  # into the browser means not onto the screen
        places[0] = ("html", page)
    else:
        places.append(("html", page))
    return page


def _write(report: dict[str, Any], places: list[tuple[str, Path | None]], told: dict[str, Any]) -> None:
    """Every report to its place; one whose place cannot be written goes to standard output, and exit is 2."""
    import os

    from grader.formats import render

    lost: list[Text] = []
    for shape, path in places:
        terminal = path is None and sys.stdout.isatty()
        text = render(shape, report, **told, environ=os.environ, **(_screen(terminal) if shape == "terminal" else {}))
        if path is None:
            _print(text)
            continue
        try:
            path.write_text(text, "utf-8", newline="\n")
        except OSError as error:
            _print(text)
            instead = "{path}: {reason}; the report is on standard output instead."
            lost.append(say(instead, path=str(path), reason=error.strerror))
    if lost:
        raise UsageError(sentences(*lost))


def _screen(terminal: bool) -> dict[str, Any]:
    import os
    import shutil

    width = shutil.get_terminal_size((80, 24)).columns if terminal else 80
    return {"width": max(60, min(width, 100)), "colour": terminal and not os.environ.get("NO_COLOR")}


def _print(text: str) -> None:
    from grader.formats import encodable

    click.echo(encodable(text, sys.stdout.encoding or "utf-8"), nl=False)
