"""One thing that was tried, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from grader.languages import told
from grader.texts import Text, plain


class Mark(StrEnum):
    """The word in front of a finding."""

    OK = "OK"
    NOTE = "NOTE"  # works, and there is something to know
    MISSING = "MISSING"
    OLD = "OLD"
    BROKEN = "BROKEN"  # is there, and does not work
    SLOW = "SLOW"  # had not answered when we stopped waiting
    TAKEN = "TAKEN"  # a port that somebody else has
    LOW = "LOW"  # little is left of it


HARMLESS = frozenset({Mark.OK, Mark.NOTE, Mark.TAKEN})


@dataclass(frozen=True)
class Finding:
    """`found` is the evidence, `why` what it means for whoever reads it, `mend` the cure.

    Each is read in English, and `said` in the reader's language.
    """

    subject: str
    mark: Mark
    found: Text | str
    why: Text | str = ""
    mend: Text | str = ""
    needed: bool = False  # without it, `labgrade run` cannot grade here
    _texts: dict[str, Text] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in ("subject", "found", "why", "mend"):
            given: Text | str = getattr(self, name)
            self._texts[name] = given if isinstance(given, Text) else plain(given)
            object.__setattr__(self, name, str(given))

    def said(self, name: str) -> str:
        """The text of that name in the language that is spoken here."""
        return told(self._texts[name])

    @property
    def holds(self) -> bool:
        """Does it leave `labgrade run` able to grade?"""
        return not self.needed or self.mark in HARMLESS

    def to_json(self) -> dict[str, Any]:
        return {
            "subject": self.subject,
            "mark": self.mark.value,
            "needed": self.needed,
            "found": self.found,
            "why": self.why,
            "mend": self.mend,
        }
