"""The programs that a submission finds: an `aws` and a `python` in front of those on the caller's PATH."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

NO_AWS = "labgrade: the AWS CLI is not on this machine; install it (pip install awscli), or use boto3 in main.py."

# Version 1 sends every `sqs` command to real AWS whatever AWS_ENDPOINT_URL says (aws/aws-cli#8737).
AWS = """#!/bin/sh
{first}for word do
  case $word in --endpoint-url | --endpoint-url=*) {run} "$@" ;; esac
done
{run} ${{AWS_ENDPOINT_URL:+--endpoint-url "$AWS_ENDPOINT_URL"}} "$@"
"""
# The first call leaves a server for those that follow. No variable is set: it might be an exported one.
READY = """run() {{
  [ -S "${{0%/*}}/.aws/socket" ] && exec {python} -I -S "${{0%/*}}/.aws/ask.py" {aws} "$@"
  [ -w "${{0%/*}}/.aws" ] && exec {python} "${{0%/*}}/.aws/serve.py" {aws} "$@"
  exec {aws} "$@"
}}
"""
READY_AWS = Path(__file__).with_name("ready_aws")
MISSING = "#!/bin/sh\necho {message} >&2\nexit 127\n"
PYTHON = '#!/bin/sh\nexec {python} -u "$@"\n'  # no link: a virtual environment is found by the path that is run


def front(folder: Path, ready: bool = False) -> Path:
    """Make the folder that goes first on a PATH: its `aws` adds the endpoint, its `python` has boto3.

    `ready`: for calls that will come one after the other, and end together, the folder with them.
    """
    folder.mkdir()
    aws = real_aws()
    python = PYTHON.format(python=shlex.quote(os.path.normpath(sys.executable)))
    programs = {
        "aws": _aws(folder, aws, ready) if aws else MISSING.format(message=shlex.quote(NO_AWS)),
        "python": python,
        "python3": python,
    }
    for name, text in programs.items():
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o755)
    return folder


def _aws(folder: Path, aws: str, ready: bool) -> str:
    quoted = shlex.quote(aws)
    python = _python_of(Path(aws)) if ready else None
    if python is None:
        return AWS.format(first="", run=f"exec {quoted}")
    (folder / ".aws").mkdir()
    for file in READY_AWS.glob("*.py"):
        shutil.copyfile(file, folder / ".aws" / file.name)
    return AWS.format(first=READY.format(python=shlex.quote(python), aws=quoted), run="run")


def _python_of(aws: Path) -> str | None:
    """The interpreter of an AWS CLI that is a Python program, installed beside labgrade; None where it is not that."""
    if sys.platform != "linux" or aws.parent != Path(sys.executable).parent:
        return None
    try:
        first, _, rest = aws.read_bytes().partition(b"\n")
    except OSError:
        return None
    python = os.fsdecode(first.removeprefix(b"#!").strip())
    ours = first.startswith(b"#!") and Path(python).parent == aws.parent and Path(python).samefile(sys.executable)
    return python if ours and b"awscli.clidriver" in rest else None


def shown(files: Sequence[str]) -> list[Path]:
    """The programs that a box must show beside the system's own."""
    from grader.submissions import terraform

    names = ["bash", "jq", *(["terraform", "tofu"] if terraform.has_configuration(files) else [])]
    found = [real_aws(), *map(find, names)]
    return [Path(program) for program in found if program]


def search_path() -> list[str]:
    """The directories of the caller's PATH; no empty or relative ones, which mean the student's folder."""
    directories = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return list(dict.fromkeys(name for name in directories if Path(name).is_absolute()))


def real_aws() -> str | None:
    """The AWS CLI: the one installed beside labgrade, else the first on PATH."""
    return shutil.which("aws", path=str(Path(sys.executable).parent)) or find("aws")


def find(program: str) -> str | None:
    """The first program of that name on PATH that works without the caller's HOME."""
    for directory in search_path():
        found = shutil.which(program, path=directory)
        if found and (real := _behind_pyenv(Path(found))):
            return str(real)
    return None


def _behind_pyenv(found: Path) -> Path | None:
    """What a shim of pyenv, a script that needs pyenv's HOME, stands for; other files stand for themselves."""
    root = found.parent.parent
    if found.parent.name != "shims" or not (root / "versions").is_dir():
        return found
    chosen = os.environ.get("PYENV_VERSION") or _first_line(root / "version")
    versions = [root / "versions" / name for name in chosen.split(":")]
    versions += sorted((root / "versions").iterdir(), reverse=True)
    candidates = (version / "bin" / found.name for version in versions)
    return next((path for path in candidates if os.access(path, os.X_OK)), None)


def _first_line(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").split("\n")[0].strip()
    except OSError:
        return ""
