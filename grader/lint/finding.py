"""One thing that does not hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from grader.errors import LabError

_PLACE = re.compile(r"(?P<path>.*?\.(?:py|toml|md|diff|txt|po)|[^:]+)(?::(?P<line>\d+))?: (?P<message>.*)", re.DOTALL)


@dataclass(frozen=True)
class Finding:
    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        """`path:line: message`, the path as short as it can be said from here."""
        here = Path.cwd()
        path = self.path.relative_to(here) if self.path.is_relative_to(here) else self.path
        return f"{path.as_posix()}:{self.line}: {self.message}"

    @classmethod
    def of(cls, error: LabError) -> Finding:
        """The finding that a broken file is: its message begins with file and line."""
        match = _PLACE.fullmatch(str(error))
        if match is None:
            return cls(Path(), 1, str(error))
        return cls(Path(match["path"]), int(match["line"] or 1), " ".join(match["message"].split()))
