"""Everything for which AWS would refuse a policy at SetQueueAttributes, SetTopicAttributes or PutKeyPolicy.

Each rests on AWS's pages (2026-11-23) or on an answer of AWS that somebody quoted. What nobody has seen
refused is not refused here, so that no right answer fails: a statement of SQS or SNS without a Resource, a Sid
that stands twice, an empty list of statements, `*` under Service, an operator in another case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import Any, Final, TypeAlias

from grader.effects.policy import document, problem
from grader.effects.policy.callers import shuts_out
from grader.effects.policy.document import Document, scalars, strings
from grader.effects.policy.operators import qualified
from grader.effects.policy.patterns import fits
from grader.effects.policy.principals import Principals, is_nobody, wildcard_inside
from grader.effects.policy.problem import Kind, Problem, Service

MOST: Final = 50  # problems that are named; a policy may have thousands
# "Maximum size of 32 kilobytes": API_PutKeyPolicy. SQS's and SNS's limits are soft or not documented.
LIMITS: Final[dict[Service, int]] = {"kms": 32768}
VERSIONS: Final = ("2012-10-17", "2008-10-17")
ELEMENTS: Final = frozenset({"Version", "Id", "Statement"})
_FORMS: Final = ("Principal", "Action", "Resource")
STATEMENT_ELEMENTS: Final = frozenset({"Sid", "Effect", "Condition", *_FORMS, *(f"Not{name}" for name in _FORMS)})
# Those of SQS: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html (2026-11-23);
# the batch forms are not actions of policies, but were taken in the past.
SQS: Final = (
    "AddPermission",
    "CancelMessageMoveTask",
    "ChangeMessageVisibility",
    "ChangeMessageVisibilityBatch",
    "CreateQueue",
    "DeleteMessage",
    "DeleteMessageBatch",
    "DeleteQueue",
    "GetQueueAttributes",
    "GetQueueUrl",
    "ListDeadLetterSourceQueues",
    "ListMessageMoveTasks",
    "ListQueueTags",
    "ListQueues",
    "PurgeQueue",
    "ReceiveMessage",
    "RemovePermission",
    "SendMessage",
    "SendMessageBatch",
    "SetQueueAttributes",
    "StartMessageMoveTask",
    "TagQueue",
    "UntagQueue",
)


def problems(policy_text: object, service: Service, *, key_arn: str | None = None) -> tuple[Problem, ...]:
    """Why AWS would not take this policy; empty where it would. With a `key_arn`, also whether it locks its own
    account out of the key's policy."""
    found = document.read(policy_text)
    if found.unreadable:
        return (Problem("unreadable", service, found.unreadable.replace("_", " ")),)
    named = tuple(islice(chain(_of_whole(found, policy_text, service), _of_statements(found, service)), MOST))
    return named or tuple(_of_lockout(policy_text, service, key_arn))


def _of_whole(found: Document, text: object, service: Service) -> Iterator[Problem]:
    limit = LIMITS.get(service)
    if limit and isinstance(text, str) and len(text) > limit:
        yield Problem("too_long", service, str(limit), doc=problem.PUT_KEY_POLICY)
    for key in found.twice:
        yield Problem("duplicate_key", service, key)
    for key in found.content.keys() - ELEMENTS:
        yield Problem("unknown_element", service, key)
    version = found.content.get("Version", VERSIONS[0])
    if version not in VERSIONS:
        yield Problem("version", service, str(version)[:60], doc=problem.VERSION)
    if "Statement" not in found.content:
        yield Problem("no_statement", service)


def _of_statements(found: Document, service: Service) -> Iterator[Problem]:
    value = found.content.get("Statement", [])
    for number, item in enumerate(value if isinstance(value, list) else [value], 1):
        if not isinstance(item, dict):
            yield Problem("statement", service, statement=number)
            continue
        for kind, what, doc in _of_statement(item, service):
            yield Problem(kind, service, what, number, doc)


_Found: TypeAlias = Iterator[tuple[Kind, str, str]]


def _of_statement(item: Mapping[str, Any], service: Service) -> _Found:
    for key in item.keys() - STATEMENT_ELEMENTS:
        yield "unknown_element", key, problem.GRAMMAR
    for name in _FORMS:
        if name in item and f"Not{name}" in item:
            yield "both_forms", name, problem.GRAMMAR
    if item.get("Effect") not in ("Allow", "Deny"):
        yield "effect", str(item.get("Effect"))[:60], problem.GRAMMAR
    yield from _of_principal(item)
    yield from _of_actions(item, service)
    yield from _of_lists(item)
    yield from _of_condition(item.get("Condition"))


def _of_principal(item: Mapping[str, Any]) -> _Found:
    names = [name for name in ("Principal", "NotPrincipal") if name in item]
    if not names:
        yield "no_principal", "", problem.PRINCIPAL
    for name in names:
        read = Principals.read(item[name], negated=name != "Principal").names
        if read is None:
            yield "principal", "", problem.PRINCIPAL
        for named in read or ():
            if is_nobody(named):
                yield "principal", "", problem.PRINCIPAL
            elif wildcard_inside(named):
                yield "principal_wildcard", named.id[:200], problem.PRINCIPAL


def _of_actions(item: Mapping[str, Any], service: Service) -> _Found:
    """A key policy's statement without an Action is taken and "has no effect": API_PutKeyPolicy."""
    if "Action" not in item and "NotAction" not in item and service != "kms":
        yield "no_action", "", problem.GRAMMAR
    for text in strings(item.get("Action")) or ():
        if not _known_action(text, service):
            yield "action", text[:200], problem.SQS_ACTIONS if service == "sqs" else problem.GRAMMAR


def _known_action(text: str, service: Service) -> bool:
    """Only what is of another service, and for SQS what fits none of its actions, is known to be refused.

    SNS: "Policy statement action out of service scope!", quoted in many threads. Nobody says so of KMS.
    """
    prefix, _, name = text.partition(":")
    if text == "*" or service == "kms":
        return True
    if prefix.lower() != service:
        return False
    return service != "sqs" or any(fits(name, action, ignore_case=True) for action in SQS)


def _of_lists(item: Mapping[str, Any]) -> _Found:
    kinds: tuple[tuple[str, Kind], ...] = (("Action", "action_form"), ("Resource", "resource_form"))
    for name, kind in kinds:
        for form in (name, f"Not{name}"):
            if form in item and strings(item[form]) is None:
                yield kind, form, problem.GRAMMAR


def _of_condition(value: object) -> _Found:
    if value is None:
        return
    if not isinstance(value, dict) or not all(isinstance(keys, dict) for keys in value.values()):
        yield "condition", "", problem.GRAMMAR
        return
    for written, keys in value.items():
        how = qualified(written)
        if how.operator is None and not how.null:
            yield "operator", written[:200], problem.OPERATORS
        if any(scalars(values) is None for values in keys.values()):
            yield "condition", "", problem.GRAMMAR


def _of_lockout(text: object, service: Service, key_arn: str | None) -> Iterator[Problem]:
    """ "The key policy must allow the calling principal to make a subsequent PutKeyPolicy request": API_CreateKey.

    Whoever calls is of the key's own account: the account itself, or somebody whom the policy names.
    """
    if service == "kms" and key_arn is not None and shuts_out(text, key_arn, "kms:PutKeyPolicy"):
        yield Problem("lockout", service, doc=problem.PUT_KEY_POLICY)
