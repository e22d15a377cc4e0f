"""Reads a roster: Canvas's gradebook export, a list of Moodle's, or a plain CSV."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.classroom import csv_table
from grader.classroom.csv_table import CsvTable, plainly
from grader.classroom.roster import Person, Roster, RosterKind, folded
from grader.errors import UsageError

# What a column is called, the likelier first, for each thing that is known of a person.
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("full name", "name", "student name", "display name", "이름", "성명"),
    "email": ("email address", "email", "e-mail", "e-mail address", "mail", "이메일 주소", "이메일"),
    "login": ("sis login id", "username", "login", "user name", "login id", "사용자명", "사용자 아이디", "아이디"),
    "sis_id": ("sis user id", "id number", "sid", "student number", "matriculation number", "학번", "id 번호"),
    "lms_id": ("identifier", "user id", "canvas id", "moodle id", "식별자"),
    "section": ("section", "sections", "분반"),
    "team": ("team", "group", "group name", "team name", "groups", "팀", "조"),
}
_FIRST, _LAST = ("first name", "given name", "given names"), ("last name", "surname", "family name")
_OWN = ("labgrade id", "student id", "id", "student")  # of a plain file: what labgrade is to know people by
_IDENTITIES: Mapping[RosterKind, tuple[str, ...]] = {
    "canvas": ("login", "sis_id", "lms_id"),
    "moodle": ("login", "email", "sis_id", "lms_id"),
    "plain": ("email", "login", "sis_id", "lms_id", "name"),
}
_NOBODY = ("points possible", "student, test", "test student")
_PARTICIPANT = ("Participant ", "참가자 ")  # Moodle's worksheets: "Participant 123"


@dataclass(frozen=True)
class RosterFile:
    """The roster, and what whoever wrote it may want to know."""

    roster: Roster
    remarks: tuple[str, ...] = ()


def read(path: Path, student_column: str | None = None) -> RosterFile:
    """The class in that file; `student_column` names the one with what labgrade is to know people by.

    Raises UsageError.
    """
    return of_table(path, csv_table.read(path), student_column)


def of_table(path: Path, table: CsvTable, student_column: str | None = None) -> RosterFile:
    """Raises UsageError."""
    kind = _kind(table)
    own = _own(path, table, kind, student_column)
    remarks: list[str] = []
    people: list[tuple[int, Person]] = []
    heading: list[tuple[str, ...]] = []
    for line, row in table.rows:
        if kind == "canvas" and (plainly(row[0]) in _NOBODY or not row[0].strip()):
            heading.append(row)
            continue
        person = _person(table, kind, row, own)
        if not person.id:
            remarks.append(f"{path}:{line}: says nothing by which somebody could be known; it was left out.")
        elif own is not None and not row[own].strip():
            remarks.append(f"{path}:{line}: {table.columns[own]} is blank; {person.id} is taken instead.")
        if person.id:
            people.append((line, person))
    kept = tuple(_once(path, people, remarks))
    roster = Roster(kept, table.columns, kind, tuple(heading), table.delimiter)
    return RosterFile(roster, (*remarks, *_namesakes(kept)))


def _kind(table: CsvTable) -> RosterKind:
    names = [plainly(column) for column in table.columns]
    if names[0] == "student" and "id" in names[1:2] and "section" in names:
        return "canvas"
    if {"identifier", "email address", "username", "id number"} & set(names) and {"full name", *_FIRST} & set(names):
        return "moodle"
    return "plain"


def _own(path: Path, table: CsvTable, kind: RosterKind, named: str | None) -> int | None:
    """The column with people's ids; None where each is known by whatever there is."""
    if named is not None:
        place = table.place(plainly(named))
        if place is None:
            columns = ", ".join(table.columns)
            raise UsageError(f"{path}:1: has no column {named!r}, which `student` names; it has {columns}.")
        return place
    if kind == "plain" and (place := table.place(*_OWN)) is not None:
        return place
    named_so = (table.place(*_COLUMNS[field]) for field in _IDENTITIES[kind] if field != "name")
    found = next((place for place in named_so if place is not None), None)
    if found is None and kind == "plain" and table.place(*_COLUMNS["name"]) is None:
        raise UsageError(
            f"{path}:1: none of its columns says who somebody is ({', '.join(table.columns)}); "
            "there has to be one called student, email, login or name."
        )
    return found


def _person(table: CsvTable, kind: RosterKind, row: tuple[str, ...], own: int | None) -> Person:
    found = {field: _cell(table, row, *names) for field, names in _COLUMNS.items()}
    first, last = _cell(table, row, *_FIRST), _cell(table, row, *_LAST)
    found["name"] = found["name"] or " ".join(filter(None, (first, last)))
    if kind == "canvas":
        found["lms_id"], found["name"] = _cell(table, row, "id"), _one_line(row[0])
    elif kind == "plain" and not found["name"] and own is not None and plainly(table.columns[own]) != "student":
        found["name"] = _cell(table, row, "student")
    for word in _PARTICIPANT:
        found["lms_id"] = found["lms_id"].removeprefix(word)
    known = [_one_line(row[own])] if own is not None else []
    known += [found[field] for field in _IDENTITIES[kind]]
    return Person(id=next(filter(None, known), ""), **found, row=row)


def _cell(table: CsvTable, row: tuple[str, ...], *names: str) -> str:
    place = table.place(*names)
    return "" if place is None else _one_line(row[place])


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _once(path: Path, people: list[tuple[int, Person]], remarks: list[str]) -> Iterator[Person]:
    """Everybody once. Raises UsageError for two people with one id."""
    seen: dict[str, tuple[int, Person]] = {}
    for line, person in people:
        before = seen.setdefault(folded(person.id), (line, person))
        if before[0] == line:
            yield person
        elif folded(before[1].name) == folded(person.name):
            remarks.append(f"{path}:{line}: {person.id} stands in line {before[0]} too; this line was left out.")
        else:
            raise UsageError(
                f"{path}:{line}: {before[1].name or before[1].id} (line {before[0]}) and {person.name or person.id} "
                f'have one id, {person.id!r}; name a column that tells them apart: student = "…" in the assignment.'
            )


def _namesakes(people: tuple[Person, ...]) -> Iterator[str]:
    by_name: dict[str, list[Person]] = {}
    for person in people:
        by_name.setdefault(folded(person.name), []).append(person)
    for name, them in by_name.items():
        if name and len(them) > 1:
            ids = ", ".join(person.id for person in them)
            yield f"{len(them)} students are called {them[0].name} ({ids}): name their work by something else."
