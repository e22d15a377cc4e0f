"""One workspace as it is remembered, and how it stands."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from grader.access import Access
from grader.texts import listed, say
from grader.workspace import control, folder
from grader.workspace.control import Line, Silent
from grader.workspace.folder import StateError

FILE = "workspace.json"
JOURNAL = "journal.jsonl"
KEEPER = "keeper.json"
OURS = "moto"  # the emulator that labgrade itself keeps; any other was there before


@dataclass(frozen=True)
class Workspace:
    """A lab's emulator with its starting state, and for whom it was prepared."""

    lab: str
    lab_folder: str
    title: str
    id: str
    emulator: str
    version: str
    endpoint: str
    account: str
    region: str
    access_key: str
    started_at: float
    parameters: dict[str, Any]
    services: tuple[str, ...] = ()
    student: str | None = None
    course: str | None = None
    facts: dict[str, Any] | None = None
    prepared: bool = False  # else `labgrade start` was broken off
    seed: str = ""
    keys: dict[str, str] = field(default_factory=dict)
    mends: str = ""

    @property
    def ours(self) -> bool:
        """Does labgrade hold its emulator?"""
        return self.emulator == OURS and bool(self.seed)

    @property
    def folder(self) -> Path:
        return folder.of(self.lab)

    @property
    def port(self) -> int:
        return int(self.endpoint.rpartition(":")[2])

    @property
    def since(self) -> str:
        """When it was started, as a clock on the wall says; with the date where that was not today."""
        then, now = time.localtime(self.started_at), time.localtime()
        today = (then.tm_year, then.tm_yday) == (now.tm_year, now.tm_yday)
        return time.strftime("%H:%M" if today else "%Y-%m-%d %H:%M", then)

    @property
    def access(self) -> Access:
        """The student's own."""
        return Access(self.endpoint, self.access_key, region=self.region, account=self.account)

    def line(self) -> Line:
        """To its keeper. Raises Silent where there is none, StateError where nobody can tell."""
        kept = folder.read(self.folder / KEEPER)
        if kept is None:
            raise Silent(say("it was stopped"))
        try:
            return Line(int(kept["port"]), str(kept["token"]))
        except (KeyError, TypeError, ValueError, OverflowError):
            raise Silent(say("nobody knows its keeper")) from None

    def standing(self) -> Standing:
        """How it is now."""
        if not self.ours:
            return Standing(running=True)
        try:
            with self.line() as line:
                told = line.ask("status", control.CONNECT_SECONDS)
            return Standing(bool(told.get("alive")), told.get("calls"), told.get("changes"), told.get("trouble", ""))
        except (Silent, StateError):
            return Standing(running=False, kept=not (self.folder / KEEPER).exists())

    def save(self) -> Workspace:
        """Raises StateError."""
        folder.write(self.folder / FILE, asdict(self))
        return self

    def with_(self, **changes: Any) -> Workspace:
        return replace(self, **changes)


@dataclass(frozen=True)
class Standing:
    """Whether its emulator runs; `calls` and `changes` of the student where somebody counts; whether it was stopped
    with `--keep`, or ended by itself; why what is done is not kept."""

    running: bool
    calls: int | None = None
    changes: int | None = None
    trouble: str = ""
    kept: bool = False


def find(lab: str) -> Workspace | None:
    """What is remembered of a lab's workspace, None where it has none. Raises StateError."""
    lab = lab.replace("_", "-").lower()
    path = folder.of(lab) / FILE
    kept = folder.read(path)
    if kept is None:
        return None
    workspace = None
    try:
        known = {one.name: kept[one.name] for one in fields(Workspace) if one.name in kept}
        workspace = Workspace(**{**known, "services": tuple(known.get("services", ()))})
        sound = all((workspace.endpoint.startswith("http"), workspace.since, workspace.parameters.keys() or True))
    except (TypeError, ValueError, AttributeError, OverflowError, OSError):
        sound = False
    if workspace is None or not sound:
        raise StateError(
            say("{path} is broken. `labgrade stop {lab}` clears it away; then start again.", path=str(path), lab=lab)
        )
    return workspace


def every() -> list[Workspace]:
    """All that can be read, by lab. Raises StateError where the folder itself cannot be."""
    found = []
    for lab in folder.all_labs():
        try:
            workspace = find(lab)
        except StateError:
            continue
        if workspace is not None and workspace.prepared:
            found.append(workspace)
    return found


def meant(lab: str | None, doing: str) -> Workspace:
    """The one that is named, else the only one that there is. Raises UsageError naming what there is."""
    from grader.errors import UsageError

    if lab is not None:
        workspace = find(lab)
        if workspace is None or not workspace.prepared:
            raise UsageError(say("{lab} has no workspace: `labgrade start {lab}` opens one.", lab=lab))
        return workspace
    open_ones = every()
    if not open_ones:
        raise UsageError(say("no workspace is open: `labgrade start LAB` opens one (labgrade list names the labs)."))
    if len(open_ones) > 1:
        names = [one.lab for one in open_ones]
        several = "{count} workspaces are open, {names}: say which one, as in `labgrade {doing} {first}`."
        raise UsageError(say(several, count=len(names), names=listed(names), doing=doing, first=names[0]))
    return open_ones[0]
