"""`labgrade prefetch terraform`, with a Terraform that fetches from nowhere, and what comes of the mirror."""

from __future__ import annotations

import json
import os
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import Ended, Labgrade

from grader.prefetching import AWS, PROVEN, Wanted, wanted
from grader.submissions import tools
from grader.submissions.mirrors import held, this_system

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the made-up terraform is a script with a #!")
# It answers as Terraform 1.11 does, and keeps a note of what it was asked.
TERRAFORM = r"""#!{python}
import json, os, pathlib, sys, zipfile
if sys.argv[1:3] != ["providers", "mirror"]:
    sys.exit("asked for " + " ".join(sys.argv[1:]))
wanted = json.load(open("main.tf.json"))["terraform"]["required_providers"]["wanted"]
asked = wanted.get("version", "")
with open({log!r}, "a") as log:
    print(wanted["source"], asked, *sys.argv[3:-1], file=log)
if os.environ.get("OFFLINE"):
    sys.exit(
        "\x1b[31m│\x1b[0m Failed to download registry.terraform.io/hashicorp/aws from its origin\n"
        "│ registry: could not connect to registry.terraform.io: failed to request\n│ discovery document"
    )
if asked.startswith("99"):
    sys.exit("│ no available releases match the\n│ given constraints " + asked)
version = {{"~> 4.0": "4.67.0"}}.get(asked, asked or "6.1.0").removeprefix("= ")
place = pathlib.Path(sys.argv[-1], "registry.terraform.io", wanted["source"])
place.mkdir(parents=True)
platforms = [word.partition("=")[2] for word in sys.argv[3:-1]]
for each in platforms:
    name = place.name
    with zipfile.ZipFile(place / f"terraform-provider-{{name}}_{{version}}_{{each}}.zip", "w") as archive:
        archive.writestr(f"terraform-provider-{{name}}_v{{version}}_x5", "#!/bin/sh")
        archive.writestr("LICENSE.txt", "free")
"""


