"""Whose a hand-in is: what it says of itself, held against the roster. Two who fit are none."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from grader.classroom.intake import Claim
from grader.classroom.roster import Person, Roster, folded

_FIELDS = ("id", "login", "email", "sis_id", "lms_id", "name")
_SELF = ("any", "login", "email", "sis_id", "name", "squeezed", "lms_id")  # what a stranger is known by
_FIELDS_OF_CLAIMS = ("name", "email", "login", "sis_id", "lms_id")
_LIKENESS = 0.75


@dataclass(frozen=True)
class Match:
    """Whose it is: everybody who gets the mark, and the one whose names and numbers it was made with."""

    people: tuple[Person, ...] = ()
    student: str = ""
    problem: str = ""  # why it is nobody's

    def joined(self, other: Match) -> Match:
        """Of both: a group's."""
        known = {person.id for person in self.people}
        people = (*self.people, *(person for person in other.people if person.id not in known))
        return Match(people, self.student or other.student, self.problem or other.problem)


class Index:
    """Finds people of a roster; without one, everybody is who they say they are."""

    def __init__(self, roster: Roster | None) -> None:
        self._roster = roster
        self._by: dict[tuple[str, str], list[Person]] = {}
        for person in roster or ():
            for field, text in _known(person):
                them = self._by.setdefault((field, text), [])
                if person not in them:
                    them.append(person)

    def match(self, claims: Sequence[Claim]) -> Match:
        """Whose work it is that makes these claims, one for each of a group."""
        found = Match()
        for claim in claims:
            found = found.joined(self._one(claim))
        return Match(problem=found.problem) if found.problem else found

    def _one(self, claim: Claim) -> Match:
        if self._roster is None:
            return _stranger(claim)
        for field, text in claim:
            for key in _keys(field, text):
                if them := self._by.get(key, []):
                    return self._of(them, key, text, dict(claim).get("lms_id"))
        return Match(problem=self._nobody(claim))

    def _of(self, them: Sequence[Person], key: tuple[str, str], text: str, number: str | None) -> Match:
        first = them[0]
        if key[0] == "team":
            return Match(tuple(them), first.team)
        if len(them) > 1:
            numbered = f", or give a roster with the platform's numbers: this is {number}" if number else ""
            return Match(problem=f"{text!r} may be {_listed(person.id for person in them)}: name it by id{numbered}.")
        return Match(self._roster.members(first) if self._roster else (first,), first.id)

    def _nobody(self, claim: Claim) -> str:
        text = claim[0][1] if claim[0][0] != "lms_id" else claim[-1][1]
        known = [known for field, known in self._by if field in ("id", "login", "name", "team")]
        near = difflib.get_close_matches(folded(text), known, 1, _LIKENESS)
        hint = f"; did you mean {near[0]}?" if near else "."
        return f"nobody in the roster is {_listed(repr(said) for _, said in claim)}{hint}"


def _known(person: Person) -> Iterator[tuple[str, str]]:
    """Every pair of a field and a text by which somebody is found."""
    for field in _FIELDS:
        if text := folded(getattr(person, field)):
            yield field, text
    if person.team:
        yield "team", folded(person.team)
    if "@" in person.email:
        yield "local", folded(person.email).partition("@")[0]
    for name in (person.name, *_turned(person.name)):
        if squeezed := _squeezed(name):
            yield "squeezed", squeezed


def _keys(field: str, text: str) -> Iterator[tuple[str, str]]:
    """Where to look for what a claim says, the surest first."""
    if field == "any":
        for said in dict.fromkeys((text, unquote(text))):
            yield from ((known, folded(said)) for known in (*_FIELDS, "team", "local"))
        yield "squeezed", _squeezed(text)
    elif field == "name":
        yield "name", folded(text)
        yield "team", folded(text)
        yield "squeezed", _squeezed(text)
        yield from (("name", folded(rest)) for rest in [text.partition(" ")[2]] if rest)  # behind a user name
    elif field == "squeezed":
        yield "squeezed", _squeezed(text)
        yield "team", folded(text)
    elif field == "login":
        yield from (("login", folded(text)), ("id", folded(text)))
    else:
        yield field, folded(text)
        yield "id", folded(text)


def _turned(name: str) -> Iterator[str]:
    """The name the other way round: `Lovelace, Ada` and `Ada Lovelace` are one."""
    last, comma, first = name.partition(",")
    if comma:
        yield f"{first} {last}"
    elif " " in name.strip():
        first, _, last = name.strip().rpartition(" ")
        yield f"{last} {first}"


def _squeezed(text: str) -> str:
    """A name's letters and digits alone, as Canvas makes file names of it."""
    return "".join(letter for letter in folded(text) if letter.isalnum())


def _stranger(claim: Claim) -> Match:
    """Somebody of whom no roster says anything: who they say they are."""
    said: Mapping[str, str] = dict(reversed(claim))
    id = next(said[field] for field in _SELF if field in said)
    name, email, login, sis_id, lms_id = (said.get(field, "") for field in _FIELDS_OF_CLAIMS)
    person = Person(unquote(id), name, email, login, sis_id, lms_id)
    return Match((person,), person.id)


_listed: Callable[[Iterator[str]], str] = " or ".join
