"""What files hold, as one number: the same on every machine, whatever junk lies beside them."""

from __future__ import annotations

import fnmatch
import hashlib
import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

# What tools and archives leave behind, and nobody wrote.
JUNK_FOLDERS = frozenset(
    [
        "__MACOSX",
        ".git",
        ".svn",
        ".hg",
        ".venv",
        "venv",
        "__pycache__",
        ".ipynb_checkpoints",
        ".pytest_cache",
        ".mypy_cache",
        ".ruff_cache",
        ".tox",
        ".terraform",
        ".aws-sam",
        "node_modules",
        ".idea",
        ".vscode",
    ]
)
JUNK_FILES = (
    *(".DS_Store", "._*", "Thumbs.db", "desktop.ini", "*.pyc", "*.swp", "*~"),
    *("*.tfstate", "*.tfstate.*", ".terraform.lock.hcl", ".terraform.tfstate.lock.info"),
)


def is_junk(name: str, *, folder: bool) -> bool:
    """Was a file or folder of that name left behind by a tool or an archive?"""
    return name in JUNK_FOLDERS if folder else any(fnmatch.fnmatchcase(name, pattern) for pattern in JUNK_FILES)


def digest(files: Iterable[tuple[str, bytes]]) -> str:
    """SHA-256, in hex, over the sorted (path, content) pairs.

    Each path (its bytes, with forward slashes) and each content goes in as its length, eight bytes with the highest
    first, and itself: no two sets of files have one encoding.
    """
    whole = hashlib.sha256()
    for name, content in sorted((os.fsencode(name), content) for name, content in files):
        for part in (name, content):
            whole.update(len(part).to_bytes(8, "big"))
            whole.update(part)
    return whole.hexdigest()


def tree(folder: Path, leave_out: Collection[str] = ()) -> Iterator[tuple[str, bytes]]:
    """(path with forward slashes, content) of every plain file below `folder`, less junk; links are not followed."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in leave_out and not is_junk(name, folder=True))
        for name in sorted(names):
            path = Path(parent, name)
            if not is_junk(name, folder=False) and path.is_file() and not path.is_symlink():
                yield path.relative_to(folder).as_posix(), path.read_bytes()
