"""What a shell needs to be pointed at a workspace, and what would lead it elsewhere."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from grader.workspace import folder
from grader.workspace.record import Workspace

# What an SDK would rather believe than AWS_ENDPOINT_URL and the keys beside it.
SHADOWS = (
    *("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"),
    *("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"),
    *("AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ACCOUNT_ID"),
    *("AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
)
ENDPOINT_OF_A_SERVICE = "AWS_ENDPOINT_URL_"
PROXIES = ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
NEAR = ("127.0.0.1", "localhost")


def variables(workspace: Workspace, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What is to be set: where the emulator is, keys that are worth nothing, the lab's names and numbers."""
    from grader.submissions.environment import aws, lab

    made = {**aws(workspace.access, empty_file(workspace)), **lab(workspace.access, workspace.parameters)}
    for name, value in workspace.parameters.items():
        made[f"TF_VAR_{name}"] = value if isinstance(value, str) else json.dumps(value)
    return made | _without_proxy(environ)


def shadows(environ: Mapping[str, str] = os.environ) -> list[str]:
    """What is to be unset: whether it is there or not, as the lines may be kept; and each service's own endpoint."""
    return [*SHADOWS, *sorted(name for name in environ if name.startswith(ENDPOINT_OF_A_SERVICE))]


def set_by_us(workspace: Workspace | None, environ: Mapping[str, str] = os.environ) -> list[str]:
    """What `--unset` takes back: names of a lab and of ours, and never a key that is not ours."""
    if workspace is not None:
        return list(variables(workspace, {}))
    ours = [name for name in environ if name.startswith(("LAB_", "TF_VAR_"))]
    if "AWS_ENDPOINT_URL" not in environ or "LAB_ACCOUNT" not in environ:
        return sorted(ours)
    return sorted([*ours, *(name for name in environ if name.startswith("AWS_"))])


def empty_file(workspace: Workspace) -> Path:
    """In place of the caller's config and credentials."""
    path = workspace.folder / "empty"
    with folder.telling(path):
        path.touch()
    return path


def _without_proxy(environ: Mapping[str, str]) -> dict[str, str]:
    """A proxy would be asked for 127.0.0.1, which for it is somewhere else."""
    if not any(environ.get(name) for name in PROXIES):
        return {}
    kept = [part for part in environ.get("NO_PROXY", environ.get("no_proxy", "")).split(",") if part]
    near = ",".join([*kept, *(name for name in NEAR if name not in kept)])
    return {"NO_PROXY": near, "no_proxy": near}


def front(workspace: Workspace) -> Path | None:
    """The folder with the `aws` that adds the endpoint; None where shell scripts do not run."""
    import shutil
    import sys

    from grader.submissions import tools

    if sys.platform == "win32":
        return None
    place = workspace.folder / "bin"
    with folder.telling(place):
        shutil.rmtree(place, ignore_errors=True)
        tools.front(place)
        if os.environ.get("VIRTUAL_ENV"):  # the student's own choice of a Python
            for name in ("python", "python3"):
                with suppress(FileNotFoundError):
                    (place / name).unlink()
    return place
