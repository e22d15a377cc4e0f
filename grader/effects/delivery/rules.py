"""The rules that a filter policy has for one property: values, and operators in an object of one key.

https://docs.aws.amazon.com/sns/latest/dg/string-value-matching.html
https://docs.aws.amazon.com/sns/latest/dg/numeric-value-matching.html
https://docs.aws.amazon.com/sns/latest/dg/attribute-key-matching.html (2026-11-23)

Of `wildcard`, and of `suffix`, `equals-ignore-case` and `wildcard` within `anything-but`, the copies of those pages
differ by date (AWS refused `anything-but` of a suffix in May 2024). They are taken, and read as AWS's own open
matcher, aws/event-ruler, reads them, so that no filter that works today is called wrong.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, Final, TypeAlias


class Nothing(Enum):
    """What a message has of a property that it does not have."""

    ABSENT = "absent"


ABSENT: Final = Nothing.ABSENT
# A leaf of a message: text, number (Decimal), True, False, null, or nothing at all.
Leaf: TypeAlias = "str | Decimal | bool | Nothing | None"

ANYTHING_BUT: Final = ("prefix", "suffix", "equals-ignore-case", "wildcard")
# "For numeric matching, the value can range from -10^9 to 10^9": subscription-filter-policy-constraints.html
LARGEST: Final = Decimal(10**9)
_ORDERS: Final[dict[str, Callable[[Decimal, Decimal], bool]]] = {
    "=": lambda found, wanted: found == wanted,
    "<": lambda found, wanted: found < wanted,
    "<=": lambda found, wanted: found <= wanted,
    ">": lambda found, wanted: found > wanted,
    ">=": lambda found, wanted: found >= wanted,
}


@dataclass(frozen=True)
class Rule:
    """One rule as it is written, with the values in it read as a message's are."""

    written: Any

    def accepts(self, leaf: Leaf) -> bool:
        """Whether the rule accepts the value. Types count: the text "100" is not the number 100."""
        if not isinstance(self.written, Mapping):
            return same(self.written, leaf)
        for operator, wanted in self.written.items():
            if operator == "exists":
                # "The key must have a non-null and non-empty value."
                return wanted is (leaf is not ABSENT and leaf is not None and leaf != "")
            return leaf is not ABSENT and _OPERATORS.get(operator, _never)(leaf, wanted)
        return False


def same(wanted: object, leaf: Leaf) -> bool:
    """Whether a plain value of a policy is that of the message: same type, same value."""
    if leaf is ABSENT or isinstance(wanted, Mapping | list):
        return False
    if isinstance(wanted, bool) or isinstance(leaf, bool) or wanted is None or leaf is None:
        return wanted is leaf
    return type(wanted) is type(leaf) and wanted == leaf


def _never(_: Leaf, __: object) -> bool:
    return False


def _prefix(leaf: Leaf, wanted: object) -> bool:
    return isinstance(leaf, str) and isinstance(wanted, str) and leaf.startswith(wanted)


def _suffix(leaf: Leaf, wanted: object) -> bool:
    return isinstance(leaf, str) and isinstance(wanted, str) and leaf.endswith(wanted)


def _ignoring_case(leaf: Leaf, wanted: object) -> bool:
    return isinstance(leaf, str) and isinstance(wanted, str) and leaf.lower() == wanted.lower()


def _wildcard(leaf: Leaf, wanted: object) -> bool:
    """`*` is any characters; `\\*` and `\\\\` are the characters themselves."""
    if not isinstance(leaf, str) or not isinstance(wanted, str):
        return False
    first, *others = wildcard_parts(wanted)
    if not others:
        return leaf == first
    if not leaf.startswith(first):
        return False
    at = len(first)
    for part in others[:-1]:
        found = leaf.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return len(leaf) - at >= len(others[-1]) and leaf.endswith(others[-1])


def wildcard_parts(text: str) -> list[str]:
    """The plain texts between the wildcards of a pattern."""
    found, escaped = [""], False
    for character in text:
        if character == "*" and not escaped:
            found.append("")
        elif character == "\\" and not escaped:
            escaped = True
            continue
        else:
            found[-1] += character
        escaped = False
    return found


def _cidr(leaf: Leaf, wanted: object) -> bool:
    if not isinstance(leaf, str) or not isinstance(wanted, str):
        return False
    try:
        return ipaddress.ip_address(leaf) in ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return False


def _numeric(leaf: Leaf, wanted: object) -> bool:
    """Operators and numbers in turn, all of which hold. Only a number is compared, within what SNS compares."""
    if not isinstance(leaf, Decimal) or not isinstance(wanted, list) or not wanted or abs(leaf) > LARGEST:
        return False
    pairs = [wanted[at : at + 2] for at in range(0, len(wanted), 2)]
    return all(_holds(leaf, pair) for pair in pairs)


def _holds(leaf: Decimal, pair: list[Any]) -> bool:
    if len(pair) != 2 or not isinstance(pair[0], str) or not isinstance(pair[1], Decimal) or pair[0] not in _ORDERS:
        return False
    return _ORDERS[pair[0]](leaf, pair[1])


def _anything_but(leaf: Leaf, wanted: object) -> bool:
    """Any value but these: of an array, "a value that isn't" one of them is enough."""
    if isinstance(wanted, Mapping):
        return all(
            operator in ANYTHING_BUT and not any(_OPERATORS[operator](leaf, value) for value in _listed(values))
            for operator, values in wanted.items()
        )
    return not any(same(value, leaf) for value in _listed(wanted))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


_OPERATORS: Final[dict[str, Callable[[Leaf, Any], bool]]] = {
    "anything-but": _anything_but,
    "cidr": _cidr,
    "equals-ignore-case": _ignoring_case,
    "numeric": _numeric,
    "prefix": _prefix,
    "suffix": _suffix,
    "wildcard": _wildcard,
}
OPERATORS: Final = frozenset({*_OPERATORS, "exists"})
