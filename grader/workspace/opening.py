"""Opens, reopens and ends workspaces."""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.access import ACCOUNT, Access
from grader.errors import EmulatorError, LabError, UsageError
from grader.lab import Lab
from grader.texts import Text, say
from grader.workspace import folder, memory, news, record
from grader.workspace.control import Silent
from grader.workspace.folder import StateError
from grader.workspace.record import JOURNAL, KEEPER, OURS, Workspace

PORT = 4566
ENDING_SECONDS = 10.0
ROOT = str(Path(__file__).resolve().parents[2])
COMMAND = (
    f"import sys; {ROOT!r} in sys.path or sys.path.insert(0, {ROOT!r}); "
    "from grader.workspace.keeper import main; main()"
)


@dataclass(frozen=True)
class Opened:
    """A workspace, and what there is to say about how it came to be."""

    workspace: Workspace
    news: tuple[Text, ...] = ()
    again: bool = False  # it was open already


@dataclass(frozen=True)
class Wish:
    """How a workspace is to be opened."""

    student: str | None = None
    course: str | None = None
    port: int | None = None
    endpoint_url: str | None = None
    emulator: str | None = None
    allow_host: bool = False

    @property
    def found(self) -> bool:
        """In an emulator that is running already?"""
        return self.endpoint_url is not None or self.emulator not in (None, OURS)


def start(lab: Lab, wish: Wish) -> Opened:
    """Open it, bring it back, or find it open. Raises UsageError, EmulatorError and LabError."""
    with folder.locked(folder.of(lab.id)):
        before = record.find(lab.id)
        if before is None or not before.prepared:
            _clear(lab.id)  # a start that was broken off has left nothing of the student's
            return _found(lab, wish) if wish.found else _fresh(lab, wish, _ports(lab.id, wish))
        _refuse_another(before, wish)
        if before.standing().running:
            return Opened(before, again=True)
        return _back(before, wish)


def reset(workspace: Workspace, lab: Lab) -> Opened:
    """Start over, on the same port, for the same student."""
    wish = Wish(workspace.student, workspace.course)
    with folder.locked(workspace.folder):
        if not workspace.ours:
            return Opened(_prepared(lab, workspace, workspace.access))
        _clear(workspace.lab)
        return _fresh(lab, wish, [workspace.port, 0])


def stop(lab: str, *, keep: bool = False) -> None:
    """End it; with `keep`, it can be brought back. An emulator that was there before is left as it is."""
    with folder.locked(folder.of(lab)):
        if keep:
            _end_keeper(lab)
        else:
            _clear(lab)
            folder.of(lab).rmdir()


def _refuse_another(before: Workspace, wish: Wish) -> None:
    if wish.student and (wish.student, wish.course or before.course) != (before.student, before.course):
        raise UsageError(news.for_another(before))
    elsewhere = wish.found and before.ours
    moved = wish.endpoint_url is not None and wish.endpoint_url.rstrip("/") != before.endpoint
    if elsewhere or moved or (wish.port and wish.port != before.port):
        raise UsageError(news.elsewhere(before))


def _ports(lab: str, wish: Wish) -> list[int]:
    """Where to listen, by preference; 0 is any."""
    if wish.port:
        return [wish.port]
    remembered = memory.recall(lab).port
    return list(dict.fromkeys([PORT, *([remembered] if remembered else []), 0]))


def _fresh(lab: Lab, wish: Wish, ports: Sequence[int]) -> Opened:
    keys = {by: f"LABGRADE{secrets.token_hex(6).upper()}" for by in ("grader", "scenario")}
    draft = Workspace(
        lab=lab.id,
        lab_folder=str(lab.folder),
        title=lab.title,
        id=secrets.token_hex(8),
        emulator=OURS,
        version="",
        endpoint="http://127.0.0.1:0",
        account=ACCOUNT,
        region=lab.region,
        access_key=ACCOUNT,
        started_at=time.time(),
        parameters=dict(lab.values(wish.student, wish.course)),
        services=lab.services,
        student=wish.student,
        course=wish.course,
        seed=secrets.token_hex(8),
        keys=keys,
    ).save()
    try:
        held, _ = _held(draft, ports)
        access = Access(held.endpoint, keys["scenario"], region=held.region, account=held.account)
        workspace = _prepared(lab, held, access)
    except BaseException:
        _clear(lab.id)
        raise
    return Opened(workspace, (news.another_port(ports[0], workspace),) if workspace.port != ports[0] else ())


def _back(before: Workspace, wish: Wish) -> Opened:
    """What was done is done again, with the same ids."""
    held, replayed = _held(before, [wish.port] if wish.port else [before.port, 0])
    held.save()
    return Opened(held, tuple(news.came_back(before, held, replayed)))


