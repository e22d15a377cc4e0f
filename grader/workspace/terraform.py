"""What Terraform needs to be pointed at a workspace."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from grader.workspace.record import Workspace

SETTINGS = """\
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  s3_use_path_style           = true
"""


def override(workspace: Workspace) -> str:
    """A provider that needs nothing of its environment, for an IDE."""
    services = sorted({*workspace.services, "iam", "s3", "sts"})
    endpoints = "".join(f"    {name.replace('-', '')} = {_text(workspace.endpoint)}\n" for name in services)
    return (
        "# Save it as workspace_override.tf beside your configuration, which declares\n"
        '# provider "aws" {}. It is for working here: leave it out of what you hand in.\n'
        f'provider "aws" {{\n  region     = {_text(workspace.region)}\n'
        f"  access_key = {_text(workspace.access_key)}\n  secret_key = {_text(workspace.access.secret_key)}\n"
        f"{SETTINGS}\n  endpoints {{\n{endpoints}  }}\n}}\n"
    )


def provider() -> str:
    """A provider that takes the endpoint from AWS_ENDPOINT_URL: fit to be handed in."""
    return f'provider "aws" {{\n{SETTINGS}}}\n'


def variables(parameters: Mapping[str, Any]) -> str:
    """Declared, with their values from TF_VAR_… in the environment."""
    return "\n".join(
        f'variable "{name}" {{\n  type = {"number" if isinstance(value, int) else "string"}\n}}\n'
        for name, value in parameters.items()
    )


def _text(value: str) -> str:
    return json.dumps(value).replace("${", "$${").replace("%{", "%%{")
