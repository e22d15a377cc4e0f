"""The callers that queues and keys meet, each with the context that its call carries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from grader.effects.policy.context import Context
from grader.effects.policy.decision import Decision
from grader.effects.policy.evaluation import Identity, administrator, evaluate
from grader.effects.policy.request import ANONYMOUS, Principal, Request

SNS: Final = "sns.amazonaws.com"
SEND: Final = "sqs:SendMessage"
MOST_CALLERS: Final = 20  # of a policy that names more, the first
# What a service must be allowed to do with the key of an encrypted queue that it sends to.
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html#compatibility-with-aws-services
# (2026-11-23)
KEY_ACTIONS: Final = ("kms:GenerateDataKey", "kms:Decrypt")

# Keys that only a service's call on behalf of a resource carries: no caller can set them itself.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html (2026-11-23)
_OF_SERVICES: Final = (
    "aws:SourceArn",
    "aws:SourceAccount",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
    "aws:PrincipalServiceName",
    "aws:PrincipalServiceNamesList",
)
_OF_ACCOUNTS: Final = (
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:username",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
)


def sns_may_send(queue_policy: object, topic_arn: str, queue_arn: str, account: str | None = None) -> Decision:
    """Whether AWS lets this topic send to this queue.

    `account` is the topic's, by default the one in its ARN. SNS's call carries these four keys and no other.
    https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html (2026-11-23)
    """
    context = _of_service(topic_arn, account)
    return evaluate(queue_policy, Request(Principal("service", SNS), SEND, queue_arn, Context.of(context)))


def principal_may(
    policy: object,
    principal: str,
    resource: str,
    action: str = SEND,
    *,
    context: Mapping[str, Any] | None = None,
    identity: Identity = administrator,
) -> Decision:
    """Whether a principal (an account, an ARN) may act on a resource: in its own account it is an administrator,
    unless `identity` says otherwise.

    It calls by HTTPS. What else its call carries (addresses, times, tags) is unknown unless `context` says.
    """
    caller = Principal.read(principal)
    known = {"aws:PrincipalArn": caller.id, "aws:PrincipalAccount": caller.account, **_of_call(resource)}
    known |= context or {}
    return evaluate(policy, Request(caller, action, resource, _open(known)), identity=identity)


def shuts_out(policy: object, resource: str, action: str) -> Decision | None:
    """The denial of an action to everybody in the resource's account: to the account's administrators, and to those
    principals of it that the policy's text names; None where one of them may, or may perhaps."""
    account = resource.split(":", 5)[4] if resource.count(":") > 4 else ""
    named = re.findall(rf"arn:aws[\w-]*:(?:iam|sts)::{re.escape(account)}:[\w+=,.@/*?-]+", str(policy))
    callers = dict.fromkeys([account, *(one.replace("*", "x").replace("?", "x") for one in named)])
    decisions = [principal_may(policy, caller, resource, action) for caller in [*callers][:MOST_CALLERS]]
    return decisions[0] if all(one.denied for one in decisions) else None


def anonymous_may(
    policy: object, resource: str, action: str = SEND, *, context: Mapping[str, Any] | None = None
) -> Decision:
    """Whether anybody may, without credentials."""
    known = {**_of_call(resource), **dict.fromkeys(_OF_ACCOUNTS), **(context or {})}
    return evaluate(policy, Request(ANONYMOUS, action, resource, _open({"aws:PrincipalType": "Anonymous", **known})))


def key_admits(
    key_policy: object,
    key_arn: str,
    *,
    via: str,
    resource: str,
    service: str = SNS,
    account: str | None = None,
    actions: tuple[str, ...] = KEY_ACTIONS,
) -> Decision:
    """Whether a service may use a key to send to an encrypted queue: the worst decision on `actions`.

    `via` is the service that calls KMS for it ("sqs.us-east-1.amazonaws.com") and `resource` that on whose
    behalf it is called, the topic. Which condition keys that call carries the pages do not list in full: the
    source's and `kms:ViaService` are taken as given, every other one as unknown.
    """
    known = {**_of_service(resource, account), "kms:ViaService": via}
    caller = Principal("service", service)
    decisions = [evaluate(key_policy, Request(caller, action, key_arn, _open(known))) for action in actions]
    order = ("explicit_deny", "implicit_deny", "inconclusive", "allowed")
    return min(decisions, key=lambda decision: order.index(decision.verdict))


def _of_service(source_arn: str, account: str | None) -> dict[str, Any]:
    parts = source_arn.split(":", 5)
    owner = account if account is not None else parts[4] if len(parts) > 4 else ""
    return {
        "aws:SourceArn": source_arn,
        "aws:SourceAccount": owner,
        "aws:SecureTransport": True,
        "aws:PrincipalIsAWSService": True,
    }


def _of_call(resource: str) -> dict[str, Any]:
    parts = resource.split(":", 5)
    region, owner = (parts[3], parts[4]) if len(parts) > 4 else (None, None)
    known: dict[str, Any] = dict.fromkeys(_OF_SERVICES)
    known |= {"aws:SecureTransport": True, "aws:PrincipalIsAWSService": False, "aws:ViaAWSService": False}
    return {**known, "aws:RequestedRegion": region, "aws:ResourceAccount": owner}


def _open(values: Mapping[str, Any]) -> Context:
    return Context.of(values, complete=False)
