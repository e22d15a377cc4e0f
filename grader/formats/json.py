"""The report object itself, for programs: UTF-8, two spaces, every key where the schema says."""

from __future__ import annotations

from typing import Any

from grader.formats.jsontext import written
from grader.report import ReportJson


def render(report: ReportJson, **_options: Any) -> str:
    """The object, indented; safe to print, and nothing in it is lost."""
    return written(report)
