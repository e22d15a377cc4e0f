"""SNS: what moto 5.2.5 gets wrong of subscriptions, and of what they bring."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from moto.moto_api._internal import mock_random
from moto.sns.exceptions import SNSInvalidParameter
from moto.sns.models import SNSBackend, Subscription, Topic
from moto.sns.responses import SNSResponse
from moto.sns.utils import FilterPolicyMatcher

from grader.effects.delivery import MOST_COMBINATIONS, Filter, Message, combinations

_subscribe = SNSResponse.subscribe
_validate = SNSBackend._validate_filter_policy
UNKNOWN = ("wildcard", "cidr")  # operators of AWS's


def apply() -> None:
    """Each where moto differs from AWS; `tests/emulators/test_moto_mends_sns.py` shows how."""
    SNSResponse.subscribe = subscribe  # type: ignore[method-assign]
    FilterPolicyMatcher.matches = matches  # type: ignore[method-assign]
    SNSBackend._validate_filter_policy = validate  # type: ignore[method-assign]
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
    """Every operator in either scope; of many of them moto knows one form, or none, and fails on a body that lacks one.

    https://docs.aws.amazon.com/sns/latest/dg/string-value-matching.html
    https://docs.aws.amazon.com/sns/latest/dg/and-or-logic.html (2026-11-26)
    """
    chosen = Filter.read(self.filter_policy, self.filter_policy_scope)
    return chosen.accepts(Message.of(message, message_attributes))


def validate(self: SNSBackend, value: dict[str, Any], scope: str | None) -> None:
    """With the operators that moto refuses, and with alternatives added up, where moto multiplies them.

    https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html (2026-11-26)
    """
    for part in _parts(value):
        _validate(self, part, scope)
    if combinations(value) > MOST_COMBINATIONS:
        raise SNSInvalidParameter("Invalid parameter: FilterPolicy: Filter policy is too complex")


def _parts(policy: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What moto can judge of it by itself: all but the alternatives, and each of those."""
    alternatives = policy.get("$or")
    if not isinstance(alternatives, list) or not all(isinstance(one, dict) for one in alternatives):
        yield _known(policy)
        return
    for one in ({name: value for name, value in policy.items() if name != "$or"}, *alternatives):
        yield from _parts(one)


def _known(policy: Any) -> Any:
    """The policy with operators that moto knows in place of those that it does not, of the same form."""
    if isinstance(policy, list):
        return [_known(one) for one in policy]
    if not isinstance(policy, dict):
        return policy
    return {"prefix" if name in UNKNOWN else name: _known(value) for name, value in policy.items()}


def private_key() -> rsa.RSAPrivateKey:
    """One that signs for all; moto's makes one for each subscription, and takes up to a fifth of a second for it."""
    with _making:  # or each of several first messages would
        return _made_key()


_making = threading.Lock()


@cache
def _made_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
