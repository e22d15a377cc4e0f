"""Terraform and OpenTofu: `init`, then `apply`, pointed at the emulator by environment and override file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from grader.errors import LabgradeError, MachineError
from grader.sandbox import Ended, joined
from grader.submissions import mirrors, tools
from grader.submissions.interface import Stage, StageRun, Workplace

SUFFIXES = (".tf", ".tf.json")
COMMANDS = (
    ("init", "-input=false", "-no-color"),
    ("apply", "-auto-approve", "-input=false", "-no-color"),
)

# The account id is not skipped: the provider writes it into the ARNs that it composes, and the emulator has an STS.
SETTINGS = """\
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  s3_use_path_style           = true
"""
PROVIDER = re.compile(r'^[ \t]*provider[ \t]+"?aws"?[ \t]*\{', re.MULTILINE)
ALIAS = re.compile(r'^[ \t{]*alias[ \t]*=[ \t]*"([^"]+)"', re.MULTILINE)
USES_AWS = re.compile(r'"?(?:resource|data)"?[ \t]*:?[ \t\n{]*"aws_|"?provider"?[ \t]*:?[ \t\n{]*"aws"')
BACKEND = re.compile(r'^[ \t]*(?:backend[ \t]+"|cloud[ \t]*\{)', re.MULTILINE)
COMMENTS = re.compile(r'"(?:\\.|[^"\\\n])*"|(#[^\n]*|//[^\n]*|/\*.*?\*/)', re.DOTALL)
CALLED = re.compile(r"(?<![\w.-])(?:terraform|tofu)(?![\w.-])")


class TerraformStage(Stage):
    """All `*.tf` files of a folder make up one entry."""

    kind = "terraform"
    sort = "template"
    suffixes = SUFFIXES
    names = ("*.tf", "*.tf.json")
    default_seconds = 180.0

    @classmethod
    def entries_of(cls, names: Sequence[str]) -> Sequence[str]:
        return ["main.tf"] if "main.tf" in names else names[:1]

    def owned_by(self, script: str) -> bool:
        return CALLED.search(script) is not None

    def run(self, workplace: Workplace) -> StageRun:
        program = tools.find("terraform") or tools.find("tofu")
        if program is None:
            raise LabgradeError("neither terraform nor tofu is on this machine; install one of them.")
        left = self.seconds(workplace.limits)
        parts = []
        for command in COMMANDS:
            ended = workplace.room.run(
                [program, *command],
                environment=workplace.environment,
                folder=(workplace.folder / self.entry).parent,
                timeout_seconds=left,
                limits=workplace.limits,
            )
            parts.append(ended)
            left = max(0.1, left - ended.seconds)
            if ended.exit_code != 0:
                _check_machine(ended, workplace)
                break
        whole = joined(parts)
        return StageRun(self.kind, self.entry, whole, whole.message)


def _check_machine(ended: Ended, workplace: Workplace) -> None:
    """A version that is not there is the student's to change; that there is nothing at all is ours. MachineError."""
    if not workplace.mirrors:
        missing = mirrors.unmet(ended.stdout, ended.stderr, (), offline=workplace.offline)
        if missing is not None:
            raise MachineError(missing)


def has_configuration(files: Sequence[str]) -> bool:
    """Is there any Terraform in it, for a stage or for a script to apply?"""
    return any(name.endswith(SUFFIXES) for name in files)


def prepare(
    private: Path, files: Sequence[str], parameters: Mapping[str, Any], places: Sequence[Path] = ()
) -> dict[str, str]:
    """Write the override files into the copy of the work; returns the variables that Terraform needs.

    `places` are mirrors, from which providers are had, and then from nowhere else.
    """
    work = private / "work"
    for folder in {PurePosixPath(name).parent for name in files if name.endswith(SUFFIXES)}:
        names = [name for name in files if name.endswith(SUFFIXES) and PurePosixPath(name).parent == folder]
        text = "\n".join((work / name).read_text("utf-8", "replace") for name in names)
        for name, content in overrides(text, root=folder == PurePosixPath(".")).items():
            (work / folder / name).write_text(content, encoding="utf-8")
    configuration = private / "terraform.rc"
    configuration.write_text(_configuration(places), encoding="utf-8")
    return {
        "CHECKPOINT_DISABLE": "1",
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "TF_CLI_CONFIG_FILE": str(configuration),
        **{f"TF_VAR_{name}": _variable(value) for name, value in parameters.items()},
    }


def overrides(text: str, *, root: bool = True) -> dict[str, str]:
    """The files that point a configuration at an emulator, by name.

    The endpoint comes from AWS_ENDPOINT_URL. An override merges into the block of the same name and alias, and
    it is an error where there is none: a provider that is used and not declared gets a file of its own instead.
    https://developer.hashicorp.com/terraform/language/files/override, looked up 2026-11.
    """
    text = COMMENTS.sub(lambda match: "" if match[1] else match[0], text)
    aliases = [_alias(_block(text, match.end())) for match in PROVIDER.finditer(text)]
    blocks = [_provider(alias) for alias in aliases]
    if BACKEND.search(text):
        blocks.append('terraform {\n  backend "local" {}\n}\n')  # the state is for this run alone
    files = {"labgrade_override.tf": "\n".join(blocks)} if blocks else {}
    if root and None not in aliases and USES_AWS.search(text):
        files["labgrade_provider.tf"] = _provider(None)
    return files


def _provider(alias: str | None) -> str:
    named = f'  alias = "{alias}"\n' if alias else ""
    return f'provider "aws" {{\n{named}{SETTINGS}}}\n'


def _alias(block: str) -> str | None:
    match = ALIAS.search(block)
    return match[1] if match else None


def _block(text: str, start: int) -> str:
    """What is between the braces, the opening one of which ends at `start`."""
    depth = 1
    for index in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[index], 0)
        if depth == 0:
            return text[start:index]
    return text[start:]


def _variable(value: Any) -> str:
    """Terraform reads a string as it stands, anything else as an expression, which JSON is."""
    return value if isinstance(value, str) else json.dumps(value)


def _configuration(places: Sequence[Path]) -> str:
    blocks = "".join(f"  filesystem_mirror {{ path = {json.dumps(str(path))} }}\n" for path in places)
    return f"provider_installation {{\n{blocks}}}\n" if blocks else ""
