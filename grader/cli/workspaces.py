"""`labgrade start`, `status`, `reset`, `stop`, `shell` and `env`: a student's evening."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli import option
from grader.cli.places import labs_option
from grader.errors import UsageError
from grader.languages import spoken, told
from grader.texts import say

if TYPE_CHECKING:
    from grader.lab import Lab
    from grader.workspace.record import Workspace

SHELLS = ("bash", "zsh", "fish", "powershell", "cmd")
FORMATS = ("shell", "dotenv", "terraform", "json")
FILES = ("python", "cli", "cloudformation", "terraform")

# Asked where work would be lost: one call of the student's, or several.
ASKED = {
    "reset one": "What you have built in {lab} (1 call of yours) will be gone. Start over?",
    "reset several": "What you have built in {lab} ({calls} calls of yours) will be gone. Start over?",
    "stop one": "What you have built in {lab} (1 call of yours) will be gone. Stop?",
    "stop several": "What you have built in {lab} ({calls} calls of yours) will be gone. Stop?",
}
STILL_THERE = (
    "The starting state is there again. labgrade removes nothing from an emulator that it did not start: what was in "
    "it still is."
)

yes_option = click.option("--yes", "-y", is_flag=True, help="Do not ask.")


@click.command("start")
@click.argument("lab")
@option("--student", help="Your id: names and numbers of your own.")
@option("--course", help="The public code of your course.")
@option("--port", type=click.IntRange(1, 65535), help="Listen there; 4566 where it is free.")
@option("--endpoint-url", help="Prepare the emulator that answers here, and start none.")
@option(
    "--emulator", type=click.Choice(["moto", "localstack", "ministack"]), help="Another than moto is to be running."
)
@option("--allow-host", is_flag=True, help="Take an endpoint on a public address.")
@click.option("--files", "kind", type=click.Choice(FILES), help="Write a folder to begin in, for this tool.")
@click.option("--into", type=click.Path(path_type=Path), help="That folder; one named like the lab, if left out.")
@labs_option
def start_command(
    lab: str, student: str | None, course: str | None, kind: str | None, into: Path | None, labs: tuple[Path, ...],
    **where: Any,
) -> None:  # fmt: skip
    """Open a workspace: an emulator in the background, with the lab's starting state.

    It runs until `labgrade stop`, whatever becomes of this shell. Of one that is open, the same screen is shown again;
    one that was kept, or has died, is brought back as it was.
    """
    from grader.cli import first_screen
    from grader.cli.identity import identity
    from grader.lab import find
    from grader.workspace.opening import Wish, start

    if into and not kind:
        raise UsageError(say("--into names the folder for --files, which is not given"))
    opened = find(lab, labs)
    who = identity(student, course)
    made = start(opened, Wish(who.student, who.course, **where))
    first_screen.show(opened, made.workspace, made.news, made.again)
    if kind:
        _write(kind, opened, made.workspace, into or Path(opened.id))


def _write(kind: str, lab: Lab, workspace: Workspace, into: Path) -> None:
    from grader.workspace.starters import write

    written, left = write(kind, lab, workspace, into)
    has = spoken("{folder} has {names}." if written else "{folder} has nothing new.", folder=str(into), names=written)
    click.echo(f"\n  {has}")
    if left:
        click.echo(f"  {spoken('Left as it was there: {names}.', names=left)}")


@click.command("status")
@click.option("--format", "shape", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def status_command(shape: str) -> None:
    """Show the open workspaces: lab, endpoint, since when, calls, last score."""
    from grader.cli import first_screen
    from grader.workspace import folder, memory, record

    rows = [(one, one.standing(), memory.recall(one.lab)) for one in record.every()]
    if shape == "json":
        import json

        click.echo(json.dumps([first_screen.row(*row) for row in rows], indent=2, ensure_ascii=False))
    elif rows:
        first_screen.status(rows)
    else:
        click.echo(spoken("No workspace is open. `labgrade start LAB` opens one."))
    for lab in folder.all_labs():
        try:
            record.find(lab)
        except UsageError as error:
            click.echo(f"labgrade: {told(error.text)}", err=True)


@click.command("reset")
@click.argument("lab", required=False)
@yes_option
@labs_option
def reset_command(lab: str | None, yes: bool, labs: tuple[Path, ...]) -> None:
    """Start over: a fresh emulator on the same port, with the lab's starting state again."""
    from grader.cli import first_screen
    from grader.workspace.opening import reset
    from grader.workspace.record import meant

    workspace = meant(lab, "reset")
    opened = _lab(workspace, labs)
    if workspace.ours:
        _ask(workspace, "reset", yes)
    made = reset(workspace, opened)
    news = () if workspace.ours else (say(STILL_THERE),)
    first_screen.show(opened, made.workspace, news, again=False)


