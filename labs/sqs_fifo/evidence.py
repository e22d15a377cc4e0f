"""What the queues' attributes come to on AWS, judged by its rules, and how that reads."""

from __future__ import annotations

from collections.abc import Iterable

from grader.checks import Aws, Failure, Given, Inconclusive, Text, require, say, sentences
from grader.effects.queues import Answer, Queue, refusals

from . import trials
from .readback import reads_allow_policies_back

DAY = 86400  # seconds
MOST_NAMES = 4
# Each of these has a check of its own, by attribute: (of the queue, of its dead-letter queue).
JUDGED_APART = (
    ("VisibilityTimeout", "ReceiveMessageWaitTimeSeconds", "RedrivePolicy"),
    ("MessageRetentionPeriod", "RedriveAllowPolicy"),
)
PARAMETERS = ("max_receive_count", "visibility_timeout", "receive_wait_seconds", "dead_letter_retention_days")


def require_delivered_once(queue: Queue) -> None:
    """By what AWS does with two equal bodies."""
    answer, delivered = trials.on_paper(trials.ONCE, [queue])
    require(
        answer == Answer.SENT,
        say("a message without a deduplication id is refused: {queue} makes none of its own.", queue=queue.name),
    )
    require(delivered == 1, say("it is delivered {count} times.", count=delivered))


def require_visibility(queue: Queue, given: Given) -> None:
    """The time that a consumer has."""
    seconds, wanted = queue.visibility_seconds, given.visibility_timeout
    if seconds == wanted:
        return
    if seconds == 0:
        found = say("it has no time at all: VisibilityTimeout is 0, and others see the message at once.")
    elif seconds == 30:
        found = say("it has 30 seconds, which is what AWS has where nobody says anything else.")
    else:
        found = say(
            "it has {time}: VisibilityTimeout is {value}.", time=_long(seconds), value=said(queue, "VisibilityTimeout")
        )
    raise Failure(sentences(found, _refused(queue, "VisibilityTimeout")), fix=_mixed_up(seconds, wanted, given))


def require_wait(queue: Queue, given: Given) -> None:
    """How long a receive waits that finds nothing."""
    seconds, wanted = queue.wait_seconds, given.receive_wait_seconds
    if seconds == wanted:
        return
    fix = _mixed_up(seconds, wanted, given)
    found = say("it does not wait: ReceiveMessageWaitTimeSeconds of {queue} is 0.", queue=queue.name)
    if seconds != 0:
        value = said(queue, "ReceiveMessageWaitTimeSeconds")
        found = say("ReceiveMessageWaitTimeSeconds of {queue} is {value}.", queue=queue.name, value=value)
    elif queue.delay_seconds:
        delay = say("Its DelaySeconds is {value}, which holds back every new order.", value=said(queue, "DelaySeconds"))
        found = sentences(found, delay)
        fix = say("DelaySeconds is about sending: it hides new messages. What is asked for is about receiving.")
    raise Failure(sentences(found, _refused(queue, "ReceiveMessageWaitTimeSeconds")), fix=fix)


def require_set_aside(queue: Queue, dead_letters: Queue, given: Given) -> None:
    """Where a bad message goes."""
    policy = queue.redrive
    if policy is None:
        raise Failure(_no_policy(queue, dead_letters))
    require(
        policy.target == dead_letters.arn,
        say(
            "it goes to {target}, which is another queue than {wanted}.",
            target=short(policy.target),
            wanted=dead_letters.arn,
        )
        if policy.target
        else say(
            "the redrive policy of {queue} names no queue: {policy}", queue=queue.name, policy=short(policy.written)
        ),
        fix=say("The ARN in deadLetterTargetArn has a Region, an account and a name. Compare all three."),
    )
    if policy.unknown:
        why = next(one for one in refusals(queue) if one.attribute == "RedrivePolicy").text
        raise Failure(say("AWS refuses the redrive policy of {queue}: {why}.", queue=queue.name, why=why))
    back = dead_letters.redrive
    require(
        back is None or back.target != queue.arn,
        say(
            "it goes there, and from there back: {dead} has a redrive policy that leads to {queue}.",
            dead=dead_letters.name,
            queue=queue.name,
        ),
        why=say("Whoever looks at a dead letter often enough sends it back to the orders, and it goes round for ever."),
        fix=say("Only the queue that messages leave has a redrive policy."),
    )
    _require_time_for_it(queue, given)


