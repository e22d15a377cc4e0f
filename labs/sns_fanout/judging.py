"""What arrives, by AWS's rules and in a probe: both must be as the lab asks."""

from __future__ import annotations

from collections.abc import Iterator

from botocore.exceptions import ClientError

from grader.checks import Aws, CannotProbe, Failure, Given, Inconclusive, Text, say
from grader.effects.delivery import Copy, Delivered

from . import arrivals, orders
from .fanout import ROLES, Fanout
from .observed import Arrived, Received, arrived
from .readback import applies_filters
from .words import shortened

UNTRIED = say("No copy of the topic could be made here, so what arrives was judged by AWS's rules alone.")


def require_arrivals(aws: Aws, given: Given, fanout: Fanout, role: str) -> None:
    """Raise Failure unless the queue gets what it should, by AWS's rules and in a probe."""
    arrivals.require_right(fanout, role, given)
    told = list(_differences(fanout, role, given, seen(aws, given, fanout).get(role)))
    if told and not aws.can(applies_filters):
        raise Inconclusive(applies_filters)
    if told:
        raise Failure(
            say("two orders were published on a copy of your topic, and {what}.", what=told),
            why=say("By AWS's rules all is well, and yet this is what came out of the queue."),
        )


def seen(aws: Aws, given: Given, fanout: Fanout) -> Arrived:
    """What a probe brought to each queue that is subscribed, tried once; nothing where it cannot be tried."""
    if fanout.tried is None:
        try:
            fanout.tried = arrived(aws, fanout, orders.plain(given), _expected(fanout, given))
        except (CannotProbe, ClientError):  # or an emulator that does not take on the copy what it took before
            given.note(UNTRIED)
            fanout.tried = {}
    return fanout.tried


def _expected(fanout: Fanout, given: Given) -> dict[str, int]:
    """How many of the two orders AWS brings to each queue that is subscribed as AWS would take it."""
    taken = {role: one for role, one in fanout.by_queue.items() if not one.refusals()}
    return {role: len(_copies(fanout, role, given)) for role in ROLES[:3] if role in taken}


def _copies(fanout: Fanout, role: str, given: Given) -> list[Copy]:
    outcomes = [arrivals.outcome(fanout, role, order) for order in orders.plain(given)]
    return [outcome.copy for outcome in outcomes if isinstance(outcome, Delivered)]


def _differences(fanout: Fanout, role: str, given: Given, got: tuple[Received, ...] | None) -> Iterator[Text]:
    """How what came differs from what AWS brings: each order once, in its shape, and nothing else."""
    if got is None:
        return
    queue = given.parameters[role]
    wanted = _copies(fanout, role, given)
    if len(got) != len(wanted):
        yield say("{queue} got {count} messages instead of {wanted}", queue=queue, count=len(got), wanted=len(wanted))
    for one in got:
        if len(got) == len(wanted) and not any(_is(one, copy) for copy in wanted):
            yield say("{queue} got {body}", queue=queue, body=shortened(one.body))


def _is(one: Received, copy: Copy) -> bool:
    """Is the message that copy? The copy of the topic has a name of its own, so TopicArn does not count."""
    wrong = copy.differences(one.body, one.attributes)
    return not [name for name in wrong if name != "TopicArn"]
