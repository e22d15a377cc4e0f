"""What later calls use that earlier ones returned: which values, from which replies, and what each is called.

Ids differ on a fresh emulator, so they become variables. What the student had said before it came back, a name or a
block of addresses, is no id.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from grader.history.call import Call, Path, strings
from grader.history.paths import Way, way

COARSE = re.compile(r"[\s\"'`,;&?(){}\[\]<>\\]+")
FINER = (re.compile(r"[=|]"), re.compile(r"[/#]"), re.compile(r"[:@]"))
LONG = re.compile(r"(?=[0-9a-zA-Z_+/=-]*\d)[0-9a-zA-Z_+/=-]{20,}")
HEX = re.compile(r"(?i)(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{8,}")
ADDRESS = re.compile(r"\d{1,3}(\.\d{1,3}){3}")
RESERVED = frozenset(
    {
        *("PATH", "HOME", "LANG", "PWD", "OLDPWD", "USER", "SHELL", "IFS", "UID", "EUID", "PPID", "RANDOM", "SECONDS"),
        *("LINENO", "HOSTNAME", "HOSTTYPE", "MACHTYPE", "OSTYPE", "GROUPS", "DIRSTACK", "FUNCNAME", "OPTARG"),
        *("OPTIND", "REPLY", "SHELLOPTS", "TERM", "TMPDIR", "FILES", "ANSWER"),
    }
)


UNKNOWN = re.compile(r"[a-z]{1,16}-[0-9a-f]{17}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Returned:
    """A value that a later call uses: which call returned it first, and where; its name in the script."""

    value: str
    by: int
    way: Way
    name: str


@dataclass(frozen=True)
class Uses:
    """`kept` are the calls of the script, `caught` what is used of their replies, `unknown` what nobody returned."""

    kept: Sequence[int]
    caught: Sequence[Returned]
    unknown: Sequence[str]

    def of(self, n: int) -> list[Returned]:
        """What the reply of that call is asked for."""
        return [one for one in self.caught if one.by == n]

    def before(self, n: int) -> list[Returned]:
        """What is known when that call is made."""
        return [one for one in self.caught if one.by < n]


def uses(calls: Sequence[Call], given: Iterable[str] = ()) -> Uses:
    """Of the calls that change something, and of the reads without which their ids would be unknown.

    `given` are texts that are known from the start: the lab's names.
    """
    sources = _sources(calls, given)
    kept: set[int] = set()
    needed: dict[str, tuple[int, Path]] = {}
    unknown: set[str] = set()
    waiting = [n for n, call in enumerate(calls) if not call.reads]
    while waiting:
        n = waiting.pop()
        if n in kept:
            continue
        kept.add(n)
        said = set(pieces(calls[n].said()))
        known = {piece: sources[piece] for piece in said if piece in sources and sources[piece][0] < n}
        needed |= known
        waiting += [by for by, _ in known.values()]
        made_up = {piece for piece in said - known.keys() if UNKNOWN.fullmatch(piece)}
        unknown |= {piece for piece in made_up if not any(piece in whole for whole in known)}
    return Uses(sorted(kept), _caught(calls, needed), sorted(unknown))


def _caught(calls: Sequence[Call], needed: Mapping[str, tuple[int, Path]]) -> list[Returned]:
    """Each with its way and a name of its own, in the order in which they come back."""
    caught: list[Returned] = []
    names: set[str] = set()
    for value, (by, path) in sorted(needed.items(), key=lambda item: (item[1][0], str(item[1][1]))):
        known = {one.value for one in caught if one.by < by}
        found = way(calls[by].reply, path, lambda mark, known=known: mark in known or not is_made_up(mark))  # type: ignore[misc]
        name = _named(found.leaf, names)
        names.add(name)
        caught.append(Returned(value, by, found, name))
    return caught


def _named(leaf: str, taken: set[str]) -> str:
    """`VpcId` is VPC, and the next one VPC_2."""
    from botocore import xform_name

    word = re.sub(r"\W+", "_", xform_name(leaf.rpartition(" ")[2])).strip("_").upper()
    word = word.removesuffix("_ID") or "ID"
    word = word if word[0].isalpha() and word.isascii() else f"ID_{word}".rstrip("_") if word.isascii() else "ID"
    word = f"THE_{word}" if word in RESERVED or word.startswith(("LAB_", "AWS_", "BASH", "TF_")) else word
    numbered = (f"{word}_{n}" for n in count(2))
    return word if word not in taken else next(name for name in numbered if name not in taken)


def pieces(texts: Iterator[str]) -> Iterator[str]:
    """Every part of them that may be a value of its own, once."""
    seen: set[str] = set()
    for text in texts:
        for piece in _pieces(text):
            if piece not in seen:
                seen.add(piece)
                yield piece


def is_made_up(value: str) -> bool:
    """Does it look as if AWS had made it up, so that it is another next time, or could be?"""
    if value.isdecimal() or len(value) > 2048 or '"' in value or "\n" in value:
        return False  # and entity tags, in quotes, are made of the content: the same again
    return (
        value.startswith("arn:")
        or "://" in value
        or ADDRESS.fullmatch(value) is not None
        or HEX.search(value) is not None
        or LONG.fullmatch(value) is not None
    )


def _pieces(text: str) -> Iterator[str]:
    yield text
    parts = [part for part in COARSE.split(text) if part]
    yield from parts
    for finer in FINER:
        parts = [part for whole in parts for part in finer.split(whole) if part]
        yield from parts


def _sources(calls: Sequence[Call], given: Iterable[str]) -> dict[str, tuple[int, Path]]:
    """Who returned what first, of all that was not said before."""
    said = set(given)
    sources: dict[str, tuple[int, Path]] = {}
    for n, call in enumerate(calls):
        said.update(piece for piece in pieces(call.said()) if piece not in sources)
        for path, value in sorted(strings(call.reply), key=lambda found: len(found[0])):  # the shortest way first
            if value not in said and value not in sources and is_made_up(value):
                sources[value] = (n, path)
    return sources
