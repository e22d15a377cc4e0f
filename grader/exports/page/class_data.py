"""The class as the page's script draws it: plain lists, each text once, nothing in them that acts or hides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.classroom import Gradebook, Person, Result
from grader.exports.cells import number
from grader.exports.page.requirement import requirements
from grader.exports.page.words import say
from grader.exports.sentences import said
from grader.formats.escaping import one_line, paragraphs
from grader.report import Outcome

_LETTERS = {
    Outcome.PASSED: "P",
    Outcome.FAILED: "F",
    Outcome.SKIPPED: "S",
    Outcome.ERROR: "E",
    Outcome.INCONCLUSIVE: "N",
}
_TEXT = 600
_PRINTED = 300


@dataclass
class Texts:
    """Texts by number: what a hundred students share is written once."""

    listed: list[str] = field(default_factory=list)
    _numbers: dict[str, int] = field(default_factory=dict)

    def number(self, text: str) -> int:
        if text not in self._numbers:
            self._numbers[text] = len(self.listed)
            self.listed.append(text)
        return self._numbers[text]


def columns(book: Gradebook) -> list[dict[str, Any]]:
    """The checks of each lab, in the order of the first report that has them."""
    found = []
    for lab in book.assignment.labs:
        reports = [one.report for one in book.results if one.lab == lab.id and one.report is not None]
        checks = requirements(reports)
        title = one_line(reports[0]["lab"]["title"], 200) if reports else lab.id
        listed = [{"id": one_line(id, 100), "text": text} for id, text in checks.items()]
        found.append({"id": lab.id, "title": title, "keys": list(checks), "checks": listed})
    return found


def names(book: Gradebook) -> dict[str, str]:
    """What everybody is called on the page, by id: two of one name with their ids."""
    said = {person.id: one_line(person.name or person.id, 120) for person in book.people}
    times = Counter(said.values())
    return {id: name if times[name] == 1 else f"{name} ({one_line(id, 120)})" for id, name in said.items()}


def class_data(book: Gradebook) -> dict[str, Any]:
    """All that the script needs."""
    labs, texts, called = columns(book), Texts(), names(book)
    people = [_person(book, person, labs, texts) | {"name": called[person.id]} for person in book.people]
    told = [{key: lab[key] for key in ("id", "title", "checks")} for lab in labs]
    return {"labs": told, "people": people, "texts": texts.listed, "words": _words()}


def _person(book: Gradebook, person: Person, labs: Sequence[Mapping[str, Any]], texts: Texts) -> dict[str, Any]:
    results = [book.result(person, lab["id"]) for lab in labs]
    return {
        "id": one_line(person.id, 120),
        "section": one_line(person.section, 60),
        "mark": book.total_percent(person),
        "late": max((one.late_minutes for one in results if one is not None), default=0),
        "labs": [_lab(result, lab["keys"], texts) for result, lab in zip(results, labs, strict=True)],
    }


def _lab(result: Result | None, keys: Sequence[str], texts: Texts) -> dict[str, Any]:
    if result is None:
        return {"status": "waiting", "cells": "." * len(keys), "said": [texts.number(say("waiting"))]}
    report = result.report
    made: dict[str, Any] = {"status": result.status, "cells": "." * len(keys), "said": []}
    made["said"] = [texts.number(one_line(sentence, _TEXT)) for sentence in (*said(result), *result.instructor_reasons)]
    if report is None:
        return made
    checks = {check["id"]: check for check in report["checks"]}
    ours = [checks.get(key) for key in keys]
    found = {n: finding(check) for n, check in enumerate(ours) if check is not None}
    return made | {
        "cells": "".join("." if check is None else _LETTERS.get(check["outcome"], ".") for check in ours),
        "found": {str(n): texts.number(text) for n, text in found.items() if text},
        "score": number(result.final_score),
        "most": number(result.max_score),
        "seconds": round(report["seconds"], 1),
        "attempt": result.attempt,
        "late": result.late_minutes,
        "printed": texts.number(printed(report)),
        "at": "" if result.submitted_at is None else result.submitted_at.strftime("%Y-%m-%d %H:%M"),
    }


def finding(check: Mapping[str, Any]) -> str:
    """What was found where a check did not pass; empty where it did."""
    if check["outcome"] == Outcome.PASSED:
        return ""
    return paragraphs(check["found"] or check["message"], _TEXT)


def ended(report: Mapping[str, Any]) -> str:
    """How a submission ended that did not end well; empty for one that did."""
    run = report["run"]
    if not run or (run["exit_code"] == 0 and not run["timed_out"]):
        return ""
    return say("timed out") if run["timed_out"] else say("ended badly", code=str(run["exit_code"]))


def printed(report: Mapping[str, Any]) -> str:
    """How it ended and its last line of complaint."""
    how, run = ended(report), report["run"]
    lines = (run["stderr"] or "").strip().splitlines() if run else []
    return f"{how} {one_line(lines[-1], _PRINTED) if lines else ''}".strip() if how else ""


def _words() -> dict[str, str]:
    """What the script says, as templates of its own."""
    plain = (
        *("all", "no mark", "close", "found", "none", "P", "F", "S", "E", "N"),
        *("graded", "missing", "not_gradable", "fault", "excused", "waiting"),
    )
    blanks = {
        "count": {"count": "{count}", "all": "{all}"},
        "points": {"score": "{score}", "most": "{most}"},
        "came late": {"time": "{time}"},
        "minutes": {"minutes": "{minutes}"},
        "hours": {"hours": "{hours}"},
        "handed in at": {"when": "{when}"},
        "attempt number": {"number": "{number}"},
        "took": {"seconds": "{seconds}"},
        "only missed": {"check": "{check}"},
    }
    return {key: say(key) for key in plain} | {key: say(key, **values) for key, values in blanks.items()}
