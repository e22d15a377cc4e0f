"""Filter policies that AWS refuses, in its words as LocalStack recorded them from AWS in May 2024.

https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html (2026-11-23)

AWS names the first thing that is wrong; here that of each property is named. What nobody has seen refused is not
refused: an address that `cidr` cannot read, numbers out of range.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import islice
from typing import Any, Final, TypeAlias

from grader.effects.delivery.filters import DEEPEST, OR, Filter
from grader.effects.delivery.refusal import Refusal, invalid
from grader.effects.delivery.rules import ANYTHING_BUT, OPERATORS, wildcard_parts

CONSTRAINTS: Final = "https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html"
STRINGS: Final = "https://docs.aws.amazon.com/sns/latest/dg/string-value-matching.html"
NUMBERS: Final = "https://docs.aws.amazon.com/sns/latest/dg/numeric-value-matching.html"
KEYS: Final = "https://docs.aws.amazon.com/sns/latest/dg/attribute-key-matching.html"
MOST_KEYS: Final = 5
MOST_COMBINATIONS: Final = 150
MOST_BYTES: Final = 256 * 1024
MOST: Final = 20  # refusals that are named
SCOPES: Final = ("MessageAttributes", "MessageBody")
_PATTERNS: Final = ("prefix", "suffix", "equals-ignore-case", "wildcard", "cidr")

_Found: TypeAlias = "Iterator[tuple[str, str, str]]"  # name, AWS's words, page


def of_filter(text: object, scope: object = None) -> tuple[Refusal, ...]:
    """Why AWS would not take this FilterPolicy with this FilterPolicyScope; empty where it would."""
    if scope is not None and scope not in SCOPES:
        why = f"FilterPolicyScope: Invalid value [{scope}]. Please use either MessageBody or MessageAttributes"
        return (invalid("scope", why, CONSTRAINTS),)
    read = Filter.read(text, scope)
    if read.unreadable:
        return (_policy("not_json", "failed to parse JSON.", CONSTRAINTS),)
    if not read.content:
        return ()
    return tuple(islice((_policy(*found) for found in _of_whole(read, text)), MOST))


def _policy(name: str, why: str, doc: str) -> Refusal:
    if name == "nested":
        return invalid(name, why, doc)
    return invalid(name, f"FilterPolicy: {why}", doc)


def _of_whole(read: Filter, text: object) -> _Found:
    content = read.content
    if isinstance(text, str) and len(text.encode(errors="surrogatepass")) > MOST_BYTES:
        yield "too_long", "Filter policy is longer than 256 KB", CONSTRAINTS
    if len(content) > MOST_KEYS:
        yield "too_many_keys", f"Filter policy can not have more than {MOST_KEYS} keys", CONSTRAINTS
    if read.scope == "MessageAttributes" and any(_nested(content)):
        why = "Filter policy scope MessageAttributes does not support nested filter policy"
        yield "nested", why, CONSTRAINTS
    if combinations(content) > MOST_COMBINATIONS:
        yield "too_complex", "Filter policy is too complex", CONSTRAINTS
    yield from _of_object(content, 1)


def _nested(content: Mapping[str, Any]) -> Iterator[bool]:
    for key, value in content.items():
        yield isinstance(value, dict)
        for item in value if key == OR and isinstance(value, list) else ():
            yield isinstance(item, dict) and any(isinstance(below, dict) for below in item.values())


def combinations(content: Mapping[str, Any], depth: int = 1) -> int:
    """The total combination of values: each array's values times its level, multiplied; alternatives are added."""
    if depth > DEEPEST:
        return MOST_COMBINATIONS + 1
    total = 1
    for key, value in content.items():
        if isinstance(value, dict):
            total *= combinations(value, depth + 1)
        elif key == OR and isinstance(value, list):
            total *= sum(combinations(item, depth) for item in value if isinstance(item, dict))
        elif isinstance(value, list):
            total *= len(value) * depth
        if total > MOST_COMBINATIONS:
            return total
    return total


