"""Who may send to the queues on AWS, by their policies and their keys, whatever the emulator lets through."""

from __future__ import annotations

from collections.abc import Iterator

from grader.checks import Failure, Given, Text, say, sentences
from grader.effects.delivery import Obstacle, obstacles_to
from grader.effects.policy import Decision, Policy, Principal, Problem, Request, problems, shuts_out

from . import callers, encryption, evidence
from .callers import Caller
from .encryption import OF_KEYS
from .fanout import ROLES, Fanout, Found
from .words import shortened

LOGIC = "https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-evaluation-logic.html"
SUBSCRIBERS = ROLES[:3]


def require_topic_may_send(fanout: Fanout, given: Given) -> None:
    """Raise Failure where AWS keeps the topic out of one of the queues that subscribe to it, or lets nothing be
    published to it."""
    if failure := _silenced(fanout) or encryption.mute(fanout):
        raise failure
    there = [fanout.queues[role] for role in SUBSCRIBERS if role in fanout.queues]
    if not there:
        raise Failure(say("none of the three queues is there, so the topic may send to none."))
    for role in SUBSCRIBERS:
        if role not in fanout.queues:
            missing = say("{queue} is not there, so nobody asked who may send to it.", queue=given.parameters[role])
            given.note(missing)
    refused = [(found, failure) for found in there for failure in kept_out(fanout, found)]
    if refused:
        first, failure = refused[0]
        others = [found.name for found in there if found is not first and found in [each for each, _ in refused]]
        if others:
            one = failure.found if isinstance(failure.found, Text) else None
            failure.found = sentences(one, say("Nor may it send to {queues}.", queues=others))
        raise failure


def _silenced(fanout: Fanout) -> Failure | None:
    """The topic's own policy lets nobody of the account publish. By itself it need let nobody in: they may anyway.

    https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-evaluation-logic.html (2026-11-26)
    """
    decision = shuts_out(fanout.topic_policy, fanout.topic.arn, "sns:Publish")
    if decision is None:
        return None
    return Failure(
        sentences(say("nobody may publish to the topic, by its own policy."), decision.text),
        why=say("What nobody can publish reaches no queue."),
        fix=say("A Deny wins over every Allow. Whom is it meant for, and whom does it take?"),
        doc=LOGIC,
    )


def kept_out(
    fanout: Fanout, found: Found, *, dead_letters: bool = False, spared: frozenset[str] = frozenset()
) -> Iterator[Failure]:
    """Each reason for which AWS would not let the topic send to this queue, by its policy and then by its key; what is
    wrong with its policy is no reason where it is among those `spared`, nor is its key, which were charged already."""
    refused = refusals(found)
    taken_as_mended = _is_spared(found, spared)
    obstacles = obstacles_to(fanout.topic, found.queue, dead_letters=dead_letters)
    for obstacle in obstacles:
        if obstacle.certain and obstacle.why not in OF_KEYS and not (taken_as_mended and obstacle.why == "policy"):
            yield _stopped(found, obstacle)
    if refused and not taken_as_mended:
        yield Failure(
            say(
                "AWS would not take the policy of {queue}: {problem} It answers {code}: {message}",
                queue=found.name,
                problem=refused[0].text,
                code=refused[0].code,
                message=refused[0].message,
            ),
            why=say("A policy that AWS refuses is not there, and nobody but this account may send. Emulators take it."),
            fix=say("The page below has the grammar of a policy, word by word."),
            doc=refused[0].doc,
        )
    if found.key_name not in spared:
        yield from encryption.kept_out(found, obstacles)


def _is_spared(found: Found, spared: frozenset[str]) -> bool:
    """Was all that AWS refuses of the policy charged already, and is there a policy but for that?"""
    kinds = {problem.kind for problem in refusals(found)}
    return bool(kinds) and kinds <= spared and _lets_somebody_in(found)


def refusals(found: Found) -> tuple[Problem, ...]:
    """Why AWS would not take the queue's policy as it is written."""
    return problems(found.written, "sqs") if found.written else ()


def _stopped(found: Found, obstacle: Obstacle) -> Failure:
    """Why SNS cannot send to this queue, whatever its key."""
    decision = obstacle.decision
    text = decision.text if decision else obstacle.text
    fix = _nudge(decision) if decision else None
    return Failure(say("SNS may not send to {queue}. {decision}", queue=found.name, decision=text), fix=fix)


# By the element of the statement that comes nearest and does not fit.
NUDGES = {
    "action": say("SNS does one thing to a queue: it sends. Which of SQS's actions is that?"),
    "resource": say("The policy of a queue is about the queue: whose ARN should stand in Resource?"),
    "condition": say("The task says which keys SNS's call carries. Which one do you compare, with what, and how?"),
    "principal": say("Who calls here is a service: in a policy it stands under Service, as sns.amazonaws.com."),
}


def _nudge(decision: Decision) -> Text | None:
    if decision.basis == "no_policy":
        return say("A queue without a policy takes messages from its own account's principals. SNS is none of them.")
    if decision.basis == "unreadable":
        return say("Print the policy as the queue has it: it is one JSON object, as text.")
    if decision.verdict == "explicit_deny":
        return say("A Deny wins over every Allow. Whom is it meant for, and whom does it take?")
    elements = {mismatch.element for mismatch in decision.nearest.mismatches} if decision.nearest else set()
    return next((text for element, text in NUDGES.items() if element in elements), None)