@click.command("stop")
@click.argument("lab", required=False)
@click.option("--keep", is_flag=True, help="`labgrade start` brings it back as it was.")
@yes_option
def stop_command(lab: str | None, keep: bool, yes: bool) -> None:
    """End a workspace. What is in it is lost, unless you --keep it."""
    from grader.workspace import record
    from grader.workspace.folder import StateError
    from grader.workspace.opening import stop

    lab = lab.replace("_", "-").lower() if lab else None
    if lab is None and not record.every():
        click.echo(spoken("No workspace is open."))
        return
    try:
        workspace = record.find(lab) if lab is not None else record.meant(None, "stop")
    except StateError:
        workspace = None  # broken: there is nothing to ask about, and all of it goes
    else:
        if workspace is None:
            _named(lab or "")
            click.echo(spoken("{lab} has no workspace: nothing to stop.", lab=lab))
            return
    if workspace and not keep:
        _ask(workspace, "stop", yes)
    name = workspace.lab if workspace else lab or ""
    stop(name, keep=keep)
    ended = "{lab} has ended. `labgrade start {lab}` brings it back." if keep else "{lab} has ended."
    if not keep and workspace and not workspace.ours:
        ended = "{lab} is as it was; labgrade has forgotten it."
    click.echo(spoken(ended, lab=name))


@click.command("shell")
@click.argument("lab", required=False)
def shell_command(lab: str | None) -> None:
    """Open a shell in which aws, python and terraform talk to the workspace; `exit` leaves it."""
    from grader.workspace import record
    from grader.workspace.visiting import visit

    workspace = _running(record.meant(lab, "shell"))
    raise SystemExit(visit(workspace))


@click.command("env")
@click.argument("lab", required=False)
@click.option("--shell", type=click.Choice(SHELLS), help="Whose lines; guessed, if left out.")
@click.option("--format", "shape", type=click.Choice(FORMATS), default="shell", show_default=True)
@click.option("--unset", is_flag=True, help="Take it all back.")
def env_command(lab: str | None, shell: str | None, shape: str, unset: bool) -> None:
    """Print what points a shell at the workspace, and away from everything else.

    \b
    bash, zsh    eval "$(labgrade env)"
    fish         labgrade env --shell fish | source
    PowerShell   labgrade env --shell powershell | Out-String | Invoke-Expression
    cmd          labgrade env --shell cmd > here.cmd && call here.cmd
    IDE, docker  labgrade env --format dotenv > .env
    Terraform    labgrade env --format terraform > workspace_override.tf

    In a shell that has it, `eval "$(labgrade env --unset)"` takes it back.
    """
    from grader.workspace import record, shells, surroundings, terraform

    name = shell or shells.guessed()
    if unset:
        spaces = record.every()
        known = record.meant(lab, "env") if lab else spaces[0] if len(spaces) == 1 else None
        click.echo(shells.lines(name, {}, surroundings.set_by_us(known)), nl=False)
        return
    workspace = _running(record.meant(lab, "env"))
    made = surroundings.variables(workspace)
    match shape:
        case "dotenv":
            click.echo(shells.dotenv(made), nl=False)
        case "json":
            click.echo(shells.as_json(made), nl=False)
        case "terraform":
            click.echo(terraform.override(workspace), nl=False)
        case _:
            click.echo(shells.lines(name, made, surroundings.shadows()), nl=False)


def _running(workspace: Workspace) -> Workspace:
    if not workspace.standing().running:
        raise UsageError(say("the workspace of {lab} is not running: `labgrade start {lab}` first.", lab=workspace.lab))
    return workspace


def _ask(workspace: Workspace, doing: str, yes: bool) -> None:
    """On a terminal, where work would be lost."""
    changes = workspace.standing().changes
    if yes or not changes or not workspace.ours or not sys.stdin.isatty():
        return
    question = ASKED[f"{doing} {'one' if changes == 1 else 'several'}"]
    click.confirm(spoken(question, lab=workspace.lab, calls=changes), abort=True)


def _lab(workspace: Workspace, labs: tuple[Path, ...]) -> Lab:
    """The lab as it is now; it may have moved since."""
    from grader.lab import find, read

    kept = Path(workspace.lab_folder)
    return read(kept) if (kept / "lab.toml").is_file() else find(workspace.lab, labs)


def _named(lab: str) -> None:
    """Raises UsageError for a name that no lab has: somebody has mistyped it."""
    from grader.lab import find

    find(lab)
