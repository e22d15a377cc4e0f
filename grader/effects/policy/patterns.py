"""Patterns of policies: `*` and `?`, policy variables, and ARNs segment by segment."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from grader.effects.policy.context import Absence, Context
from grader.effects.policy.truth import Truth


class Wild(Enum):
    """What stands for other characters."""

    ANY = "*"
    ONE = "?"


@dataclass(frozen=True)
class Variable:
    """`${key}` or `${key, 'default'}`."""

    key: str
    default: str | None


Piece: TypeAlias = "str | Wild"
Pattern: TypeAlias = "tuple[Piece, ...]"

# "${*}", "${?}" and "${$}" stand for the characters themselves; `${key, 'default'}` has a default value.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html (2026-11-23)
_VARIABLE: Final = re.compile(r"\$\{\s*([^{}',]*?)\s*(?:,\s*'([^{}']*)'\s*)?\}")
_ESCAPES: Final = frozenset("*?$")
ARN_PARTS: Final = 6


def tokens(text: str, *, variables: bool) -> tuple[Piece | Variable, ...]:
    """A pattern's text taken apart. `${…}` is plain text in policies of before 2012-10-17."""
    found: list[Piece | Variable] = []
    at = 0
    for match in _VARIABLE.finditer(text) if variables else ():
        found.extend(_plain(text[at : match.start()]))
        key, default = match.group(1), match.group(2)
        found.append(key if key in _ESCAPES else Variable(key, default))
        at = match.end()
    return (*found, *_plain(text[at:]))


def _plain(text: str) -> list[Piece]:
    wild: dict[str, Piece] = {"*": Wild.ANY, "?": Wild.ONE}
    return [wild.get(character, character) for character in text]


def expand(parts: Sequence[Piece | Variable], context: Context) -> Pattern | Absence:
    """The pattern with the request's values in place of its variables, or why there is no such value.

    A value's own `*` and `?` are plain characters. A key of several values cannot be a variable.
    """
    found: list[Piece] = []
    for part in parts:
        if not isinstance(part, Variable):
            found.append(part)
            continue
        values = context.get(part.key)
        if values is Absence.ABSENT and part.default is not None:
            values = (part.default,)
        if isinstance(values, Absence):
            return values
        if len(values) != 1:
            return Absence.ABSENT
        found.extend(values[0])
    return tuple(found)


def written(pattern: Pattern) -> str:
    """The pattern as text, wildcards as the characters they are written with."""
    return "".join(piece.value if isinstance(piece, Wild) else piece for piece in pattern)


def matches(pattern: Sequence[Piece], value: str) -> bool:
    """Whether the whole value fits the pattern: `*` is any characters, also none, `?` exactly one.

    Time is bounded by the value's length however long the pattern is.
    """
    at, here, star, resume = 0, 0, -1, 0
    while here < len(value):
        piece = pattern[at] if at < len(pattern) else None
        if piece is Wild.ANY:
            star, resume, at = at, here, at + 1
        elif piece is Wild.ONE or piece == value[here]:
            at, here = at + 1, here + 1
        elif star >= 0:
            resume += 1
            at, here = star + 1, resume
        else:
            return False
    return all(piece is Wild.ANY for piece in pattern[at:])


def fits(text: str, value: str, *, ignore_case: bool = False) -> bool:
    """`matches` for a pattern without variables."""
    pattern = text.lower() if ignore_case else text
    return matches(_plain(pattern), value.lower() if ignore_case else value)


def arn_matches(pattern: Pattern, arn: str) -> Truth:
    """An ARN against a pattern, each of its six parts by itself, as ArnEquals and ArnLike compare.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
    (2026-11-23). Of a pattern with fewer than six parts that page says nothing: in an identity-based policy's
    Resource AWS fills up with `*` (reference-arns.html). What would match only so is unknown.
    """
    parts = arn.split(":", ARN_PARTS - 1)
    if len(parts) < ARN_PARTS or parts[0] != "arn":
        return False
    wanted = _segments(pattern)
    fit = all(matches(want, part) for want, part in zip(wanted, parts, strict=False))
    return None if fit and len(wanted) < ARN_PARTS else fit


def resource_matches(pattern: Pattern, arn: str) -> Truth:
    """A resource against a statement's Resource. A lone `*` is every resource.

    Pages tell of wildcards "in the different sections of an ARN", and not whether one can stand for several
    sections in a resource-based policy: where that makes the difference, the answer is unknown.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html (2026-11-23)
    """
    if pattern == (Wild.ANY,):
        return True
    spanning, by_part = matches(pattern, arn), arn_matches(pattern, arn)
    return spanning if spanning == by_part else None


def _segments(pattern: Pattern) -> list[list[Piece]]:
    found: list[list[Piece]] = [[]]
    for piece in pattern:
        if piece == ":" and len(found) < ARN_PARTS:
            found.append([])
        else:
            found[-1].append(piece)
    return found
