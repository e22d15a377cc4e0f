"""Rules about the declared checks: ids, texts, points, pages to read, and the order of needs."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from grader.checks import Check
from grader.engine import order_holds
from grader.lab import Lab
from grader.lint.finding import Finding
from grader.lint.nudges import finished_call
from grader.report import FULL, shares

LEAST, MOST = 5, 25  # points of a check
FEW = 4  # checks: with fewer, each is worth more
_ID = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+")
_SITES = frozenset({"aws.amazon.com", "boto3.amazonaws.com", "opentofu.org", "datatracker.ietf.org"})
_SITE_PREFIXES = ("docs.", "developer.")


def rules(lab: Lab) -> Iterator[Finding]:
    """Findings about each check, and about all of them together."""
    for check, points in zip(lab.checks, shares([check.weight for check in lab.checks]), strict=True):
        for message in _of_one(check, points, len(lab.checks)):
            yield Finding(_file(check), check.line, f"{check.id}: {message}")
    if not order_holds(lab.checks):
        known = {check.id: check for check in lab.checks}
        for check in lab.checks:
            if late := [need.id for need in check.needs if need.id not in known or known[need.id].line > check.line]:
                message = f"{check.id}: needs {', '.join(late)}, which does not stand before it in the checker"
                yield Finding(_file(check), check.line, message)
    for requirement, count in Counter(check.requirement for check in lab.checks).items():
        if count > 1:
            yield Finding(lab.folder / "checker.py", 1, f"{count} checks have one requirement: {requirement}")


def _of_one(check: Check[Any], points: int, count: int) -> Iterator[str]:
    if not _ID.fullmatch(check.id):
        yield "an id is a few words in lower case, joined by _, that say what holds"
    yield from _docstring(check)
    most = MOST if count >= FEW else FULL
    if not LEAST <= points <= most:
        yield f"is worth {points} of 100 points: share them out between {LEAST} and {most}"
    yield from _page(check.doc)
    for name, text in (("why", check.why), ("fix", check.fix)):
        if not text.strip().endswith((".", "?", "!")):
            yield f"{name} is a sentence or two, and ends like one"
    if finished := finished_call(check.fix):
        yield f"fix is a nudge, and gives a finished call away: {finished}"


def _docstring(check: Check[Any]) -> Iterator[str]:
    paragraph = (check.function.__doc__ or "").strip().split("\n\n")[0]
    if not paragraph:
        yield "its docstring is the requirement that the student reads, and there is none"
    elif not paragraph.endswith("."):
        yield "the first paragraph of its docstring, the requirement, ends with a full stop"


def _page(url: str) -> Iterator[str]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    documentation = host in _SITES or host.startswith(_SITE_PREFIXES)
    if parts.scheme != "https" or not documentation or not parts.path.strip("/"):
        yield f"doc is the page that says so, https://docs.aws.amazon.com/… or another documentation's, not {url!r}"


def _file(check: Check[Any]) -> Path:
    return Path(inspect.unwrap(check.function).__code__.co_filename)
