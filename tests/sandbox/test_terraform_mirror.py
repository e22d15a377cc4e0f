"""A mirror of Terraform's providers in a box, by the real command."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pytest
from conftest import Labgrade

from grader.errors import SandboxError
from grader.sandbox import open_sandbox
from grader.sandbox.strangers import strangers_uid
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


def test_what_lies_packed_and_finds_no_room_is_the_machines_fault_until_it_is_unpacked(
    labgrade: Labgrade, tmp_path: Path
) -> None:
    """As of AWS's provider, 170 MB packed and 700 unpacked."""
    place = tmp_path / "mirror/registry.terraform.io/hashicorp/aws"
    place.mkdir(parents=True)
    packed = place / f"terraform-provider-aws_5.9.0_{this_system()}.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("terraform-provider-aws_v5.9.0_x5", bytes(3 << 20))
    work, script = tmp_path / "work", tmp_path / "script"
    for folder in (work, script):
        folder.mkdir()
        (folder / "main.tf").write_text('terraform {\n  required_providers { aws = { source = "hashicorp/aws" } }\n}\n')
    (script / "main.sh").write_text("terraform init -no-color\n")
    flags = ("--sandbox", "bwrap", "--limit-file", "1", "--terraform-mirror", tmp_path / "mirror")
    for folder in (work, script):
        done = labgrade("run", "hello", folder, *flags)
        assert (done.code, done.out) == (3, "")
        assert done.err == (
            f"labgrade: Terraform's provider hashicorp/aws 5.9.0 lies packed in {tmp_path / 'mirror'}, and there is no "
            f"room to unpack it for each submission: `labgrade prefetch terraform --mirror {tmp_path / 'mirror'}` "
            "unpacks it once.\n"
        )
    labgrade("prefetch", "terraform", "--mirror", tmp_path / "mirror", "--version", "5.9.0")
    done = labgrade("run", "hello", work, *flags)
    assert (done.code, "no bucket at all" in done.out) == (1, True)
    assert "--limit-file" not in done.out


@pytest.mark.skipif(strangers_uid() is None, reason="only root has another user to give")
def test_a_mirror_that_root_alone_can_read_is_named_with_what_opens_it(labgrade: Labgrade, tmp_path: Path) -> None:
    package = tmp_path / "mirror/registry.terraform.io/hashicorp/aws/5.9.0" / this_system()
    package.mkdir(parents=True)
    package.chmod(0o700)
    work = tmp_path / "work"
    work.mkdir()
    (work / "main.tf").write_text('resource "aws_s3_bucket" "b" {}\n')
    done = labgrade("run", "hello", work, "--sandbox", "bwrap", "--terraform-mirror", tmp_path / "mirror")
    assert (done.code, done.out) == (3, "")
    assert f"{package} is for root alone (a umask of 077?)" in done.err
    assert f"chmod -R go+rX {tmp_path / 'mirror'}\n" in done.err


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
