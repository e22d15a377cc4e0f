"""What an autograder is told when it is made; it travels in the archive as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from grader.classroom import LatePolicy


@dataclass(frozen=True)
class Settings:
    """How to grade there. `late` is labgrade's own policy; Gradescope's metadata says when and until when."""

    lab: str
    course: str = ""
    points: float = 100
    feedback: str = "full"
    hidden: tuple[str, ...] = ()
    hidden_visibility: str = "hidden"
    late: LatePolicy = field(default_factory=LatePolicy)
    sandbox: str = "auto"
    lang: str = "en"
    timeout_seconds: float | None = None
    limits: Mapping[str, int] = field(default_factory=dict)  # by field of Limits

    def to_text(self) -> str:
        return json.dumps(asdict(self), indent=2) + "\n"

    @classmethod
    def from_text(cls, text: str) -> Settings:
        told: dict[str, Any] = json.loads(text)
        return cls(**{**told, "hidden": tuple(told["hidden"]), "late": LatePolicy(**told["late"])})
