from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from sandbox.processes import living

from grader.errors import LabgradeError
from grader.submissions import Run, mirrors, terraform, tools
from grader.submissions.terraform import overrides

Runner = Callable[..., Run]
SETTINGS = """\
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  s3_use_path_style           = true
}
"""
BUCKET = 'resource "aws_s3_bucket" "b" {}\n'
needs_terraform = pytest.mark.skipif(tools.find("terraform") is None, reason="there is no terraform")


def data(command: str, more: str = "") -> str:
    """A configuration that runs a command and needs no provider that must be downloaded."""
    return (
        'resource "terraform_data" "made" {\n'
        f'  provisioner "local-exec" {{ command = {json.dumps(command)} }}\n}}\n{more}'
    )


@needs_terraform
def test_a_configuration_is_applied_with_the_labs_parameters(run: Runner) -> None:
    variables = 'variable "bucket" {}\nvariable "days" { type = number }\n'
    command = "echo made ${var.bucket} ${var.days + 1} by $TF_VAR_bucket"
    result = run({"main.tf": data(command), "variables.tf": variables}, parameters={"bucket": "b-1", "days": 30})
    ended = result.stages[0].ended
    assert ended.exit_code == 0, ended.stderr
    assert "Terraform has been successfully initialized!" in ended.stdout
    assert "made b-1 31 by b-1\n" in ended.stdout
    assert "Apply complete! Resources: 1 added" in ended.stdout


