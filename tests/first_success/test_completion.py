"""TAB, in the shells themselves; and what the command says to somebody who has only typed its name."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from conftest import LABGRADE, Labgrade, clean_environment

from grader.cli import BEGIN, COMMANDS

ON_PATH = {"PATH": f"{LABGRADE.parent}:{os.environ['PATH']}"}


def offered(home: Path, *words: str, **env: str) -> list[str]:
    """What bash would be told for a line whose last word is to be completed."""
    asking = {"_LABGRADE_COMPLETE": "bash_complete", "COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1)}
    done = subprocess.run(
        [LABGRADE], env=clean_environment(home, {**asking, **env}), cwd=home, capture_output=True, text=True
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("labgrade", "run", "s3-"), ["plain,s3-lifecycle"]),
        (("labgrade", "run", "s3_l"), ["plain,s3-lifecycle"]),
        (("labgrade", "lint", "hello", "s3"), ["plain,s3-lifecycle"]),
        (("labgrade", "run", "--student", "ada", "hel"), ["plain,hello"]),
        (("labgrade", "watch", "hel"), ["plain,hello"]),
        (("labgrade", "new", "hel"), []),
        (("labgrade", "doc"), ["plain,doctor"]),
        (("labgrade", "nonsense", "hel"), []),
        (("labgrade", "run", "hello", "--emulator", "mi"), ["plain,ministack"]),
        (("labgrade", "doctor", "--form"), ["plain,--format"]),
        (("labgrade", "lint", "./la"), ["dir,./la"]),
    ],
)
def test_what_is_offered(tmp_path: Path, words: tuple[str, ...], found: list[str]) -> None:
    assert offered(tmp_path, *words) == found


def test_a_submission_is_a_file(tmp_path: Path) -> None:
    assert offered(tmp_path, "labgrade", "run", "hello", "ma") == ["file,ma"]


def test_labs_from_elsewhere_are_offered_too(tmp_path: Path) -> None:
    for name in ("one_more", "other"):
        (tmp_path / "labs" / name).mkdir(parents=True)
        (tmp_path / "labs" / name / "lab.toml").write_text("broken = ")  # its id needs no reading
    assert offered(tmp_path, "labgrade", "run", "--labs", "labs", "o") == ["plain,one-more", "plain,other"]
    assert offered(tmp_path, "labgrade", "show", "one", LABGRADE_LABS="labs") == ["plain,one-more"]


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is wanted")
def test_the_real_bash_completes(terminal: Any, tmp_path: Path) -> None:
    """The line of the manual, then TAB."""
    (tmp_path / "main.py").write_text("")
    bash = terminal("--norc", "--noprofile", "-i", program="bash", cwd=tmp_path, PS1="ready> ", **ON_PATH)
    bash.expect_exact("ready> ")
    bash.sendline('eval "$(_LABGRADE_COMPLETE=bash_source labgrade)"; bind "set enable-bracketed-paste off"')
    bash.expect_exact("ready> ")
    bash.send("labgrade run s3-\t")
    bash.expect_exact("s3-lifecycle ")
    bash.send("mai\t")
    bash.expect_exact("main.py")
    bash.send("\x15labgrade doct\t")
    bash.expect_exact("doctor ")
    bash.sendline("\x15exit")
    bash.wait()


@pytest.mark.parametrize(("shell", "words"), [("zsh", "#compdef labgrade"), ("fish", "complete --no-files")])
def test_there_is_a_script_for_the_others(labgrade: Labgrade, shell: str, words: str) -> None:
    done = labgrade(env={"_LABGRADE_COMPLETE": f"{shell}_source"})
    assert (done.code, words in done.out) == (0, True)


ZSH = """
autoload -Uz compinit && compinit -u -d $HOME/dump
eval "$(_LABGRADE_COMPLETE=zsh_source labgrade)"
PS1='ready> '
"""


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is wanted")
def test_the_real_zsh_completes(terminal: Any, tmp_path: Path) -> None:
    (tmp_path / ".zshrc").write_text(ZSH)
    zsh = terminal("-i", program="zsh", cwd=tmp_path, ZDOTDIR=str(tmp_path), **ON_PATH)
    zsh.expect_exact("ready> ")
    zsh.send("labgrade run s3-\t")
    zsh.expect_exact("s3-lifecycle")
    zsh.sendline("\x15exit")


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is wanted")
def test_the_real_fish_completes(tmp_path: Path) -> None:
    script = "_LABGRADE_COMPLETE=fish_source labgrade | source; complete -C 'labgrade run s3-'"
    done = subprocess.run(
        ["fish", "-c", script], env=clean_environment(tmp_path, ON_PATH), capture_output=True, text=True, timeout=60
    )
    assert "s3-lifecycle" in done.stdout


def test_the_bare_command_says_where_to_begin(labgrade: Labgrade) -> None:
    done = labgrade()
    assert (done.code, done.err, done.out) == (0, "", f"{BEGIN}\n")
    assert max(map(len, BEGIN.splitlines())) <= 80
    named = re.findall(r"labgrade ([a-z]+)", BEGIN)
    assert {"show", "run", "list", "doctor", "login"} <= set(named)
    assert set(named) <= set(COMMANDS) | {"is", "grades", "gives"}


def test_every_command_is_there_and_has_help(labgrade: Labgrade) -> None:
    for name, (_, told) in COMMANDS.items():
        done = labgrade(name, "--help")
        assert (done.code, done.err) == (0, ""), name
        assert told.endswith(".")