def require_nobody_else(fanout: Fanout, given: Given) -> None:
    """Raise Failure where somebody else gets in, or where no policy lets anybody in at all."""
    there = [fanout.queues[role] for role in ROLES if role in fanout.queues]
    if not any(_lets_somebody_in(found) for found in there):
        raise Failure(
            say("no policy of these queues lets anybody send."),
            wanted=say("policies that let {topic} send, and nobody else.", topic=given.topic),
            why=say("Whether all others are kept out shows only where somebody is let in."),
            fix=say("Begin with a statement for the topic."),
        )
    for found in there:
        if caller := intruder(fanout, found):
            raise _admitted(found, caller, given)


def intruder(fanout: Fanout, found: Found) -> Caller | None:
    """The first of those who should not get in and do."""
    return callers.intruder(found.queue.policy or "", fanout.topic.arn, found.queue.arn)


def _lets_somebody_in(found: Found) -> bool:
    """Has it an Allow of sending at all? Whether the topic fits it is the other check's question."""
    request = Request(Principal("service", "sns.amazonaws.com"), "sqs:SendMessage", found.queue.arn)
    weighed = Policy.read(found.queue.policy).weigh(request)
    return any(
        statement.allows and all(mismatch.element != "action" for mismatch in fit.mismatches)
        for statement, fit in weighed.fits
    )


def _admitted(found: Found, caller: Caller, given: Given) -> Failure:
    decision = caller.decision.text
    return Failure(
        say("{caller} may send to {queue}. {decision}", caller=caller.text, queue=found.name, decision=decision),
        wanted=say(
            "only {topic} may send to {queue}, and this account's own principals.",
            topic=given.topic,
            queue=found.name,
        ),
        fix=_narrower(found, caller),
    )


def _narrower(found: Found, caller: Caller) -> Text:
    """Towards what lets this caller in: the statement that decides or, where none does, all of them."""
    statements, decisive = Policy.read(found.queue.policy).statements, caller.decision.statement
    statements = statements[decisive.number - 1 : decisive.number] if decisive else statements
    keys = {condition.key.casefold() for one in statements for condition in one.conditions or ()}
    if "aws:sourcearn" in keys and caller.is_topic:
        return say("aws:SourceArn is what AWS itself says of the sender. Which ARNs does yours let through?")
    if "aws:sourcearn" in keys:
        return say("Only a service's call carries aws:SourceArn. What becomes of a call without it?")
    if {"aws:sourceaccount", "aws:sourceowner"} & keys:
        return say("An account has many topics, and may get more. What tells this one from all the others?")
    if decisive and caller.named:
        return say("Principals of another account are let in by name. Whom does that Principal stand for?")
    return say("SNS is one service for all of AWS's customers. A Condition can say for which topic it may send.")


def require_leftovers_kept(fanout: Fanout, given: Given) -> None:
    """Raise Failure where an order that cannot be delivered to shipping is not kept in the queue for it."""
    subscription, shipping = fanout.by_queue.get("shipping_queue"), given.shipping_queue
    if subscription is None:
        raise Failure(say("no subscription goes to {queue}, so nothing says where its orders go.", queue=shipping))
    wanted, target = fanout.arns["undelivered_queue"], subscription.dead_letter_queue
    refused = [refusal for refusal in subscription.refusals() if refusal.name.startswith("redrive")]
    if target is None and not refused:
        raise _not_kept(fanout, shipping)
    if refused and target in (None, wanted):
        raise evidence.refused_redrive(shipping, refused[0])
    if target != wanted:
        raise Failure(
            say(
                "what cannot be delivered to {queue} goes to {target}, and not to {wanted}.",
                queue=shipping,
                target=shortened(target or "nowhere"),
                wanted=wanted,
            ),
            fix=say("deadLetterTargetArn is a queue's ARN, letter by letter."),
        )
    if "undelivered_queue" not in fanout.queues:
        raise Failure(
            say("the redrive policy names {queue}, and there is no such queue.", queue=given.undelivered_queue),
            fix=say("SNS does not make the queue: what it cannot keep there is lost."),
        )
    kept = fanout.queues["undelivered_queue"]
    there = [fanout.queues[role] for role in SUBSCRIBERS if role in fanout.queues]
    of_policies = frozenset(problem.kind for found in there for problem in refusals(found))
    if _is_spared(kept, of_policies):
        given.note(say("Whether {queue} admits it was judged as if AWS took its policy.", queue=kept.name))
    of_keys = frozenset(found.key_name for found in there if _kept_out_by_key(fanout, found))
    if kept.key_name in of_keys:
        given.note(say("Whether {queue} admits it was judged as if its key let SNS in.", queue=kept.name))
    charged = of_policies | of_keys
    for failure in kept_out(fanout, kept, dead_letters=True, spared=charged):
        raise failure


def _kept_out_by_key(fanout: Fanout, found: Found) -> bool:
    return any(encryption.kept_out(found, obstacles_to(fanout.topic, found.queue)))


def _not_kept(fanout: Fanout, shipping: str) -> Failure:
    found = say(
        "the subscription of {queue} has no redrive policy, so what cannot be delivered is lost.", queue=shipping
    )
    own = fanout.queues.get("shipping_queue")
    if own and own.attributes.get("RedrivePolicy"):
        fix = sentences(
            say("The queue itself has a redrive policy: that is for messages that were received and never deleted."),
            say("An order that never arrives is not among them. It is the subscription that knows of it."),
        )
        return Failure(found, fix=fix)
    if any(one.dead_letter_queue for role, one in fanout.by_queue.items() if role != "shipping_queue"):
        return Failure(found, fix=say("Another subscription has one. Each is for its own queue alone."))
    return Failure(found, fix=None)
