"""The objects that the rules are tried on: some that everybody thinks of, and those that the rules themselves ask for.

Rules choose objects by prefix, size and tags and by nothing else. So for every prefix that a rule names there is a
key that it takes and no longer prefix does, for every size a size on either side of it, for every tag an object that
carries it: whatever a rule does to any object at all, it does to one of these.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, islice

from grader.checks import Text, say
from grader.effects.lifecycle import Configuration, Rule

KIB = 1024
FLOOR = 128 * KIB  # smaller objects stay in their class unless a rule says otherwise
LARGEST = 10_000 * 5 * KIB**3  # 48.8 TiB, https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html (2026-11)
SIZES = (KIB**2, 2 * KIB, 0, 1, FLOOR - 1, FLOOR, 5 * KIB**3, 5 * KIB**4, LARGEST)

FOLDER = "logs/"
KEYS = (
    "logs/app.log",
    "logs/2026/11/23/app.log.gz",
    "photos/cat.jpg",
    "logs.txt",
    "logs2/app.log",
    "archive/logs/old.log",
    "Logs/app.log",
    "/logs/app.log",
    "log",
)
LONGEST_KEY = 1024
MOST_RULES, MOST_TAGS, MOST_SIZES = 1000, 30, 40  # bounds for rules that nobody writes by hand
_UNITS = ("KiB", "MiB", "GiB", "TiB")


@dataclass(frozen=True)
class Place:
    """A key, and the enabled rules whose prefix it begins with."""

    key: str
    rules: tuple[Rule, ...] = field(repr=False)


@dataclass(frozen=True)
class Sample:
    """An object that the bucket might hold, and the enabled rules that take it."""

    key: str
    size: int = KIB**2
    tags: tuple[tuple[str, str], ...] = ()
    rules: tuple[Rule, ...] = field(default=(), repr=False)

    @property
    def is_log(self) -> bool:
        return self.key.startswith(FOLDER)

    @property
    def text(self) -> Text:
        """`logs/app.log (1 MiB, tagged keep=yes)`."""
        if not self.tags:
            return say("{key} ({size})", key=shortened(self.key), size=sized(self.size))
        tags = [shortened(f"{key}={value}") for key, value in self.tags[:5]]
        return say("{key} ({size}, tagged {tags})", key=shortened(self.key), size=sized(self.size), tags=tags)


@lru_cache(maxsize=32)
def samples(configuration: Configuration) -> tuple[Sample, ...]:
    """One object of each kind that these rules treat differently, those that are easiest to picture first."""
    kinds: dict[object, Sample] = {}
    tried: set[object] = set()
    for place in places(configuration):
        scene = (place.key.startswith(FOLDER), place.rules)
        if scene not in tried:
            tried.add(scene)
            for sample in _at(place):
                treatment = frozenset(map(_treatment, sample.rules))
                kinds.setdefault((sample.is_log, sample.size < FLOOR, treatment), sample)
    return tuple(kinds.values())


def _treatment(rule: Rule) -> object:
    """What a rule does to objects that it takes, whoever they are."""
    old = (rule.noncurrent_version_expiration, rule.noncurrent_version_transitions)
    return (rule.expiration, rule.transitions, old, rule.filter.names_a_size)


@lru_cache(maxsize=32)
def places(configuration: Configuration) -> tuple[Place, ...]:
    """Keys that between them meet every combination of the rules' prefixes."""
    rules = [rule for rule in configuration.rules[:MOST_RULES] if rule.enabled]
    prefixes = sorted({prefix for rule in rules for prefix in rule.filter.prefixes})
    derived = chain.from_iterable(_keys_at(prefix, prefixes) for prefix in ("", FOLDER, *prefixes))
    keys = dict.fromkeys(chain(KEYS, (key for key in derived if len(key.encode()) <= LONGEST_KEY)))
    by_prefix: dict[str, list[Rule]] = {}
    for rule in rules:
        by_prefix.setdefault(rule.filter.prefix, []).append(rule)
    return tuple(Place(key, tuple(_with_prefix_of(key, by_prefix))) for key in keys)


def _with_prefix_of(key: str, by_prefix: dict[str, list[Rule]]) -> list[Rule]:
    lengths = sorted({len(prefix) for prefix in by_prefix if len(prefix) <= len(key)})
    near = chain.from_iterable(by_prefix.get(key[:length], ()) for length in lengths)
    mine = (rule for rule in near if all(map(key.startswith, rule.filter.prefixes)))
    return sorted(mine, key=lambda rule: rule.index)


def _keys_at(prefix: str, prefixes: list[str]) -> Iterator[str]:
    """Keys that begin with the prefix and with no longer one: it alone, and it with something behind."""
    longer = {other[len(prefix)] for other in prefixes if other.startswith(prefix) and other != prefix}
    letters = chain(string.ascii_lowercase, string.digits, map(chr, range(0x4E00, 0x9FFF)))
    yield f"{prefix}{next(letter for letter in letters if letter not in longer)}.dat"
    if prefix:
        yield prefix


def _at(place: Place) -> Iterator[Sample]:
    sizes = tuple(dict.fromkeys(chain(SIZES, islice(_edges(place.rules), MOST_SIZES))))
    for tags in islice(_tag_sets(place.rules), MOST_TAGS):
        carried, tagged = dict(tags), frozenset(tags)
        near = [rule for rule in place.rules if tagged.issuperset(rule.filter.tags)]
        for size in sizes:
            taken = (rule for rule in near if rule.filter.misses(place.key, size, carried) is None)
            yield Sample(place.key, size, tags, tuple(taken))


def _edges(rules: Iterable[Rule]) -> Iterator[int]:
    for rule in rules:
        low, high = rule.filter.size_greater_than, rule.filter.size_less_than
        edges = [*([] if low is None else [low, low + 1]), *([] if high is None else [high - 1, high])]
        yield from (size for size in edges if 0 <= size <= LARGEST)


def _tag_sets(rules: Iterable[Rule]) -> Iterator[tuple[tuple[str, str], ...]]:
    """No tags, those of all rules together, and those of each."""
    named = [rule.filter.tags for rule in rules if rule.filter.tags]
    whole = dict(tag for tags in reversed(named) for tag in tags)
    if len(set(named)) < MOST_TAGS:
        yield from dict.fromkeys([(), *named, tuple(whole.items())])
    else:
        yield from dict.fromkeys([(), tuple(whole.items()), *named])


def sized(size: int) -> Text | str:
    """`0 bytes`, `131071 bytes`, `128 KiB`, `5 TiB`."""
    for power in range(len(_UNITS), 0, -1):
        if size and size % KIB**power == 0:
            return f"{size // KIB**power} {_UNITS[power - 1]}"
    return say("{size} bytes", size=size) if size != 1 else say("1 byte")


def shortened(text: str, most: int = 60) -> str:
    """A student's text, short enough to stand in a sentence."""
    return text if len(text) <= most else f"{text[: most - 20]}…{text[-16:]}"
