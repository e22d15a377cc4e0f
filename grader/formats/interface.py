"""A format: a report's JSON object in, text out. It sees nothing else, so all formats tell one story."""

from __future__ import annotations

from typing import Any, Protocol

from grader.report import ReportJson


class Format(Protocol):
    """A module of this folder."""

    def render(self, report: ReportJson, **options: Any) -> str:
        """The whole text, ending in a newline. A report of a later minor version renders too."""