def _found(lab: Lab, wish: Wish) -> Opened:
    """In an emulator that was there before us, and will be after."""
    import os

    from grader.emulators import live

    if wish.port:
        raise UsageError(say("--port is for an emulator of labgrade's own; leave it out, or leave out the other."))
    environ = {**os.environ, "AWS_REGION": lab.region}
    if wish.endpoint_url is None:
        environ.pop("AWS_ENDPOINT_URL", None)  # --emulator names where that one usually is
    found = live.find(
        endpoint_url=wish.endpoint_url, emulator=wish.emulator, allow_host=wish.allow_host, environ=environ
    ).emulator
    access = found.access
    workspace = Workspace(
        lab=lab.id,
        lab_folder=str(lab.folder),
        title=lab.title,
        id=secrets.token_hex(8),
        emulator=found.name,
        version=found.version,
        endpoint=access.endpoint,
        account=access.account,
        region=access.region,
        access_key=access.access_key,
        started_at=time.time(),
        parameters=dict(lab.values(wish.student, wish.course)),
        services=lab.services,
        student=wish.student,
        course=wish.course,
    )
    folder.make(workspace.folder)
    return Opened(_prepared(lab, workspace, access))


def _prepared(lab: Lab, workspace: Workspace, access: Access) -> Workspace:
    """With the lab's starting state. Raises LabError."""
    facts = None
    if lab.prepare is not None:
        from grader import engine
        from grader.aws import Aws

        facts = engine.prepare(lab, Aws(_Place(access)), workspace.parameters)
        try:
            facts = json.loads(json.dumps(facts))
        except (TypeError, ValueError) as error:
            raise LabError(f"{lab.folder / 'scenario.py'}: facts are strings, numbers, lists: {error}") from None
    return workspace.with_(facts=facts, prepared=True).save()


class _Place:
    """All that a scenario needs of an emulator."""

    def __init__(self, access: Access) -> None:
        self.access = access

    def fork(self) -> Any:
        """Never asked for."""
        raise NotImplementedError


def _held(workspace: Workspace, ports: Sequence[int]) -> tuple[Workspace, dict[str, Any]]:
    """With a keeper in the background; its journal, if there is one, done again."""
    settings = {
        "folder": str(workspace.folder),
        "token": secrets.token_hex(16),
        "ports": list(ports),
        "region": workspace.region,
        "services": list(workspace.services),
        "record": {"journal": str(workspace.folder / JOURNAL), "seed": workspace.seed, "keys": workspace.keys},
    }
    answer = _spawned(workspace.folder, settings)
    if "error" in answer:
        raise EmulatorError(answer["error"])
    memory.keep(workspace.lab, memory.recall(workspace.lab).at(answer["port"]))
    endpoint = f"http://127.0.0.1:{answer['port']}"
    held = workspace.with_(endpoint=endpoint, version=answer["version"], mends=answer["mends"])
    return held, answer["replayed"]


def _spawned(place: Path, settings: dict[str, Any]) -> dict[str, Any]:
    """Begin a keeper that outlives this process; what it answers."""
    from grader.workspace.detached import environment, how

    with folder.telling(place), (place / "keeper.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", "-c", COMMAND],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=environment(),
            cwd=place,
            **how(),
        )
    try:
        answer: dict[str, Any] = json.loads(_asked(process, settings))
    except ValueError:
        words = (place / "keeper.log").read_text("utf-8", "replace").strip().splitlines()
        raise EmulatorError(
            say("the emulator could not be kept: {what}", what=words[-1] if words else say("it ended"))
        ) from None
    except BaseException:
        process.kill()
        raise
    return answer


def _asked(process: subprocess.Popen[bytes], settings: dict[str, Any]) -> bytes:
    """What it says before it closes its standard output, which is not its end."""
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdout, suppress(BrokenPipeError):
        with process.stdin:
            process.stdin.write(json.dumps(settings).encode())
        return process.stdout.read()
    return b""


def _clear(lab: str) -> None:
    """End its keeper and forget it. Raises StateError."""
    place = folder.of(lab)
    _end_keeper(lab)
    with folder.telling(place):
        for _ in range(20):
            with suppress(FileNotFoundError):
                shutil.rmtree(place, ignore_errors=sys.platform == "win32")
            if not place.exists():
                break
            time.sleep(0.1)  # Windows lets go of a process's files a moment after it
        place.mkdir(mode=0o700, exist_ok=True)


def _end_keeper(lab: str) -> None:
    place = folder.of(lab)
    with suppress(Silent, StateError, TypeError, KeyError, ValueError):
        kept = folder.read(place / KEEPER)
        if kept is None:
            return
        from grader.workspace.control import Line

        with Line(int(kept["port"]), str(kept["token"])) as line:
            line.ask("stop", ENDING_SECONDS)
    with suppress(OSError):
        (place / KEEPER).unlink()
