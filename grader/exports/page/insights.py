"""What the class page says before its table: how marks fall, what was missed, and what to look at."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from grader.classroom import Gradebook, Person, Result
from grader.exports.cells import number
from grader.exports.page.class_data import columns, printed
from grader.exports.page.requirement import impersonal
from grader.exports.page.words import say
from grader.exports.sentences import said
from grader.formats.escaping import one_line, paragraphs
from grader.report import Outcome

_FINDINGS = 3
_SLOWEST = 10
_STATUSES = ("graded", "missing", "not_gradable", "fault", "excused", "waiting")


@dataclass(frozen=True)
class Missed:
    """A check, by its place in the table, and what those who missed it had."""

    place: int
    lab: str
    text: str
    count: int
    judged: int
    findings: tuple[tuple[str, int], ...]
    others: int


def marks(book: Gradebook) -> list[float]:
    """In percent, of everybody who has one: whoever handed in nothing has 0, and who is excused of everything none."""
    return [mark for mark in (book.total_percent(person) for person in book.people) if mark is not None]


def facts(book: Gradebook) -> list[tuple[str, str]]:
    """The figures at the head."""
    tally = Counter(_status(book, person) for person in book.people)
    told = [(say("students"), str(len(book.people)))]
    told += [(say(status), str(tally[status])) for status in _STATUSES if tally[status]]
    found = marks(book)
    if found:
        told += [(say("median"), _percent(statistics.median(found))), (say("mean"), _percent(statistics.fmean(found)))]
        told.append((say("full marks"), str(sum(mark >= 100 for mark in found))))
    if len(found) > 3:
        low, _, high = statistics.quantiles(found, n=4, method="inclusive")
        told.append((say("middle half"), say("middle range", low=_percent(low), high=_percent(high))))
    if late := sum(result.late_minutes > 0 for result in graded(book)):
        told.append((say("late"), str(late)))
    return told


def distribution(book: Gradebook) -> list[tuple[str, int]]:
    """How many have a mark of each ten, full marks apart."""
    found = [min(int(mark // 10), 10) for mark in marks(book)]
    names = [*(f"{10 * n}–{10 * n + 9}" for n in range(10)), "100"]
    return [(name, found.count(n)) for n, name in enumerate(names)] if found else []


def bare_findings(book: Gradebook) -> dict[tuple[str, str], dict[str, str]]:
    """By lab and person: what each check that did not pass found, one's own names and numbers taken out."""
    reported = ((one, one.report) for one in graded(book) if one.report is not None)
    return {(one.lab, one.person.id): _bare(report) for one, report in reported}


def _bare(report: Mapping[str, Any]) -> dict[str, str]:
    lost = [check for check in report["checks"] if check["outcome"] in (Outcome.FAILED, Outcome.SKIPPED)]
    told = [{"id": check["id"], "text": check["found"] or check["message"] or ""} for check in lost]
    return {one["id"]: paragraphs(one["text"], 300) for one in impersonal(report, told)}


def missed(book: Gradebook, bare: Mapping[tuple[str, str], Mapping[str, str]]) -> list[Missed]:
    """The checks that most lost come first; those that nobody lost are left out. `bare` are `bare_findings`."""
    made, place = [], 0
    for lab in columns(book):
        judged = Counter(check["id"] for report in _reports(book, lab["id"]) for check in _judged(report))
        lost = [found for (where, _), found in bare.items() if where == lab["id"]]
        for key, check in zip(lab["keys"], lab["checks"], strict=True):
            findings = Counter(found[key] for found in lost if key in found)
            made.append(_missed(place, lab["id"], check["text"], judged[key], findings))
            place += 1
    return sorted((one for one in made if one.count), key=lambda one: (-one.count, one.place))


def _missed(place: int, lab: str, text: str, judged: int, findings: Counter[str]) -> Missed:
    count = findings.total()
    findings.pop("", None)
    common = tuple(findings.most_common(_FINDINGS))
    return Missed(place, lab, text, count, judged, common, len(findings) - len(common))


def _judged(report: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [check for check in report["checks"] if check["outcome"] not in (Outcome.ERROR, Outcome.INCONCLUSIVE)]


def to_look_at(book: Gradebook) -> list[tuple[Person, str, str]]:
    """Faults of ours, what could not be graded, and what crashed: whose, in which lab, what."""
    order = {"fault": 0, "not_gradable": 1}
    told = [(order.get(one.status, 2), one, _wrong(one)) for one in counting(book)]
    listed = sorted((each for each in told if each[2]), key=lambda each: each[0])
    return [(result.person, result.lab, what) for _, result, what in listed]


def _wrong(result: Result) -> str:
    if result.status == "fault":
        return one_line(" ".join([say("fault") + ":", *result.instructor_reasons]), 600)
    if result.status == "not_gradable":
        return one_line(" ".join([*said(result), *result.instructor_reasons]), 600)
    if result.report is None:
        return ""
    return one_line(" ".join([printed(result.report), *result.instructor_reasons]).strip(), 600)


def late(book: Gradebook) -> list[tuple[Person, str, int, str]]:
    """The latest first: whose, which lab, minutes, the score before and after."""
    listed = sorted((one for one in graded(book) if one.late_minutes > 0), key=lambda one: -one.late_minutes)
    return [(one.person, one.lab, one.late_minutes, _kept(one)) for one in listed]


def spent(minutes: int) -> str:
    """`95 min`, `33.3 h`."""
    return say("minutes", minutes=minutes) if minutes < 120 else say("hours", hours=f"{minutes / 60:.1f}")


def _kept(result: Result) -> str:
    return f"{number(result.score)} → {number(result.penalised_score)}" if result.score is not None else ""


def slowest(book: Gradebook) -> tuple[str, list[tuple[Person, str, str]]]:
    """The median time of a grading, and the longest ones."""
    timed = [(one, float(one.report["seconds"])) for one in counting(book) if one.report is not None]
    if not timed:
        return "", []
    longest = sorted(timed, key=lambda each: -each[1])[:_SLOWEST]
    median = f"{statistics.median(seconds for _, seconds in timed):.1f}"
    return median, [(one.person, one.lab, f"{seconds:.1f}") for one, seconds in longest]


def counting(book: Gradebook) -> Iterator[Result]:
    """The results that count."""
    return (result for result in book.results if result.counts)


def graded(book: Gradebook) -> Iterator[Result]:
    """Those of them that are marked: whoever is excused may have been graded, and is in no figure."""
    return (result for result in counting(book) if result.status == "graded")


def drawn(book: Gradebook, lab: str) -> Mapping[str, Mapping[str, Any]]:
    """The names and numbers of everybody who was graded."""
    mine = (one for one in counting(book) if one.lab == lab)
    return {one.person.id: one.report["parameters"] for one in mine if one.report is not None}


def _reports(book: Gradebook, lab: str) -> Iterator[Mapping[str, Any]]:
    return (one.report for one in graded(book) if one.lab == lab and one.report is not None)


def _status(book: Gradebook, person: Person) -> str:
    """Of all labs, what is worst."""
    results = [book.result(person, lab.id) for lab in book.assignment.labs]
    found = {"waiting" if result is None else result.status for result in results}
    worst = ("fault", "waiting", "not_gradable", "missing", "graded")
    return next((status for status in worst if status in found), "excused")


def _percent(value: float) -> str:
    return f"{value:.1f}"
