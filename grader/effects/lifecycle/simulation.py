"""What S3 makes of a history under a configuration, from one thing that happens to the next.

Time moves from event to due date, never day by day. It ends: each act of S3 takes a version away, moves
it down the waterfall, drops steps that lost, or puts a delete marker over a version that was current.
"""

from collections.abc import Iterable
from functools import cache

from grader.effects.lifecycle.history import Bucket, Clock, Event, SetVersioning, Write, in_utc
from grader.effects.lifecycle.program import Program
from grader.effects.lifecycle.stack import Stack
from grader.effects.lifecycle.timeline import Timeline, Version
from grader.effects.lifecycle.uploads import settle

DAYS = 3650


def simulate(bucket: Bucket, history: Iterable[Event], *, days: int = DAYS, clock: Clock | None = None) -> Timeline:
    """Everything that happens up to Day `days`, whatever the configuration holds: nothing is refused here.

    Events of one moment happen in the order given; what lies after Day `days` does not happen. At a
    midnight the owner acts before S3 does.
    """
    clock = clock or Clock()
    program = Program(bucket.configuration, clock)
    events = sorted((event for event in history if clock.day(event.at) <= days), key=lambda event: in_utc(event.at))
    writes, uploads = settle(program, events, days)
    plan = cache(program.plan)
    versions: list[Version] = []
    for key, mine in _by_key(writes).items():
        stack = Stack(key, clock, plan, bucket.versioning)
        _run(stack, mine, days)
        versions.extend(stack.versions())
    return Timeline(days, tuple(versions), uploads)


def _run(stack: Stack, writes: list[Write], days: int) -> None:
    """Alternate between what the owner does and what S3 does."""
    waiting = writes[::-1]
    while (day := _next_day(stack, waiting)) is not None and day <= days:
        while waiting and stack.clock.day(waiting[-1].at) <= day:
            stack.write(waiting.pop())
        while stack.act(day):
            pass


def _next_day(stack: Stack, waiting: list[Write]) -> int | None:
    due = stack.next_due()
    if not waiting:
        return due
    written = stack.clock.day(waiting[-1].at)
    return written if due is None else min(due, written)


def _by_key(writes: list[Write]) -> dict[str, list[Write]]:
    """The writes of each key in order, each with the bucket's switches of versioning between them."""
    keys = dict.fromkeys(write.key for write in writes if not isinstance(write, SetVersioning))
    mine: dict[str, list[Write]] = {key: [] for key in keys}
    for write in writes:
        for key in keys if isinstance(write, SetVersioning) else (write.key,):
            mine[key].append(write)
    return mine
