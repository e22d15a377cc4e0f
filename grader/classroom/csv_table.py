"""CSV as other programs write it: any of the usual encodings and delimiters, a header, and rows with their line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DELIMITERS = ",;\t"
_MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class CsvTable:
    """The header's names, and each row's line with its cells, as many as the header has. Blank rows are left out."""

    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    delimiter: str = ","

    def place(self, *names: str) -> int | None:
        """Where the first of these columns is that there is, whatever its capitals; None where there is none."""
        known = [plainly(column) for column in self.columns]
        return next((known.index(name) for name in names if name in known), None)


def plainly(name: str) -> str:
    """A column's name as it is compared."""
    return " ".join(name.casefold().replace("_", " ").split())


def read(path: Path) -> CsvTable:
    """Raises UsageError naming file and line."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UsageError(f"{path}: has more than {_MOST_BYTES >> 20} MiB; is it the right file?")
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}.") from None
    return parsed(path, content)


def parsed(path: Path | str, content: bytes) -> CsvTable:
    """Raises UsageError naming file and line."""
    text = _decoded(path, content)
    delimiter = max(_DELIMITERS, key=lambda one: len(_first(text, one)))
    lines = list(_lines(path, text, delimiter))
    if not lines:
        raise UsageError(f"{path}: is empty; its first line names the columns.")
    (_, header), *others = lines
    columns = tuple(name.strip() for name in header)
    rows = []
    for number, cells in others:
        if any(cell.strip() for cell in cells[len(columns) :]):
            raise UsageError(f"{path}:{number}: has {len(cells)} cells, and there are {len(columns)} columns.")
        rows.append((number, tuple([*cells, *[""] * len(columns)][: len(columns)])))
    return CsvTable(columns, tuple(rows), delimiter)


def _decoded(path: Path | str, content: bytes) -> str:
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), None)
    if encoding is None and b"\0" in content[:4]:
        encoding = "utf-16-be" if content[:1] == b"\0" else "utf-16-le"  # Excel's "Unicode text", its mark lost
    try:
        return content.decode(encoding or "utf-8")
    except UnicodeDecodeError:
        raise UsageError(f'{path}: is neither UTF-8 nor UTF-16 text; save it as "CSV UTF-8".') from None


def _first(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    except csv.Error:
        return []


def _lines(path: Path | str, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank, with the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise UsageError(f"{path}:{begins}: is no CSV: {error}.") from None
