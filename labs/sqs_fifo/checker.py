"""Orders stay in line, each is delivered once, and what nobody can process is set aside and kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.checks import Aws, Given, check
from grader.effects.queues import Queue

from . import evidence, picture, queues, trials, usable

_GUIDE = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/"
ORDER = f"{_GUIDE}FIFO-queues-understanding-logic.html"
ONCE = f"{_GUIDE}FIFO-queues-exactly-once-processing.html"
VISIBILITY = f"{_GUIDE}sqs-visibility-timeout.html"
POLLING = f"{_GUIDE}sqs-short-and-long-polling.html"
DEAD_LETTERS = f"{_GUIDE}sqs-dead-letter-queues.html"
RETENTION = f"{_GUIDE}setting-up-dead-letter-queue-retention.html"
ALLOWING = f"{_GUIDE}sqs-configure-dead-letter-queue.html"
ATTRIBUTES = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html"


@check(
    weight=10,
    doc=ORDER,
    why="Two changes to one order must be made in the order in which they were asked for. A standard queue promises "
    "nothing of the kind, and a queue of another name is one that nobody sends to.",
    fix="The whole name is in LAB_QUEUE, with its ending. A queue's type is chosen when it is created.",
)
def queue_keeps_order(aws: Aws, given: Given) -> Queue:
    """There is a FIFO queue {queue}: while a message of a group is out, its group waits and others go on."""
    queue = queues.fifo(aws, given.queue)
    trials.confirm(aws, given, trials.ORDER, [queue])
    return queue


@check(
    weight=10,
    doc=ORDER,
    why="A FIFO queue can send its dead letters to a FIFO queue only. In one of another type or name, nobody would "
    "find them.",
    fix="The whole name is in LAB_DEAD_LETTER_QUEUE, with its ending. It is a queue like any other, of the same type.",
)
def dead_letter_queue_keeps_order(aws: Aws, given: Given) -> Queue:
    """There is a FIFO queue {dead_letter_queue}, which keeps order in the same way."""
    queue = queues.fifo(aws, given.dead_letter_queue)
    trials.confirm(aws, given, trials.ORDER, [queue])
    return queue


@check(
    weight=15,
    needs=queue_keeps_order,
    doc=ONCE,
    why="A sender that got no answer sends again. If the queue does not know that it is the same order, it is shipped "
    "twice; and without any deduplication id AWS refuses to take it at all.",
    fix="Where does a queue get a deduplication id from, when the sender gives none?",
)
def same_body_is_delivered_once(aws: Aws, given: Given) -> None:
    """The same body sent twice in a group within five minutes, with no deduplication id, is delivered once."""
    queue = given.found(queue_keeps_order)
    evidence.require_delivered_once(queue)
    trials.confirm(aws, given, trials.ONCE, [queue])


@check(
    weight=10,
    needs=queue_keeps_order,
    doc=VISIBILITY,
    why="While a consumer works on a message nobody else may see it. Too short, and two work on the same order; too "
    "long, and an order that a consumer died over waits for nothing.",
    fix="Which attribute of the queue says how long a message is hidden once it was received, and in which unit?",
)
def consumer_has_its_time(aws: Aws, given: Given) -> None:
    """A consumer has {visibility_timeout} seconds before a message that it received is shown to another."""
    queue = given.found(queue_keeps_order)
    evidence.require_visibility(queue, given)
    trials.confirm(aws, given, trials.HIDING, [queue])


@check(
    weight=5,
    needs=queue_keeps_order,
    doc=POLLING,
    why="A receive that finds nothing and answers at once is asked again at once: thousands of calls an hour, each "
    "paid for. One that waits is answered as soon as a message comes.",
    fix="Which attribute of the queue is about receiving, and makes every receive wait by itself?",
)
def empty_receive_waits(aws: Aws, given: Given) -> None:
    """A receive that finds nothing waits {receive_wait_seconds} seconds by itself."""
    del aws
    evidence.require_wait(given.found(queue_keeps_order), given)


@check(
    weight=15,
    needs=(queue_keeps_order, dead_letter_queue_keeps_order),
    doc=DEAD_LETTERS,
    why="In a FIFO queue a message that nobody can process holds up its whole group. Set aside, the group goes on, and "
    "somebody can look at what was wrong with it.",
    fix="A redrive policy belongs to the queue that messages leave, and names the one that they go to.",
)
def bad_messages_are_set_aside(aws: Aws, given: Given) -> None:
    """A message that is received again and again and never deleted goes to {dead_letter_queue}, its body intact."""
    queue, dead_letters = given.found(queue_keeps_order), given.found(dead_letter_queue_keeps_order)
    evidence.require_set_aside(queue, dead_letters, given)
    if not dead_letters.allows.admits(queue.arn):
        given.note(evidence.judged_as_if_allowed(given))
    if evidence.receives(queue) <= trials.MOST_RECEIVES:
        trials.confirm(aws, given, trials.ASIDE, [queue, dead_letters])


@check(
    weight=10,
    needs=(queue_keeps_order, dead_letter_queue_keeps_order),
    doc=DEAD_LETTERS,
    why="Too few receives, and an order is given up because a consumer was restarted; too many, and its group waits "
    "for it each time.",
    fix="A message moves at the receive after the last one that was allowed. How many are allowed?",
)
def it_is_tried_often_enough(aws: Aws, given: Given) -> None:
    """A message is received {max_receive_count} times; at the next receive it is no longer in the queue."""
    del aws
    evidence.require_receives(given.found(queue_keeps_order), given)


@check(
    weight=10,
    needs=dead_letter_queue_keeps_order,
    doc=RETENTION,
    why="SQS deletes a message that is older than the queue's retention, read or not. By default that is after 4 days: "
    "what went wrong on the Thursday before a long weekend is gone when people come back.",
    fix="Each queue has a retention of its own, in seconds. Which of the two keeps the dead letters?",
)
def dead_letters_are_kept(aws: Aws, given: Given) -> None:
    """The dead-letter queue keeps a message for {dead_letter_retention_days} days."""
    del aws
    dead_letters = given.found(dead_letter_queue_keeps_order)
    if told := evidence.goes_on(dead_letters, given):
        given.note(told)
    evidence.require_kept(dead_letters, given)


@check(
    weight=10,
    needs=dead_letter_queue_keeps_order,
    doc=ALLOWING,
    why="Without a redrive allow policy any queue of the account may send its dead letters here, and whoever reads "
    "them takes another team's for orders. One that leaves {queue} out makes AWS refuse its redrive policy.",
    fix="The allow policy belongs to the queue that receives dead letters, and can name those that may send them.",
)
def only_the_queue_may_use_it(aws: Aws, given: Given) -> None:
    """{queue} may use {dead_letter_queue} as its dead-letter queue, and no other queue may."""
    evidence.require_only(aws, given.found(dead_letter_queue_keeps_order), given)


@check(
    weight=5,
    needs=(queue_keeps_order, dead_letter_queue_keeps_order),
    doc=ATTRIBUTES,
    why="AWS takes a queue's attributes all at once or not at all. One that it refuses takes all the others with it.",
    fix="The page below says for each attribute which values it takes, and beside which others it may stand.",
)
def aws_takes_both_queues(aws: Aws, given: Given) -> None:
    """AWS would take all else that is set on the two queues, and their keys and policies let somebody use them."""
    pair = [given.found(queue_keeps_order), given.found(dead_letter_queue_keeps_order)]
    evidence.require_taken(pair)
    usable.require_usable(aws, pair, given)


def model(aws: Aws, given: Given) -> Mapping[str, Any]:
    """The two queues, for the report's picture."""
    return picture.drawn(aws, given)
