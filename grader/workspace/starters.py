"""A folder to begin in: the task, a starter that does nothing yet, and what points tools at the workspace."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from grader.errors import UsageError
from grader.lab import Lab
from grader.languages import current
from grader.texts import say
from grader.workspace import shells, surroundings, terraform
from grader.workspace.record import Workspace

KINDS = ("python", "cli", "cloudformation", "terraform")


class Beginning(Protocol):
    """What a starter is made of; a workspace has it."""

    @property
    def title(self) -> str: ...

    @property
    def services(self) -> tuple[str, ...]: ...

    @property
    def parameters(self) -> Mapping[str, Any]: ...


def write(kind: str, lab: Lab, workspace: Workspace, into: Path) -> tuple[list[str], list[str]]:
    """The names of the files that were written, and of those that were there and are left alone. Raises UsageError."""
    files = {
        "TASK.md": lab.task(workspace.parameters, current()),
        ".env": shells.dotenv(surroundings.variables(workspace, {})),
        ".gitignore": ".env\n.terraform/\n*.tfstate*\n",
        **starter(kind, workspace),
    }
    written: list[str] = []
    left: list[str] = []
    try:
        into.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (written if _made(into / name, text) else left).append(name)
    except OSError as error:
        raise UsageError(
            say(
                "{filename}: {reason}; --into names another folder.",
                filename=str(error.filename or into),
                reason=error.strerror,
            )
        ) from None
    return written, left


def _made(path: Path, text: str) -> bool:
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        return False
    if path.suffix == ".sh" and os.name == "posix":
        path.chmod(0o755)
    return True


def _names(parameters: Mapping[str, object]) -> list[str]:
    return [name for name in parameters if name != "token"]


def starter(kind: str, beginning: Beginning) -> dict[str, str]:
    """The files to begin with, by name, for work of that kind."""
    return _STARTERS[kind](beginning)


def _python(beginning: Beginning) -> dict[str, str]:
    read = "".join(
        f'{name} = {"int(" if isinstance(value, int) else ""}os.environ["LAB_{name.upper()}"]'
        f"{')' if isinstance(value, int) else ''}\n"
        for name, value in beginning.parameters.items()
        if name in _names(beginning.parameters)
    )
    clients = "".join(f'{_identifier(name)} = boto3.client("{name}")\n' for name in beginning.services)
    text = f'"""Your work on {beginning.title!r}: TASK.md says what is wanted."""\n\n'
    return {"main.py": f"{text}import os\n\nimport boto3\n\n{read}\n{clients}"}


def _cli(beginning: Beginning) -> dict[str, str]:
    read = "".join(f'echo "{name}: $LAB_{name.upper()}"\n' for name in _names(beginning.parameters))
    head = "#!/bin/bash\n# TASK.md says what is wanted. It stops at the first command that fails.\nset -e\n\n"
    return {"main.sh": f"{head}{read}"}


def _cloudformation(beginning: Beginning) -> dict[str, str]:
    declared = "".join(
        f"  {_camel(name)}:\n    Type: {'Number' if isinstance(beginning.parameters[name], int) else 'String'}\n"
        for name in _names(beginning.parameters)
    )
    # A stack needs a resource; this one is nothing.
    nothing = "Resources:\n  Nothing:\n    Type: AWS::CloudFormation::WaitConditionHandle\n"
    return {"template.yaml": f"# TASK.md says what is wanted.\nParameters:\n{declared}\n{nothing}"}


def _terraform(beginning: Beginning) -> dict[str, str]:
    named = {name: beginning.parameters[name] for name in _names(beginning.parameters)}
    return {
        "main.tf": "# TASK.md says what is wanted. The lab's names and numbers are in variables.tf.\n",
        "provider.tf": terraform.provider(),
        "variables.tf": terraform.variables(named),
    }


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _identifier(service: str) -> str:
    return service.replace("-", "_")


_STARTERS: Mapping[str, Callable[[Beginning], dict[str, str]]] = {
    "python": _python,
    "cli": _cli,
    "cloudformation": _cloudformation,
    "terraform": _terraform,
}
