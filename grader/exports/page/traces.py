"""Traces of one student in another's work: a finding that just two or three share, and what was drawn for another."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_FEW = 3
CLASS = 8  # students: in fewer, what two do is not odd
_SHORTEST = 6  # characters: a shorter value stands anywhere
_TOKEN = re.compile(r"[A-Za-z0-9._-]{6,255}")
_MOST = 50


@dataclass(frozen=True)
class Shared:
    """A finding, and who has it."""

    check: str
    finding: str
    whose: tuple[str, ...]


@dataclass(frozen=True)
class Foreign:
    """A value in somebody's work that was drawn for another."""

    who: str
    whose: str
    value: str


def shared(findings: Mapping[str, Mapping[str, str]]) -> list[Shared]:
    """`findings` are by student and check, their own names and numbers taken out. The rarest come first."""
    if len(findings) < CLASS:
        return []
    by_finding: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for who, found in findings.items():
        for check, finding in found.items():
            by_finding[check, finding].append(who)
    few = [Shared(*key, tuple(sorted(whose))) for key, whose in by_finding.items() if 1 < len(whose) <= _FEW]
    return sorted(few, key=lambda one: (len(one.whose), one.whose, one.check))[:_MOST]


def foreign(texts: Mapping[str, str], drawn: Mapping[str, Mapping[str, Any]]) -> list[Foreign]:
    """Whatever stands in a text and was drawn for one other student alone."""
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for whose, values in drawn.items():
        for value in telling(values):
            owners[value].add(whose)
    found = {one for who, text in texts.items() for one in _foreign(who, text, owners)}
    return sorted(found, key=lambda one: (one.who, one.whose, one.value))[:_MOST]


def telling(values: Mapping[str, Any]) -> list[str]:
    """Those values that are long enough to say whose they are."""
    return [value for value in values.values() if isinstance(value, str) and len(value) >= _SHORTEST]


def _foreign(who: str, text: str, owners: Mapping[str, set[str]]) -> Iterator[Foreign]:
    for word in set(_TOKEN.findall(text)):
        for candidate in {word, *re.split(r"[._-]", word)}:
            whose = owners.get(candidate, set())
            if len(whose) == 1 and who not in whose:
                yield Foreign(who, next(iter(whose)), candidate)
