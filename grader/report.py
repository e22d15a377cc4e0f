"""The report: outcomes, the arithmetic of points, the `labgrade/report/v1` object, and its canonical form."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeAlias

from grader.languages import ENGLISH, retold
from grader.texts import Text
from grader.version import VERSION

SCHEMA = "labgrade/report/v1"
FULL = 100  # a whole lab

ReportJson: TypeAlias = dict[str, Any]


class Outcome(StrEnum):
    """What became of a check. Only `FAILED` and what stands on it blames the student."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    ERROR = "error"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class CheckResult:
    """One check, judged. `max_points` are its share of 100; `points` what it earned."""

    id: str
    requirement: Text
    max_points: int
    outcome: Outcome
    message: Text | None = None
    found: Text | None = None
    wanted: Text | None = None
    why: Text | None = None
    fix: Text | None = None
    doc: str | None = None
    needs: tuple[str, ...] = ()
    seconds: float = 0.0
    trace: str | None = None  # of an error, for --debug

    @property
    def points(self) -> int:
        return self.max_points if self.outcome is Outcome.PASSED else 0

    @property
    def counts(self) -> bool:
        """Is it in the maximum? What the emulator cannot show is left out."""
        return self.outcome is not Outcome.INCONCLUSIVE

    def to_json(self) -> dict[str, Any]:
        texts = {name: getattr(self, name) for name in ("requirement", "message", "found", "wanted", "why", "fix")}
        return {
            "id": self.id,
            **{name: None if text is None else str(text) for name, text in texts.items()},
            "points": self.points,
            "max_points": self.max_points,
            "outcome": self.outcome.value,
            "doc": self.doc,
            "needs": list(self.needs),
            "seconds": round(self.seconds, 3),
            "texts": {name: text.to_json() for name, text in texts.items() if text is not None},
        }


@dataclass(frozen=True)
class Note:
    """Something said beside the verdicts: what was left out, what costs, why this emulator."""

    about: str  # submission, emulator, sandbox, cost, lab
    message: Text

    def to_json(self) -> dict[str, Any]:
        return {"about": self.about, "message": str(self.message), "texts": {"message": self.message.to_json()}}


@dataclass(frozen=True)
class Report:
    """A graded lab. `to_json` is the contract; every format renders that object and nothing else.

    What is said in it is said in `lang`, by the catalogue in `lab_folder` and labgrade's own.
    """

    lab: Mapping[str, Any]
    checks: tuple[CheckResult, ...]
    parameters: Mapping[str, Any]
    emulator: Mapping[str, Any]
    sandbox: Mapping[str, Any]
    account: str
    region: str
    started_at: str
    seconds: float
    student: str | None = None
    course: str | None = None
    lang: str = ENGLISH
    lab_folder: Path | None = None
    submission: Mapping[str, Any] | None = None
    run: Mapping[str, Any] | None = None
    model: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    grading: Mapping[str, Any] = field(default_factory=dict)

    @property
    def score(self) -> int:
        return sum(check.points for check in self.checks)

    @property
    def max_score(self) -> int:
        return sum(check.max_points for check in self.checks if check.counts)

    @property
    def percent(self) -> float | None:
        """Of the maximum, one decimal; None where nothing could be judged."""
        return round(100 * self.score / self.max_score, 1) if self.max_score else None

    @property
    def outcome(self) -> str:
        """`passed` (full marks), `failed`, or `error`: no mark can be given."""
        if any(check.outcome is Outcome.ERROR for check in self.checks) or not self.max_score:
            return "error"
        return "passed" if self.score == self.max_score else "failed"

    def exit_code(self, min_percent: float | None = None) -> int:
        """0 full marks or `min_percent` reached, 1 less, 3 no mark."""
        if self.outcome == "error":
            return 3
        reached = min_percent is not None and self.percent is not None and self.percent >= min_percent
        return 0 if self.outcome == "passed" or reached else 1

    def to_json(self) -> ReportJson:
        """The `labgrade/report/v1` object: JSON types only, every named key present."""
        told = {
            "schema": SCHEMA,
            "labgrade": VERSION,
            "lab": dict(self.lab),
            "student": self.student,
            "course": self.course,
            "lang": self.lang,
            "account": self.account,
            "region": self.region,
            "parameters": dict(self.parameters),
            "submission": None if self.submission is None else dict(self.submission),
            "emulator": dict(self.emulator),
            "sandbox": dict(self.sandbox),
            "started_at": self.started_at,
            "seconds": round(self.seconds, 3),
            "score": self.score,
            "max_score": self.max_score,
            "percent": self.percent,
            "outcome": self.outcome,
            "run": None if self.run is None else dict(self.run),
            "checks": [check.to_json() for check in self.checks],
            "model": dict(self.model),
            "notes": [note.to_json() for note in self.notes],
            "grading": dict(self.grading),
        }
        return told if self.lang == ENGLISH else retold(told, self.lang, self.lab_folder)


def shares(weights: Sequence[int], total: int = FULL) -> list[int]:
    """`total` shared out by weight in whole points, by largest remainder; ties go to the earlier."""
    whole = sum(weights)
    if whole <= 0 or min(weights) <= 0:
        raise ValueError("weights are positive whole numbers")
    points = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda n: (-(total * weights[n] % whole), n))
    for n in by_remainder[: total - sum(points)]:
        points[n] += 1
    return points


# What differs between two runs of the same work: the ids that an emulator draws.
_DRAWN = re.compile(
    r"\b(?:[a-z]{1,16}-[0-9a-f]{17}|[a-z]{1,16}-[0-9a-f]{8}"
    r"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}|[0-9A-Z]{52,56})\b"
)
_UNSTEADY = ("labgrade", "started_at", "seconds", "emulator", "sandbox", "grading")


def canonical(report: ReportJson) -> ReportJson:
    """The report less times, versions and paths, ids and tokens renumbered by first appearance.

    Two gradings of the same work have the same canonical form, whichever student's names they carry.
    """
    kept = {key: value for key, value in report.items() if key not in _UNSTEADY}
    kept["lab"] = {key: value for key, value in report["lab"].items() if key != "version"}
    if kept["submission"] is not None:
        kept["submission"] = {"kind": kept["submission"]["kind"]}
    if "notes" in kept:  # what a sandbox does not stop is this machine's
        kept["notes"] = [note for note in kept["notes"] if note["about"] != "sandbox"]
    if kept["run"] is not None:  # what a program prints is full of times, ports and paths
        kept["run"] = {**kept["run"], "stdout": None, "stderr": None}
    endpoint = report.get("emulator", {}).get("endpoint")
    numbers = _Renumbering({"<token>": report["parameters"].get("token"), "<endpoint>": endpoint})
    return {key: numbers.walk(value) for key, value in kept.items()}


class _Renumbering:
    def __init__(self, known: Mapping[str, str | None]) -> None:
        self.names: dict[str, str] = {}
        self.known = {text: name for name, text in known.items() if text}

    def walk(self, value: Any) -> Any:
        if isinstance(value, str):
            for text, name in self.known.items():
                value = value.replace(text, name)
            return _DRAWN.sub(self._name, value)
        if isinstance(value, Mapping):
            return {self.walk(key): self.walk(item) for key, item in value.items() if key != "seconds"}
        if isinstance(value, list):
            return [self.walk(item) for item in value]
        return value

    def _name(self, match: re.Match[str]) -> str:
        return self.names.setdefault(match[0], f"<id-{len(self.names) + 1}>")
