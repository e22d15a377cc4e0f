"""What will happen: every hand-in's people, lab, attempt and fate, worked out before anything runs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import Any

from grader import submissions
from grader.classroom.assignment_file import Opened
from grader.classroom.intake import Expected, HandIn
from grader.classroom.intake.folders import inside
from grader.classroom.matching import Index, Match
from grader.classroom.roster import Person, Roster
from grader.classroom.staging import Staging, said_of
from grader.errors import LabgradeError, NotGradable, UsageError
from grader.lab import Lab
from grader.submissions import Limits
from grader.submissions.files import shown
from grader.texts import Text, plain, say
from grader.version import VERSION

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Attempt:
    """One hand-in for one lab. What has a `problem` cannot be graded: it costs no attempt, and is no zero."""

    people: tuple[Person, ...]
    student: str  # whose names and numbers it is graded with
    lab: str
    path: Path
    name: str = ""
    submitted_at: datetime | None = None
    number: int | None = None
    sha256: str = ""
    problem: Text | None = None
    key: str = ""  # of the grading: equal keys are equal gradings
    called: str = ""  # what its student calls the work, wherever it lies here


@dataclass(frozen=True)
class Unknown:
    """A hand-in that is nobody's, and why."""

    whose: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """All that will be done, and all that will not."""

    opened: Opened
    roster: Roster | None
    shape: str
    attempts: tuple[Attempt, ...]
    unknown: tuple[Unknown, ...] = ()
    remarks: tuple[str, ...] = ()
    made_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def people(self) -> tuple[Person, ...]:
        """The roster's, and whoever handed in without one."""
        known = {person.id: person for person in self.roster or ()}
        for attempt in self.attempts:
            known.update({person.id: person for person in attempt.people if person.id not in known})
        return tuple(known.values())

    @property
    def gradable(self) -> tuple[Attempt, ...]:
        return tuple(attempt for attempt in self.attempts if attempt.problem is None)

    @property
    def missing(self) -> tuple[tuple[Person, str], ...]:
        """Whoever handed in nothing for a lab, not even what cannot be graded."""
        there = {(person.id, attempt.lab) for attempt in self.attempts for person in attempt.people}
        labs = [lab.id for lab in self.opened.assignment.labs]
        return tuple((person, lab) for person in self.people for lab in labs if (person.id, lab) not in there)


def plan(
    opened: Opened,
    where: Path,
    staging: Staging,
    *,
    roster: Roster | None = None,
    student: str | None = None,
) -> Plan:
    """Look at everything and run nothing. Raises UsageError."""
    from grader.classroom import intake

    labs = tuple(lab.id for lab in opened.assignment.labs)
    if not where.exists():
        raise UsageError(f"{where}: is not there.")
    found = intake.read(staging.download(where), Expected(labs, opened.zone, student), staging.download)
    if not found.handins:
        raise UsageError(f"{where}: nothing was handed in here ({found.shape} is looked for).")
    index = Index(roster)
    matched = [(handin, index.match(handin.claims)) for handin in found.handins]
    attempts = [one for handin, match in matched if match.people for one in _attempts(opened, handin, match, staging)]
    _check_that_labs_are_named(where, attempts, labs)
    unknown = tuple(Unknown(handin.whose, match.problem) for handin, match in matched if not match.people)
    remarks = (*found.remarks, *_remarks(opened, attempts))
    return Plan(opened, roster, found.shape, tuple(_numbered(attempts)), unknown, remarks)


def _attempts(opened: Opened, handin: HandIn, match: Match, staging: Staging) -> Iterator[Attempt]:
    """The hand-in as an attempt at one lab, or at each of the labs that it has a folder for."""
    base = Attempt(match.people, match.student, "", handin.path, handin.name, handin.submitted_at)
    labs = [lab.id for lab in opened.assignment.labs]
    try:
        work = staging.ready(handin)
    except NotGradable as error:
        yield from (replace(base, lab=each, problem=_text(error)) for each in ([handin.lab] if handin.lab else labs))
        return
    parts = [(handin.lab, work)] if handin.lab else _parts(work, labs)
    for lab, path in parts:
        if lab is None:
            yield from (replace(base, lab=each, problem=_which(handin, labs)) for each in labs)
        else:
            yield _read(opened, replace(base, lab=lab, path=path), handin, work)


