"""`labgrade history`: what was done in a workspace, as a script that can be handed in."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import option
from grader.errors import UsageError
from grader.languages import spoken
from grader.texts import say

if TYPE_CHECKING:
    from grader.history import History
    from grader.workspace.record import Workspace

FEW = 5


@click.command("history")
@click.argument("lab", required=False)
@option("--output", "-o", type=click.Path(path_type=Path), help="Write it there instead of to the screen.")
def history_command(lab: str | None, output: Path | None) -> None:
    """Tell what you did in a workspace, as a script of AWS CLI commands.

    Whatever tool you did it with, the script does it again from scratch. An id that a later command uses is caught in
    a variable, as a fresh emulator gives out others; names of the lab stand as LAB_BUCKET and the like.

    \b
    labgrade history hello --output main.sh
    labgrade run hello main.sh
    """
    from grader.workspace.record import meant

    workspace = meant(lab, "history")
    told = _told(workspace, output)
    if not told.commands:
        raise UsageError(
            say("there is nothing to tell: {lab} has had no call that changed anything.", lab=workspace.lab)
        )
    if output is None:
        from grader.formats import encodable

        click.echo(encodable(told.script, sys.stdout.encoding or "utf-8"), nl=False)
    else:
        _write(told, output)
        click.echo(spoken("{path} has what you did.", path=str(output)), err=True)
    for note in _notes(told, workspace, output):
        click.echo(note, err=True)


def _told(workspace: Workspace, output: Path | None) -> History:
    from grader.emulators.moto.journal import lines
    from grader.history import written
    from grader.workspace.folder import telling
    from grader.workspace.record import JOURNAL

    if not workspace.ours:
        keeps = "labgrade keeps no journal of {endpoint}, which it did not start: there is no history of it."
        raise UsageError(say(keeps, endpoint=workspace.endpoint))
    place = workspace.folder / JOURNAL
    with telling(place):
        return written(
            lines(place),
            parameters=workspace.parameters,
            endpoint=workspace.endpoint,
            region=workspace.region,
            beside=f"{output.stem}.files" if output else "",
            head=[spoken("What was done in {lab}, told by `labgrade history`.", lab=workspace.lab)],
        )


def _write(told: History, output: Path) -> None:
    """The script, and beside it what is too large to stand in it."""
    try:
        output.write_text(told.script, "utf-8", newline="\n")
        output.chmod(0o755)
        for name, content in told.files.items():
            path = output.parent / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
    except OSError as error:
        where = str(error.filename or output)
        raise UsageError(say("{path}: {reason}", path=where, reason=error.strerror or str(error))) from None


def _notes(told: History, workspace: Workspace, output: Path | None) -> Iterator[str]:
    """What is not in it, and what it is good for."""
    if told.reads or told.failed:
        counts = {"reads": told.reads, "failed": told.failed}
        yield spoken("Left out: calls that only looked ({reads}), and calls that failed ({failed}).", **counts)
    if told.untold:
        few = [*dict.fromkeys(told.untold)][:FEW]
        yield spoken("Left out, as the AWS CLI has no command for it: {names}.", names=few)
    if told.unknown:
        sentence = "No reply of this workspace tells where this comes from, so it is as it was: {ids}."
        yield spoken(sentence, ids=list(told.unknown[:FEW]))
    if told.files and output:
        beside = "What was too large for it lies in {folder}: hand in both, in one folder."
        yield spoken(beside, folder=f"{output.stem}.files")
    if output:
        tried = "To see that it earns the same on a fresh emulator: labgrade run {lab} {path}"
        whole = output.parent if told.files else output
        yield spoken(tried, lab=workspace.lab, path=str(whole))
