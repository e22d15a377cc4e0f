"""One statement of a policy, and whether it is about a request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from grader.effects.policy import conditions
from grader.effects.policy.conditions import Condition
from grader.effects.policy.context import Absence
from grader.effects.policy.document import strings
from grader.effects.policy.mismatch import FITS, Element, Fit, Mismatch, Obscurity
from grader.effects.policy.patterns import Variable, expand, fits, resource_matches, tokens
from grader.effects.policy.principals import Principals
from grader.effects.policy.request import Request
from grader.effects.policy.truth import Truth, both, either, opposite

VERSION_WITH_VARIABLES: Final = "2012-10-17"


@dataclass(frozen=True)
class Listed:
    """Action or Resource, or their Not forms. None for `texts` where it is of a form that AWS refuses."""

    name: str
    texts: tuple[str, ...] | None
    negated: bool = False


@dataclass(frozen=True)
class Statement:
    """A statement as far as it could be read. `allows` is None for an Effect that AWS does not know."""

    index: int
    sid: str | None
    allows: bool | None
    principals: Principals | None
    actions: Listed | None
    resources: Listed | None
    conditions: tuple[Condition, ...] | None
    both_forms: tuple[str, ...] = ()
    variables: bool = True
    identity: bool = False

    @classmethod
    def read(cls, index: int, value: object, *, version: object, identity: bool = False) -> Statement:
        """The statement in a policy's JSON; anything that is not an object has no elements."""
        content: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
        sid, pairs = content.get("Sid"), ("Principal", "Action", "Resource")
        effects = {"Allow": True, "Deny": False}
        effect = content.get("Effect")
        return cls(
            index,
            sid if isinstance(sid, str) else None,
            effects.get(effect) if isinstance(effect, str) else None,
            _principals(content),
            _listed(content, "Action"),
            _listed(content, "Resource"),
            conditions.read(content.get("Condition")),
            tuple(name for name in pairs if name in content and f"Not{name}" in content),
            version == VERSION_WITH_VARIABLES,
            identity,
        )

    def fit(self, request: Request) -> Fit:
        """Whether it is about the request: every element together, with each that does not fit."""
        parts = (self._principal, self._action, self._resource, self._condition)
        found = [part(request) for part in parts]
        found += [_obscured("effect", name, "both_forms") for name in self.both_forms]
        truth = both(part.truth for part in found)
        return Fit(truth, tuple(item for part in found for item in part.mismatches))

    def _principal(self, request: Request) -> Fit:
        if self.identity:
            return FITS
        if self.principals is None:
            return Fit(False, (Mismatch("principal", "Principal", (), (request.principal.id,)),))
        return self.principals.fit(request.principal)

    def _action(self, request: Request) -> Fit:
        """Case does not matter: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
        (2026-11-23)"""
        matches = partial(_same_action, request.action)
        return _fit("action", "Action", self.actions, request.action, matches)

    def _resource(self, request: Request) -> Fit:
        """Without a Resource a key policy's statement "has no effect"; of the other services no page says.

        https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html (2026-11-23)
        """
        if self.resources is None and request.service != "kms":
            return _obscured("resource", "Resource", "no_resource")
        negated = self.resources is not None and self.resources.negated
        matches = partial(_same_resource, request, variables=self.variables, negated=negated)
        return _fit("resource", "Resource", self.resources, request.resource, matches)

    def _condition(self, request: Request) -> Fit:
        if self.conditions is None:
            return _obscured("condition", "Condition", "malformed")
        found = [condition.fit(request.context, variables=self.variables) for condition in self.conditions]
        return Fit(both(fit.truth for fit in found), tuple(item for fit in found for item in fit.mismatches))


def _principals(content: Mapping[str, Any]) -> Principals | None:
    for name in ("Principal", "NotPrincipal"):
        if name in content:
            return Principals.read(content[name], negated=name != "Principal")
    return None


def _listed(content: Mapping[str, Any], element: str) -> Listed | None:
    for name in (element, f"Not{element}"):
        if name in content:
            return Listed(name, strings(content[name]), name != element)
    return None


def _fit(element: Element, name: str, listed: Listed | None, got: str, matches: Callable[[str], Truth]) -> Fit:
    """A list of patterns: one of them fits, or for a Not form none of them does."""
    if listed is None:
        return Fit(False, (Mismatch(element, name, (), (got,)),))
    if listed.texts is None:
        return _obscured(element, listed.name, "malformed")
    found = either(matches(text) for text in listed.texts)
    truth = opposite(found) if listed.negated else found
    if truth:
        return FITS
    obscure: Obscurity | None = "resource_pattern" if truth is None else None
    return Fit(truth, (Mismatch(element, listed.name, listed.texts, (got,), obscure=obscure),))


def _obscured(element: Element, name: str, obscure: Obscurity) -> Fit:
    return Fit(None, (Mismatch(element, name, (), (), obscure=obscure),))


def _same_action(action: str, text: str) -> bool:
    return fits(text, action, ignore_case=True)


def _same_resource(request: Request, text: str, *, variables: bool, negated: bool) -> Truth:
    """Variables stand only "after the fifth colon", and one that has no value fits nothing.

    "… and causes the statement to be invalid": what that makes of NotResource is not said.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html (2026-11-23)
    """
    parts = tokens(text, variables=variables)
    first = next((at for at, part in enumerate(parts) if isinstance(part, Variable)), None)
    if first is not None and parts[:first].count(":") < 5:
        return None
    pattern = expand(parts, request.context)
    if isinstance(pattern, Absence):
        return None if negated or pattern is Absence.UNKNOWN else False
    return resource_matches(pattern, request.resource)
