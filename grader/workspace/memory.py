"""What outlives a workspace: the best score of a lab, and the port that its emulator had."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from grader.workspace import folder
from grader.workspace.folder import StateError


@dataclass(frozen=True)
class Memory:
    """Of one lab. Scores are those of `student` in `course`; `last` is of the workspace with that id."""

    port: int | None = None
    student: str | None = None
    course: str | None = None
    workspace: str | None = None
    last: int | None = None
    best: int | None = None
    most: int = 100  # what `best` is of

    def at(self, port: int) -> Memory:
        """Where the emulator listens now."""
        return replace(self, port=port)

    def scored(self, *, student: str | None, course: str | None, workspace: str, score: int, most: int) -> Memory:
        """After one more grading."""
        best, of = score, most
        same = (self.student, self.course) == (student, course)
        if same and self.best is not None and self.best * most >= score * self.most:
            best, of = self.best, self.most
        return replace(self, student=student, course=course, workspace=workspace, last=score, best=best, most=of)


def recall(lab: str) -> Memory:
    """Empty where nothing is known: a memory is a comfort, and no reason to fail."""
    kinds: dict[str, Any] = dict.fromkeys(("port", "last", "best", "most"), int)
    with suppress(StateError):
        kept = folder.read(_path(lab)) or {}
        known = {field.name: kept[field.name] for field in fields(Memory) if field.name in kept}
        if all(value is None or isinstance(value, kinds.get(name, str)) for name, value in known.items()):
            return Memory(**known)
    return Memory()


def keep(lab: str, memory: Memory) -> None:
    """Where that cannot be, nothing is said: the score on the screen stands."""
    with suppress(StateError):
        path = _path(lab)
        folder.make(path.parent)
        folder.write(path, asdict(memory))


def bests() -> dict[str, Memory]:
    """Of every lab that was ever graded; none where nobody can tell."""
    found = {}
    with suppress(StateError, OSError):
        for path in (folder.root() / "memory").iterdir():
            memory = recall(unquote(path.stem))
            if path.suffix == ".json" and memory.best is not None:
                found[unquote(path.stem)] = memory
    return found


def _path(lab: str) -> Path:
    return folder.root() / "memory" / f"{quote(lab, safe='')}.json"