def _parts(work: Path, labs: Sequence[str]) -> list[tuple[str | None, Path]]:
    """The labs that a submission is for, and where in it each lies; None where it does not say which."""
    expected = Expected(tuple(labs), UTC)
    there = [path for path in inside(work) if path.is_dir()] if work.is_dir() else []
    wrapped = inside(there[0]) if len(there) == 1 and not expected.lab(there[0].name) else []
    for folders in (there, [path for path in wrapped if path.is_dir()]):
        found: list[tuple[str | None, Path]] = [(lab, path) for path in folders if (lab := expected.lab(path.name))]
        if found:
            return found
    return [(labs[0] if len(labs) == 1 else None, work)]


def _which(handin: HandIn, labs: Sequence[str]) -> Text:
    return say(_WHICH, name=shown(_name(handin)), labs=list(labs))


_WHICH = "{name}: does not say which lab it is for; put the work into a folder named for its lab: {labs}."


def _check_that_labs_are_named(where: Path, attempts: Sequence[Attempt], labs: Sequence[str]) -> None:
    """A class of which nobody says which lab it is for was asked for one, where a platform has one for each lab."""
    people = {person.id for attempt in attempts for person in attempt.people}
    if len(people) > 1 and all(one.problem is not None and one.problem.template == _WHICH for one in attempts):
        raise UsageError(
            f"{where}: nothing in it says which lab it is for ({', '.join(labs)}). A platform's download is of one: "
            f"put it into a folder that is named for its lab, as downloads/{labs[0]}, and grade downloads."
        )


def _read(opened: Opened, attempt: Attempt, handin: HandIn, staged: Path) -> Attempt:
    try:
        work = submissions.read(attempt.path)
    except NotGradable as error:
        problem = said_of(_text(error), staged, shown(_name(handin)))
        return replace(attempt, problem=problem if isinstance(problem, Text) else plain(problem))
    lab = opened.labs[attempt.lab]
    key = key_of(opened, lab, attempt.student, work.sha256)
    return replace(attempt, sha256=work.sha256, key=key, called=_called(handin, attempt.path.relative_to(staged)))


def key_of(opened: Opened, lab: Lab, student: str, sha256: str) -> str:
    """A number over all that decides a grading: one that is known by it need not be done again."""
    assignment = opened.assignment
    parameters = lab.values(student, assignment.course or None)
    decides: list[Any] = [
        lab.id,
        lab.version,
        student,
        assignment.course,
        parameters,
        sha256,
        VERSION,
        assignment.emulator,
    ]
    usual = asdict(Limits())
    limits = {name: value for name, value in assignment.limits.items() if value != usual[name]}
    decides += [assignment.timeout_seconds, *([limits] if limits else [])]
    text = json.dumps(decides, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _numbered(attempts: Sequence[Attempt]) -> Iterator[Attempt]:
    """The attempts by person, lab and time; those that can be graded counted from 1."""
    counts: dict[tuple[str, str], int] = {}
    for attempt in sorted(attempts, key=_order):
        if attempt.problem is not None:
            yield attempt
            continue
        whose = (attempt.people[0].id, attempt.lab)
        counts[whose] = counts.get(whose, 0) + 1
        yield replace(attempt, number=counts[whose])


def _order(attempt: Attempt) -> tuple[str, str, datetime, list[tuple[bool, int, str]], str]:
    first = attempt.people[0].id
    return first, attempt.lab, attempt.submitted_at or _NEVER, _natural(attempt.name), str(attempt.path)


def _natural(name: str) -> list[tuple[bool, int, str]]:
    """`attempt-10` behind `attempt-9`."""
    import re

    return [(part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in re.split(r"(\d+)", name)]


def _remarks(opened: Opened, attempts: Sequence[Attempt]) -> Iterator[str]:
    timeless = sum(attempt.submitted_at is None for attempt in attempts)
    if timeless and any(lab.due for lab in opened.assignment.labs):
        yield (
            f"{timeless} came without a time and count as in time: file times are never taken. "
            "Name attempts by time, or give a manifest with submitted_at."
        )
    seen: dict[tuple[str, str], int] = {}
    for attempt in attempts:
        if attempt.submitted_at is None and not attempt.name:
            whose = (attempt.people[0].id, attempt.lab)
            seen[whose] = seen.get(whose, 0) + 1
    for (person, lab), count in seen.items():
        if count > 1:
            yield f"{person} handed in {count} times for {lab}, and nothing says which came last."


def _text(error: LabgradeError) -> Text:
    return error.text if isinstance(error.text, Text) else plain(error.text)


def _called(handin: HandIn, part: PurePath) -> str:
    """The work of one lab, as the student would name it."""
    name = ", ".join(handin.files) or handin.path.name
    return name if part == PurePath() else f"{name}/{part.as_posix()}"


def _name(handin: HandIn) -> str:
    """What the student calls it: the files' own names, never the place where it lies."""
    return next(iter(handin.files)) if handin.files else handin.path.name
