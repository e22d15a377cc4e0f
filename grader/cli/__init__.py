"""The command `labgrade`: parse, call, render, exit code. Nothing heavy is imported until a command needs it."""

from __future__ import annotations

import atexit
import importlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast

import click

from grader import __version__
from grader.errors import LabgradeError
from grader.languages import ENGLISH, LANGUAGES, VARIABLE, current, preferred, speak, spoken, told

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

# command -> (module of this folder, what it does): help and listing need no module at all
COMMANDS = {
    "list": ("catalogue", "List the labs."),
    "show": ("catalogue", "Show a lab's task, as a student reads it."),
    "start": ("workspaces", "Open a workspace: an emulator in the background, for a lab."),
    "status": ("workspaces", "Show the open workspaces."),
    "shell": ("workspaces", "Open a shell that is pointed at a workspace."),
    "env": ("workspaces", "Print what points a shell, an IDE or Terraform at it."),
    "run": ("run", "Grade a submission, or the state of a running emulator."),
    "history": ("telling", "Tell what you did, as a script to hand in."),
    "reset": ("workspaces", "Start a workspace over."),
    "stop": ("workspaces", "End a workspace."),
    "watch": ("watching", "Grade again after each change, and say what turned."),
    "assignment": ("class_assignments", "Begin an assignment for a class, or check one."),
    "handout": ("class_assignments", "Write everybody their task and starter."),
    "grade": ("class_grading", "Grade a class."),
    "diff": ("class_reports", "Say who gains and loses what between two gradings."),
    "export": ("class_exports", "Make gradebooks, feedback, a page of the class, or an autograder."),
    "verify": ("class_reports", "Say whether reports are ours and unchanged."),
    "new": ("authoring", "Begin a lab of your own."),
    "lint": ("authoring", "Look for what a lab's author has forgotten."),
    "selftest": ("authoring", "Prove a lab on its right and wrong answers."),
    "prefetch": ("prefetching", "Fetch what submissions need and cannot fetch: providers of Terraform."),
    "login": ("login", "Remember who you are: course and student."),
    "doctor": ("doctoring", "Say what this machine can do, and what to mend."),
}


def _speak(_ctx: click.Context, _parameter: click.Parameter, lang: str | None) -> None:
    if lang:
        speak(lang)


def lang_option(**settings: Any) -> Callable[[Decorated], Decorated]:
    """`--lang`, heard before anything else is."""
    known: dict[str, Any] = {"type": click.Choice(LANGUAGES), "expose_value": False, "is_eager": True}
    return click.option("--lang", callback=_speak, help="Speak English or Korean.", **known, **settings)


def with_what_all_have(command: click.Command) -> click.Command:
    """The command with --lang and --debug, which may stand anywhere on the line."""
    if all(parameter.name != "lang" for parameter in command.params):
        lang_option(envvar=VARIABLE)(command)
    if all(parameter.name != "debug" for parameter in command.params):
        click.option("--debug", is_flag=True, hidden=True, expose_value=False, callback=_debug)(command)
    return command


