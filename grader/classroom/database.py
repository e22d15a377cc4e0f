"""The results of a class, in one SQLite file: each is there for good in the moment that it is known.

Gradings are kept by a key over all that decides them, so that nothing is graded twice, and a plan is laid over them
that says whose they are. One process writes at a time; SQLite's own lock sees to it, and a kill frees it.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from grader.errors import LabgradeError, UsageError
from grader.report import ReportJson

NAME = "labgrade.sqlite"
VERSION = 1
_APPLICATION = 0x6C616267  # "labg"
_BEGINNING = (  # in one transaction: a kill leaves all of it or nothing
    "CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS attempt (place INTEGER PRIMARY KEY, value BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS grading (key TEXT PRIMARY KEY, report BLOB, fault TEXT, seconds REAL NOT NULL, "
    "at TEXT NOT NULL, again INTEGER NOT NULL)",
    f"PRAGMA application_id = {_APPLICATION}",
    f"PRAGMA user_version = {VERSION}",
)


class CannotKeep(LabgradeError):
    """The results cannot be written: a full disk, a broken one. What was written before is there."""


@dataclass(frozen=True)
class Grading:
    """A report, or the fault of ours for which there is none. `again` asks for another that takes its place."""

    key: str
    report: ReportJson | None
    fault: str | None
    seconds: float
    again: bool = False

    @property
    def settled(self) -> bool:
        """Is there nothing more to do about it?"""
        return self.fault is None and not self.again


class Database:
    """Open it with `open_for_writing` or `open_for_reading`; close it, or use it as a context manager."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def lay(self, kept: Mapping[str, Any], attempts: Sequence[Any]) -> None:
        """Put the plan in place of the last one, whole or not at all. Gradings stay."""
        with self._writing():
            self._connection.executemany(
                "INSERT OR REPLACE INTO kept VALUES (?, ?)", [(name, _packed(value)) for name, value in kept.items()]
            )
            self._connection.execute("DELETE FROM attempt")
            self._connection.executemany(
                "INSERT INTO attempt (value) VALUES (?)", [(_packed(attempt),) for attempt in attempts]
            )

    def kept(self, name: str) -> Any:
        """What was laid under that name; None where nothing was."""
        row = self._connection.execute("SELECT value FROM kept WHERE name = ?", (name,)).fetchone()
        return None if row is None else _unpacked(row[0])

    def attempts(self) -> list[Any]:
        rows = self._connection.execute("SELECT value FROM attempt ORDER BY place")
        return [_unpacked(value) for (value,) in rows]

    def put(self, gradings: Sequence[Grading]) -> None:
        """Keep them for good, with one sync of the disk. A fault takes no report's place."""
        now = datetime.now(UTC).isoformat()
        values = [
            (one.key, None if one.report is None else _packed(one.report), one.fault, one.seconds, now)
            for one in gradings
        ]
        with self._writing():
            self._connection.executemany(
                "INSERT INTO grading VALUES (?, ?, ?, ?, ?, 0) ON CONFLICT (key) DO UPDATE SET "
                "report = coalesce(excluded.report, report), fault = excluded.fault, seconds = excluded.seconds, "
                "at = excluded.at, again = 0",
                values,
            )

    def ask_again(self, keys: Collection[str]) -> None:
        """From now on these are to be graded anew; until then the old results count."""
        with self._writing():
            self._connection.executemany("UPDATE grading SET again = 1 WHERE key = ?", [(key,) for key in keys])

    def grading(self, key: str) -> Grading | None:
        row = self._connection.execute(f"{_SELECT} WHERE key = ?", (key,)).fetchone()
        return None if row is None else _grading(row)

    def states(self) -> dict[str, Grading]:
        """Every grading by its key, without its report."""
        rows = self._connection.execute("SELECT key, NULL, fault, seconds, again FROM grading")
        return {row[0]: _grading(row) for row in rows}

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            with self._connection:
                yield
        except sqlite3.Error as error:
            raise CannotKeep(
                f"{self.path}: cannot be written ({error}); what was graded before is kept. "
                "Make room, and run it again."
            ) from None


_SELECT = "SELECT key, report, fault, seconds, again FROM grading"


def open_for_writing(folder: Path) -> Database:
    """The results in that folder, begun where there are none. Raises UsageError."""
    path = folder / NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        connection = _connected(path)
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN IMMEDIATE")  # takes the lock, and tells a folder that is read-only
        _check(path, connection)
        for statement in _BEGINNING:
            connection.execute(statement)
        connection.commit()
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written: {error.strerror}; --out names another folder.") from None
    except sqlite3.Error as error:
        raise UsageError(_refused(path, error)) from None
    return Database(path, connection)


def open_for_reading(where: Path) -> Database:
    """The results in that folder, or in that file. Raises UsageError."""
    path = where / NAME if where.is_dir() else where
    if not path.is_file():
        raise UsageError(f"{where}: holds no results of labgrade grade ({NAME} is not there).")
    try:
        connection = _connected(path)
        connection.execute("PRAGMA query_only = 1")
        _check(path, connection)
        connection.execute("SELECT count(*) FROM grading")
    except sqlite3.Error as error:
        raise UsageError(_refused(path, error)) from None
    return Database(path, connection)


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=1, check_same_thread=False)
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _check(path: Path, connection: sqlite3.Connection) -> None:
    """Raise UsageError where a newer labgrade, or none, has written it."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and application != _APPLICATION:
        raise UsageError(f"{path}: is no file of labgrade's; --out names another folder.")
    if version > VERSION:
        raise UsageError(
            f"{path}: a newer labgrade has written it (its form is {version}, and this one knows {VERSION}): "
            "update labgrade, or name another folder with --out."
        )


def _refused(path: Path, error: sqlite3.Error) -> str:
    if "locked" in str(error):
        return f"{path}: another labgrade is grading into it; wait until it ends, or name another folder with --out."
    return f"{path}: {error}; --out names another folder."


def _grading(row: tuple[Any, ...]) -> Grading:
    key, report, fault, seconds, again = row
    return Grading(key, None if report is None else _unpacked(report), fault, seconds, bool(again))


def _packed(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(text.encode("utf-8", "surrogatepass"))


def _unpacked(value: bytes) -> Any:
    return json.loads(zlib.decompress(value).decode("utf-8", "surrogatepass"))
