"""A mirror of Terraform's providers in a box, by the real command."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from conftest import Labgrade

from grader.errors import SandboxError
from grader.sandbox import open_sandbox
from grader.submissions import tools
from grader.submissions.mirrors import this_system


@pytest.fixture(autouse=True)
def _a_box_and_terraform() -> None:
    if sys.platform != "linux" or tools.find("terraform") is None:
        pytest.skip("there is no terraform, or no box")
    try:
        open_sandbox("bwrap")
    except SandboxError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("where", ["flag", "variable", "cache"])
def test_a_box_shows_the_mirror_read_only_and_names_both_versions(
    labgrade: Labgrade, tmp_path: Path, where: str
) -> None:
    home = tmp_path / "home"
    mirror = home / ".cache/labgrade/terraform" if where == "cache" else tmp_path / "mirror"
    package = mirror / "registry.terraform.io/hashicorp/aws/5.9.0" / this_system()
    package.mkdir(parents=True)
    work = tmp_path / "work"
    work.mkdir()
    (work / "main.tf").write_text(
        'terraform {\n  required_providers { aws = { source = "hashicorp/aws"\n version = "4.1.0" } }\n}\n'
    )
    (work / "main.sh").write_text(f"ls -d '{package}'\nmkdir '{mirror}/x'\nterraform init -no-color\n")
    flags = ["--terraform-mirror", mirror] if where == "flag" else []
    env = {"LABGRADE_TERRAFORM_MIRROR": str(mirror)} if where == "variable" else {}
    done = labgrade("run", "hello", work, "--sandbox", "bwrap", *flags, "--report", f"json={tmp_path / 'r'}", env=env)
    assert done.code == 1, done.err
    shown = " ".join(done.out.split())
    assert "provider hashicorp/aws 4.1.0, and the mirror on this machine has 5.9.0: ask for that" in shown
    assert str(package) in (tmp_path / "r").read_text()
    assert "Read-only file system" in (tmp_path / "r").read_text()
    assert not (mirror / "x").exists()


def test_a_machine_without_a_mirror_is_at_fault_and_not_the_student(labgrade: Labgrade, tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (work / "main.tf").write_text('resource "aws_s3_bucket" "b" {}\n')
    env = {"XDG_DATA_DIRS": str(tmp_path)}
    done = labgrade("run", "hello", work, "--sandbox", "bwrap", env=env)
    assert (done.code, done.out) == (3, "")
    assert done.err == (
        "labgrade: It asks for Terraform's provider hashicorp/aws, and there is no mirror of providers on this "
        "machine: `labgrade prefetch terraform` makes one.\n"
    )


def test_what_is_no_mirror_is_told_before_anything_runs(labgrade: Labgrade, tmp_path: Path) -> None:
    for words in (["run", "hello", tmp_path], ["grade", "hello", tmp_path, "--out", tmp_path / "out"]):
        done = labgrade(*words, "--terraform-mirror", tmp_path)
        assert (done.code, done.out) == (2, "")
        text = f"labgrade: --terraform-mirror {tmp_path}: is no mirror of providers; `labgrade prefetch terraform` "
        assert done.err == f"{text}makes one.\n"
