"""Formats of a report: a module of this folder for each, with a `render`, named as users name it.

Nothing is registered, and importing this package imports none of them. A folder here (`drawings`) is no
format, nor is what the formats share.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader import languages
from grader.formats.audience import AUDIENCES, addressed
from grader.formats.escaping import encodable
from grader.formats.feedback import LEVELS, nearest, reduced

if TYPE_CHECKING:
    from grader.formats.interface import Format
    from grader.report import Report, ReportJson

__all__ = [
    "AUDIENCES",
    "FORMATS",
    "LEVELS",
    "addressed",
    "encodable",
    "format_named",
    "reduced",
    "render",
    "schema",
]

_SHARED = frozenset(
    {"audience", "ending", "escaping", "feedback", "interface", "jsontext", "layout", "markup", "story", "words"}
)
FORMATS: tuple[str, ...] = tuple(
    sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.ispkg and m.name not in _SHARED)
)


def render(
    name: str,
    report: ReportJson | Report,
    *,
    feedback: str = "full",
    audience: str | None = None,
    hidden: Collection[str] = (),
    lang: str | None = None,
    labs: Sequence[Path] = (),
    **options: Any,
) -> str:
    """The report in the format of that name. Raises UsageError for a format or a feedback that there is not.

    `report` is what `grade` returned, or the object of a JSON report.
    What `audience` may read of the checks in `hidden` (their ids) `addressed` says; where there are some, a student
    is meant.
    It is said in `lang`, or in the language in which it was made. What its lab says is looked up in the lab of its
    id, here or in the folders `labs`; in English where there is none.
    Options that a format does not know it ignores, so that a caller can give all formats the same.
    """
    told: ReportJson = report if isinstance(report, dict) else report.to_json()
    made_in = told.get("lang") or languages.ENGLISH
    shown = addressed(told, audience or ("student" if hidden else "machine"), feedback=feedback, hidden=hidden)
    if lang not in (None, made_in):
        shown = languages.retold(shown, lang, _folder(told["lab"]["id"], labs))
    with languages.speaking(lang or made_in):
        return format_named(name).render(shown, **options)


def format_named(name: str) -> Format:
    """The module of that name. Raises UsageError, with the names that come near."""
    from importlib import import_module

    if name not in FORMATS:
        raise nearest("format", name, FORMATS)
    module: Any = import_module(f"grader.formats.{name}")
    checked: Format = module
    return checked


def _folder(lab: str, labs: Sequence[Path]) -> Path | None:
    from grader.lab import folders

    return next((folder for folder in folders(labs) if folder.name.replace("_", "-") == lab), None)


def schema() -> dict[str, Any]:
    """The JSON Schema of the `labgrade/report/v1` object."""
    # Imported here: once our own json.py is loaded, the name `json` in this namespace is that module.
    import json
    from importlib.resources import files

    text = files("grader.formats").joinpath("report-v1.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded
