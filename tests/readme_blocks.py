"""What the README shows of the repository: its marked blocks, and what should stand in them.

python tests/readme_blocks.py      writes them anew
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

from conftest import LABGRADE, ROOT, clean_environment

from grader.answers import read
from grader.lab import find

README = ROOT / "README.md"
RUN = "a graded run"
_MARKED = re.compile(r"(<!-- ([^>]+) -->\n```\w*\n)(.*?)^(```)$", re.DOTALL | re.MULTILINE)
_VARYING = re.compile(r"\d+(\.\d+)? s\.|moto [\d.]+")


def blocks() -> dict[str, str]:
    """The blocks as they stand, by their marks."""
    return {match[2]: match[3] for match in _MARKED.finditer(README.read_text("utf-8"))}


def files() -> list[str]:
    """The files of the repository that are shown."""
    return sorted(mark for mark in blocks() if mark.startswith("labs/"))


def graded_run(command: str) -> str:
    """That command, and what it prints for somebody who forgot the slash of `logs/`."""
    lab = find("s3-lifecycle")
    mistake = read(lab, lab.folder / "mistakes/prefix_without_slash", "mistakes")
    with mistake.work() as work, tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [LABGRADE, *command.removeprefix("$ labgrade ").split()],
            cwd=work,
            env=clean_environment(Path(home)),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    return f"{command}\n{done.stdout}"


def steady(screen: str) -> str:
    """The same on every machine: without the time it took, and the emulator's version."""
    return _VARYING.sub("…", screen)


def write() -> None:
    """Put what should stand there into every block that shows a file or a graded run."""

    def shown(match: re.Match[str]) -> str:
        start, mark, text, end = match.groups()
        if mark == RUN:
            text = graded_run(text.partition("\n")[0])
        elif mark.startswith("labs/"):
            text = (ROOT / mark).read_text("utf-8")
        return f"{start}{text}{end}"

    README.write_text(_MARKED.sub(shown, README.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    write()
