"""How each shell sets and unsets variables, and how one is opened that has them."""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

NAMES = ("bash", "zsh", "fish", "powershell", "cmd")
PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,=-]*")
# PowerShell takes the curly ones for straight ones.
POWERSHELL_QUOTES = re.compile("(['\u2018\u2019\u201a\u201b])")


def guessed(environ: Mapping[str, str] = os.environ) -> str:
    """The shell that has called, by the parent process where that can be seen, else by what it leaves about."""
    for name in (_parent(), Path(environ.get("SHELL", "")).name):
        if known := _known(name):
            return known
    if sys.platform == "win32":
        return "powershell" if "PSModulePath" in environ and "PROMPT" not in environ else "cmd"
    return "bash"


def lines(shell: str, made: Mapping[str, str], unset: Sequence[str]) -> str:
    """What that shell is to evaluate."""
    gone = [name for name in unset if name not in made]
    return "".join([f"{_unset(shell, name)}\n" for name in gone] + [f"{_set(shell, *pair)}\n" for pair in made.items()])


def dotenv(made: Mapping[str, str]) -> str:
    """For docker, direnv, IDEs: plain where nothing needs quoting, as not every reader knows quotes."""
    return "".join(f"{name}={_dotenv(value)}\n" for name, value in made.items())


def as_json(made: Mapping[str, str]) -> str:
    """One object."""
    return json.dumps(dict(made), indent=2, ensure_ascii=False) + "\n"


def opened(environment: Mapping[str, str], label: str, place: Path) -> tuple[list[str], dict[str, str]]:
    """The command of an interactive shell whose prompt begins with `label`, and its environment.

    The user's own start-up files are read first and do not have the last word.
    """
    program = environment.get("SHELL") or ("/bin/sh" if os.name == "posix" else environment.get("COMSPEC", "cmd.exe"))
    shell = _known(Path(program).name) if os.name == "posix" else guessed(environment)
    made = {name: value for name, value in environment.items() if os.environ.get(name) != value}
    gone = [name for name in os.environ if name not in environment]
    again = lines(shell or "bash", made, gone)
    prompt = f"({label}) "
    match shell:
        case "bash":
            return _bash(program, environment, again, prompt, place)
        case "zsh":
            return _zsh(program, environment, again, prompt, place)
        case "fish":
            greeted = "functions -c fish_prompt labgrade_prompt; "
            asked = f"function fish_prompt; echo -n {_quoted_fish(prompt)}; labgrade_prompt; end"
            return [program, "-C", f"{again}{greeted}{asked}"], dict(environment)
        case "powershell":
            asked = f"function prompt {{ '{prompt}PS ' + $PWD + '> ' }}"
            return ["powershell" if os.name != "posix" else program, "-NoExit", "-Command", asked], dict(environment)
        case "cmd":
            return [program, "/K"], {**environment, "PROMPT": f"{prompt}$P$G"}
    return [program], {**environment, "PS1": f"{prompt}$ "}


def _bash(
    program: str, environment: Mapping[str, str], again: str, prompt: str, place: Path
) -> tuple[list[str], dict[str, str]]:
    start = place / "bashrc"
    own = "[ -f ~/.bashrc ] && . ~/.bashrc\n"
    # PROMPT_COMMAND may write PS1 anew each time (starship, git prompts): ours goes after it.
    quoted = shlex.quote(prompt)
    asked = f'labgrade_prompt() {{ case "$PS1" in {quoted}*) ;; *) PS1={quoted}"$PS1" ;; esac; }}\n'
    after = "PROMPT_COMMAND=\"$PROMPT_COMMAND\"$'\\n'labgrade_prompt\n"  # which may end in a semicolon
    start.write_text(f"{own}{again}hash -r\n{asked}{after}", "utf-8")
    return [program, "--rcfile", str(start), "-i"], dict(environment)


def _zsh(
    program: str, environment: Mapping[str, str], again: str, prompt: str, place: Path
) -> tuple[list[str], dict[str, str]]:
    start = place / "zsh"
    start.mkdir(exist_ok=True)
    home = environment.get("ZDOTDIR") or environment.get("HOME", "")
    own = f"ZDOTDIR={shlex.quote(home)}\n"
    for name in (".zshenv", ".zshrc"):
        source = f'[ -f "$ZDOTDIR/{name}" ] && . "$ZDOTDIR/{name}"\n'
        last = f'{again}rehash\nPROMPT={shlex.quote(prompt)}"$PROMPT"\n' if name == ".zshrc" else ""
        back = f"ZDOTDIR={shlex.quote(str(start))}\n" if name == ".zshenv" else ""
        (start / name).write_text(f"{own}{source}{last}{back}", "utf-8")
    return [program, "-i"], {**environment, "ZDOTDIR": str(start)}


def _set(shell: str, name: str, value: str) -> str:
    match shell:
        case "fish":
            return f"set -gx {name} {_quoted_fish(value)};"
        case "powershell":
            doubled = POWERSHELL_QUOTES.sub(r"\1\1", value)
            return f"$env:{name} = '{doubled}'"
        case "cmd":
            # For a file that is called: there a percent sign is written twice.
            return f'@set "{name}={value.replace("%", "%%")}"'
    return f"export {name}={shlex.quote(value)}"


def _unset(shell: str, name: str) -> str:
    match shell:
        case "fish":
            return f"set -e {name};"
        case "powershell":
            return f"Remove-Item Env:{name} -ErrorAction SilentlyContinue"
        case "cmd":
            return f'@set "{name}="'
    return f"unset {name}"


def _quoted_fish(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _dotenv(value: str) -> str:
    if PLAIN.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$").replace("\n", "\\n")
    return f'"{escaped}"'


def _parent() -> str:
    try:
        return Path(f"/proc/{os.getppid()}/comm").read_text("utf-8").strip()
    except OSError:
        return ""


def _known(name: str) -> str | None:
    name = name.lower().removesuffix(".exe").lstrip("-")
    if name in ("pwsh", "powershell"):
        return "powershell"
    if name in ("sh", "dash", "ksh", "ash"):
        return "bash"  # for what is evaluated
    return name if name in NAMES else None
