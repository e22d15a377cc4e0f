"""Hand-ins that are alike: what two have in common, once all that everybody was given is taken away.

A hand-in is cut into pieces of some words in a row; what stands in the lab's starter or in its solutions is nobody's
own. Spaces, comments and a student's own names and numbers make no difference. This ranks, and judges nobody.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from zlib import crc32

_WORDS = re.compile(r"[A-Za-z_][\w-]*|\d+|[^\s\w]")
_COMMENTS = re.compile(r"(?m)(?:^|(?<=\s))(?:#|//)[^\n]*$")
_PIECE = 6  # words in a row
_FEWEST = 12  # pieces of one's own: with less, everything is like everything
_LEAST = 0.6  # of the smaller one
_COMMON = 12  # hold a piece, and it is no likeness any more but custom
_SAMPLE = 4  # one piece in so many is enough to find who to compare
_HINT = 0.25  # of the sampled pieces of the smaller one
_MOST = 25


@dataclass(frozen=True)
class Likeness:
    """Two hand-ins, by whose they are, and how much of the smaller one is in both, between 0 and 1."""

    one: str
    other: str
    share: float


@dataclass(frozen=True)
class Likenesses:
    """Groups that are the same but for names and spaces, and pairs of others, the nearest first."""

    groups: tuple[tuple[str, ...], ...]
    pairs: tuple[Likeness, ...]


def alike(texts: Mapping[str, str], given: Iterable[str], own: Mapping[str, Sequence[str]]) -> Likenesses:
    """Compare texts by whose they are. `given` is what everybody had; `own` are each one's names and numbers."""
    known = {piece for text in given for piece in pieces(text)}
    cut = {who: pieces(text, own.get(who, ())) - known for who, text in texts.items()}
    ample = {who: found for who, found in cut.items() if len(found) >= _FEWEST}
    by_content: defaultdict[frozenset[str], list[str]] = defaultdict(list)
    for who, found in sorted(ample.items()):
        by_content[found].append(who)
    groups = sorted((tuple(whose) for whose in by_content.values() if len(whose) > 1), key=lambda one: (-len(one), one))
    single = {whose[0]: found for found, whose in by_content.items()}
    pairs = sorted(_pairs(single), key=lambda pair: (-pair.share, pair.one, pair.other))
    return Likenesses(tuple(groups[:_MOST]), tuple(pairs[:_MOST]))


def pieces(text: str, own: Sequence[str] = ()) -> frozenset[str]:
    """Every few words in a row, with one's own names and numbers as one word."""
    for value in sorted(own, key=len, reverse=True):
        text = text.replace(value, "OWN")
    words = _WORDS.findall(_COMMENTS.sub("", text))
    return frozenset(" ".join(words[n : n + _PIECE]) for n in range(len(words) - _PIECE + 1))


def _pairs(cut: Mapping[str, frozenset[str]]) -> Iterator[Likeness]:
    """Only who shares pieces that few have is compared at all: in a large class most pairs are never looked at."""
    sampled = {who: [piece for piece in found if crc32(piece.encode()) % _SAMPLE == 0] for who, found in cut.items()}
    holders: defaultdict[str, list[str]] = defaultdict(list)
    for who, found in sorted(sampled.items()):
        for piece in found:
            holders[piece].append(who)
    shared: Counter[tuple[str, str]] = Counter()
    for whose in holders.values():
        if 1 < len(whose) <= _COMMON:
            shared.update(combinations(whose, 2))
    for (one, other), count in shared.items():
        if count < _HINT * min(len(sampled[one]), len(sampled[other])):
            continue
        share = len(cut[one] & cut[other]) / min(len(cut[one]), len(cut[other]))
        if share >= _LEAST:
            yield Likeness(one, other, share)
