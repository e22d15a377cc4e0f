"""The environment of a submission: this and nothing else of the caller's."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.submissions import terraform, tools

if TYPE_CHECKING:
    from grader.access import Access

WINDOWS = ("SYSTEMROOT", "COMSPEC", "PATHEXT")  # without them no program starts there


def prepare(
    private: Path,
    access: Access,
    parameters: Mapping[str, Any],
    files: Sequence[str],
    mirrors: Sequence[Path] = (),
) -> dict[str, str]:
    """Lay out in that folder, beside the work, what a submission's environment points to; returns it."""
    home, empty = private / "home", private / "empty"
    home.mkdir()
    empty.touch()
    made = {
        **aws(access, empty),
        **lab(access, parameters),
        "PATH": os.pathsep.join([str(tools.front(private / "bin", ready=True)), *tools.search_path()]),
        "HOME": str(home),
        "LANG": "C.UTF-8",
    }
    if terraform.has_configuration(files):
        made |= terraform.prepare(private, files, parameters, mirrors)
    if sys.platform == "win32":
        made |= {name: os.environ[name] for name in WINDOWS if name in os.environ}
    return made


def aws(access: Access, empty: Path) -> dict[str, str]:
    """What points every SDK and the AWS CLI at the emulator, and keeps them from real accounts."""
    return {
        "AWS_ENDPOINT_URL": access.endpoint,
        "AWS_ACCESS_KEY_ID": access.access_key,
        "AWS_SECRET_ACCESS_KEY": access.secret_key,
        "AWS_REGION": access.region,
        "AWS_DEFAULT_REGION": access.region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(empty),
        "AWS_SHARED_CREDENTIALS_FILE": str(empty),
        "AWS_PAGER": "",
    }


def lab(access: Access, parameters: Mapping[str, Any]) -> dict[str, str]:
    """The lab's parameters as `LAB_NAME`, with its account and region."""
    named = {f"LAB_{name.upper().replace('-', '_')}": str(value) for name, value in parameters.items()}
    return {**named, "LAB_ACCOUNT": access.account, "LAB_REGION": access.region}
