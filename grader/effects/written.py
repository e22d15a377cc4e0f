"""Values as people write them: JSON that may be none, and numbers that may be text."""

from __future__ import annotations

import json
import re
from typing import Any, Final

# AWS's digits are these ten, without the spaces and underscores that Python's int() takes (and so do emulators).
NUMBER: Final = re.compile(r"[+-]?[0-9]{1,19}")


def parsed(text: object) -> Any:
    """What the JSON of a policy says; None where there is none, or it is no JSON."""
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def whole(value: object) -> int | None:
    """A whole number, written as one or as text."""
    if isinstance(value, bool) or not NUMBER.fullmatch(str(value)):
        return None
    return int(str(value))