def receives(queue: Queue) -> int:
    """How often a message is received before it is set aside."""
    return (queue.redrive and queue.redrive.receives) or trials.MOST_RECEIVES + 1


def require_receives(queue: Queue, given: Given) -> None:
    """How often a bad message is tried."""
    policy, wanted = queue.redrive, given.max_receive_count
    if policy is None:
        raise Failure(
            say("it is received for ever, or until its time is over: {queue} has no redrive policy.", queue=queue.name)
        )
    if policy.receives == wanted:
        return
    if policy.receives is None:
        raise Failure(
            say(
                "the redrive policy of {queue} tells no number: {policy}",
                queue=queue.name,
                policy=short(policy.written),
            )
        )
    refused = (
        None
        if policy.in_order or policy.target is None
        else say("AWS refuses it: maxReceiveCount goes from 1 to 1,000.")
    )
    found = say(
        "it is received {count} times, and is set aside at receive {next}: maxReceiveCount is {count}.",
        count=policy.receives,
        next=policy.receives + 1,
    )
    raise Failure(sentences(found, refused), fix=_mixed_up(policy.receives, wanted, given))


def require_kept(dead_letters: Queue, given: Given) -> None:
    """How long a dead letter is kept. In a FIFO queue its time begins when it is moved."""
    seconds, days = dead_letters.retention_seconds, given.dead_letter_retention_days
    if seconds == days * DAY:
        return
    value = said(dead_letters, "MessageRetentionPeriod")
    found = say("it keeps a message for {time}: MessageRetentionPeriod is {value}.", time=_long(seconds), value=value)
    if seconds == 4 * DAY:
        found = say("it keeps a message for 4 days, which is what AWS has where nobody says anything else.")
    fix = say("MessageRetentionPeriod counts seconds. A day has 86,400 of them.") if seconds != 4 * DAY else None
    raise Failure(sentences(found, _refused(dead_letters, "MessageRetentionPeriod")), fix=fix)


def goes_on(dead_letters: Queue, given: Given) -> Text | None:
    """What is worth knowing of dead letters that are sent on, and not back: nothing forbids it."""
    on = dead_letters.redrive
    if on is None or on.target in (None, _arn(dead_letters, given.queue)):
        return None
    return say(
        "{dead} has a redrive policy of its own: who looks at a dead letter often enough sends it on, to {target}.",
        dead=dead_letters.name,
        target=short(on.target),
    )


def require_only(aws: Aws, dead_letters: Queue, given: Given) -> None:
    """Whose dead letters it takes. No emulator acts on the policy; AWS does, when a redrive policy is set."""
    allows, arn = dead_letters.allows, _arn(dead_letters, given.queue)
    if allows.written is None and not aws.can(reads_allow_policies_back):
        raise Inconclusive(reads_allow_policies_back)
    if allows.fault:
        why = next(one for one in refusals(dead_letters) if one.attribute == "RedriveAllowPolicy").text
        said = say("It says: {policy}", policy=short(allows.written))
        raise Failure(sentences(say("AWS refuses its redrive allow policy: {why}.", why=why), said))
    require(
        allows.permission != "denyAll",
        say(
            "no queue may use it: its redrivePermission is denyAll. AWS refuses the redrive policy of {queue}.",
            queue=given.queue,
        ),
        fix=say("Between all and none there is a third permission, which goes by queue."),
    )
    require(
        allows.permission == "byQueue",
        say("any queue of the account may use it: {dead} has no redrive allow policy.", dead=dead_letters.name)
        if allows.written is None
        else say("any queue of the account may use it: its redrivePermission is allowAll."),
    )
    _require_sources(allows.sources, arn, given)


def judged_as_if_allowed(given: Given) -> Text:
    """One cause is charged once."""
    return say(
        "Whether bad messages are set aside was judged as if {dead} let {queue} use it.",
        dead=given.dead_letter_queue,
        queue=given.queue,
    )


