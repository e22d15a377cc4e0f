"""A topic and its queues in words: what each subscription lets through, what arrives, what AWS would refuse.

The model is that of `fanout_parts`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from grader.formats.drawings.fanout_parts import Fanout, read
from grader.formats.layout import wrapped

_INDENT = "  "


def text(model: Mapping[str, Any], width: int) -> list[str]:
    """The topic, and below it each queue with what comes there; nothing where there is no topic."""
    drawn = read(model)
    if not drawn.topic and not drawn.queues:
        return []
    title = wrapped(drawn.title, width) if drawn.title else []
    return title + list(_lines(drawn, width))


def _lines(drawn: Fanout, width: int) -> Iterator[str]:
    yield from _at(1, drawn.topic, width)
    for queue in drawn.queues:
        yield from _at(2, f"-> {queue.name}", width)
        for said in (queue.path, queue.arrival, *queue.remarks):
            yield from _at(4, said, width)
    if drawn.remainder:
        yield from _at(2, drawn.remainder, width)
    for line in drawn.lines:
        yield from _at(1, line, width)


def _at(depth: int, sentence: str, width: int) -> Iterator[str]:
    """The sentence in lines at that depth, what follows the first a little deeper; none for an empty one."""
    room = max(width - len(_INDENT) * (depth + 1), 8)
    first, *others = wrapped(sentence, room) if sentence else [""]
    yield (_INDENT * depth + first).rstrip()
    yield from (_INDENT * (depth + 1) + other for other in others)
