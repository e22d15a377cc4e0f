"""What there is to say about how a workspace came to be, or why it did not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from grader.texts import Text, say
from grader.workspace.record import Workspace


def for_another(space: Workspace) -> Text:
    """It is there, and somebody else's."""
    whose = say("student {student}", student=space.student) if space.student else say("nobody in particular")
    return say(
        "the workspace of {lab} was started for {whose}: `labgrade stop {lab}` ends it, then start anew.",
        lab=space.lab,
        whose=whose,
    )


def elsewhere(space: Workspace) -> Text:
    """It is there, and not where it is wanted."""
    return say(
        "the workspace of {lab} is at {endpoint}: `labgrade stop {lab}` ends it, then start anew.",
        lab=space.lab,
        endpoint=space.endpoint,
    )


def another_port(wanted: int, space: Workspace) -> Text:
    """Somebody else listens there."""
    taken = "Port {taken} is taken by something else, so this one is at {port}."
    return say(taken, taken=wanted, port=space.port)


def came_back(before: Workspace, held: Workspace, replayed: Mapping[str, Any]) -> Iterator[Text]:
    """What was done in it was done again; all that is not as it was."""
    back = "It is back as you left it: what you had changed ({calls}) was done again, with the same ids."
    yield say(back, calls=_calls(held.standing().changes or 0))
    if lost := replayed["different"] + replayed["unreadable"]:
        otherwise = "Not everything: {calls} came out otherwise this time. Look before you build on it."
        yield say(otherwise, calls=_calls(lost))
    if replayed["moto"]:
        made = "It was made with moto {then}, and is now moto {now}: ids may differ."
        yield say(made, then=replayed["moto"], now=held.version)
    if held.port != before.port:
        moved = "Its port {taken} is taken, so it is at {port} now: point your shells there anew."
        yield say(moved, taken=before.port, port=held.port)


def _calls(count: int) -> Text:
    return say("1 call" if count == 1 else "{count} calls", count=count)
