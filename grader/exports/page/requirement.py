"""What a check requires of anybody: where one student's names and numbers stand, those of the parameters do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from grader.formats.escaping import one_line
from grader.report import canonical

_ASKED = 25  # reports: enough to outvote a number that happens to be somebody's


def requirements(reports: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Of each check in these reports of one lab, in their order: `There is a bucket named hello-<token>`."""
    asked = reports[:_ASKED]
    drawn = _drawn_apart(asked)
    told: dict[str, Counter[str]] = {}
    for report in asked:
        for id, text in _general(report, drawn).items():
            told.setdefault(id, Counter())[text] += 1
    for report in reports[_ASKED:]:
        if any(check["id"] not in told for check in report["checks"]):
            told = {**{id: Counter([text]) for id, text in _general(report, drawn).items()}, **told}
    return {id: one_line(counted.most_common(1)[0][0], 200) for id, counted in told.items()}


def impersonal(report: Mapping[str, Any], told: Sequence[Mapping[str, str]]) -> Sequence[Mapping[str, str]]:
    """Texts of a report's checks, by `id`, with `<token>` and the like for what was drawn or made for one alone."""
    slim: Any = {**{key: report[key] for key in ("lab", "parameters", "emulator")}, "submission": None, "run": None}
    checks: Sequence[Mapping[str, str]] = canonical({**slim, "checks": list(told)})["checks"]
    return checks


def _general(report: Mapping[str, Any], drawn: Sequence[str]) -> dict[str, str]:
    told = [{"id": check["id"], "text": check["requirement"]} for check in report["checks"]]
    names = {str(report["parameters"].get(name, "")): name for name in drawn}
    values = sorted(filter(None, names), key=len, reverse=True)
    known = re.compile(rf"(?<![\w.<-])(?:{'|'.join(map(re.escape, values))})(?![\w>]|[.-]\w)") if values else None
    return {
        one["id"]: known.sub(lambda found: f"<{names[found[0]]}>", one["text"]) if known else one["text"]
        for one in impersonal(report, told)
    }


def _drawn_apart(reports: Sequence[Mapping[str, Any]]) -> list[str]:
    """The parameters that not everybody has the same of; what all share is as good as the lab's own."""
    seen: dict[str, set[str]] = {}
    for report in reports:
        for name, value in report["parameters"].items():
            seen.setdefault(name, set()).add(str(value))
    return [name for name, values in seen.items() if len(values) > 1]
