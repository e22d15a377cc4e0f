"""How a walk ends before its end."""

from __future__ import annotations

from grader.effects.network.verdict import Blocked, OutOfScope


class Stopped(Exception):
    """Something blocks."""

    def __init__(self, blocked: Blocked) -> None:
        super().__init__(blocked.reason)
        self.blocked = blocked


class Unclear(Exception):
    """Something on the way is out of this engine's scope."""

    def __init__(self, reason: str, kind: str, id: str) -> None:
        super().__init__(reason)
        self.out_of_scope = OutOfScope(reason, kind, id)
