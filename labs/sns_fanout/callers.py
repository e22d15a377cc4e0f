"""Who must not be able to send to a queue: those that every policy is tried with, and those that it names itself."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from grader.checks import Text, say
from grader.effects.policy import Decision, Policy, anonymous_may, principal_may, sns_may_send

STRANGERS = ("210987654321", "321098765432")  # accounts, of which one is not the student's
ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")
PRINCIPAL = re.compile(r"arn:aws:(?:iam|sts)::(\d{12}):[\w+=,.@/-]+")
MOST = 20  # of a policy that names more, the first


@dataclass(frozen=True)
class Caller:
    """Somebody, and what AWS decides where they send."""

    text: Text
    decision: Decision

    @property
    def gets_in(self) -> bool:
        """Allowed for certain; or by something that such a caller may well have, for nobody can say that none has."""
        if self.decision.verdict != "inconclusive":
            return self.decision.allowed
        mismatches = [mismatch for miss in self.decision.misses for mismatch in miss.mismatches]
        return any(mismatch.obscure == "key" for mismatch in mismatches)


def strangers(policy: str, topic_arn: str, queue_arn: str) -> Iterator[Caller]:
    """Each with its decision: another topic of this account, a topic and a principal of each other account, anybody."""
    own, read = topic_arn.split(":")[4], Policy.read(policy)
    other = f"{topic_arn}-other"
    yield Caller(say("another topic of this account ({arn})", arn=other), sns_may_send(read, other, queue_arn))
    named = [account for account in dict.fromkeys(ACCOUNT.findall(policy)) if account != own][:MOST]
    accounts = (*named, next(account for account in STRANGERS if account != own))
    for account in accounts:
        arn = topic_arn.replace(f":{own}:", f":{account}:", 1)
        yield Caller(say("a topic of another account ({arn})", arn=arn), sns_may_send(read, arn, queue_arn))
    principals = [match.group(0) for match in PRINCIPAL.finditer(policy) if match.group(1) != own]
    for principal in (*dict.fromkeys(principals[:MOST]), *accounts):
        decision = principal_may(read, principal, queue_arn, context=_of_call())
        yield Caller(say("a principal of another account ({arn})", arn=principal), decision)
    decision = anonymous_may(read, queue_arn, context=_of_call())
    yield Caller(say("anybody, without any credentials"), decision)


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
