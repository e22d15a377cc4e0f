"""What Gradescope says of a submission: whose it is, and how late.

https://gradescope-autograders.readthedocs.io/en/latest/submission_metadata/ (2026-11-25)
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_NAME = "submission_metadata.json"


@dataclass(frozen=True)
class Metadata:
    """Whose a submission is, how late, and what was scored before."""

    student: str | None = None
    late_minutes: int = 0
    previous: float | None = None  # the best score so far


def read(root: Path) -> Metadata:
    """What the file says; a part that is not there, or not as documented, is nobody's fault and says nothing."""
    try:
        told: Any = json.loads((root / _NAME).read_text("utf-8"))
    except (OSError, ValueError):
        told = {}
    told = told if isinstance(told, Mapping) else {}
    return Metadata(_student(told), _late(told), _previous(told))


def _student(told: Mapping[str, Any]) -> str | None:
    """The address of a submission's user; of a group's the first by the alphabet, whoever uploads."""
    addresses = [user.get("email") for user in told.get("users") or [] if isinstance(user, Mapping)]
    return min((address for address in addresses if isinstance(address, str) and address.strip()), default=None)


def _late(told: Mapping[str, Any]) -> int:
    at, due = _moment(told.get("created_at")), _due(told)
    return 0 if at is None or due is None else max(0, int((at - due).total_seconds() // 60))


def _due(told: Mapping[str, Any]) -> datetime | None:
    """The latest that counts for any of its users: an extension is theirs."""
    own = [user.get("assignment") for user in told.get("users") or [] if isinstance(user, Mapping)]
    places = [told.get("assignment"), *own]
    found = [_moment(place.get("due_date")) for place in places if isinstance(place, Mapping)]
    return max((moment for moment in found if moment is not None), default=None)


def _previous(told: Mapping[str, Any]) -> float | None:
    earlier = [one.get("score") for one in told.get("previous_submissions") or [] if isinstance(one, Mapping)]
    scores = [float(score) for score in earlier if isinstance(score, str | int | float) and _is_number(score)]
    return max(scores, default=None)


def _is_number(value: str | float) -> bool:
    try:
        return float(value) == float(value)
    except ValueError:
        return False


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
