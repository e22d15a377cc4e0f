"""Principal and NotPrincipal: whom a statement names.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html (2026-11-23)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from grader.effects.policy.document import strings
from grader.effects.policy.mismatch import FITS, Fit, Mismatch, Obscurity
from grader.effects.policy.request import Principal

TYPES: Final = ("AWS", "Service", "Federated", "CanonicalUser")
ACCOUNT_ID: Final = re.compile(r"\d{12}")
ROOT_ARN: Final = re.compile(r"arn:[\w-]+:iam::(\d{12}):root")
UNIQUE_ID: Final = re.compile(r"A(?:IDA|ROA|GPA|CCA)[A-Z0-9]{12,}")


@dataclass(frozen=True)
class Named:
    """One name in a Principal element, by the type it stands under."""

    type: str
    id: str


@dataclass(frozen=True)
class Principals:
    """A Principal or NotPrincipal element. None for `names` where it is of a form that AWS refuses."""

    names: tuple[Named, ...] | None
    negated: bool = False

    @classmethod
    def read(cls, value: object, *, negated: bool) -> Principals:
        """The element, `"*"` or a mapping of types to one or several names."""
        if value == "*":
            return cls((Named("AWS", "*"),), negated)
        if not isinstance(value, Mapping) or not value:
            return cls(None, negated)
        found: list[Named] = []
        for kind, ids in value.items():
            texts = strings(ids)
            if kind not in TYPES or not texts:
                return cls(None, negated)
            found.extend(Named(kind, text) for text in texts)
        return cls(tuple(found), negated)

    @property
    def element(self) -> str:
        """The element's name."""
        return "NotPrincipal" if self.negated else "Principal"

    def fit(self, principal: Principal) -> Fit:
        """Whether the statement is about this principal."""
        if self.names is None:
            return Fit(None, (self._mismatch(principal, "malformed"),))
        return self._excluded(principal) if self.negated else self._named(principal)

    def delegates(self, principal: Principal) -> bool:
        """Whether it names the principal's account and not the principal: the account's own policies decide then.

        "The account ARN and the shortened account ID behave the same way. Both delegate permissions to the account."
        """
        if self.negated or self.names is None or principal.kind == "account":
            return False
        itself = (_directly(name, principal) or _obscure(name, principal) == "unique_id" for name in self.names)
        return not any(itself)

    def _named(self, principal: Principal) -> Fit:
        names = self.names or ()
        if any(_directly(name, principal) or _account(name) == principal.account is not None for name in names):
            return FITS
        obscure = next((found for name in names if (found := _obscure(name, principal))), None)
        return Fit(None if obscure else False, (self._mismatch(principal, obscure),))

    def _excluded(self, principal: Principal) -> Fit:
        """NotPrincipal: "we strongly recommend" to name the principal, its role and its account, as AWS "might" look
        up each by itself; what is named in part is unknown.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html (2026-11-23)
        """
        names = self.names or ()
        if any(_obscure(name, principal) for name in names):
            return Fit(None, (self._mismatch(principal, "not_principal"),))
        everyone = any(name == Named("AWS", "*") for name in names)
        wanted = [] if everyone else [any(looked) for looked in _looked_up(names, principal)]
        if all(wanted):
            return Fit(False, (self._mismatch(principal, None),))
        return Fit(None, (self._mismatch(principal, "not_principal"),)) if any(wanted) else FITS

    def _mismatch(self, principal: Principal, obscure: Obscurity | None) -> Mismatch:
        wanted = tuple(f"{name.type} {name.id}" if name.id == principal.id else name.id for name in self.names or ())
        return Mismatch("principal", self.element, wanted, (principal.id,), obscure=obscure)


def _directly(name: Named, principal: Principal) -> bool:
    """Whether it names the principal itself, its role, or everyone: "*" under AWS is anonymous callers and services
    too, as AWS's own examples of SNS and SQS rely on."""
    match name.type:
        case "AWS":
            return name.id == "*" or _own_arn(name, principal) or _role_arn(name, principal)
        case "Service" | "Federated":
            return principal.kind == name.type.lower() and name.id == principal.id
    return False


def _own_arn(name: Named, principal: Principal) -> bool:
    return principal.account is not None and name.type == "AWS" and name.id == principal.id


def _role_arn(name: Named, principal: Principal) -> bool:
    """A session answers to its role's ARN, which may have a path that the session's ARN has lost."""
    if name.type != "AWS" or principal.role is None or principal.kind != "session":
        return False
    named = Principal.read(name.id)
    return named.kind == "role" and (named.account, named.role) == (principal.account, principal.role)


def _account(name: Named) -> str | None:
    if name.type != "AWS":
        return None
    root = ROOT_ARN.fullmatch(name.id)
    return root.group(1) if root else name.id if ACCOUNT_ID.fullmatch(name.id) else None


def _obscure(name: Named, principal: Principal) -> Obscurity | None:
    """Names that cannot be told from pages and ARNs alone."""
    if name.type in ("Service", "Federated") and name.id == "*" and principal.kind == name.type.lower():
        return "service_wildcard"
    if principal.account is None:
        return None
    if name.type == "CanonicalUser":
        return "canonical_user"
    return "unique_id" if name.type == "AWS" and UNIQUE_ID.fullmatch(name.id) else None


def _looked_up(names: tuple[Named, ...], principal: Principal) -> Iterator[Iterator[bool]]:
    if principal.account is None:
        yield (_directly(name, principal) for name in names)
        return
    yield (_account(name) == principal.account for name in names)
    if principal.kind != "account":
        yield (_own_arn(name, principal) for name in names)
    if principal.kind == "session":
        yield (_role_arn(name, principal) for name in names)


def is_nobody(name: Named) -> bool:
    """Whether what stands under AWS is neither an ARN nor an account, nor a unique id: the name of a service, say.

    "Policy contains a statement with one or more invalid principals."
    """
    known = name.id == "*" or ":" in name.id or ACCOUNT_ID.fullmatch(name.id) or UNIQUE_ID.fullmatch(name.id)
    return name.type == "AWS" and not known


def wildcard_inside(name: Named) -> bool:
    """Whether it has a wildcard for a part of it, and "you cannot use a wildcard to match part of a name or ARN"."""
    return name.id != "*" and ("*" in name.id or "?" in name.id)
