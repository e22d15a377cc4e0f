"""A policy as it was meant, where AWS would refuse it for how it is spelt: that is charged once, by its own check."""

from __future__ import annotations

import json
from typing import Any

EFFECTS = {"allow": "Allow", "deny": "Deny"}


def as_meant(policy: str | None) -> str | None:
    """The policy with each Effect in the capitals that AWS knows; as it is where there is nothing to mend."""
    try:
        content = json.loads(policy or "")
    except (ValueError, RecursionError):
        return policy
    statements = content.get("Statement") if isinstance(content, dict) else None
    mended = [_mended(one) for one in (statements if isinstance(statements, list) else [statements])]
    return json.dumps({**content, "Statement": mended}) if any(mended) and mended != statements else policy


def _mended(statement: Any) -> Any:
    effect = statement.get("Effect") if isinstance(statement, dict) else None
    meant = EFFECTS.get(effect.strip().casefold()) if isinstance(effect, str) else None
    return {**statement, "Effect": meant} if meant else statement
