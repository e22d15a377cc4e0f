"""A policy document: its statements, and what it says of a request by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from grader.effects.policy import document
from grader.effects.policy.decision import Decision, Miss, Name, nearest_first
from grader.effects.policy.document import Unreadable
from grader.effects.policy.mismatch import Fit, Mismatch
from grader.effects.policy.request import Request
from grader.effects.policy.statements import Statement

# How a resource's policy lets a caller in: by itself, or by leaving it to the caller's account.
Grant = Literal["direct", "delegated"]


@dataclass(frozen=True)
class Policy:
    """The statements of a policy, in order. None at all where there is none, or where it cannot be read."""

    statements: tuple[Statement, ...] = ()
    unreadable: Unreadable | None = None
    written: bool = True

    @classmethod
    def read(cls, text: object, *, identity: bool = False) -> Policy:
        """A policy's text (or mapping); None or an empty text is no policy. An identity's has no Principal."""
        if text is None or text == "":
            return cls(written=False)
        found = document.read(text)
        value = found.content.get("Statement")
        items = value if isinstance(value, list) else [] if value is None else [value]
        version = found.content.get("Version")
        statements = (Statement.read(at, item, version=version, identity=identity) for at, item in enumerate(items))
        return cls(tuple(statements), found.unreadable)

    def weigh(self, request: Request) -> Weighed:
        """Every statement against the request."""
        fits = [(statement, statement.fit(request)) for statement in self.statements]
        return Weighed(self, request, tuple(fits))


@dataclass(frozen=True)
class Weighed:
    """A policy's statements, each with how it fits a request."""

    policy: Policy
    request: Request
    fits: tuple[tuple[Statement, Fit], ...]

    @property
    def denies(self) -> Statement | None:
        """The first Deny that applies. An explicit Deny wins over any Allow."""
        return _first(statement for statement, fit in self.fits if fit.truth and statement.allows is False)

    @property
    def may_deny(self) -> Statement | None:
        """The first statement that may be a Deny that applies."""
        found = (at for at, fit in self.fits if fit.truth is not False and at.allows is not True and _open(at, fit))
        return _first(found)

    def allows(self, grant: Grant | None = None) -> Statement | None:
        """The first Allow that applies, by that grant if one is given."""
        found = (statement for statement, fit in self.fits if fit.truth and statement.allows)
        return _first(statement for statement in found if grant in (None, self._grant(statement)))

    def may_allow(self, grant: Grant | None = None) -> Statement | None:
        """The first statement that may be an Allow that applies."""
        found = (at for at, fit in self.fits if fit.truth is not False and at.allows is not False and _open(at, fit))
        return _first(statement for statement in found if grant in (None, self._grant(statement)))

    @property
    def misses(self) -> tuple[Miss, ...]:
        """Why each statement that is no Deny does not allow it, and why an unclear Deny may."""
        missed = ((at, fit) for at, fit in self.fits if not fit.truth and (at.allows is not False or fit.truth is None))
        found = [Miss(Name.of(statement), statement.allows, fit.mismatches) for statement, fit in missed]
        found += [_without_effect(at) for at, fit in self.fits if fit.truth and at.allows is None]
        return nearest_first(found)

    def decision(self) -> Decision:
        """What this policy alone decides: explicit Deny first, then an Allow, else an implicit denial."""
        denies, allows, may_deny, may_allow = self.denies, self.allows(), self.may_deny, self.may_allow()
        if denies:
            return Decision("explicit_deny", "statement", Name.of(denies), self.misses)
        if allows and not may_deny:
            return Decision("allowed", "statement", Name.of(allows), self.misses)
        hinge = may_deny if allows else may_allow
        if hinge:
            return Decision("inconclusive", "statement", Name.of(hinge), self.misses)
        return self.nothing()

    def nothing(self) -> Decision:
        """The implicit denial of a policy that has no Allow for the request."""
        if self.policy.unreadable:
            return Decision("implicit_deny", "unreadable", unreadable=self.policy.unreadable)
        return Decision("implicit_deny", "no_statement" if self.policy.written else "no_policy", None, self.misses)

    def _grant(self, statement: Statement) -> Grant:
        named = statement.principals
        return "delegated" if named and named.delegates(self.request.principal) else "direct"


def _open(statement: Statement, fit: Fit) -> bool:
    return fit.truth is None or statement.allows is None


def _first(statements: Iterable[Statement]) -> Statement | None:
    return next(iter(statements), None)


def _without_effect(statement: Statement) -> Miss:
    return Miss(Name.of(statement), None, (Mismatch("effect", "Effect", (), (), obscure="malformed"),))
