"""What of this machine a submission may read, as rules for Landlock, which can let in and never take back."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

from grader.sandbox.bwrap.mounts import Mounts

DEVICES = tuple(f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom"))


class Reach(Mounts):
    """The same calls as a box's mounts. What hides a folder there has its neighbours let in one by one here."""

    def __init__(self) -> None:
        super().__init__()
        self._hidden: set[Path] = set()

    def bind(self, path: Path, source: Path | None = None) -> None:
        """Let it be read."""
        if not self.shows(path) and path.exists():
            self._bound.add(path)
            self._made.update(path.parents)

    def link(self, path: Path, target: str) -> None:
        """Landlock judges what a link leads to."""
        self._bound.add(path)
        self._made.update(path.parents)

    def only(self, folder: Path, names: Iterable[str]) -> None:
        """Of a folder of packages all but ours: what is seen and may not be read is no missing module to Python."""
        self._hidden |= {folder.resolve() / name for name in _ours()}
        self._bound.add(folder)
        self._made.update(folder.parents)

    def rules(self) -> dict[str, list[str]]:
        """`read`: with all that lies below; `list`: the names alone, of the files below, too; `use`: the devices."""
        read: list[str] = []
        listed: list[str] = []
        for path in {bound.resolve() for bound in self._bound}:
            self._open(path, read, listed)
        return {"read": read, "list": listed, "use": list(DEVICES)}

    def _open(self, path: Path, read: list[str], listed: list[str]) -> None:
        if path in self._hidden:
            return
        if any(path in hidden.parents for hidden in self._hidden):
            listed.append(str(path))
            for entry in path.iterdir():
                if not entry.is_symlink():
                    self._open(entry, read, listed)
        else:
            read.append(str(path))


@cache
def _ours() -> tuple[str, ...]:
    """Packages that are none of a submission's business: the grader, its emulator, and labs."""
    labs = (point.value.partition(":")[0].partition(".")[0] for point in entry_points(group="labgrade.labs"))
    return ("grader", "moto", *labs)
