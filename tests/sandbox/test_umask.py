"""What root installed with a umask of 077, by the real command: nobody loses a mark by it, and the cure that is told
helps.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from conftest import LABGRADE, ROOT, Labgrade, clean_environment

from grader.errors import SandboxError
from grader.sandbox import open_sandbox
from grader.sandbox.strangers import strangers_uid

if sys.platform != "linux" or strangers_uid() is None:
    pytest.skip("only root on Linux has another user to give", allow_module_level=True)
SOLUTIONS = ROOT / "labs/hello/solutions"


@pytest.fixture(autouse=True)
def _a_box() -> None:
    try:
        open_sandbox("bwrap")
    except SandboxError as error:
        pytest.skip(str(error))


def test_a_package_that_only_root_can_read_is_named_with_what_opens_it(labgrade: Labgrade, tmp_path: Path) -> None:
    import boto3

    package = tmp_path / "installed" / "boto3"
    shutil.copytree(Path(boto3.__file__).parent, package)
    (package / "__init__.py").chmod(0o600)
    words = ("run", "hello", SOLUTIONS / "boto3", "--sandbox", "bwrap")
    done = labgrade(*words, env={"PYTHONPATH": str(package.parent)})
    assert (done.code, done.out) == (3, "")
    assert done.err == (
        f"labgrade: sandbox: {package}/__init__.py is for root alone (a umask of 077?), and it is somebody else who "
        f"runs a submission: chmod -R go+rX {package.parent}\n"
    )
    subprocess.run(["chmod", "-R", "go+rX", package.parent], check=True)
    assert labgrade(*words, env={"PYTHONPATH": str(package.parent)}).code == 0


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The folder of a virtual environment that root alone gets into, with all that is in the one of the tests."""
    place = tmp_path / "installed"
    umask = os.umask(0o077)
    try:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", place], check=True)
        packages = next(place.glob("lib/python3*/site-packages"))
        shutil.copytree(sysconfig.get_path("purelib"), packages, copy_function=_linked, dirs_exist_ok=True)
    finally:
        os.umask(umask)
    for folder in [packages, *(path for path in packages.rglob("*") if path.is_dir())]:
        folder.chmod(0o700)  # which copytree has copied
    for name in ("labgrade", "aws"):
        text = (LABGRADE.parent / name).read_text()
        (place / "bin" / name).write_text(re.sub(r"\A#!.*", f"#!{place}/bin/python", text))
        (place / "bin" / name).chmod(0o700)
    return place


def _linked(source: str, target: str) -> None:
    """Hundreds of MB, which are only read."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


@pytest.mark.slow
@pytest.mark.parametrize("work", ["boto3", "aws_cli"])
def test_after_the_cure_that_was_told_submissions_run(installed: Path, tmp_path: Path, work: str) -> None:
    def graded() -> subprocess.CompletedProcess[str]:
        command = [installed / "bin" / "labgrade", "run", "hello", SOLUTIONS / work, "--sandbox", "bwrap"]
        environment = clean_environment(tmp_path)
        return subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120)

    done = graded()
    assert (done.returncode, done.stdout) == (3, "")
    cure = re.search(r"chmod -R go\+rX (\S+)\n", done.stderr)
    assert cure, done.stderr
    subprocess.run(cure[0], shell=True, check=True)
    done = graded()
    assert done.returncode == 0, done.stdout + done.stderr
