"""Who is in the class, as a learning platform or a plain file lists them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

RosterKind: TypeAlias = Literal["canvas", "moodle", "plain"]


@dataclass(frozen=True)
class Person:
    """One student. `id` is what labgrade knows them by: names and numbers of a lab are drawn from it."""

    id: str
    name: str = ""
    email: str = ""
    login: str = ""  # Canvas "SIS Login ID", Moodle "Username"
    sis_id: str = ""  # Canvas "SIS User ID", Moodle "ID number"
    lms_id: str = ""  # Canvas "ID", Moodle's own number, Gradescope "SID" where there is nothing else
    section: str = ""
    team: str = ""  # people of one team hand in one work
    row: tuple[str, ...] = ()  # the roster's own cells, beside Roster.columns

    @property
    def identities(self) -> tuple[str, ...]:
        """Everything that a download may call them by, the surest first; no blanks."""
        known = (self.id, self.login, self.email, self.sis_id, self.lms_id, self.name)
        return tuple(dict.fromkeys(one for one in known if one.strip()))


@dataclass(frozen=True)
class Roster:
    """The class in the order of its file, with all that the file had, so that it can be written out again."""

    people: tuple[Person, ...] = ()
    columns: tuple[str, ...] = ()  # as the file names them
    kind: RosterKind = "plain"
    heading: tuple[tuple[str, ...], ...] = ()  # rows that are nobody: Canvas's "Points Possible"
    delimiter: str = ","

    def __len__(self) -> int:
        return len(self.people)

    def __iter__(self) -> Iterator[Person]:
        return iter(self.people)

    def get(self, id: str) -> Person | None:
        """The person whom labgrade knows by that id."""
        return self._by_id.get(folded(id))

    @cached_property
    def _by_id(self) -> Mapping[str, Person]:
        return {folded(person.id): person for person in self.people}

    def members(self, person: Person) -> tuple[Person, ...]:
        """Everybody whose work theirs is: their team, or they alone."""
        if not person.team:
            return (person,)
        return tuple(one for one in self.people if one.team == person.team)

    def cell(self, person: Person, column: str) -> str:
        """What the roster's file says of them in that column; empty where it says nothing."""
        if column not in self.columns:
            return ""
        place = self.columns.index(column)
        return person.row[place] if place < len(person.row) else ""


def folded(text: str) -> str:
    """An identity as it is compared: composed, without white space around it, in small letters."""
    return unicodedata.normalize("NFC", text).strip().casefold()