class Machine:
    """A home, and a terraform on its PATH."""

    def __init__(self, labgrade: Labgrade, folder: Path) -> None:
        self._labgrade, self.log = labgrade, folder / "log"
        self.home, self._bin = folder / "home", folder / "bin"
        self._bin.mkdir()
        program = self._bin / "terraform"
        program.write_text(TERRAFORM.format(python=sys.executable, log=str(self.log)))
        program.chmod(0o755)

    @property
    def own(self) -> Path:
        return self.home / ".cache" / "labgrade" / "terraform"

    @property
    def asked(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []

    def prefetch(self, *words: object, **env: str) -> Ended:
        path = f"{self._bin}{os.pathsep}{os.environ['PATH']}"
        return self._labgrade("prefetch", "terraform", *words, env={"PATH": path, **env})


@pytest.fixture
def machine(labgrade: Labgrade, tmp_path: Path) -> Machine:
    return Machine(labgrade, tmp_path)


def test_it_fetches_the_proven_version_into_the_cache_and_says_so(machine: Machine) -> None:
    done = machine.prefetch()
    assert (done.code, machine.asked) == (0, [f"{AWS} {PROVEN} -platform={this_system()}"])
    assert done.out == f"hashicorp/aws {PROVEN} ({this_system()}, 1 MiB) is in {machine.own}.\n"
    assert f"Fetching hashicorp/aws {PROVEN};" in done.err
    place = machine.own / "registry.terraform.io/hashicorp/aws" / PROVEN / this_system()
    assert os.access(place / f"terraform-provider-aws_v{PROVEN}_x5", os.X_OK)
    assert sorted(file.name for file in machine.own.iterdir()) == ["registry.terraform.io"]  # no draft is left


def test_what_is_there_is_not_fetched_again(machine: Machine) -> None:
    machine.prefetch()
    done = machine.prefetch(OFFLINE="1")
    assert (done.code, len(machine.asked)) == (0, 1)
    assert done.out == f"hashicorp/aws {PROVEN} is in {machine.own} already.\n"


def test_versions_platforms_and_the_place_can_be_said(machine: Machine, tmp_path: Path) -> None:
    there = tmp_path / "there"
    words = ["--version", "~> 4.0", "--version", "5.1.0", "--platform", "linux_arm64", "--mirror", there]
    done = machine.prefetch(*words)
    assert (done.code, held(there, system="linux_arm64")) == (0, ["4.67.0", "5.1.0"])
    assert machine.asked == [f"{AWS} {each} -platform=linux_arm64" for each in ("~> 4.0", "5.1.0")]
    assert "--terraform-mirror or LABGRADE_TERRAFORM_MIRROR" in done.err
    assert not machine.own.exists()
    again = {"LABGRADE_PROVIDER_VERSION": ">= 4.0, < 5.0; 5.2.0", "LABGRADE_TERRAFORM_MIRROR": str(there)}
    machine.prefetch(**again)
    assert [line.partition(" -")[0] for line in machine.asked[2:]] == [f"{AWS} >= 4.0, < 5.0", f"{AWS} 5.2.0"]


def test_what_terraform_itself_left_packed_is_laid_out_beside_itself(machine: Machine, tmp_path: Path) -> None:
    there = tmp_path / "there"
    place = there / "registry.terraform.io/hashicorp/aws"
    place.mkdir(parents=True)
    file = place / f"terraform-provider-aws_5.1.0_{this_system()}.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("terraform-provider-aws_v5.1.0_x5", "#!/bin/sh")
    words = ["--version", "5.1.0", "--mirror", there]
    done = machine.prefetch(*words)
    assert (done.code, machine.asked) == (0, [])
    assert done.out.splitlines()[0] == f"hashicorp/aws 5.1.0 ({this_system()}, 1 MiB) is in {there}."
    assert os.access(place / "5.1.0" / this_system() / "terraform-provider-aws_v5.1.0_x5", os.X_OK)
    assert sorted(path.name for path in there.iterdir()) == ["registry.terraform.io"]
    assert machine.prefetch(*words).out == f"hashicorp/aws 5.1.0 is in {there} already.\n"
    file.with_name(f"terraform-provider-aws_5.2.0_{this_system()}.zip").write_text("no archive")
    broken = machine.prefetch(*words)
    assert (broken.code, broken.err) == (2, f"labgrade: {there}: File is not a zip file.\n")


def test_what_goes_wrong_is_one_line(machine: Machine, labgrade: Labgrade, tmp_path: Path) -> None:
    offline = machine.prefetch(OFFLINE="1")
    assert (offline.code, offline.out) == (3, "")
    text = f"labgrade: hashicorp/aws {PROVEN} could not be fetched: no connection to registry.terraform.io."
    assert offline.err.splitlines()[-1] == f"{text} Is there a network?"
    unknown = machine.prefetch("--version", "99.0.0")
    assert (unknown.code, unknown.err.splitlines()[-1]) == (
        2,
        "labgrade: there is no version of hashicorp/aws 99.0.0.",
    )
    assert machine.prefetch("--version", '1"\n}').code == 2
    (tmp_path / "file").touch()
    assert machine.prefetch("--mirror", tmp_path / "file" / "below").code == 2
    without = labgrade("prefetch", "terraform", env={"PATH": str(tmp_path / "nowhere")})
    assert (without.code, without.err.splitlines()[-1]) == (
        3,
        "labgrade: neither terraform nor tofu is on this machine; install one of them.",
    )
    for ended in (offline, unknown, without):
        assert "Traceback" not in ended.err
    assert held(machine.own) == []


def test_what_the_labs_answers_ask_for_is_fetched(tmp_path: Path) -> None:
    folder = tmp_path / "lab" / "solutions" / "terraform"
    folder.mkdir(parents=True)
    entries = 'aws = {\n source = "hashicorp/aws"\n version = "~> 6.0"\n}\n random = { version = "3.1.0" }\n'
    (folder / "main.tf").write_text(f"terraform {{ required_providers {{\n{entries} }} }}")
    aws, other = Wanted(AWS, "~> 6.0"), Wanted("hashicorp/random", "3.1.0")
    assert wanted((), [tmp_path / "lab"]) == [Wanted(AWS, PROVEN), aws, other]
    assert wanted(("1.0.0",), [tmp_path / "lab"]) == [Wanted(AWS, "1.0.0")]


def test_doctor_names_the_versions_of_the_mirror(machine: Machine, labgrade: Labgrade) -> None:
    machine.prefetch("--version", "5.9.0")
    machine.prefetch("--version", "5.10.0")
    found = json.loads(labgrade("doctor", "--format", "json").out)["findings"]
    (provider,) = [each for each in found if each["subject"] == "AWS provider"] or [None]
    if tools.find("terraform") is None and tools.find("tofu") is None:
        assert provider is None
    else:
        assert (provider["mark"], provider["found"]) == ("OK", f"5.9.0, 5.10.0 in {machine.own}: no network is needed")
