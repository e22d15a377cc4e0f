"""What root installed for itself alone is of no use in a box, where nobody is root."""

from __future__ import annotations

import stat
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from grader.errors import SandboxError
from grader.texts import say

OURS = ("grader", "moto", "boto3", "botocore")  # of each installation one file tells of all: umask did it


def require(packages: Iterable[str]) -> None:
    """May everybody read them? Raises SandboxError that says how to let them."""
    for name in packages:
        found = find_spec(name)
        if found and found.origin:
            _require(Path(found.origin))


def _require(file: Path) -> None:
    """Folders above the installation's are made anew in the box."""
    for path, needed in ((file, stat.S_IROTH), (file.parent, stat.S_IROTH | stat.S_IXOTH)):
        if path.stat().st_mode & needed != needed:
            raise SandboxError(
                say(
                    "sandbox: {path} is for root alone (installed with a umask of 077?), and in a box nobody is root: "
                    "chmod -R go+rX {folder}",
                    path=str(path),
                    folder=str(file.parents[1]),
                )
            )
