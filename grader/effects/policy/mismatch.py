"""Why a statement does not apply to a request, or why nobody can say whether it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from grader.effects.policy.truth import Truth
from grader.texts import Text, say

Element = Literal["principal", "action", "resource", "condition", "effect"]
Obscurity = Literal[
    "both_forms",
    "canonical_user",
    "key",
    "malformed",
    "no_resource",
    "not_principal",
    "operator",
    "resource_pattern",
    "service_wildcard",
    "several_values",
    "unique_id",
    "value",
    "variable",
]

MISSED: Final[dict[str, str]] = {
    "principal": "its {name} is {wanted}, and {got} asks",
    "action": "its {name} is {wanted}, and {got} is asked for",
    "resource": "its {name} is {wanted}, and the request is for {got}",
    "condition": "it wants {operator} of {key} with {wanted}, and the request's {key} is {got}",
    "absent": "it wants {operator} of {key} with {wanted}, and the request carries no {key}",
    "nothing": "it has no {name}",
}
OBSCURE: Final[dict[Obscurity, str]] = {
    "both_forms": "it has both {name} and Not{name}, which AWS refuses",
    "canonical_user": "whether its canonical user {wanted} is {got} cannot be told",
    "key": "it asks for {key}, whose value in such a request is not known",
    "malformed": "its {name} is not in a form that AWS takes",
    "no_resource": "it has no Resource",
    "not_principal": "its NotPrincipal names only part of {got} (principal, role and account are looked up one by one)",
    "operator": "AWS's pages know no condition operator {operator}",
    "resource_pattern": "AWS's pages do not say whether {wanted} is {got}: it is not an ARN of six parts",
    "service_wildcard": "AWS's pages do not say whether its wildcard is the service {got}",
    "several_values": "{key} has several values, which {operator} does not compare without ForAnyValue or ForAllValues",
    "unique_id": "whose unique id {wanted} is cannot be told",
    "value": "{wanted} cannot be compared by {operator}",
    "variable": "it compares {key} with a policy variable that such a request may not have: {wanted}",
}


@dataclass(frozen=True)
class Mismatch:
    """One element of a statement that does not fit the request, or (`obscure`) of which nobody can say.

    `name` is the element as it is written (NotAction, ForAnyValue:StringLike); `wanted` is what the
    statement says and `got` what the request has, None where it has nothing.
    """

    element: Element
    name: str
    wanted: tuple[str, ...]
    got: tuple[str, ...] | None
    key: str = ""
    obscure: Obscurity | None = None

    @property
    def text(self) -> Text:
        """A clause for the student."""
        form: str = "nothing" if not self.wanted and self.element != "condition" else self.element
        form = "absent" if self.element == "condition" and self.got is None else form
        template = MISSED[form] if self.obscure is None else OBSCURE[self.obscure]
        fields = {"name": self.name, "operator": self.name, "key": self.key}
        return say(template, **fields, wanted=_shown(self.wanted) or "[]", got=_shown(self.got or ()))

    def to_json(self) -> dict[str, Any]:
        """The mismatch in plain values."""
        got = None if self.got is None else list(self.got)
        return {
            "element": self.element,
            "name": self.name,
            "key": self.key,
            "wanted": list(self.wanted),
            "got": got,
            "obscure": self.obscure,
        }


@dataclass(frozen=True)
class Fit:
    """Whether an element (or a whole statement) fits, and what does not."""

    truth: Truth
    mismatches: tuple[Mismatch, ...] = ()


FITS: Final = Fit(True)
SHOWN: Final = 6  # values; a policy may name thousands
SHOWN_CHARACTERS: Final = 300


def _shown(values: tuple[str, ...]) -> list[Any]:
    kept: list[Any] = [value[:SHOWN_CHARACTERS] for value in values[:SHOWN]]
    more = len(values) - SHOWN
    return [*kept, say("and {n} more", n=more)] if more > 0 else kept
