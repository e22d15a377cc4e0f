"""The Condition element: all its operators and keys together, each key's values one of them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
(2026-11-23)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.effects.policy.context import Absence, Context
from grader.effects.policy.document import scalars
from grader.effects.policy.mismatch import FITS, Fit, Mismatch, Obscurity
from grader.effects.policy.operators import Operator, Qualified, qualified
from grader.effects.policy.patterns import Pattern, expand, tokens
from grader.effects.policy.truth import Truth, both, either, opposite


@dataclass(frozen=True)
class Condition:
    """One operator, one key, and the policy's values for it; None for values of a form that AWS refuses."""

    written: str
    key: str
    values: tuple[str, ...] | None

    @property
    def operator(self) -> Qualified:
        """The operator, taken apart."""
        return qualified(self.written)

    def fit(self, context: Context, *, variables: bool) -> Fit:
        """Whether the request meets the condition."""
        truth, obscure = self._holds(context, variables=variables)
        if truth:
            return FITS
        got = context.get(self.key)
        carried = None if isinstance(got, Absence) else got
        why = obscure if truth is None else None
        return Fit(truth, (Mismatch("condition", self.written, self.values or (), carried, self.key, why),))

    def _holds(self, context: Context, *, variables: bool) -> tuple[Truth, Obscurity]:
        how, got = self.operator, context.get(self.key)
        if self.values is None:
            return None, "malformed"
        if got is Absence.UNKNOWN:
            return None, "key"
        if how.null:
            return _null(self.values, absent=got is Absence.ABSENT), "value"
        if how.operator is None:
            return None, "operator"
        if isinstance(got, Absence):
            return _of_absent(how, how.operator), "key"
        if len(got) > 1 and not how.set_operator:
            return None, "several_values"
        return self._compared(got, how, how.operator, context, variables=variables)

    def _compared(
        self, got: tuple[str, ...], how: Qualified, operator: Operator, context: Context, *, variables: bool
    ) -> tuple[Truth, Obscurity]:
        texts = self.values or ()
        allowed = variables and operator.variables
        wanted = [expand(tokens(text, variables=allowed), context) for text in texts]
        each = [_one(value, wanted, operator) for value in got]
        truth = both(each) if how.set_operator == "ForAllValues" else either(each)
        unresolved = any(isinstance(pattern, Absence) for pattern in wanted)
        return truth, "variable" if unresolved else "value"


def _one(value: str, wanted: list[Pattern | Absence], operator: Operator) -> Truth:
    """One value of the request against all of the policy's: any of them, or for a negated operator none of them."""
    found = either(_against(value, pattern, operator) for pattern in wanted)
    return opposite(found) if operator.negated else found


def _against(value: str, pattern: Pattern | Absence, operator: Operator) -> Truth:
    """A variable that the request does not have matches nothing: "any attempt to match it fails and causes the
    statement to be invalid". What that makes of a negated operator is not said.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html (2026-11-23)
    """
    if isinstance(pattern, Absence):
        return None if operator.negated or pattern is Absence.UNKNOWN else False
    return operator.compare(value, pattern)


def _of_absent(how: Qualified, operator: Operator) -> bool:
    """A key that the request does not carry meets IfExists, ForAllValues and a negated operator.

    ForAnyValue asks for one value that meets it, so it never holds, negated or not.
    """
    if how.if_exists or how.set_operator == "ForAllValues":
        return True
    return operator.negated and not how.set_operator


def _null(values: tuple[str, ...], *, absent: bool) -> Truth:
    """Null: "true" where the key must not be there, "false" where it must."""
    wanted = {value.lower() for value in values}
    if not wanted <= {"true", "false"}:
        return None
    return ("true" if absent else "false") in wanted


def read(value: object) -> tuple[Condition, ...] | None:
    """The conditions of a statement, none for no element; None for a form that AWS refuses."""
    if value is None:
        return ()
    if not isinstance(value, Mapping) or not all(isinstance(keys, Mapping) for keys in value.values()):
        return None
    return tuple(
        Condition(operator, key, scalars(values)) for operator, keys in value.items() for key, values in keys.items()
    )
