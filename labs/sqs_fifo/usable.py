"""Whether anybody on AWS could use the queues: a key that encrypts nothing, or a policy that shuts all out."""

from __future__ import annotations

import re

from grader.checks import Aws, Failure, Given, Text, say, sentences
from grader.effects.keys import Key
from grader.effects.policy import principal_may
from grader.effects.queues import Queue

from . import evidence, queues

KEYS = "https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-compare.html"
SSE = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html"
MOST_CALLERS = 20  # of a policy that names more, the first


def require_usable(aws: Aws, pair: list[Queue], given: Given) -> None:
    """Whether anybody could use them: a key that encrypts nothing, or a policy that shuts all out, stops every call.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html (2026-11-26)
    """
    for queue in pair:
        name = queues.encrypted_by(queue)
        key = queues.key_of(aws, queue) if name else None
        if name and not (key and key.usable):
            given.note(say("Everything else was judged as if the key of {queue} were of use.", queue=queue.name))
            found = say("{queue} is encrypted with {key}.", queue=queue.name, key=evidence.short(name))
            raise Failure(
                sentences(found, _no_use(key)),
                why=say("With such a key nothing can be encrypted: AWS takes no message, and the emulator takes all."),
                fix=say("Messages are encrypted with data keys. Which type of key makes them, and is it enabled?"),
                doc=KEYS if key and key.enabled else SSE,
            )
        policy = str(queue.attributes.get("Policy") or "")
        for action in ("sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage"):
            decisions = [principal_may(policy, caller, queue.arn, action) for caller in _callers(policy, queue)]
            decision = decisions[0]
            if all(one.verdict == "explicit_deny" for one in decisions):
                found = say("{action} on {queue} is denied to everybody.", action=action, queue=queue.name)
                raise Failure(
                    sentences(found, decision.text),
                    why=say("A Deny wins over every Allow, for the account's own administrators too."),
                    fix=say("Whom is the Deny meant for? A Condition can say so."),
                )


def _no_use(key: Key | None) -> Text:
    if key is None:
        return say("There is no such key.")
    if not key.enabled:
        return say("That key is {state}.", state=key.state)
    return say("That key is of the type {spec}, and only a symmetric key encrypts here.", spec=key.spec)


def _callers(policy: str, queue: Queue) -> list[str]:
    """The account itself, and those of it whom the policy names: a Deny may be for all but them."""
    account = queue.arn.split(":")[4]
    named = re.findall(rf"arn:aws:(?:iam|sts)::{account}:[\w+=,.@/*?-]+", policy)
    return [account, *dict.fromkeys(one.replace("*", "x").replace("?", "x") for one in named[:MOST_CALLERS])]
