"""What a box shows of this machine, as arguments of bubblewrap."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

MIB = 1 << 20


class Mounts:
    """Built from an empty, read-only root. Parents are made by us: bubblewrap's own would be closed to the student."""

    def __init__(self) -> None:
        self._arguments: list[str] = []
        self._made = {Path("/")}
        self._bound: set[Path] = set()
        self._sealed: list[Path] = [Path("/")]
        self.interpreters: set[Path] = set()  # those that are complete

    def shows(self, path: Path) -> bool:
        """Is it in the box, at its own place?"""
        return any(path == bound or bound in path.parents for bound in self._bound)

    def knows(self, path: Path) -> bool:
        """Is there such a folder in the box?"""
        return path in self._made or self.shows(path)

    def bind(self, path: Path, source: Path | None = None) -> None:
        """Show it, read-only. Nothing where it is there already, or not on this machine."""
        source = source or path
        if self.shows(path) or not source.exists():
            return
        self._parents(path)
        self._arguments += ["--ro-bind", str(source), str(path)]
        self._bound.add(path)

    def link(self, path: Path, target: str) -> None:
        """A symbolic link."""
        if not self.shows(path):
            self._parents(path)
            self._arguments += ["--symlink", target, str(path)]
            self._bound.add(path)

    def like(self, path: Path) -> None:
        """Show a system's folder as it is, be it a folder or a link to one."""
        if path.is_symlink():
            self.link(path, os.readlink(path))  # noqa: PTH115
        elif path.is_dir():
            self.bind(path)

    def only(self, folder: Path, names: Iterable[str]) -> None:
        """Of that folder nothing but these entries."""
        self._parents(folder)
        self._arguments += ["--perms", "0755", "--tmpfs", str(folder)]
        self._made.add(folder)
        self._bound = {bound for bound in self._bound if bound != folder}
        for name in names:
            if (folder / name).exists():
                self._arguments += ["--ro-bind", str(folder / name), str(folder / name)]
        self._sealed.append(folder)

    def writable(self, folder: Path, mib: int) -> None:
        """An empty folder that takes so much, in memory."""
        self._parents(folder)
        self._arguments += ["--perms", "1777", "--size", str(mib * MIB), "--tmpfs", str(folder)]
        self._made.add(folder)

    def devices(self) -> None:
        """The harmless ones."""
        for name in ("null", "zero", "full", "random", "urandom"):
            path = Path("/dev") / name
            self._parents(path)
            self._arguments += ["--dev-bind", str(path), str(path)]
        for name, target in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
            self._arguments += ["--symlink", f"/proc/self/fd{target}", f"/dev/{name}"]

    def arguments(self) -> list[str]:
        """All of it, and then no more: what is not writable by intent is closed."""
        sealed = [word for folder in reversed(self._sealed) for word in ("--remount-ro", str(folder))]
        return [*self._arguments, "--proc", "/proc", *sealed]

    def _parents(self, path: Path) -> None:
        for parent in reversed(path.parents):
            if parent not in self._made and not self.shows(parent):
                self._arguments += ["--perms", "0755", "--dir", str(parent)]
                self._made.add(parent)
