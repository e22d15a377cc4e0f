"""The files of a submission: which count, which are left out, and their fingerprint."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.contents import digest, is_junk
from grader.errors import NotGradable
from grader.texts import Text, say

# No link is followed, and no pipe waited for, should one have taken a file's place since it was looked at.
CAREFUL = os.O_RDONLY | sum(getattr(os, flag, 0) for flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))

MAX_FILES = 1_000
MAX_BYTES = 20 * 1024 * 1024
MAX_DEPTH = 20
MAX_LOOKED_AT = 20_000  # names, junk included: what is handed in by mistake may be a whole disk


@dataclass
class Inventory:
    """What a folder holds: the files that count, relative with forward slashes, and what is left out."""

    root: Path
    files: list[str] = field(default_factory=list)
    junk: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)  # links, devices, pipes: never followed, never opened

    def top(self) -> list[str]:
        """The files that lie in the root itself."""
        return [name for name in self.files if "/" not in name]

    def notes(self) -> list[Text]:
        """What the report says about what was left out."""
        notes = []
        if self.junk:
            notes.append(say("Left out, as no part of the work: {names}.", names=_few(self.junk)))
        if self.odd:
            cure = "Links and special files are left out: {names}. Hand in the files themselves."
            notes.append(say(cure, names=_few(self.odd)))
        return notes


def take_stock(root: Path) -> Inventory:
    """Everything under the folder, within bounds; no link is followed. Raises NotGradable."""
    inventory = Inventory(root)
    size = 0
    for looked_at, (name, entry) in enumerate(_walk(root, "")):
        if looked_at >= MAX_LOOKED_AT:
            raise NotGradable(
                say(
                    "{root}: more than {max_looked_at} names; hand in only the work itself.",
                    root=shown(root),
                    max_looked_at=MAX_LOOKED_AT,
                )
            )
        if is_junk(entry.name, folder=entry.is_dir(follow_symlinks=False)):
            inventory.junk.append(name)
        elif entry.is_symlink() or not (entry.is_file() or entry.is_dir()):
            inventory.odd.append(name)
        elif entry.is_file():
            inventory.files.append(name)
            size += entry.stat(follow_symlinks=False).st_size
            _check_bounds(root, len(inventory.files), size)
    inventory.files.sort(key=os.fsencode)
    return inventory


LINK, DEVICE = say("a link"), say("a device or a pipe")


def special(path: Path) -> Text | None:
    """What stands there that is neither file nor folder: a link, wherever it leads, a device, a pipe."""
    if path.is_symlink():
        return LINK
    return None if path.is_file() or path.is_dir() else DEVICE


def read_bytes(root: Path, name: str) -> bytes:
    """The content of a regular file of the submission. Raises NotGradable."""
    path = root / name
    try:
        with os.fdopen(os.open(path, CAREFUL), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise NotGradable(say("{path}: not a file that can be read; hand in a plain file.", path=shown(path)))
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise NotGradable(say("{path}: cannot be read ({reason}).", path=shown(path), reason=error.strerror)) from None
    _check_bounds(path, 1, len(content))
    return content


def fingerprint(root: Path, files: Sequence[str]) -> str:
    """The digest of these files; what their names are not text for goes in as the bytes that they are."""
    return digest((name, read_bytes(root, name)) for name in files)


def shown(name: str | Path) -> str:
    """A path as it can stand in a message: one line, and bytes that are no text as escapes."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _walk(root: Path, prefix: str, depth: int = 0) -> Iterator[tuple[str, os.DirEntry[str]]]:
    if depth > MAX_DEPTH:
        raise NotGradable(
            say("{prefix}: folders lie more than {max_depth} deep.", prefix=shown(root / prefix), max_depth=MAX_DEPTH)
        )
    try:
        with os.scandir(root / prefix) as entries:
            found = sorted(entries, key=lambda entry: os.fsencode(entry.name))
    except OSError as error:
        raise NotGradable(
            say("{prefix}: cannot be read ({reason}).", prefix=shown(root / prefix), reason=error.strerror)
        ) from None
    for entry in found:
        yield prefix + entry.name, entry
        if entry.is_dir(follow_symlinks=False) and not is_junk(entry.name, folder=True):
            yield from _walk(root, f"{prefix}{entry.name}/", depth + 1)


def _check_bounds(path: Path, files: int, size: int) -> None:
    if files > MAX_FILES:
        raise NotGradable(
            say(
                "{path}: more than {max_files} files; hand in only the work itself.",
                path=shown(path),
                max_files=MAX_FILES,
            )
        )
    if size > MAX_BYTES:
        raise NotGradable(
            say(
                "{path}: more than {max_bytes} MiB; hand in only the work itself.",
                path=shown(path),
                max_bytes=MAX_BYTES >> 20,
            )
        )


def _few(names: Sequence[str]) -> list[str | Text]:
    first: list[str | Text] = [shown(name) for name in names[:6]]
    return first if len(names) <= 6 else [*first, say("and {count} more", count=len(names) - 6)]
