"""The report's picture: the two queues, what each says, and the way from one to the other."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from grader.checks import Aws, Given, say
from grader.effects.queues import Queue, refusals

from . import queues
from .evidence import DAY, JUDGED_APART, said

Fact = dict[str, Any]


def drawn(aws: Aws, given: Given) -> Mapping[str, Any]:
    """Nothing where there is neither queue."""
    queue, dead_letters = queues.find(aws, given.queue), queues.find(aws, given.dead_letter_queue)
    if queue is None and dead_letters is None:
        return {}
    return {
        "drawing": "queues",
        "title": say("What becomes of a message that nobody can process"),
        "queues": [
            {"name": given.queue, **_type(queue), "facts": _of_queue(queue, given)},
            {"name": given.dead_letter_queue, **_type(dead_letters), "facts": _of_dead_letters(dead_letters, given)},
        ],
        "ways": [_way(queue, dead_letters, given)],
    }


def _type(queue: Queue | None) -> Fact:
    if queue is None:
        return {"type": say("is not there"), "holds": False}
    return {"type": say("FIFO queue") if queue.fifo else say("standard queue"), "holds": queue.fifo}


def _of_queue(queue: Queue | None, given: Given) -> list[Fact]:
    if queue is None:
        return []
    once = say("delivered once"), say("refused without an id")
    return [
        _fact(say("same body twice"), once[0 if queue.content_based else 1], once[0]),
        _fact(say("hidden after a receive"), _seconds(queue.visibility_seconds), _seconds(given.visibility_timeout)),
        _fact(say("an empty receive waits"), _seconds(queue.wait_seconds), _seconds(given.receive_wait_seconds)),
        *_refused(queue, JUDGED_APART[0]),
    ]


def _of_dead_letters(queue: Queue | None, given: Given) -> list[Fact]:
    if queue is None:
        return []
    kept = queue.retention_seconds
    time = say("{count} days", count=kept // DAY) if kept and kept % DAY == 0 else _seconds(kept)
    return [
        _fact(say("keeps a message for"), time, say("{count} days", count=given.dead_letter_retention_days)),
        _fact(say("may be used by"), _users(queue), given.queue),
        *_refused(queue, JUDGED_APART[1]),
    ]


def _refused(queue: Queue, apart: Collection[str]) -> list[Fact]:
    """What AWS does not take, with why; but for what is drawn anyway."""
    return [
        {
            "label": say("AWS refuses"),
            "value": f"{refusal.attribute}: {said(queue, refusal.attribute)}",
            "wanted": refusal.text,
            "holds": False,
        }
        for refusal in refusals(queue)
        if refusal.attribute not in apart
    ]


def _users(queue: Queue) -> Any:
    allows = queue.allows
    if allows.fault or allows.permission == "denyAll":
        return say("no queue")
    if allows.permission == "allowAll":
        return say("any queue")
    names = sorted({source.rpartition(":")[2] for source in allows.sources})
    return names[0] if len(names) == 1 else say("{names}", names=names[:4])


def _way(queue: Queue | None, dead_letters: Queue | None, given: Given) -> Fact:
    """Where a message goes that was received too often."""
    policy = queue.redrive if queue else None
    wanted = say("after {count} receives", count=given.max_receive_count)
    if policy is None:
        return {"text": say("nothing is set aside"), "wanted": wanted, "holds": False, "arrives": False}
    text = say("after {count} receives", count=policy.receives or "?")
    arrives = dead_letters is not None and policy.target == dead_letters.arn
    if not arrives:
        other = (policy.target or "").rpartition(":")[2] or "?"
        text = say("after {count} receives, to {queue}", count=policy.receives or "?", queue=other)
        wanted = say("to {queue}", queue=given.dead_letter_queue)
    holds = arrives and policy.receives == given.max_receive_count
    return {"text": text, "wanted": wanted, "holds": holds, "arrives": arrives}


def _fact(label: Any, value: Any, wanted: Any) -> Fact:
    return {"label": label, "value": value, "wanted": wanted, "holds": str(value) == str(wanted)}


def _seconds(count: int | None) -> Any:
    return say("1 second") if count == 1 else say("{count} seconds", count="?" if count is None else count)
