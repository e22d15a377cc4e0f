"""One evening in a real terminal, from `doctor` to the file that is handed in."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest
from conftest import LABGRADE
from workspace.evenings import Evening

from grader.emulators import launch
from grader.emulators.interface import Emulator
from grader.errors import EmulatorError

TAGS = "TagSet=[{Key=course,Value=labgrade}]"
PROMPT = r"\(labgrade hello\) EVENING> "
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\r")


@pytest.fixture
def evening(tmp_path: Path) -> Iterator[Evening]:
    made = Evening(tmp_path)
    yield made
    made("stop", "hello", "--yes")


class Terminal:
    """A login of the student's: bash in a pseudo-terminal of 80 columns, with `labgrade` on its PATH."""

    def __init__(self, evening: Evening) -> None:
        (evening.home / ".bashrc").write_text(
            "PS1='EVENING> '\nunset PROMPT_COMMAND\nbind 'set enable-bracketed-paste off'\n"
        )
        path = os.pathsep.join([str(LABGRADE.parent), os.environ["PATH"]])
        bash = shutil.which("bash") or "/bin/bash"
        environment = evening.environment({"PATH": path, "TERM": "xterm", "SHELL": bash, "NO_COLOR": "1"})
        self.said = ""
        self.prompt = r"\nEVENING> "
        self._bash = pexpect.spawn(
            bash, ["-i"], env=environment, cwd=evening.home, timeout=240, encoding="utf-8", dimensions=(40, 80)
        )
        self._bash.expect("EVENING> ")

    def do(self, line: str) -> str:
        """What is on the screen when the prompt comes back."""
        self._bash.sendline(line)
        self._bash.expect(self.prompt)
        return ESCAPES.sub("", str(self._bash.before)).partition("\n")[2]

    def code(self) -> int:
        return int(self.do("echo $?").split()[0])

    def go_in(self) -> str:
        """Into the shell of the workspace, whose prompt is another."""
        outside, self.prompt = self.prompt, PROMPT
        shown = self.do("labgrade shell")
        self.outside = outside
        return shown

    def come_out(self) -> str:
        self.prompt = self.outside
        return self.do("exit")


def story(terminal: Terminal, *start: str) -> None:
    """start, shell, aws, run (fails), mend, run (passes), history, hand in, stop."""
    started = terminal.do(" ".join(["labgrade start hello", *start]))
    assert "Your AWS for this lab is running on this machine." in started, started
    assert terminal.code() == 0
    terminal.go_in()
    assert "make_bucket: labgrade-hello-5e11a0" in terminal.do("aws s3 mb s3://$LAB_BUCKET")
    failed = terminal.do("labgrade run")
    assert "40 of 100" in failed
    assert "FAIL" in failed
    assert "the bucket has no tags" in failed
    assert terminal.code() == 1
    terminal.do(f"aws s3api put-bucket-tagging --bucket $LAB_BUCKET --tagging '{TAGS}'")
    assert terminal.code() == 0
    passed = terminal.do("labgrade run")
    assert "100 of 100" in passed
    assert "FAIL" not in passed
    assert "Last time: 40." in " ".join(passed.split())
    assert terminal.code() == 0
    terminal.come_out()


def ending(terminal: Terminal) -> None:
    handed_in = terminal.do("labgrade run hello main.sh")
    assert "100 of 100" in handed_in, handed_in
    assert "main.sh (shell script) on a fresh moto" in " ".join(handed_in.split())
    assert terminal.code() == 0


def test_a_whole_evening(evening: Evening) -> None:
    terminal = Terminal(evening)
    begun = terminal.do("labgrade")
    assert "labgrade start hello" in begun
    assert "moto" in terminal.do("labgrade doctor")
    assert terminal.code() in (0, 1)  # a machine need not have everything
    story(terminal, "--port", str(evening.port))
    told = terminal.do("labgrade history --output main.sh")
    assert "main.sh has what you did." in told
    script = terminal.do("cat main.sh")
    assert 'aws s3api create-bucket --bucket "$LAB_BUCKET"' in script
    ending(terminal)
    assert "hello has ended." in terminal.do("labgrade stop --yes")
    assert "No workspace is open." in terminal.do("labgrade status")
    assert "best 100 of 100" in terminal.do("labgrade list")


def launch_localstack() -> Emulator:
    """Where it cannot be had, the test is skipped; never in CI."""
    try:
        return launch("localstack", region="us-east-1").ready()
    except EmulatorError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(error))


@pytest.mark.slow
def test_a_whole_evening_with_localstack(evening: Evening) -> None:
    """The emulator is there already; what is handed in is written by hand, as nobody has kept a journal."""
    with launch_localstack() as running:
        terminal = Terminal(evening)
        story(terminal, "--endpoint-url", running.access.endpoint)
        assert "keeps no journal" in terminal.do("labgrade history")
        assert terminal.code() == 2
        terminal.do("echo 'aws s3 mb s3://$LAB_BUCKET' > main.sh")
        terminal.do(f"echo \"aws s3api put-bucket-tagging --bucket \\$LAB_BUCKET --tagging '{TAGS}'\" >> main.sh")
        ending(terminal)
        assert "hello is as it was; labgrade has forgotten it." in terminal.do("labgrade stop --yes")
