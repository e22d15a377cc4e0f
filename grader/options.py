"""How to grade."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from grader.sandbox import Level
from grader.submissions.interface import Limits


@dataclass(frozen=True)
class Options:
    """How to grade; the defaults are `labgrade run`'s."""

    student: str | None = None
    course: str | None = None
    emulator: str | None = None  # moto for a submission; for live state, the one that is found
    endpoint_url: str | None = None
    allow_host: bool = False
    entry: str | None = None
    sandbox: Level = "auto"
    limits: Limits = field(default_factory=Limits)
    lang: str = "en"
    terraform_mirror: Path | None = None  # of providers; those that are found count beside it
