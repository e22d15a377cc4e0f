"""An export: the class's book of marks in, text for another program out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from grader.classroom import Gradebook


@dataclass(frozen=True)
class Choices:
    """What whoever exports may say; what it is silent of, the assignment says."""

    title: str = ""  # the column's name elsewhere
    points: float = 100  # what full marks are worth there
    assignment_id: str = ""  # Canvas's number
    identity: str = ""  # Moodle's: username, email or idnumber


@dataclass(frozen=True)
class Exported:
    """The text, and what its reader has to be told: whom it leaves out, and why."""

    text: str
    remarks: tuple[str, ...] = field(default=())


class Export(Protocol):
    """A module of this folder that makes one file."""

    def export(self, book: Gradebook, choices: Choices) -> Exported:
        """Raises UsageError for what the other program would drop or get wrong."""
