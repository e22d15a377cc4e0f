"""Why a key keeps SNS from encrypting what it sends to a queue, or what is published to the topic."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from grader.checks import Failure, Text, say, sentences
from grader.effects.delivery import Obstacle
from grader.effects.keys import Key
from grader.effects.policy import Problem

from .fanout import Fanout, Found
from .words import shortened

SSE = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html"
SNS_KEYS = "https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html"
KEY_TYPES = "https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-compare.html"
OF_KEYS = ("aws_managed_key", "key")  # obstacles that a key puts up
_FIX = say("Messages are encrypted with data keys. Which type of key makes them, and is it enabled?")
_NOTHING_SENT = say("With such a key nothing can be encrypted, and so nothing can be sent to the queue.")


def mute(fanout: Fanout) -> Failure | None:
    """Why nothing can be published to the topic: SNS encrypts what it gets with the topic's key, or refuses it."""
    if fanout.topic_key is None:
        return None
    name, key = fanout.topic_key
    if key is not None and key.usable:
        return _refused(key.refusals[0], fanout.topic.arn.rpartition(":")[2]) if key.refusals else None
    return Failure(
        sentences(say("the topic is encrypted with {key}.", key=shortened(name)), _no_use(key)),
        why=say("What is published to an encrypted topic is encrypted first. Where that fails, AWS takes no order."),
        fix=_FIX,
        doc=SNS_KEYS,
    )


def _no_use(key: Key | None) -> Text:
    if key is None:
        return say("There is no such key.")
    if not key.enabled:
        return say("That key is {state}.", state=key.state)
    return say("That key is of the type {spec}, and only a symmetric key encrypts here.", spec=key.spec)


def kept_out(found: Found, obstacles: Iterable[Obstacle]) -> Iterator[Failure]:
    """Each reason for which the queue's key keeps SNS out: of these obstacles to it, those that are the key's, and what
    is wrong with the key itself."""
    for obstacle in obstacles:
        if obstacle.certain and obstacle.why in OF_KEYS:
            yield _stopped(found, obstacle)
    key = found.key
    if key is None:
        return
    if not key.enabled:
        yield Failure(
            say("{queue} is encrypted with a key that is {state}.", queue=found.name, state=key.state),
            why=_NOTHING_SENT,
            fix=say("A key has a state, and only in one of them is it of any use."),
            doc=SSE,
        )
    elif not key.makes_data_keys:
        yield Failure(
            say("{queue} is encrypted with a key of the type {spec}.", queue=found.name, spec=key.spec),
            why=_NOTHING_SENT,
            fix=_FIX,
            doc=KEY_TYPES,
        )
    if key.refusals:
        yield _refused(key.refusals[0], found.name)


def _stopped(found: Found, obstacle: Obstacle) -> Failure:
    if obstacle.why == "aws_managed_key":
        return Failure(
            say("{queue} is encrypted with AWS's own key for SQS (alias/aws/sqs).", queue=found.name),
            why=say("The policy of that key lets this account in and no service, and nobody can change it."),
            fix=say("A queue can be encrypted without any key of KMS, or with a key that has a policy of your own."),
            doc=SSE,
        )
    decision = obstacle.decision.text if obstacle.decision else None
    return Failure(
        sentences(say("{queue} is encrypted with a key that SNS may not use.", queue=found.name), decision)
        if found.key
        else say("{queue} is encrypted with a key that is not there.", queue=found.name),
        why=say("SNS must encrypt what it sends to such a queue. Where the key keeps it out, nothing arrives."),
        fix=say("A key has a policy as well: whom does it let do kms:GenerateDataKey and kms:Decrypt?"),
        doc=SSE,
    )


def _refused(problem: Problem, encrypted: str) -> Failure:
    """AWS would not have taken the key's policy, and so the key."""
    found = say("AWS would not take the policy of the key of {name}: {problem}", name=encrypted, problem=problem.text)
    if problem.kind != "lockout":
        return Failure(found, fix=say("The page below has the grammar of a policy, word by word."), doc=problem.doc)
    return Failure(
        found,
        why=say(
            "A key's policy lets nobody in by itself, not even its own account. One that lets nobody there change it "
            "again leaves a key that only AWS Support can help; AWS refuses it, unless it is told to skip that check."
        ),
        fix=say("A key that is made without any policy gets one from AWS. Whom does that one let in, and yours not?"),
        doc=problem.doc,
    )
