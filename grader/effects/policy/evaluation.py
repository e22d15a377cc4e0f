"""The verdict on a request: the resource's policy together with what the caller's own account says.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
(2026-11-23)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from grader.effects.policy.decision import Decision, Name, Verdict
from grader.effects.policy.policy import Policy, Weighed
from grader.effects.policy.request import Request
from grader.effects.policy.statements import Statement

# What the caller's account says of a request: identity policies, boundaries and SCPs, in one word.
Identity: TypeAlias = Callable[[Request], Verdict]


def administrator(_: Request) -> Verdict:
    """A caller whose account lets it do everything: what a resource must expect of strangers."""
    return "allowed"


def nobody(_: Request) -> Verdict:
    """A caller without a policy of its own."""
    return "implicit_deny"


def with_policies(*policies: object) -> Identity:
    """A caller with these identity policies (texts or mappings), and no boundary."""
    read = [Policy.read(policy, identity=True) for policy in policies]
    together = Policy(tuple(statement for policy in read for statement in policy.statements))
    return lambda request: together.weigh(request).decision().verdict


def evaluate(policy: object, request: Request, *, identity: Identity = administrator) -> Decision:
    """What AWS decides about a request to a resource with this policy (text, mapping, or None for none).

    A service, a federated and an anonymous caller have no account of their own: the policy alone decides.
    """
    weighed = (policy if isinstance(policy, Policy) else Policy.read(policy)).weigh(request)
    if request.principal.account is None:
        return weighed.decision()
    return _with_account(weighed, identity(request))


def _with_account(weighed: Weighed, identity: Verdict) -> Decision:
    denies = weighed.denies
    if denies:
        return Decision("explicit_deny", "statement", Name.of(denies), weighed.misses)
    if identity == "explicit_deny":
        return Decision("explicit_deny", "identity", None, weighed.misses)
    within = weighed.request.principal.account == weighed.request.owner
    return _within(weighed, identity) if within else _across(weighed, identity)


def _within(weighed: Weighed, identity: Verdict) -> Decision:
    """In one account an Allow of either side is enough; a key's policy must at least leave it to the account.

    "Unlike other AWS resource policies, an AWS KMS key policy does not automatically give permission to the account".
    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html (2026-11-23)
    """
    direct = weighed.allows("direct")
    if direct:
        return _granted(weighed, direct)
    if weighed.request.service == "kms" and not weighed.allows("delegated"):
        return _unless(weighed, weighed.may_allow())
    if identity == "allowed":
        return _granted(weighed, None)
    unclear = weighed.may_allow("direct")
    return _refused(weighed, identity, unclear)


def _across(weighed: Weighed, identity: Verdict) -> Decision:
    """Between accounts both sides must allow it."""
    allows = weighed.allows()
    if not allows:
        return _unless(weighed, weighed.may_allow())
    if identity == "allowed":
        return _granted(weighed, allows)
    return _refused(weighed, identity, None)


def _granted(weighed: Weighed, statement: Statement | None) -> Decision:
    may_deny = weighed.may_deny
    if may_deny:
        return Decision("inconclusive", "statement", Name.of(may_deny), weighed.misses)
    name = Name.of(statement) if statement else None
    return Decision("allowed", "statement" if statement else "identity", name, weighed.misses)


def _unless(weighed: Weighed, unclear: Statement | None) -> Decision:
    if unclear:
        return Decision("inconclusive", "statement", Name.of(unclear), weighed.misses)
    return weighed.nothing()


def _refused(weighed: Weighed, identity: Verdict, unclear: Statement | None) -> Decision:
    if unclear:
        return Decision("inconclusive", "statement", Name.of(unclear), weighed.misses)
    if identity == "inconclusive":
        return Decision("inconclusive", "identity", None, weighed.misses)
    if weighed.allows():
        return Decision("implicit_deny", "no_identity", None, weighed.misses)
    return weighed.nothing()
