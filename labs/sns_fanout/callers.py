"""Who must not be able to send to a queue: those that every policy is tried with, and those that it names itself."""

from __future__ import annotations

import functools
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from grader.checks import Text, say
from grader.effects.policy import Decision, Miss, Policy, anonymous_may, principal_may, sns_may_send

STRANGERS = ("210987654321", "321098765432")  # accounts, of which one is not the student's
ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")
PRINCIPAL = re.compile(r"arn:aws:(?:iam|sts)::(\d{12}):[\w+=,.@/-]+")
TOPIC = re.compile(r"arn:[\w*?-]+:sns:([\w*?-]*):([\d*?]*):([\w*?.-]+)")
MOST = 20  # of a policy that names more, the first
MOST_TOPICS = 8
# What AWS's pages leave open: read against whoever leaves it open to others.
OPEN = frozenset({"key", "no_resource", "resource_pattern", "service_wildcard"})


@dataclass(frozen=True)
class Caller:
    """Somebody, and what AWS decides where they send: a topic, or a principal, which the policy may have named."""

    text: Text
    decision: Decision
    is_topic: bool = False
    named: bool = False

    @property
    def gets_in(self) -> bool:
        """Allowed for certain; or by something that such a caller may well have, for nobody can say that none has; or
        by a statement of which nobody can say that it keeps anyone out."""
        if self.decision.verdict != "inconclusive":
            return self.decision.allowed
        mismatches = [mismatch for miss in self.decision.misses for mismatch in miss.mismatches]
        return any(mismatch.obscure == "key" for mismatch in mismatches) or any(map(_may_allow, self.decision.misses))


@functools.lru_cache(maxsize=64)  # a check asks, and then the picture does
def intruder(policy: str, topic_arn: str, queue_arn: str) -> Caller | None:
    """The first of those who should not get in and do."""
    return next((caller for caller in strangers(policy, topic_arn, queue_arn) if caller.gets_in), None)


def strangers(policy: str, topic_arn: str, queue_arn: str) -> Iterator[Caller]:
    """Each with its decision: another topic of this account, a topic and a principal of each other account, anybody."""
    own, read = topic_arn.split(":")[4], Policy.read(policy)
    for other in _other_topics(read, policy, topic_arn, queue_arn):
        at_home = other.split(":")[4] == own
        text = say(
            "another topic of this account ({arn})" if at_home else "a topic of another account ({arn})", arn=other
        )
        yield Caller(text, sns_may_send(read, other, queue_arn), is_topic=True)
    named = [account for account in dict.fromkeys(ACCOUNT.findall(policy)) if account != own][:MOST]
    accounts = (*named, next(account for account in STRANGERS if account != own))
    for account in accounts:
        arn = topic_arn.replace(f":{own}:", f":{account}:", 1)
        text = say("a topic of another account ({arn})", arn=arn)
        yield Caller(text, sns_may_send(read, arn, queue_arn), is_topic=True)
    principals = [match.group(0) for match in PRINCIPAL.finditer(policy) if match.group(1) != own]
    for principal in (*dict.fromkeys(principals[:MOST]), *accounts):
        decision = principal_may(read, principal, queue_arn, context=_of_call())
        text = say("a principal of another account ({arn})", arn=principal)
        yield Caller(text, decision, named=principal in policy)
    decision = anonymous_may(read, queue_arn, context=_of_call())
    yield Caller(say("anybody, without any credentials"), decision)


def _other_topics(policy: Policy, written: str, topic_arn: str, queue_arn: str) -> Iterator[str]:
    """Names that begin or end otherwise, and those that the policy names or has wildcards for, beside this topic:
    a name that stands there instead of it is one mistake, and keeps the topic out."""
    start, _, name = topic_arn.rpartition(":")
    here, own = start.split(":")[3:]
    yield from (f"{topic_arn}-other", f"{start}:other-{name}")
    if sns_may_send(policy, topic_arn, queue_arn).denied:
        return
    for region, account, named in list(dict.fromkeys(TOPIC.findall(written)))[:MOST_TOPICS]:
        there = account if ACCOUNT.fullmatch(account) else own
        found = named.replace("*", "x").replace("?", "x")
        if (there, found) != (own, name):
            yield f"arn:aws:sns:{here if set(region) & set('*?') else region}:{there}:{found}"


def _may_allow(miss: Miss) -> bool:
    return bool(miss.allows) and all(mismatch.obscure in OPEN for mismatch in miss.mismatches)


def _of_call() -> dict[str, object]:
    """What a stranger's call carries and no stranger can choose: it comes from the internet, now, and from no
    organization of the student's."""
    return {
        "aws:CurrentTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:EpochTime": int(time.time()),
        "aws:PrincipalOrgID": "o-a1b2c3d4e5",
        "aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-f6g7/",
        "aws:SourceIp": "52.94.76.10",
        "aws:SourceVpc": None,
        "aws:SourceVpce": None,
        "aws:VpcSourceIp": None,
    }
