"""Whether anybody on AWS could use the queues: a key that encrypts nothing, or a policy that shuts all out."""

from __future__ import annotations

from grader.checks import Aws, Failure, Given, Text, say, sentences
from grader.effects.keys import Key
from grader.effects.policy import Problem, shuts_out
from grader.effects.queues import Queue

from . import queues
from .evidence import short

KEYS = "https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-compare.html"
SSE = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html"
_DENY = say("Whom is the Deny meant for? A Condition can say so.")
_OWN_POLICY = say("A key that is made without any policy gets one from AWS. Whom does that one let in, and yours not?")


def require_usable(aws: Aws, pair: list[Queue], given: Given) -> None:
    """Whether anybody could use them: a key that encrypts nothing, or a policy that shuts all out, stops every call.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html (2026-11-26)
    """
    for queue in pair:
        if failure := _by_key(aws, queue):
            given.note(say("Everything else was judged as if the key of {queue} were of use.", queue=queue.name))
            raise failure
        for action in ("sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage"):
            if decision := shuts_out(str(queue.attributes.get("Policy") or ""), queue.arn, action):
                found = say("{action} on {queue} is denied to everybody.", action=action, queue=queue.name)
                raise Failure(
                    sentences(found, decision.text),
                    why=say("A Deny wins over every Allow, for the account's own administrators too."),
                    fix=_DENY,
                )


def _by_key(aws: Aws, queue: Queue) -> Failure | None:
    """Why nobody can send or receive, were it for the queue's key."""
    name = queues.encrypted_by(queue)
    if not name:
        return None
    key, found = queues.key_of(aws, queue), say("{queue} is encrypted with {key}.", queue=queue.name, key=short(name))
    if key is None or not key.usable:
        return Failure(
            sentences(found, _no_use(key)),
            why=say("With such a key nothing can be encrypted: AWS takes no message, and the emulator takes all."),
            fix=say("Messages are encrypted with data keys. Which type of key makes them, and is it enabled?"),
            doc=KEYS if key and key.enabled else SSE,
        )
    if key.aws_managed or key.policy is None:
        return None
    if key.refusals:
        return _refused(found, key.refusals[0])
    for action in ("kms:GenerateDataKey", "kms:Decrypt"):
        if decision := shuts_out(key.policy, key.arn, action):
            denied = say("Its policy lets nobody of this account do {action}.", action=action)
            return Failure(
                sentences(found, denied, decision.text),
                why=say(
                    "Who sends must make a data key, and who receives must decrypt it: so no message gets through."
                ),
                fix=_DENY if decision.verdict == "explicit_deny" else _OWN_POLICY,
                doc=SSE,
            )
    return None


def _refused(found: Text, problem: Problem) -> Failure:
    """AWS would not have taken the key's policy, and so the key."""
    text = sentences(found, say("AWS would not take the policy of that key: {problem}", problem=problem.text))
    if problem.kind != "lockout":
        return Failure(text, fix=say("The page below has the grammar of a policy, word by word."), doc=problem.doc)
    return Failure(
        text,
        why=say(
            "A key's policy lets nobody in by itself, not even its own account. One that lets nobody there change it "
            "again leaves a key that only AWS Support can help; AWS refuses it, unless it is told to skip that check."
        ),
        fix=_OWN_POLICY,
        doc=problem.doc,
    )


def _no_use(key: Key | None) -> Text:
    if key is None:
        return say("There is no such key.")
    if not key.enabled:
        return say("That key is {state}.", state=key.state)
    return say("That key is of the type {spec}, and only a symmetric key encrypts here.", spec=key.spec)
