"""Where workspaces are remembered: a folder of the user's own, for nobody else to read."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from grader.errors import UsageError
from grader.texts import say

LOCK_SECONDS = 120.0


class StateError(UsageError):
    """What labgrade remembers cannot be read or written: the message names the folder and the cure."""


def root(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder for everything that labgrade remembers. Raises StateError where there is no home for it."""
    if place := _absolute(environ.get("XDG_STATE_HOME")):
        return place / "labgrade"
    if sys.platform == "win32" and (place := _absolute(environ.get("LOCALAPPDATA"))):
        return place / "labgrade"
    if home := _absolute(environ.get("HOME") or environ.get("USERPROFILE")):
        return home / ".local" / "state" / "labgrade"
    raise StateError(
        say("there is no home directory to remember a workspace in: set HOME, or XDG_STATE_HOME to a folder.")
    )


def of(lab: str) -> Path:
    """The folder of a lab's workspace, whether it is there or not."""
    return root() / "workspaces" / quote(lab, safe="")


def all_labs() -> list[str]:
    """The labs that have a workspace's folder. Raises StateError where nobody can tell."""
    place = root() / "workspaces"
    try:
        return sorted(unquote(entry.name) for entry in place.iterdir() if entry.is_dir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _unusable(place, error) from None


def make(folder: Path) -> None:
    """With its parents, for nobody but this user. Raises StateError."""
    with telling(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        for place in (root(), root() / "workspaces", folder):
            place.mkdir(exist_ok=True)
            _refuse_strangers(place)
            place.chmod(0o700)


def write(path: Path, value: Mapping[str, Any]) -> None:
    """The whole or nothing: who reads never sees half of it. Raises StateError."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with telling(path):
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(value, file, ensure_ascii=False, indent=1)
            draft.replace(path)
        except BaseException:
            with suppress(OSError):
                draft.unlink()
            raise


def read(path: Path) -> dict[str, Any] | None:
    """What was written there, None where nothing was. Raises StateError."""
    try:
        value = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _unusable(path, error) from None
    except (ValueError, RecursionError):
        raise StateError(say("{path} is broken: it is no JSON.", path=str(path))) from None
    if not isinstance(value, dict):
        raise StateError(say("{path} is broken: it is no JSON object.", path=str(path)))
    return value


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One command at a time opens or ends this workspace; the lock ends with its process, however that ends."""
    import sqlite3  # the standard library's one lock between processes that is the same on every system

    make(folder.parent / folder.name)
    lock = folder.with_name(f"{folder.name}.lock")
    try:
        connection = sqlite3.connect(lock, timeout=LOCK_SECONDS, isolation_level=None)
        try:
            connection.execute("BEGIN EXCLUSIVE")
            yield
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise StateError(
            say(
                "{lock} cannot be locked ({error}): is another labgrade at work, or the disk full?",
                lock=str(lock),
                error=str(error),
            )
        ) from None


@contextmanager
def telling(path: Path) -> Iterator[None]:
    """An OSError inside becomes a StateError that names the path."""
    try:
        yield
    except OSError as error:
        raise _unusable(path, error) from None


def _unusable(path: Path, error: OSError) -> StateError:
    where = error.filename or path
    return StateError(
        say(
            "{where}: {reason}. labgrade remembers workspaces there; XDG_STATE_HOME names another place.",
            where=str(where),
            reason=error.strerror or str(error),
        )
    )


def _refuse_strangers(place: Path) -> None:
    if hasattr(os, "getuid") and place.stat().st_uid != os.getuid():
        raise StateError(
            say(
                "{place} belongs to another user of this machine (was it made with sudo?): give it back to "
                "yourself, or name another place in XDG_STATE_HOME.",
                place=str(place),
            )
        )


def _absolute(text: str | None) -> Path | None:
    return Path(text) if text and Path(text).is_absolute() else None
