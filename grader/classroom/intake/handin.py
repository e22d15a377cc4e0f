"""One thing that was handed in, as it was found: whose it says it is, when it came, and where it lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TypeAlias

# What is said of one person: pairs of a field of Person (or `any` of them) and what it is said to be, the surest first.
Claim: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class HandIn:
    """`path` is a file, a folder or an archive; or `files` are what it is made of, by the names they had."""

    claims: tuple[Claim, ...]  # of everybody whose work it is
    path: Path
    lab: str | None = None
    name: str = ""  # the attempt's
    submitted_at: datetime | None = None
    files: Mapping[str, Path] = field(default_factory=dict)

    @property
    def whose(self) -> str:
        """Whose it says it is, for a list."""
        return ", ".join(claim[0][1] for claim in self.claims)


@dataclass(frozen=True)
class Intake:
    """All that was handed in, the shape in which it was found, and what the instructor is to know of it."""

    shape: str
    handins: tuple[HandIn, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Expected:
    """What is looked for: the assignment's labs, the zone of times that name none, and whose a lone repository is."""

    labs: tuple[str, ...]
    zone: tzinfo
    student: str | None = None

    def lab(self, name: str) -> str | None:
        """The lab that a folder of this name is for."""
        return next((lab for lab in self.labs if lab == name.replace("_", "-").lower()), None)


def anybody(name: str) -> Claim:
    """The claim that a name makes of which nobody said what it is."""
    return (("any", name),)