def _of_object(content: Mapping[str, Any], depth: int) -> _Found:
    if depth > DEEPEST:
        return
    for key, value in content.items():
        if isinstance(value, dict):
            yield from _of_object(value, depth + 1) if value else _empty_object()
        elif not isinstance(value, list):
            yield "not_a_list", f'"{key[:200]}" must be an object or an array', STRINGS
        elif not value:
            yield "empty", "Empty arrays are not allowed", CONSTRAINTS
        elif key == OR and all(isinstance(item, dict) for item in value):
            for item in value:
                yield from _of_object(item, depth + 1)
        else:
            for item in value:
                yield from _of_rule(item)


def _empty_object() -> _Found:
    yield "empty", "Empty objects are not allowed", CONSTRAINTS


def _of_rule(rule: Any) -> _Found:
    if isinstance(rule, list):
        yield "value", "Match value must be String, number, true, false, or null", STRINGS
    if not isinstance(rule, dict):
        return
    if len(rule) != 1:
        yield "one_operator", "Only one key allowed in match expression", STRINGS
        return
    for operator, wanted in rule.items():
        if operator not in OPERATORS:
            yield "operator", f"Unrecognized match type {operator[:200]}", STRINGS
        elif operator == "exists" and not isinstance(wanted, bool):
            yield "exists", "exists match pattern must be either true or false.", KEYS
        elif operator == "numeric":
            yield from _of_numeric(wanted)
        elif operator == "anything-but":
            yield from _of_anything_but(wanted)
        elif operator in _PATTERNS:
            yield from _of_text(operator, wanted)


def _of_text(operator: str, wanted: Any) -> _Found:
    if not isinstance(wanted, str):
        yield "pattern", f"{operator} match pattern must be a string", STRINGS
    elif operator == "wildcard" and "" in wildcard_parts(wanted)[1:-1]:
        yield "wildcard", "Consecutive wildcard characters", STRINGS


def _of_anything_but(wanted: Any) -> _Found:
    if isinstance(wanted, dict):
        for operator, values in wanted.items():
            if operator not in ANYTHING_BUT:
                yield "anything_but", f"Unsupported anything-but pattern: {operator[:200]}", STRINGS
                continue
            for value in values if isinstance(values, list) and values else [values]:
                yield from _of_text(operator, value)
        return
    values = wanted if isinstance(wanted, list) else [wanted]
    kinds = {type(value) for value in values}
    if not values:
        yield "empty", "Empty arrays are not allowed", CONSTRAINTS
    elif not (kinds == {str} or kinds == {Decimal}):
        why = "Inside anything but list, either all values are number or string, mixed type is not supported"
        yield "anything_but", why, STRINGS


def _of_numeric(wanted: Any) -> _Found:
    """`["=", 5]`, `["<", 5]`, or a range `[">", 0, "<=", 5]` from below to above."""
    why = _numeric_fault(wanted if isinstance(wanted, list) else [])
    if why:
        yield "numeric", why, NUMBERS


def _numeric_fault(wanted: list[Any]) -> str | None:
    first = wanted[0] if wanted else "]"
    if not wanted or not isinstance(first, str):
        return f"Invalid member in numeric match: {first}"
    if first not in ("=", "<", "<=", ">", ">="):
        return f"Unrecognized numeric range operator: {first[:200]}"
    if len(wanted) < 2 or not isinstance(wanted[1], Decimal):
        return f"Value of {'equals' if first == '=' else first} must be numeric"
    if len(wanted) == 2:
        return None
    return "Too many elements in numeric expression" if first in ("=", "<", "<=") else _range_fault(wanted)


def _range_fault(wanted: list[Any]) -> str | None:
    second = wanted[2]
    if not isinstance(second, str):
        return f"Bad value in numeric range: {second}"
    if second not in ("<", "<="):
        return f"Bad numeric range operator: {second[:200]}"
    if len(wanted) < 4 or not isinstance(wanted[3], Decimal):
        return f"Value of {second} must be numeric"
    if len(wanted) > 4:
        return "Too many terms in numeric range expression"
    return None if wanted[1] < wanted[3] else "Bottom must be less than top"
