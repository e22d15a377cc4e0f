"""The condition operators: how one value of a request compares with one value of a policy.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html (2026-11-23)
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, TypeAlias

from grader.effects.policy.patterns import Pattern, arn_matches, matches, written
from grader.effects.policy.truth import Truth

# (the request's value, the policy's value); None where the policy's value is nothing the operator compares.
Compare: TypeAlias = Callable[[str, Pattern], Truth]

_NUMBER: Final = re.compile(r"[+-]?(\d{1,400}(\.\d{0,400})?|\.\d{1,400})([eE][+-]?\d{1,4})?")
_EPOCH: Final = re.compile(r"-?\d{5,15}(\.\d{1,9})?")
_MONTH: Final = re.compile(r"(\d{4})-(\d\d)")


@dataclass(frozen=True)
class Operator:
    """An operator by its positive comparison; a negated one is true where no value of the policy compares."""

    name: str
    compare: Compare
    negated: bool = False
    variables: bool = False  # "You can't use a policy variable with other operators" than String and ARN


@dataclass(frozen=True)
class Qualified:
    """An operator as it is written: `ForAnyValue:StringNotLikeIfExists`."""

    operator: Operator | None  # None: Null, or one that is not known
    set_operator: str = ""
    if_exists: bool = False
    null: bool = False


def _equal(value: str, pattern: Pattern) -> bool:
    return value == written(pattern)


def _equal_ignoring_case(value: str, pattern: Pattern) -> bool:
    return value.casefold() == written(pattern).casefold()


def _like(value: str, pattern: Pattern) -> bool:
    return matches(pattern, value)


def _arn(value: str, pattern: Pattern) -> Truth:
    return arn_matches(pattern, value)


def _bool(value: str, pattern: Pattern) -> Truth:
    wanted = written(pattern).lower()
    return value.lower() == wanted if wanted in ("true", "false") else None


def _binary(value: str, pattern: Pattern) -> Truth:
    """Both in Base64, compared byte for byte."""
    wanted, found = _bytes(written(pattern)), _bytes(value)
    return None if wanted is None else wanted == found


def _address(value: str, pattern: Pattern) -> Truth:
    """A range, or one address without a prefix; IPv4 is never within IPv6."""
    try:
        network = ipaddress.ip_network(written(pattern), strict=False)
    except ValueError:
        return None
    try:
        return ipaddress.ip_address(value) in network
    except ValueError:
        return False


def _ordered(read: Callable[[str], Any], holds: Callable[[Any, Any], bool]) -> Compare:
    """A comparison of what both texts mean; a request's value without such a meaning matches nothing."""

    def compare(value: str, pattern: Pattern) -> Truth:
        wanted, found = read(written(pattern)), read(value)
        if wanted is None:
            return None
        return found is not None and holds(found, wanted)

    return compare


def _number(text: str) -> Decimal | None:
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _date(text: str) -> datetime | None:
    """One of W3C's ISO 8601 forms, or seconds of the epoch; four digits could be either, so they are neither."""
    month = _MONTH.fullmatch(text)
    try:
        if _EPOCH.fullmatch(text):
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=float(text))
        found = datetime.fromisoformat(f"{text}-01" if month else text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _bytes(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


_ORDERS: Final[tuple[tuple[str, Callable[[Any, Any], bool]], ...]] = (
    ("Equals", lambda found, wanted: bool(found == wanted)),
    ("LessThan", lambda found, wanted: bool(found < wanted)),
    ("LessThanEquals", lambda found, wanted: bool(found <= wanted)),
    ("GreaterThan", lambda found, wanted: bool(found > wanted)),
    ("GreaterThanEquals", lambda found, wanted: bool(found >= wanted)),
)
_PAIRS: Final[tuple[tuple[str, str, Compare, bool], ...]] = (
    ("StringEquals", "StringNotEquals", _equal, True),
    ("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", _equal_ignoring_case, True),
    ("StringLike", "StringNotLike", _like, True),
    ("ArnEquals", "ArnNotEquals", _arn, True),
    ("ArnLike", "ArnNotLike", _arn, True),
    ("NumericEquals", "NumericNotEquals", _ordered(_number, _ORDERS[0][1]), False),
    ("DateEquals", "DateNotEquals", _ordered(_date, _ORDERS[0][1]), False),
    ("IpAddress", "NotIpAddress", _address, False),
)
_SINGLES: Final[tuple[tuple[str, Compare], ...]] = (
    ("Bool", _bool),
    ("BinaryEquals", _binary),
    *((f"Numeric{name}", _ordered(_number, holds)) for name, holds in _ORDERS[1:]),
    *((f"Date{name}", _ordered(_date, holds)) for name, holds in _ORDERS[1:]),
)
OPERATORS: Final[dict[str, Operator]] = {
    operator.name.lower(): operator
    for operator in (
        *(Operator(name, compare, False, variables) for name, _, compare, variables in _PAIRS),
        *(Operator(name, compare, True, variables) for _, name, compare, variables in _PAIRS),
        *(Operator(name, compare) for name, compare in _SINGLES),
    )
}
SET_OPERATORS: Final = ("ForAllValues", "ForAnyValue")
IF_EXISTS: Final = "ifexists"


def qualified(text: str) -> Qualified:
    """The operator that a Condition names. No page says that case matters here, so it does not.

    "You can add IfExists to the end of any condition operator name except the Null condition."
    """
    prefix, _, rest = text.rpartition(":")
    sets = {name.lower(): name for name in SET_OPERATORS}
    if prefix and prefix.lower() not in sets:
        return Qualified(None)
    name = rest.lower()
    if name == "null":
        return Qualified(None, null=not prefix)
    if_exists = name.endswith(IF_EXISTS)
    operator = OPERATORS.get(name.removesuffix(IF_EXISTS) if if_exists else name)
    return Qualified(operator, sets.get(prefix.lower(), ""), if_exists)
