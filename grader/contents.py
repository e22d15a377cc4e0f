"""What files hold, as one number: the same on every machine, whatever junk lies beside them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

JUNK = frozenset({"__pycache__", "__MACOSX", ".DS_Store", ".git", ".venv", ".terraform", ".mypy_cache", ".ruff_cache"})


def digest(files: Iterable[tuple[str, bytes]]) -> str:
    """SHA-256, in hex, over sorted (path, content) pairs, each part behind its length: no two sets read alike."""
    whole = hashlib.sha256()
    for name, content in sorted(files):
        for part in (name.encode("utf-8", "surrogateescape"), content):
            whole.update(len(part).to_bytes(8, "big"))
            whole.update(part)
    return whole.hexdigest()


def tree(folder: Path, leave_out: frozenset[str] = JUNK) -> Iterator[tuple[str, bytes]]:
    """(path with forward slashes, content) of every plain file below `folder`, links not followed."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in leave_out)
        for name in sorted(names):
            path = Path(parent, name)
            if name not in leave_out and path.is_file() and not path.is_symlink():
                yield path.relative_to(folder).as_posix(), path.read_bytes()
