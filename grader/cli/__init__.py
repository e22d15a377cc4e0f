"""The command `labgrade`: parse, call, render, exit code. Nothing heavy is imported until a command needs it."""

from __future__ import annotations

import importlib
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, NoReturn, TypeVar

import click

from grader import __version__
from grader.errors import LabgradeError

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

# command -> (module of this folder, what it does): help and listing need no module at all
COMMANDS = {
    "list": ("catalogue", "List the labs."),
    "show": ("catalogue", "Show a lab's task, as a student reads it."),
    "run": ("run", "Grade a submission, or the state of a running emulator."),
    "new": ("authoring", "Begin a lab of your own."),
    "lint": ("authoring", "Look for what a lab's author has forgotten."),
    "selftest": ("authoring", "Prove a lab on its right and wrong answers."),
}


class LazyGroup(click.Group):
    """Imports a command's module when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"grader.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(COMMANDS)}."
            raise click.UsageError(f"no command is called {args[0]!r}: {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


class Terminated(BaseException):
    """SIGTERM: unwinds like Ctrl-C, so that processes and temporary files go."""


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "-V", "--version", prog_name="labgrade", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, envvar="LABGRADE_DEBUG", help="Show tracebacks of what goes wrong.")
@click.pass_context
def labgrade(ctx: click.Context, debug: bool) -> None:
    """Grade hands-on AWS labs on an emulator, by what the work does on AWS."""
    ctx.obj = debug
    if ctx.invoked_subcommand is None:
        click.echo(BEGIN)


BEGIN = """\
labgrade grades hands-on AWS labs on an emulator: nothing here reaches a real
account or costs money.

  labgrade list                       the labs there are
  labgrade show s3-lifecycle          a lab's task
  labgrade run s3-lifecycle main.py   your score, as often as you like

labgrade --help lists every command."""


def main() -> NoReturn:
    """The entry point: turns every ending into an exit code and, at most, one line on standard error."""
    debug = "--debug" in sys.argv
    signal.signal(signal.SIGTERM, _terminate)
    try:
        code = labgrade.main(standalone_mode=False)
    except click.exceptions.Exit as leaving:
        code = leaving.exit_code
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("labgrade: interrupted; what it had started was ended.", err=True)
        code = 130
    except Terminated:
        click.echo("labgrade: told to end; what it had started was ended.", err=True)
        code = 143
    except LabgradeError as error:
        if debug:
            raise
        click.echo(f"labgrade: {error}", err=True)
        code = error.exit_code
    except BrokenPipeError:
        _silence_stdout()  # somebody reads only the first lines: `labgrade list | head`
        code = 0
    except Exception as error:
        if debug:
            raise
        words = " ".join(str(error).split())
        click.echo(f"labgrade: a fault of ours: {type(error).__name__}: {words} (--debug shows more)", err=True)
        code = 3
    sys.exit(code if isinstance(code, int) else 0)


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise Terminated


def _silence_stdout() -> None:
    import os

    with open(os.devnull, "w") as devnull:  # noqa: PTH123
        os.dup2(devnull.fileno(), sys.stdout.fileno())


def option(*names: str, **settings: Any) -> Callable[[Decorated], Decorated]:
    """click.option with the variable that every flag has: `--min-score` is LABGRADE_MIN_SCORE."""
    long = next(name for name in names if name.startswith("--"))
    variable = "LABGRADE_" + long.removeprefix("--").split("/")[0].replace("-", "_").upper()
    return click.option(*names, envvar=variable, **settings)