def _debug(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        ctx.find_root().obj = True


class LazyGroup(click.Group):
    """Imports a command's module when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"grader.cli.{COMMANDS[cmd_name][0]}")
        command = with_what_all_have(getattr(module, f"{cmd_name}_command"))
        if current() != ENGLISH:
            from grader.cli.helping import retold

            command = retold(command)
        if ctx.resilient_parsing:  # somebody has pressed TAB
            from grader.cli.completing import offer_labs

            return offer_labs(command)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        names = [name for name in COMMANDS if name.startswith(incomplete)]
        found = [CompletionItem(name, help=spoken(COMMANDS[name][1])) for name in names]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, 1)
            hint = spoken("did you mean {name}?", name=near[0]) if near else ""
            hint = hint or spoken("there are {names}.", names=list(COMMANDS))
            raise click.UsageError(spoken("no command is called {name}: {hint}", name=repr(args[0]), hint=hint), ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(spoken("Commands")):
            formatter.write_dl([(name, spoken(COMMANDS[name][1])) for name in COMMANDS])


class Terminated(BaseException):
    """SIGTERM: unwinds like Ctrl-C, so that processes and temporary files go."""


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "-V", "--version", prog_name="labgrade", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, envvar="LABGRADE_DEBUG", help="Show tracebacks of what goes wrong.")
@lang_option()
@click.pass_context
def labgrade(ctx: click.Context, debug: bool) -> None:
    """Grade hands-on AWS labs on an emulator, by what the work does on AWS."""
    ctx.obj = debug
    if ctx.invoked_subcommand is None:
        click.echo(spoken(BEGIN))


BEGIN = """\
labgrade gives you an AWS to practise on, and tells you how well it went. It is
an emulator on this machine: nothing you do here reaches a real account or
costs money.

  New here? These take five minutes:

    labgrade show hello     what to do: a bucket, and a tag on it
    labgrade start hello    your AWS for it
    labgrade shell hello    a shell in which aws and python talk to it
    labgrade run hello      your score, as often as you like

  Then

    labgrade list                       the labs there are
    labgrade run s3-lifecycle main.py   your score for work in a file
    labgrade login                      your own names and numbers, for a course
    labgrade doctor                     what works on this machine, or how to
                                        mend it

labgrade --help lists every command."""


def main() -> NoReturn:
    """The entry point: turns every ending into an exit code and, at most, one line on standard error."""
    debug = "--debug" in sys.argv or bool(os.environ.get("LABGRADE_DEBUG"))
    _begin_to_speak(sys.argv[1:])
    signal.signal(signal.SIGTERM, _terminate)
    try:
        code = labgrade.main(standalone_mode=False)
    except click.exceptions.Exit as leaving:
        code = leaving.exit_code
    except click.ClickException as error:
        _show(error)
        code = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo(spoken("labgrade: interrupted; what it had started was ended."), err=True)
        code = 130
    except Terminated:
        click.echo(spoken("labgrade: told to end; what it had started was ended."), err=True)
        code = 143
    except LabgradeError as error:
        if debug:
            raise
        click.echo(f"labgrade: {told(error.text)}", err=True)
        code = error.exit_code
    except BrokenPipeError:
        _silence_stdout()  # somebody reads only the first lines: `labgrade list | head`
        code = 0
    except Exception as error:
        if debug:
            raise
        words = " ".join(f"{type(error).__name__}: {error}".split())
        click.echo(spoken("labgrade: a fault of ours: {error} (--debug shows more)", error=words), err=True)
        code = 3
    sys.exit(code if isinstance(code, int) else 0)


def program() -> NoReturn:
    """`main` as the whole of a process, which ends without taking apart what nobody will ask for: a tenth of a run."""
    try:
        main()
    except SystemExit as ended:
        threading._shutdown()  # type: ignore[attr-defined]  # wait for those that are to be waited for
        atexit._run_exitfuncs()
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except (OSError, ValueError):
            raise ended from None  # the interpreter has words for it
        os._exit(cast(int, ended.code))


def _begin_to_speak(words: Sequence[str]) -> None:
    speak(_asked(words) or preferred())
    if current() != ENGLISH:
        from grader.cli import helping

        helping.spoken_by_click()
        helping.retold(labgrade, alone=True)


def _asked(words: Sequence[str]) -> str | None:
    """The language that `--lang` names, wherever it stands: help is shown before what comes after it is read."""
    for word, following in zip(words, [*words[1:], ""], strict=False):
        name, equals, value = word.partition("=")
        if name == "--lang" and (chosen := value if equals else following) in LANGUAGES:
            return chosen
    return None


def _show(error: click.ClickException) -> None:
    if current() == ENGLISH:
        error.show()
        return
    from grader.cli.wrong_usage import shown

    click.echo(shown(error), err=True)


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
