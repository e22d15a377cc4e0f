"""What changed between two gradings of a class: who gains, who loses, what, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.classroom import kept
from grader.classroom.gradebook import Gradebook
from grader.classroom.result import Result
from grader.errors import UsageError
from grader.report import SCHEMA

_WORDS = {"passed": "PASS", "failed": "FAIL", "skipped": "SKIP", "error": "ERROR", "inconclusive": "N/A"}
_CAUSES = (
    ("lab", "version", "the lab"),
    ("submission", "sha256", "the submission"),
    ("emulator", "name", "the emulator"),
)


@dataclass(frozen=True)
class Side:
    """One grading of one person's work on one lab, as far as it is compared. `score` is the mark, None for none."""

    status: str
    score: float | None
    report: Mapping[str, Any] | None


@dataclass(frozen=True)
class Change:
    """One person's and lab's, from old to new; a side is None where there was nothing."""

    person: str
    lab: str
    old: Side | None
    new: Side | None

    @property
    def gain(self) -> float | None:
        """Points gained, negative for lost; None where one side has no mark."""
        if self.old is None or self.new is None or self.old.score is None or self.new.score is None:
            return None
        return round(self.new.score - self.old.score, 2)

    def reasons(self) -> Iterator[str]:
        """Each check that turned, with what is said of it now; then what else is not the same."""
        old, new = (_checks(side) for side in (self.old, self.new))
        for id in dict.fromkeys((*old, *new)):
            before, after = old.get(id), new.get(id)
            if _outcome(before) != _outcome(after) or _points(before) != _points(after):
                message = f": {after['message']}" if after and after.get("message") else ""
                yield f"{id} {_points(before)} {_outcome(before)} -> {_points(after)} {_outcome(after)}{message}"
        yield from self._causes()

    def _causes(self) -> Iterator[str]:
        old, new = ((side.report or {}) if side else {} for side in (self.old, self.new))
        for part, key, word in _CAUSES:
            before, after = ((report.get(part) or {}).get(key) for report in (old, new))
            if before and after and before != after:
                yield f"{word} changed"
        if old and new and old.get("parameters") != new.get("parameters"):
            yield "names and numbers changed"
        if old and new and old.get("labgrade") != new.get("labgrade"):
            yield f"labgrade changed ({old.get('labgrade')} -> {new.get('labgrade')})"


def changes(old: Path, new: Path) -> list[Change]:
    """Between two folders of `labgrade grade`, or two JSON reports; what is the same is left out. Raises UsageError."""
    before, after = sides(old), sides(new)
    if len(before) == len(after) == 1:  # two reports are compared whoever's they are
        (whose, one), (other,) = next(iter(before.items())), after.values()
        return [change] if (change := _change(whose, one, other)) else []
    keys = dict.fromkeys((*before, *after))
    found = (_change(key, before.get(key), after.get(key)) for key in keys)
    return [change for change in found if change is not None]


def _change(whose: tuple[str, str], old: Side | None, new: Side | None) -> Change | None:
    change = Change(*whose, old, new)
    same = old is not None and new is not None and (old.status, old.score) == (new.status, new.score)
    turned = any(True for reason in change.reasons() if " -> " in reason)
    return None if same and not turned else change


def sides(where: Path) -> dict[tuple[str, str], Side]:
    """What counts in a class, or the one report of a file, by person and lab."""
    if where.is_file() and where.suffix == ".json":
        report = _report(where)
        score = None if report["outcome"] == "error" else report["score"]
        whose = (str(report["student"] or where.name), str(report["lab"]["id"]))
        return {whose: Side("graded" if score is not None else "fault", score, report)}
    book: Gradebook = kept.gradebook(where)
    return {(one.person.id, one.lab): _side(one) for one in book.results if one.counts}


def _side(result: Result) -> Side:
    return Side(result.status, result.final_score, result.report)


def _report(path: Path) -> Mapping[str, Any]:
    try:
        report = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{path}: cannot be read as JSON: {error}.") from None
    if not isinstance(report, dict) or report.get("schema") != SCHEMA:
        raise UsageError(f"{path}: is no report of labgrade's.")
    return report


def _checks(side: Side | None) -> dict[str, Mapping[str, Any]]:
    report = side.report if side is not None else None
    return {} if report is None else {check["id"]: check for check in report["checks"]}


def _outcome(check: Mapping[str, Any] | None) -> str:
    return "not there" if check is None else _WORDS.get(check["outcome"], check["outcome"])


def _points(check: Mapping[str, Any] | None) -> str:
    return "-" if check is None else f"{check['points']}/{check['max_points']}"
