"""LocalStack's index of AWS's services, made once: it takes four seconds of the first request, each time, without."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from grader import cache

WITHIN = Path("usr/lib/localstack")  # below FILESYSTEM_ROOT, where it is looked for
MODULE = "localstack.aws.spec"  # run as a program it writes it there: LocalStack 4.14.0
SECONDS = 120


def index(python: Path) -> Path | None:
    """The folder with it, for the LocalStack of that Python; None where it cannot be made or kept."""
    with suppress(OSError, subprocess.SubprocessError):
        made = cache.folder() / "localstack" / _key(python)
        if not made.exists():
            made.parent.mkdir(parents=True, exist_ok=True)
            _make(python, made)
        return made / WITHIN
    return None


def _key(python: Path) -> str:
    """Another one after each installation there."""
    folders = sorted(python.parents[1].glob("lib/python3*/site-packages"))
    told = [str(python), *(f"{folder} {folder.stat().st_mtime_ns}" for folder in folders)]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


def _make(python: Path, made: Path) -> None:
    with tempfile.TemporaryDirectory(dir=made.parent) as begun:
        root = Path(begun) / "root"
        (root / WITHIN).mkdir(parents=True)
        command = [str(python), "-m", MODULE]
        subprocess.run(command, env=_environment(root), capture_output=True, check=True, timeout=SECONDS, cwd="/")
        for path in (root / WITHIN).iterdir():
            path.chmod(0o644)  # in the box somebody else reads it
        (root / WITHIN).chmod(0o755)
        shutil.rmtree(root / "home", ignore_errors=True)
        try:
            root.rename(made)
        except OSError:
            if not made.exists():  # else another one was quicker
                raise


def _environment(root: Path) -> Mapping[str, str]:
    return {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(root / "home"),
        "FILESYSTEM_ROOT": str(root),
        "OVERRIDE_IN_DOCKER": "0",
        "DISABLE_EVENTS": "1",
    }
