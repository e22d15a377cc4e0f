"""`labgrade export`: what a class's marks become for gradebooks, students and the instructor; and an autograder."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli import option
from grader.cli.places import labs_option
from grader.errors import UsageError
from grader.languages import current, spoken

if TYPE_CHECKING:
    from grader.classroom import Gradebook, Result
    from grader.exports.autograder.settings import Settings
    from grader.lab import Lab

# kind -> the module of grader.exports that makes its one file
FILES = {"canvas": "canvas", "moodle": "moodle", "csv": "table", "jsonl": "jsonl"}
KINDS = (*FILES, "feedback", "page", "gradescope")


@click.command("export")
@click.argument("kind", type=click.Choice(KINDS), metavar=f"[{'|'.join(KINDS)}]")
@click.argument("what", type=click.Path(path_type=Path))
@option("--output", "-o", type=click.Path(path_type=Path), help="The file, or for feedback the folder, to write.")
@option("--title", default="", help="The column's name in Canvas or Moodle; else the assignment's title.")
@option("--points", type=click.FloatRange(min=0, min_open=True), default=100, help="What full marks are worth there.")
@option("--assignment-id", default="", help="Canvas's number of the assignment.")
@option("--identity", default="", help="What Moodle is to know students by: username, email or idnumber.")
@option("--hide", "hidden", multiple=True, metavar="CHECK", help="gradescope: hide this check from students.")
@option("--hidden-until", "visibility", type=click.Choice(["due-date", "published"]), help="gradescope: until then.")
@option("--assignment", type=click.Path(path_type=Path), help="gradescope: take late policy and all else from there.")
@option(
    "--feedback",
    type=click.Choice(["full", "found", "names", "count"]),
    help="gradescope: how much is told; else as the assignment says, or full.",
)
@option("--course", default="", help="gradescope: the public code of the course.")
@labs_option
def export_command(kind: str, what: Path, output: Path | None, labs: tuple[Path, ...], **how: Any) -> None:
    """Write a class's results for others: WHAT is the folder that `labgrade grade` filled.

    \b
    labgrade export canvas results -o marks.csv --assignment-id 12345
    labgrade export feedback results -o feedback
    labgrade export page results -o class.html
    labgrade export gradescope s3-lifecycle -o autograder.zip    (here WHAT is a lab)
    """
    if kind == "gradescope":
        _autograder(str(what), output or Path("autograder.zip"), labs, how)
        return
    from grader.classroom import kept

    book = kept.gradebook(what)
    if kind == "feedback":
        _feedback(book, output, labs)
    elif kind == "page":
        _written(_page(book, what, labs), output)
    else:
        _file(kind, book, output, how)


def _file(kind: str, book: Gradebook, output: Path | None, how: dict[str, Any]) -> None:
    from importlib import import_module

    from grader.exports.interface import Choices

    module: Any = import_module(f"grader.exports.{FILES[kind]}")
    choices = Choices(how["title"], how["points"], how["assignment_id"], how["identity"])
    made = module.export(book, choices)
    for remark in made.remarks:
        click.echo(remark, err=True)
    _written(made.text, output)


def _page(book: Gradebook, where: Path, labs: tuple[Path, ...]) -> str:
    from grader.exports.page.class_page import Works, class_page
    from grader.exports.page.handed_in import by_lab, solutions, starter
    from grader.lab import folders

    texts = by_lab(where)
    places = {folder.name.replace("_", "-"): folder for folder in folders(labs)}
    works = {lab: Works(found) for lab, found in texts.items() if found}
    for lab in works.keys() & places.keys():
        works[lab] = Works(texts[lab], solutions(places[lab]), starter(places[lab]))
    told = [_retold(one, places.get(one.lab)) for one in book.results]
    return class_page(replace(book, results=told), works)


def _retold(result: Result, lab: Path | None) -> Result:
    """With its report in the language that is spoken, whatever it was graded in."""
    from grader.languages import retold

    if result.report is None or result.report["lang"] == current():
        return result
    return replace(result, report=retold(result.report, current(), lab))


def _feedback(book: Gradebook, output: Path | None, labs: tuple[Path, ...]) -> None:
    if output is None:
        raise UsageError("feedback is a folder: name it with -o.")
    from grader.exports.feedback import sheets
    from grader.exports.files import replace_folder

    count = replace_folder(output, ((sheet.path, sheet.text) for sheet in sheets(book, labs=labs)))
    click.echo(f"{output}: {count} files, ready to send.", err=True)


def _autograder(lab: str, output: Path, labs: tuple[Path, ...], how: dict[str, Any]) -> None:
    from grader.exports.autograder.bundle import bundle
    from grader.exports.files import replace_file
    from grader.lab import find

    found = find(lab, labs)
    replace_file(output, bundle(found, _settings(found, labs, how)))
    click.echo(spoken("Written: {path}", path=str(output)), err=True)


def _settings(lab: Lab, labs: tuple[Path, ...], how: dict[str, Any]) -> Settings:
    """As the assignment says, where one is given, and as the options say besides."""
    from grader.exports.autograder.settings import Settings
    from grader.formats.feedback import nearest

    ids = [check.id for check in lab.checks]
    for unknown in set(how["hidden"]) - set(ids):
        raise nearest("check", unknown, ids)
    until = {"due-date": "after_due_date", "published": "after_published"}.get(how["visibility"], "hidden")
    settings = Settings(
        lab=lab.id,
        course=how["course"],
        points=how["points"],
        feedback=how["feedback"] or "full",
        hidden=how["hidden"],
        hidden_visibility=until,
        lang=current(),
    )
    return settings if how["assignment"] is None else _assigned(settings, lab.id, labs, how)


def _assigned(settings: Settings, lab: str, labs: tuple[Path, ...], how: dict[str, Any]) -> Settings:
    from grader.classroom import assignment_file

    path = how["assignment"]
    assignment = assignment_file.opened(str(path), labs).assignment
    try:
        hidden = assignment.lab(lab).hidden
    except KeyError:
        raise UsageError(f"{path}: has no lab {lab}.") from None
    return replace(
        settings,
        course=settings.course or assignment.course,
        feedback=how["feedback"] or assignment.feedback,
        hidden=tuple(dict.fromkeys((*settings.hidden, *hidden))),
        late=assignment.late,
        timeout_seconds=assignment.timeout_seconds,
        limits=assignment.limits,
    )


def _written(text: str, output: Path | None) -> None:
    if output is None:
        from grader.formats import encodable

        click.echo(encodable(text, sys.stdout.encoding or "utf-8"), nl=False)
        return
    from grader.exports.files import replace_file

    replace_file(output, text.encode("utf-8"))
    click.echo(spoken("Written: {path}", path=str(output)), err=True)
