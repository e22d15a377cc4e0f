"""`labgrade new`, `lint` and `selftest`: what the author of a lab works with."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli import option
from grader.cli.places import labs_option
from grader.emulators import NAMES as EMULATORS
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.lab import Lab

NEXT = """\
{folder} is a lab that works, to be turned into yours:

  lab.toml    its title, and the names and numbers that vary by student
  task.md     what the student reads
  checker.py  the checks
  solutions/  right answers: each gets full marks
  mistakes/   wrong ones: each fails just the checks that it names

Try it, and after each change:

  labgrade show {folder}
  labgrade run {folder} {folder}/solutions/boto3
  labgrade lint {folder}
  labgrade selftest {folder}

labgrade selftest {folder} --approve records what students read."""


@click.command("new")
@click.argument("lab")
@option("--into", type=click.Path(path_type=Path), help="The folder to put it in; labs/ where there is one, else here.")
def new_command(lab: str, into: Path | None) -> None:
    """Begin a lab of your own: a folder that works, to be changed bit by bit."""
    from grader.skeleton import begin

    folder = begin(lab, into or Path("labs" if Path("labs").is_dir() else "."))
    click.echo(NEXT.format(folder=_typed(folder)))


@click.command("lint")
@click.argument("names", metavar="[LAB]...", nargs=-1)
@labs_option
def lint_command(names: tuple[str, ...], labs: tuple[Path, ...]) -> None:
    """Look for what a lab's author has forgotten; every lab that there is, where none is named."""
    from grader.lint import lint

    chosen = _chosen(names, labs)
    findings = [finding for lab in chosen for finding in lint(lab)]
    for finding in findings:
        click.echo(str(finding))
    if findings:
        raise SystemExit(1)
    click.echo(f"Nothing to mend in {', '.join(lab.id for lab in chosen)}.")


@click.command("selftest")
@click.argument("names", metavar="[LAB]...", nargs=-1)
@option(
    "--emulator",
    "emulators",
    multiple=True,
    type=click.Choice(EMULATORS),
    default=["moto"],
    show_default=True,
    help="On which; repeatable.",
)
@option("--students", type=click.IntRange(0, 100), default=2, show_default=True, help="Sampled beside the defaults.")
@option("--only", multiple=True, metavar="NAME", help="This solution or mistake alone; repeatable.")
@option("--approve", is_flag=True, help="Record the reports of mistakes as they are now.")
@option(
    "--workers",
    "-j",
    type=click.IntRange(1),
    help="Answers graded at a time; one a processor, and those of Terraform, which mostly wait, beside them.",
)
@option("--format", "shape", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
@option(
    "--save", type=click.Path(path_type=Path, dir_okay=False), help="Write what --format json says to this file, too."
)
@labs_option
def selftest_command(
    names: tuple[str, ...],
    emulators: tuple[str, ...],
    shape: str,
    save: Path | None,
    workers: int | None,
    labs: tuple[Path, ...],
    **how: Any,
) -> None:
    """Prove labs on their right and wrong answers; every lab that there is, where none is named.

    Who does nothing gets nothing, every solution gets full marks, and every mistake fails just the checks that it
    names, with the report that was approved.
    """
    from grader.cli import proofs
    from grader.selftest import Plan, prove

    chosen = _chosen(names, labs)
    if how["only"] and len(chosen) != 1:
        raise UsageError("--only: name one lab with it")
    if how["approve"] and "moto" not in emulators:
        raise UsageError("--approve: reports are approved on moto; leave out --emulator")
    if save is not None:
        _writable(save)
    screen = proofs.Json() if shape == "json" else proofs.Terminal([lab.id for lab in chosen])
    for proof in prove(chosen, [Plan(emulator, **how) for emulator in emulators], workers):
        screen.add(proof)
    screen.close()
    if save is not None:
        save.write_text(f"{screen.text}\n", "utf-8")
    raise SystemExit(0 if screen.holds else 1)


def _writable(path: Path) -> None:
    """Said before the work of minutes, not after it."""
    try:
        path.touch()
    except OSError as error:
        raise UsageError(f"--save: {path} cannot be written: {error.strerror}") from None


def _chosen(names: Sequence[str], places: Sequence[Path]) -> list[Lab]:
    """The labs that are named, else those in the folders that are named, else every one that there is."""
    from grader.lab import find, folders, read

    if names:
        return [find(name, places) for name in names]
    roots = [place.resolve() for place in places]
    found = [read(folder) for folder in folders(places) if not roots or {folder, folder.parent} & set(roots)]
    if not found:
        raise UsageError("there is no lab here (labgrade new my-lab begins one)")
    return found


def _typed(folder: Path) -> str:
    """The folder as it is typed, so that it is not taken for a lab's id."""
    text = folder.as_posix()
    return shlex.quote(text if "/" in text else f"./{text}")
