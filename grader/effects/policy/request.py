"""Who asks for what, on which resource."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, Literal

from grader.effects.policy.context import Context

Kind = Literal["account", "user", "role", "session", "service", "federated", "anonymous", "other"]
_ACCOUNT: Final = re.compile(r"\d{12}")
_ARN: Final = re.compile(r"arn:[\w-]+:(?:iam|sts)::(\d{12}):(.*)", re.DOTALL)


@dataclass(frozen=True)
class Principal:
    """A caller. `id` is an ARN, an account, a service's name (sns.amazonaws.com) or a provider's.

    `account` is None for a service and for an anonymous caller. A role's session is named by its session's ARN
    (`arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`), and answers to its role's ARN as well.
    """

    kind: Kind
    id: str
    account: str | None = None

    @classmethod
    def read(cls, text: str) -> Principal:
        """The principal in AWS's notation: an account, an ARN, a service's name, or `*` for an anonymous caller."""
        if text == "*":
            return ANONYMOUS
        if _ACCOUNT.fullmatch(text):
            return cls("account", f"arn:aws:iam::{text}:root", text)
        match = _ARN.fullmatch(text)
        if match is None:
            return cls("service" if text.endswith((".amazonaws.com", ".amazonaws.com.cn")) else "federated", text)
        account, name = match.group(1), match.group(2)
        kinds: dict[str, Kind] = {"root": "account", "user": "user", "role": "role", "assumed-role": "session"}
        kinds |= {"federated-user": "user", "saml-provider": "federated", "oidc-provider": "federated"}
        return cls(kinds.get(name.split("/")[0], "other"), text, account)

    @property
    def role(self) -> str | None:
        """The name, without a path, of the role that this is or has assumed."""
        parts = self.id.rpartition(":")[2].split("/")
        if self.kind == "role":
            return parts[-1]
        return parts[1] if self.kind == "session" and len(parts) > 1 else None


ANONYMOUS: Final = Principal("anonymous", "anonymous")


@dataclass(frozen=True)
class Request:
    """One action of one principal on one resource. `owner` is the account of the resource."""

    principal: Principal
    action: str
    resource: str
    context: Context = field(default_factory=lambda: Context({}))

    @property
    def owner(self) -> str:
        """The account in the resource's ARN, empty where it has none."""
        parts = self.resource.split(":", 5)
        return parts[4] if len(parts) > 4 else ""

    @property
    def service(self) -> str:
        """The prefix of the action: `sqs`."""
        return self.action.partition(":")[0].lower()
