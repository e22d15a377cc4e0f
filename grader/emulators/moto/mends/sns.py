"""SNS: what moto 5.2.5 gets wrong of subscriptions, and of what they bring."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from moto.moto_api._internal import mock_random
from moto.sns.exceptions import SNSInvalidParameter
from moto.sns.models import Subscription, Topic
from moto.sns.responses import SNSResponse
from moto.sns.utils import FilterPolicyMatcher

_subscribe = SNSResponse.subscribe
_matches = FilterPolicyMatcher.matches


def apply() -> None:
    """Each where moto differs from AWS; `tests/emulators/test_moto_mends_sns.py` shows how."""
    SNSResponse.subscribe = subscribe  # type: ignore[method-assign]
    FilterPolicyMatcher.matches = matches  # type: ignore[method-assign]
    Topic.publish = publish  # type: ignore[method-assign,assignment]
    Subscription.private_key = lambda _self: private_key()  # type: ignore[method-assign,assignment]


def subscribe(self: SNSResponse) -> Any:
    """A second Subscribe with other attributes is refused; moto's changes the first.

    https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html (2026-11-25); AWS's words: localstack#8816.
    """
    asked = (self._get_param(name) for name in ("TopicArn", "Endpoint", "Protocol"))
    there = self.backend._find_subscription(*asked)
    wanted = self._get_attributes() or {}
    if there and any(_meaning(wanted[name]) != _meaning(there.attributes.get(name)) for name in wanted):
        why = "Invalid parameter: Attributes Reason: Subscription already exists with different attributes"
        raise SNSInvalidParameter(why)
    return _subscribe(self)


def _meaning(value: Any) -> Any:
    """An attribute without its spelling, and a default as if it were not said."""
    text = str(value or "").strip()
    if text.lower() in ("", "false", "{}", "messageattributes"):
        return None
    if text.lower() == "true":
        return True
    try:
        return json.loads(text)
    except ValueError:
        return text


def publish(self: Topic, message: str, **about: Any) -> str:
    """To all the subscriptions; moto's goes to those of the first page, which are a hundred."""
    message_id = str(mock_random.uuid4())
    for subscription in self.sns_backend._get_topic_subscriptions(self):
        subscription.publish(message, message_id, **about)
    sent = (about.get(name) for name in ("subject", "message_attributes", "group_id"))
    self.sent_notifications.append((message_id, message, *sent))  # type: ignore[arg-type]
    return message_id


def matches(self: FilterPolicyMatcher, message_attributes: dict[str, Any] | None, message: str) -> bool:
    """Alternatives in the body as well, and `equals-ignore-case` of a text that has capitals itself.

    https://docs.aws.amazon.com/sns/latest/dg/and-or-logic.html
    https://docs.aws.amazon.com/sns/latest/dg/string-value-matching.html (2026-11-25)
    """
    rest, alternatives = dict(self.filter_policy), self.filter_policy.get("$or")
    if isinstance(alternatives, list):
        del rest["$or"]
        each = (FilterPolicyMatcher(one, self.filter_policy_scope) for one in alternatives)
        if not any(one.matches(message_attributes, message) for one in each):
            return False
    plain = FilterPolicyMatcher(_without_capitals(rest), self.filter_policy_scope)
    return _matches(plain, message_attributes, message)


def _without_capitals(policy: Any) -> Any:
    """The policy with every `equals-ignore-case` in small letters, which moto compares a value's with."""
    if isinstance(policy, list):
        return [_without_capitals(one) for one in policy]
    if not isinstance(policy, dict):
        return policy
    found = {name: _without_capitals(value) for name, value in policy.items()}
    text = found.get("equals-ignore-case")
    return {**found, "equals-ignore-case": text.lower()} if isinstance(text, str) else found


@cache
def private_key() -> rsa.RSAPrivateKey:
    """One that signs for all; moto's makes one for each subscription, and takes a fifth of a second for it."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
