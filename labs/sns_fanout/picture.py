"""The report's picture: the topic, what each subscription lets through, and what comes of two orders on AWS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.checks import Failure, Given, Text, say
from grader.effects.delivery import Delivered, Subscription, distinct

from . import admission, arrivals, orders
from .fanout import ROLES, Fanout
from .words import name_of, written

LONGEST_FILTER = 90


def drawn(fanout: Fanout, given: Given) -> Mapping[str, Any]:
    """The lab's three queues, and how many more subscriptions there are."""
    goods, files = orders.plain(given)
    others = sum(1 for one in distinct(fanout.subscriptions) if name_of(one.endpoint) == given.undelivered_queue)
    return {
        "drawing": "fanout",
        "title": say("What becomes of two orders on AWS: one {goods}, one {files}", goods=goods.kind, files=files.kind),
        "topic": given.topic,
        "queues": [_queue(fanout, role, given) for role in ROLES[:3]],
        "more": len(fanout.others) + others,
    }


def _queue(fanout: Fanout, role: str, given: Given) -> dict[str, Any]:
    subscription, found = fanout.by_queue.get(role), fanout.queues.get(role)
    told: dict[str, Any] = {
        "name": given.parameters[role],
        "arrives": _kinds(fanout, role, given),
        "wanted": [one.kind for one in orders.plain(given) if one.kind in arrivals.wanted(role, given).kinds],
    }
    if subscription:
        told |= {"passes": _passes(subscription), "shape": _shape(subscription.raw)}
        asked = arrivals.wanted(role, given).raw
        if asked is not None and asked != subscription.raw:
            told["wanted_shape"] = _shape(asked)
    if found is None:
        told["refused"] = say("there is no such queue")
    elif failure := next(admission.kept_out(fanout, found), None):
        told["refused"] = failure.found
    if found and (caller := admission.intruder(fanout, found)):
        told["open"] = caller.text
    return told | (_leftovers(fanout, given) if role == "shipping_queue" and subscription else {})


def _kinds(fanout: Fanout, role: str, given: Given) -> list[str]:
    found = [(one, arrivals.outcome(fanout, role, one)) for one in orders.plain(given)]
    return [one.kind for one, outcome in found if isinstance(outcome, Delivered)]


def _passes(subscription: Subscription) -> Text:
    chosen = subscription.filter
    if not chosen.content:
        return say("every order")
    policy = written(chosen, LONGEST_FILTER)
    if chosen.scope == "MessageBody":
        return say("by body {policy}", policy=policy)
    return say("by attributes {policy}", policy=policy)


def _shape(raw: bool) -> Text:
    return say("as published") if raw else say("in SNS's envelope")


def _leftovers(fanout: Fanout, given: Given) -> dict[str, Any]:
    try:
        admission.require_leftovers_kept(fanout, given)
    except Failure as failure:
        return {"lost": failure.found}
    return {"kept": given.undelivered_queue}