def require_taken(pair: list[Queue]) -> None:
    """What AWS would not take, but for what other checks are about."""
    for queue, apart in zip(pair, JUDGED_APART, strict=True):
        for refusal in refusals(queue):
            if refusal.attribute not in apart:
                name = refusal.attribute
                value = say("Its {name} is {value}.", name=name, value=said(queue, name))
                found = say("AWS refuses {queue}: {why}.", queue=queue.name, why=refusal.text)
                raise Failure(sentences(found, refusal.more, value), doc=refusal.doc)


def _no_policy(queue: Queue, dead_letters: Queue) -> Text:
    if dead_letters.redrive:
        return say(
            "it stays in {queue}, which has no redrive policy. {dead} has one: it is on the wrong queue.",
            queue=queue.name,
            dead=dead_letters.name,
        )
    return say("it stays in {queue}, which has no redrive policy.", queue=queue.name)


def _require_time_for_it(queue: Queue, given: Given) -> None:
    """A message that is too old is deleted, however often it was received. A consumer that dies gives nothing back."""
    kept, hidden, count = queue.retention_seconds, given.visibility_timeout, given.max_receive_count
    # With the lab's own numbers: what the queue has is for other checks, and so is what AWS refuses.
    if kept is None or kept > hidden * count or _refused(queue, "MessageRetentionPeriod"):
        return
    raise Failure(
        say(
            "it is deleted first: {queue} keeps a message for {kept}, and {count} times {hidden} seconds take longer.",
            queue=queue.name,
            kept=_long(kept),
            count=count,
            hidden=hidden,
        ),
        why=say(
            "SQS deletes what is older than its queue's retention. A consumer that dies gives nothing back: its "
            "message is seen again only when its time is over, and so many times its time is too late."
        ),
        fix=say("MessageRetentionPeriod of the queue itself was not asked for. Is it meant for the other queue?"),
        doc="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html",
    )


def _require_sources(sources: Iterable[str], arn: str, given: Given) -> None:
    others = [one for one in sources if one != arn]
    require(
        arn in sources,
        say(
            "{queue} may not use it: its allow policy names {others}.",
            queue=given.queue,
            others=[short(one) for one in others[:MOST_NAMES]],
        ),
        fix=say("The ARN of the queue that may use it has a Region, an account and a name. Compare all three."),
    )
    require(
        not others,
        say(
            "{queue} may use it, and so may {others}.",
            queue=given.queue,
            others=[short(one) for one in others[:MOST_NAMES]],
        ),
        fix=say("Only the one queue is to be named."),
    )


def _arn(other: Queue, name: str) -> str:
    """Of a queue beside another one: it need not be there yet."""
    return f"{other.arn.rpartition(':')[0]}:{name}"


def _refused(queue: Queue, attribute: str) -> Text | None:
    found = next((one for one in refusals(queue) if one.attribute == attribute), None)
    return say("AWS refuses it: {why}.", why=found.text) if found else None


def _mixed_up(value: int | None, wanted: int, given: Given) -> Text | None:
    """A nudge from the number itself."""
    if value is None or value == wanted:
        return None
    if value == wanted * 1000:
        return say("SQS counts in seconds, and not in thousandths of them.")
    for name in PARAMETERS:
        if given.parameters[name] == value:
            return say("That is LAB_{name}. Which number does this lab want here?", name=name.upper())
    if abs(value - wanted) == 1:
        return say("It is off by one. The number that counts here is the one that the task gives.")
    return None


def said(queue: Queue, attribute: str) -> str:
    """An attribute as it was given, no longer than a report has room for."""
    return short(queue.attributes.get(attribute))


def _long(seconds: int | None) -> Text:
    if seconds is None:
        return say("no time that is a number")
    if seconds and seconds % DAY == 0:
        return say("1 day") if seconds == DAY else say("{count} days", count=seconds // DAY)
    return say("1 second") if seconds == 1 else say("{count} seconds", count=seconds)


def short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 200 else f"{text[:200]}…"
