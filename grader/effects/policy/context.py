"""What is known of a request: its condition keys and their values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias


class Absence(Enum):
    """Why a key has no value here."""

    ABSENT = "absent"  # the request does not carry it
    UNKNOWN = "unknown"  # it may, and nobody can say with what value


Values: TypeAlias = "tuple[str, ...] | Absence"


@dataclass(frozen=True)
class Context:
    """A request's condition keys, whose names are case-insensitive; all values are texts.

    Where it is `complete`, it carries no other key; else a key that is neither among `values` nor `absent`
    is unknown, and what depends on it is inconclusive.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html (2026-11-23)
    """

    values: Mapping[str, tuple[str, ...]]
    complete: bool = True
    absent: frozenset[str] = frozenset()

    @classmethod
    def of(cls, values: Mapping[str, Any], *, complete: bool = True, absent: Iterable[str] = ()) -> Context:
        """A context of single values (texts, numbers, Booleans) and of lists of them; None is a key that is absent."""
        kept = {key.lower(): _texts(value) for key, value in values.items() if value is not None}
        gone = {key.lower() for key, value in values.items() if value is None}
        return cls(kept, complete, frozenset(gone | {key.lower() for key in absent}))

    def get(self, key: str) -> Values:
        """The key's values, or why there are none. An empty list is as good as no key."""
        name = key.lower()
        if name in self.values:
            return self.values[name] or Absence.ABSENT
        return Absence.ABSENT if self.complete or name in self.absent else Absence.UNKNOWN


def _texts(value: object) -> tuple[str, ...]:
    items = value if isinstance(value, list | tuple) else [value]
    return tuple(str(item).lower() if isinstance(item, bool) else str(item) for item in items)
