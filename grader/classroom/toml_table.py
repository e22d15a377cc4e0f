"""A TOML file read strictly: every complaint names its line and its key, and all of them are gathered."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import Any

from grader.errors import UsageError

_HEADER = re.compile(r"""\s*\[(\[)?\s*["']?([\w-]+)["']?\s*\]""")
_MOST_SHOWN = 20


@dataclass
class Document:
    """The whole file, and what is wrong with it so far."""

    path: str
    text: str
    values: dict[str, Any]
    problems: list[tuple[int, str]] = field(default_factory=list)

    @classmethod
    def parse(cls, path: Path | str, content: bytes) -> Document:
        """Raises UsageError for what is no TOML."""
        try:
            text = content.decode("utf-8-sig")
            return cls(str(path), text, tomllib.loads(text.replace("\r\n", "\n")))
        except UnicodeDecodeError:
            raise UsageError(f"{path}: is not UTF-8 text; save it as UTF-8.") from None
        except RecursionError:
            raise UsageError(f"{path}: is nested too deeply.") from None
        except tomllib.TOMLDecodeError as error:
            raise UsageError(f"{path}: is not TOML: {error}") from None

    def complain(self, line: int, message: str) -> None:
        self.problems.append((line, message))

    def check(self) -> None:
        """Raise UsageError with every complaint, a line each, where there is one."""
        told = [f"{self.path}:{line}: {message}" for line, message in sorted(self.problems)]
        if len(told) > _MOST_SHOWN:
            told[_MOST_SHOWN:] = [f"{self.path}: and {len(told) - _MOST_SHOWN} more"]
        if told:
            raise UsageError("\n".join(told))

    def top(self) -> Table:
        return Table(self, "", 0, self.values)

    def table(self, name: str) -> Table:
        """The table of that name; an empty one where there is none."""
        value = self.values.get(name, {})
        if not isinstance(value, dict):
            self.complain(self.line_of(name), f"{name}: is a table, [{name}]")
            value = {}
        return Table(self, name, 0, value)

    def tables(self, name: str) -> list[Table]:
        """The tables of an array of tables."""
        value = self.values.get(name, [])
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            self.complain(self.line_of(name), f"{name}: is a list of tables, each of them under [[{name}]]")
            return []
        return [Table(self, name, number, each) for number, each in enumerate(value)]

    def line_of(self, name: str, number: int = 0, key: str = "") -> int:
        """Where a key of the `number`th table of that name stands; the table's own line where that is not to be seen.

        TOML's reader keeps no places, so this looks for them; inline tables are all found at their name.
        """
        current, seen, found = "", -1, 1
        for line, text in enumerate(self.text.splitlines(), 1):
            if header := _HEADER.match(text):
                current = header[2]
                seen += current == name
            here = current == name and seen == number
            if header and (here or (current == key and not name)):
                found = line
            elif key and _begins(text, key) and (here or (not name and not current)):
                return line
            elif name and not current and _begins(text, name):
                found = line
        return found


def _begins(text: str, key: str) -> bool:
    return re.match(rf"""\s*["']?{re.escape(key)}["']?\s*[.=]""", text) is not None


@dataclass(frozen=True)
class Table:
    """One table: its values by key, with a complaint for each that is not as it should be."""

    document: Document
    name: str
    number: int
    values: dict[str, Any]

    def wrong(self, key: str, message: str) -> None:
        """Complain about a key, or with an empty one about the whole table."""
        place = ".".join(filter(None, (self.name, key)))
        self.document.complain(self.document.line_of(self.name, self.number, key), f"{place}: {message}")

    def only(self, known: Collection[str]) -> None:
        """Complain about every key that is none of these."""
        for key in self.values:
            if key not in known:
                near = difflib.get_close_matches(key, known, 1)
                hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}."
                self.wrong(key, f"there is no such key; {hint}")

    def text(self, key: str, *, needed: bool = False) -> str:
        """A string; empty where it is left out."""
        value = self.values.get(key, "")
        if not isinstance(value, str):
            self.wrong(key, f'is a string, as in {key} = "…"')
            return ""
        if needed and not value.strip():
            lacks = "is empty: fill it in" if key in self.values else "is missing"
            self.wrong(key, f'{lacks}, as in {key} = "…"')
        return value.strip()

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            self.wrong(key, f'is a list of strings, as in {key} = ["…"]')
            return ()
        return tuple(value)

    def choice(self, key: str, choices: Sequence[str]) -> str:
        """One of the choices; the first where it is left out."""
        value = self.values.get(key, choices[0])
        if value not in choices:
            self.wrong(key, f"is one of {', '.join(choices)}, and not {value!r}")
            return choices[0]
        return str(value)

    def number_(
        self, key: str, default: float | None = None, *, low: float = 0, high: float = 1e9, above: bool = False
    ) -> float | None:
        """A number between `low` (itself left out with `above`) and `high`."""
        value = self.values.get(key, default)
        if value is None and key not in self.values:
            return None
        good = isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
        if not good or (above and value == low):
            span = f"above {low:g}" if above else f"{low:g} or more" if high >= 1e9 else f"from {low:g} to {high:g}"
            self.wrong(key, f"is a number {span}, and not {value!r}")
            return default
        return float(value)  # type: ignore[arg-type]

    def whole(self, key: str, default: int, *, low: int = 0, high: int = 10**9) -> int:
        """A whole number."""
        value = self.values.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            most = f", at most {high}" if isinstance(value, int) and value > high else ""
            self.wrong(key, f"is a whole number of {low} or more{most}, and not {value!r}")
            return default
        return value

    def moment(self, key: str, zone: tzinfo | None) -> datetime | None:
        """A date with a time, in `zone` where it names none itself."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, datetime):
            whole = f", as in {key} = {value}T23:59:00" if isinstance(value, date) else ""
            self.wrong(key, f"is a date with a time{whole}")
            return None
        if value.tzinfo is not None:
            return value
        if zone is None:
            self.wrong(key, f'in which time zone? Say time_zone = "Europe/Berlin" at the top, or {key} = {value}Z')
            return None
        return self._local(key, value, zone)

    def _local(self, key: str, value: datetime, zone: tzinfo) -> datetime | None:
        """The moment that clocks there show; the later where they show it twice, which takes time from nobody."""
        there = value.replace(tzinfo=zone, fold=1)
        if there.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != value:
            self.wrong(key, f"clocks in {zone} jump over {value}; take a time before or after")
            return None
        return there
