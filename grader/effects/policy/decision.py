"""What AWS decides about a request, by which statement, and why the others did not allow it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal

from grader.effects.policy.document import Unreadable
from grader.effects.policy.mismatch import Mismatch
from grader.effects.policy.statements import Statement
from grader.texts import Text, say, sentences

Verdict = Literal["allowed", "explicit_deny", "implicit_deny", "inconclusive"]
# What the verdict rests on, where it is not a statement of the policy.
Basis = Literal["statement", "identity", "no_policy", "no_statement", "no_identity", "unreadable"]

LOGIC: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html"

UNREADABLE: Final[dict[Unreadable, str]] = {
    "not_text": "The policy is not text.",
    "too_long": "The policy is longer than any that AWS takes.",
    "not_json": "The policy is not JSON.",
    "too_deep": "The policy is nested deeper than any that AWS takes.",
    "not_an_object": "The policy is not a JSON object.",
}
VERDICTS: Final[dict[str, str]] = {
    "allowed statement": "Statement {statement} allows it.",
    "allowed identity": "The caller's own account allows it, and nothing here denies it.",
    "explicit_deny statement": "Statement {statement} denies it, whatever others allow.",
    "explicit_deny identity": "The caller's own account denies it.",
    "implicit_deny no_policy": "There is no policy, so nothing allows it.",
    "implicit_deny no_statement": "No statement allows it.",
    "implicit_deny no_identity": "The policy lets the caller's account decide, and that does not allow it.",
    "implicit_deny unreadable": "No statement can be read, so nothing allows it.",
    "inconclusive statement": "Whether AWS allows it hangs on statement {statement}.",
    "inconclusive identity": "Whether the caller's own account allows it cannot be told.",
}
MISSES: Final = 3  # in a text for a student; `misses` has all


@dataclass(frozen=True)
class Name:
    """A statement by its place in the policy, from 1, and its Sid."""

    number: int
    sid: str | None

    @classmethod
    def of(cls, statement: Statement) -> Name:
        """The name of a statement."""
        return cls(statement.index + 1, statement.sid)

    def __str__(self) -> str:
        return f'{self.number} ("{self.sid[:60]}")' if self.sid else str(self.number)


@dataclass(frozen=True)
class Miss:
    """A statement that does not apply, with every element that does not fit the request."""

    statement: Name
    allows: bool | None
    mismatches: tuple[Mismatch, ...]

    @property
    def text(self) -> Text:
        """A sentence for the student."""
        whys = [mismatch.text for mismatch in self.mismatches[:MISSES]]
        if self.unclear:
            return say(
                "Whether statement {statement} applies is unclear: {whys}.", statement=str(self.statement), whys=whys
            )
        return say("Statement {statement} does not apply: {whys}.", statement=str(self.statement), whys=whys)

    @property
    def unclear(self) -> bool:
        """Whether nobody can say that it does not apply: all that is against it is obscure."""
        return all(mismatch.obscure for mismatch in self.mismatches)

    def to_json(self) -> dict[str, Any]:
        """The miss in plain values."""
        whys = [mismatch.to_json() for mismatch in self.mismatches]
        return {"statement": str(self.statement), "allows": self.allows, "mismatches": whys}


@dataclass(frozen=True)
class Decision:
    """The verdict and what it rests on.

    `statement` is the one that decided: that allows, that denies, or on which it hangs (inconclusive).
    `misses` are the statements that might have allowed it and do not apply, nearest first; on an inconclusive verdict
    also those of which nobody can say. `unreadable` says why there is no policy to read.
    """

    verdict: Verdict
    basis: Basis
    statement: Name | None = None
    misses: tuple[Miss, ...] = ()
    unreadable: Unreadable | None = None

    @property
    def allowed(self) -> bool:
        """Whether AWS lets it through, for certain."""
        return self.verdict == "allowed"

    @property
    def denied(self) -> bool:
        """Whether AWS stops it, for certain."""
        return self.verdict in ("explicit_deny", "implicit_deny")

    @property
    def nearest(self) -> Miss | None:
        """The statement that came nearest to allowing it."""
        return self.misses[0] if self.misses else None

    @property
    def text(self) -> Text:
        """The decision in sentences for the student."""
        head = say(VERDICTS[f"{self.verdict} {self.basis}"], statement=str(self.statement))
        unreadable = say(UNREADABLE[self.unreadable]) if self.unreadable else None
        misses = () if self.allowed else self.misses[:MISSES]
        return sentences(unreadable, head, *(miss.text for miss in misses))

    def to_json(self) -> dict[str, Any]:
        """The decision in plain values."""
        return {
            "verdict": self.verdict,
            "basis": self.basis,
            "statement": str(self.statement) if self.statement else None,
            "misses": [miss.to_json() for miss in self.misses],
            "unreadable": self.unreadable,
            "doc": LOGIC,
        }


def nearest_first(misses: Iterable[Miss]) -> tuple[Miss, ...]:
    """Those first of which least does not fit; in the policy's order where that is equal."""
    return tuple(sorted(misses, key=lambda miss: len({item.element for item in miss.mismatches})))
