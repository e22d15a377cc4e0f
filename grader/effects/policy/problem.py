"""What AWS answers to a policy that it does not take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from grader.texts import Argument, Text, say

Service = Literal["sqs", "sns", "kms"]
Kind = Literal[
    "action",
    "action_form",
    "both_forms",
    "condition",
    "duplicate_key",
    "effect",
    "lockout",
    "no_action",
    "no_principal",
    "no_statement",
    "operator",
    "principal",
    "principal_wildcard",
    "resource_form",
    "statement",
    "too_long",
    "unknown_element",
    "unreadable",
    "version",
]

_IAM: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
GRAMMAR: Final = f"{_IAM}reference_policies_grammar.html"
VERSION: Final = f"{_IAM}reference_policies_elements_version.html"
PRINCIPAL: Final = f"{_IAM}reference_policies_elements_principal.html"
OPERATORS: Final = f"{_IAM}reference_policies_elements_condition_operators.html"
PUT_KEY_POLICY: Final = "https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html"
SQS_ACTIONS: Final = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html"

# SQS never says what is wrong (in these words: terraform-provider-aws#42209, aws-cdk#15602); SNS and KMS mostly do.
CODES: Final[dict[Service, tuple[str, str]]] = {
    "sqs": ("InvalidAttributeValue", "Invalid value for the parameter Policy."),
    "sns": ("InvalidParameter", "Invalid parameter: Policy Error: {why}"),
    "kms": ("MalformedPolicyDocumentException", "{why}"),
}
WHY: Final[dict[Kind, str]] = {
    "action": "{what} is no action of this service.",
    "action_form": "{what} is neither a text nor a list of texts.",
    "both_forms": "{what} and Not{what} stand in one statement.",
    "condition": "The Condition is not an object of operators, each an object of keys with texts.",
    "duplicate_key": "The key {what} stands twice in one object.",
    "effect": "The Effect is {what}, where only Allow and Deny (spelled so) are known.",
    "lockout": "The new key policy will not allow you to update the key policy in the future.",
    "no_action": "There is neither Action nor NotAction.",
    "no_principal": "There is no Principal, and a resource's policy must say who.",
    "no_statement": "There is no Statement.",
    "operator": "There is no condition operator {what}.",
    "principal": "Policy contains a statement with one or more invalid principals.",
    "principal_wildcard": "The principal {what} has a wildcard for a part of it; only a lone * is taken.",
    "resource_form": "{what} is neither a text nor a list of texts.",
    "statement": "A statement is not an object.",
    "too_long": "The policy has more than {what} characters.",
    "unknown_element": "There is no element {what}.",
    "unreadable": "The policy cannot be read as a JSON object ({what}).",
    "version": "The Version is {what}, where only 2012-10-17 and 2008-10-17 are known.",
}


@dataclass(frozen=True)
class Problem:
    """One reason for which AWS refuses the whole policy.

    `kind` is ours and stays the same; `code` and `message` are AWS's, as near as they were ever quoted. `statement`
    is its number, from 1, or None for what is of the whole.
    """

    kind: Kind
    service: Service
    what: str = ""
    statement: int | None = None
    doc: str = GRAMMAR

    @property
    def code(self) -> str:
        """AWS's code of the error."""
        return CODES[self.service][0]

    @property
    def message(self) -> str:
        """AWS's message, with what is wrong where AWS tells."""
        return CODES[self.service][1].format(why=str(self._why))

    @property
    def text(self) -> Text:
        """What is wrong, for the student."""
        if self.statement is None:
            return self._why
        return say("Statement {number}: {why}", number=self.statement, why=self._why)

    @property
    def _why(self) -> Text:
        fields: dict[str, Argument] = {"what": self.what} if "{what}" in WHY[self.kind] else {}
        return Text(WHY[self.kind], fields)

    def to_json(self) -> dict[str, Any]:
        """The problem in plain values."""
        found = {"kind": self.kind, "code": self.code, "message": self.message, "what": self.what}
        return {**found, "statement": self.statement, "doc": self.doc}
