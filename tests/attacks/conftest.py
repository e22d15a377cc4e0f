"""Work that attacks, graded by the real command in a box. What it could reach it says in JSON on standard output."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import LABGRADE, clean_environment

from grader.errors import SandboxError
from grader.sandbox import open_sandbox

# Nothing of what follows runs where it could do harm.
IN_THE_BOX = """\
import os, socket, sys
if socket.gethostname() != "labgrade" or os.environ["HOME"] != "/lab/home" or not os.path.isdir("/run/labgrade"):
    sys.exit("not in the box")
"""
FORKED = """\
if ("boto3" in sys.modules) != {forked}:
    sys.exit("not the box that was meant")
"""
RIGHT = """\
import boto3, os
s3 = boto3.client("s3")
s3.create_bucket(Bucket=os.environ["LAB_BUCKET"])
s3.put_bucket_tagging(Bucket=os.environ["LAB_BUCKET"], Tagging={"TagSet": [{"Key": "course", "Value": "labgrade"}]})
"""
Attack = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session", autouse=True)
def _a_box() -> None:
    if sys.platform != "linux":
        pytest.skip("bubblewrap is only for Linux")
    try:
        open_sandbox("bwrap")
    except SandboxError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session", params=["main.py", "main.sh"])
def attack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Attack:
    """Grades `hello`, or another lab, on a right answer followed by that code; the JSON report.

    As main.py it runs in a box that is forked from a template, called by main.sh in one that bubblewrap makes for it.
    """

    def grade(
        code: str = "",
        *flags: str,
        files: Mapping[str, str] | None = None,
        env: Mapping[str, str] | None = None,
        lab: str = "hello",
        right: str = RIGHT,
    ) -> dict[str, Any]:
        place = tmp_path_factory.mktemp("attack")
        work, home = place / "work", place / "home"
        for folder in (work, home):
            folder.mkdir()
        own_boto3 = any(name.startswith("boto3") for name in files or ())  # which a new interpreter imports
        first = IN_THE_BOX + FORKED.format(forked=request.param == "main.py" and not own_boto3)
        written = {"main.py": first + right + code, **(files or {})}
        if request.param == "main.sh":
            written = {"main.sh": "exec python -B attack.py", "attack.py": written.pop("main.py"), **written}
        for name, text in written.items():
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            (work / name).write_text(text, "utf-8")
        command = [LABGRADE, "run", lab, work, "--sandbox", "bwrap", "--format", "json", *flags]
        environment = clean_environment(home, env)
        done = subprocess.run(command, capture_output=True, env=environment, cwd=home, timeout=170)
        report: dict[str, Any] = json.loads(done.stdout)
        return report

    return grade


def said(report: dict[str, Any]) -> Any:
    """What the work wrote, where it did all it wanted and its score is that of the right answer."""
    assert report["run"]["stderr"] == ""
    assert (report["score"], report["sandbox"]["level"]) == (100, "bwrap")
    assert "emulator-boxed" in report["sandbox"]["guarantees"]
    return json.loads(report["run"]["stdout"].splitlines()[-1])


@pytest.fixture(scope="session")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of the caller's, or of another student's."""
    path = tmp_path_factory.mktemp("another") / "main.py"
    path.write_text("another student's work")
    return path