@needs_terraform
def test_its_environment_has_its_own_variables_and_no_more(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_VAR_secret", "hush")
    monkeypatch.setenv("TF_TOKEN_app_terraform_io", "hush")
    output = run({"main.tf": data("env")}, parameters={"bucket": "b"}).stages[0].ended.stdout
    names = {line.partition("): ")[2].partition("=")[0] for line in output.splitlines() if "=" in line}
    assert {name for name in names if name.startswith(("TF_", "CHECKPOINT"))} == {
        *("CHECKPOINT_DISABLE", "TF_IN_AUTOMATION", "TF_INPUT", "TF_CLI_CONFIG_FILE", "TF_VAR_bucket")
    }


def test_a_script_without_terraform_sees_none_of_it(run: Runner) -> None:
    assert "TF_" not in run({"main.sh": "env"}).stages[0].ended.stdout


@needs_terraform
def test_a_broken_configuration_shows_where(run: Runner) -> None:
    ended = run({"main.tf": "resource {"}).stages[0].ended
    assert ended.exit_code == 1
    assert "on main.tf line 1" in ended.stderr


@needs_terraform
def test_a_failed_apply_is_a_failed_stage(run: Runner) -> None:
    result = run({"main.tf": data("echo no; exit 3"), "main.sh": "echo after"})
    assert [stage.kind for stage in result.stages] == ["terraform"]
    assert result.stages[0].ended.exit_code == 1
    assert "exit status 3" in result.stages[0].ended.stderr


@needs_terraform
def test_a_script_after_it_sees_what_it_made(run: Runner) -> None:
    result = run({"main.tf": data("echo word > made"), "main.sh": "cat made"})
    assert [(stage.kind, stage.ended.exit_code) for stage in result.stages] == [("terraform", 0), ("shell", 0)]
    assert result.stages[1].ended.stdout == "word\n"


@needs_terraform
def test_a_script_that_owns_it_can_apply_it(run: Runner) -> None:
    script = "terraform init -no-color > /dev/null && terraform apply -auto-approve -no-color"
    result = run({"main.tf": data("echo by ${path.module}"), "main.sh": script})
    assert [stage.kind for stage in result.stages] == ["shell"]
    assert "Apply complete! Resources: 1 added" in result.stages[0].ended.stdout


@needs_terraform
def test_a_time_out_kills_what_it_started(run: Runner, tmp_path: Path) -> None:
    mark = f"terraform-{os.getpid()}-{tmp_path.name}"
    ended = run({"main.tf": data(f"bash -c 'exec -a {mark} sleep 300'")}, seconds=4).stages[0].ended
    assert (ended.exit_code, ended.timed_out) == (None, True)
    assert ended.seconds < 12
    assert living(mark) == []


@needs_terraform
def test_an_aws_provider_is_looked_for_in_a_mirror_and_said_to_be_missing(
    run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mirror" / "registry.terraform.io").mkdir(parents=True)
    monkeypatch.setenv("TF_PLUGIN_CACHE_DIR", str(tmp_path / "mirror"))
    ended = run({"main.tf": f'provider "aws" {{}}\n{BUCKET}'}).stages[0].ended
    assert ended.exit_code == 1
    assert "provider registry.terraform.io/hashicorp/aws was not" in ended.stderr


@needs_terraform
def test_an_override_reaches_a_declared_provider_and_a_file_of_its_own_a_used_one(run: Runner) -> None:
    show = "cat labgrade_override.tf labgrade_provider.tf 2> /dev/null; terraform init -no-color 2>&1 | head -20"
    declared = run({"main.tf": f'provider "aws" {{ region = "us-east-1" }}\n{BUCKET}', "main.sh": show})
    assert f'provider "aws" {{\n{SETTINGS}' in declared.stages[0].ended.stdout
    assert "Missing base provider" not in declared.stages[0].ended.stdout


def test_a_provider_that_is_declared_is_overridden() -> None:
    assert overrides(f'provider "aws" {{\n  region = "eu-west-1"\n}}\n{BUCKET}') == {
        "labgrade_override.tf": f'provider "aws" {{\n{SETTINGS}'
    }


def test_a_provider_that_is_only_used_is_declared() -> None:
    assert overrides(BUCKET) == {"labgrade_provider.tf": f'provider "aws" {{\n{SETTINGS}'}
    assert overrides('data "aws_caller_identity" "me" {}') == overrides(BUCKET)


def test_each_alias_is_overridden_and_the_default_declared() -> None:
    text = 'provider "aws" {\n  default_tags { tags = { a = "b" } }\n  alias = "west"\n}\n' + BUCKET
    assert overrides(text) == {
        "labgrade_override.tf": f'provider "aws" {{\n  alias = "west"\n{SETTINGS}',
        "labgrade_provider.tf": f'provider "aws" {{\n{SETTINGS}',
    }


def test_the_settings_keep_the_account_in_arns() -> None:
    assert "skip_requesting_account_id" not in terraform.SETTINGS


@pytest.mark.parametrize(
    "text",
    [
        'resource "terraform_data" "x" {}',
        '# provider "aws" {}\n// resource "aws_s3_bucket" "b" {}\n/* data "aws_region" "r" {}\n*/',
    ],
)
def test_what_uses_no_aws_is_left_alone(text: str) -> None:
    assert overrides(text) == {}


def test_a_comment_sign_inside_a_string_is_no_comment() -> None:
    assert overrides('locals { a = "#" }\nprovider "aws" { # mine\n}\n').keys() == {"labgrade_override.tf"}


def test_only_the_root_gets_a_provider_of_its_own() -> None:
    assert overrides(BUCKET, root=False) == {}


@pytest.mark.parametrize("block", ['backend "s3" {\n    bucket = "state"\n  }', 'cloud {\n    organization = "x"\n  }'])
def test_the_state_is_kept_beside_the_work(block: str) -> None:
    found = overrides(f"terraform {{\n  {block}\n}}\n")
    assert found == {"labgrade_override.tf": 'terraform {\n  backend "local" {}\n}\n'}


@needs_terraform
def test_a_backend_in_s3_does_not_stop_a_configuration(run: Runner) -> None:
    backend = 'terraform {\n  backend "s3" {\n    bucket = "state"\n    key = "k"\n  }\n}\n'
    assert run({"main.tf": data("echo ran", backend)}).stages[0].ended.exit_code == 0


def test_parameters_are_passed_as_terraform_reads_them(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    found = terraform.prepare(tmp_path, [], {"name": 'a "b"', "days": 30, "zones": ["a", "b"], "on": True})
    assert {key: value for key, value in found.items() if key.startswith("TF_VAR_")} == {
        "TF_VAR_name": 'a "b"',
        "TF_VAR_days": "30",
        "TF_VAR_zones": '["a", "b"]',
        "TF_VAR_on": "true",
    }


@pytest.fixture
def no_mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """None of this machine's own."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_DIRS", str(tmp_path))
    for name in ("TF_PLUGIN_CACHE_DIR", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    assert list(mirrors.mirrors()) == []


@pytest.mark.usefixtures("no_mirror")
def test_without_a_mirror_the_configuration_file_is_empty(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    assert Path(terraform.prepare(tmp_path, [], {})["TF_CLI_CONFIG_FILE"]).read_text() == ""


@pytest.fixture
def mirror(tmp_path: Path, no_mirror: None) -> Path:  # noqa: ARG001  (it empties the rest of the machine)
    """Two versions by name alone, one of them packed, and one for another system."""
    place = tmp_path / "mirror" / "registry.terraform.io" / "hashicorp" / "aws"
    for version, system in (("5.9.0", mirrors.this_system()), ("7.0.0", "plan9_mips")):
        (place / version / system).mkdir(parents=True)
    (place / f"terraform-provider-aws_5.10.0_{mirrors.this_system()}.zip").touch()
    return tmp_path / "mirror"


def required(version: str) -> str:
    aws = f'aws = {{ source = "hashicorp/aws"\n version = "{version}" }}'
    return f"terraform {{\n  required_providers {{ {aws} }}\n}}\n"


def test_a_mirror_holds_what_is_for_this_system(mirror: Path) -> None:
    assert mirrors.held(mirror) == ["5.9.0", "5.10.0"]
    assert mirrors.held(mirror, "registry.terraform.io/hashicorp/aws") == ["5.9.0", "5.10.0"]
    assert mirrors.held(mirror, "registry.opentofu.org/hashicorp/aws") == []


@needs_terraform
def test_a_version_that_no_mirror_holds_is_named_with_those_that_there_are(run: Runner, mirror: Path) -> None:
    script = "terraform init -no-color"
    for files in ({"main.tf": required("~> 4.2, != 4.5.0")}, {"main.sh": script, "main.tf": required(">= 4.2, < 5")}):
        (stage,) = run(files, terraform_mirror=mirror).stages
        asked = "~> 4.2, != 4.5.0" if len(files) == 1 else ">= 4.2.0, < 5.0.0"
        assert str(stage.message) == (
            f"It asks for Terraform's provider hashicorp/aws {asked}, and the mirror on this machine has 5.9.0, "
            "5.10.0: ask for that, or have another one fetched with `labgrade prefetch terraform --version`."
        )


@needs_terraform
def test_a_provider_that_no_mirror_holds_is_named(run: Runner, mirror: Path) -> None:
    files = {"main.tf": 'terraform {\n  required_providers { random = { version = "3.1.0" } }\n}\n'}
    (stage,) = run(files, terraform_mirror=mirror).stages
    assert str(stage.message) == (
        "It asks for Terraform's provider hashicorp/random 3.1.0, and the mirror on this machine has no version of it."
    )


def test_where_nothing_can_be_reached_and_no_mirror_is_that_is_said() -> None:
    said = "list of available versions for provider hashicorp/aws:\ncould not connect to registry.terraform.io: no"
    finding = '- Finding hashicorp/aws versions matching "5.1.0"...'
    assert "hashicorp/aws 5.1.0, and there is no mirror" in str(mirrors.unmet(finding, said, [], offline=True))
    assert mirrors.unmet(finding, said, [], offline=False) is None  # a network that is down says enough itself


@needs_terraform
def test_another_failure_has_no_such_line(run: Runner, mirror: Path) -> None:
    assert run({"main.tf": "resource {"}, terraform_mirror=mirror).stages[0].message is None


def test_tofu_is_taken_where_terraform_is_absent(run: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tofu = tmp_path / "tofu"
    tofu.write_text("#!/bin/sh\necho $1\n")
    tofu.chmod(0o755)
    monkeypatch.setattr(tools, "find", lambda program: str(tofu) if program == "tofu" else None)
    assert run({"main.tf": "x"}).stages[0].ended.stdout == "init\napply\n"


def test_without_either_it_is_the_machines_fault(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "find", lambda _: None)
    with pytest.raises(LabgradeError, match="neither terraform nor tofu is on this machine") as raised:
        run({"main.tf": "x"})
    assert raised.value.exit_code == 3


def test_after_a_failed_init_nothing_is_applied(run: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tofu = tmp_path / "tofu"
    tofu.write_text("#!/bin/sh\necho $1\n[ $1 = apply ]\n")
    tofu.chmod(0o755)
    monkeypatch.setattr(tools, "find", lambda _: str(tofu))
    ended = run({"main.tf": "x"}).stages[0].ended
    assert (ended.exit_code, ended.stdout) == (1, "init\n")
