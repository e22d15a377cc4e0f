"""What becomes of objects, old versions, uploads and delete markers under the student's rules."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from grader.effects.lifecycle import (
    Bucket,
    Change,
    Configuration,
    Event,
    Rule,
    Timeline,
    Upload,
    Version,
    delete,
    noon,
    put,
    simulate,
    start_upload,
)

from .samples import FLOOR, Place, Sample, places, samples

FOR_EVER = 1_000_000  # days
MUCH_LATER = 5_000  # a second birthday, on which a Date that suits the first one does not


@dataclass(frozen=True)
class Move:
    """The object is in `storage_class` from its day `day` on; `change` tells which rule did it."""

    day: int
    storage_class: str
    change: Change


@dataclass(frozen=True)
class Old:
    """An old version: how and when it became old, and when it is gone for good (None for never), by what."""

    sample: Sample
    how: Literal["overwritten", "deleted", "expired"]
    since: int
    gone: int | None
    change: Change

    @property
    def days(self) -> float:
        """For how many days it can be got back."""
        return math.inf if self.gone is None else self.gone - self.since


@dataclass(frozen=True)
class Rules:
    """A bucket's rules, to be asked about. Versioning is taken as Enabled: another check judges that. A version is
    locked for its first `locked_days`, the bucket's default retention, and no rule deletes it before."""

    written: Configuration
    locked_days: int = 0

    @cached_property
    def configuration(self) -> Configuration:
        """The rules with misspelt names as they were meant: what AWS refuses is charged by another check."""
        return replace(self.written, rules=tuple(map(_as_meant, self.written.rules)))

    @property
    def logs(self) -> tuple[Sample, ...]:
        """One object of each kind under logs/."""
        return tuple(sample for sample in samples(self.configuration) if sample.is_log)

    @property
    def large_logs(self) -> tuple[Sample, ...]:
        """One of 128 KiB or more of each kind that moves differently."""
        large = (sample for sample in self.logs if sample.size >= FLOOR)
        return _one_of_each(large, lambda rule: rule.transitions)

    @property
    def others(self) -> tuple[Sample, ...]:
        """One object of each kind anywhere else."""
        return tuple(sample for sample in samples(self.configuration) if not sample.is_log)

    @property
    def overwritten(self) -> tuple[Sample, ...]:
        """One object of each kind, wherever it is, whose old versions end differently."""
        return _one_of_each(
            (*self.others, *self.logs),
            lambda rule: (rule.noncurrent_version_expiration, rule.expiration is None),
        )

    @property
    def places(self) -> tuple[Place, ...]:
        """One key for each combination of the rules' prefixes."""
        return places(self.configuration)

    def moves(self, sample: Sample) -> Iterator[list[Move]]:
        """From class to class, for as long as nothing expires: whether it expires too early is its own question."""
        kept = [replace(rule, expiration=None) for rule in sample.rules]
        for born, version in self._lives(sample, kept):
            moved = [change for change in version.changes if change.kind == "transitioned"]
            yield [Move(change.day - born, change.storage_class or "", change) for change in moved]

    def changes(self, sample: Sample) -> Iterator[list[Change]]:
        """All that the rules ever do to the object for as long as it is current, with days of its own age."""
        for born, version in self._lives(sample, sample.rules):
            done = [replace(change, day=change.day - born) for change in version.changes if change.rule is not None]
            yield [change for change in done if change.kind in ("transitioned", "noncurrent")]

    def expiries(self, sample: Sample) -> Iterator[Change | None]:
        """What ends its time as the current version, with the day of its own age; None where nothing ever does."""
        for changes in self.changes(sample):
            yield next((change for change in changes if change.kind == "noncurrent"), None)

    def old_versions(self, sample: Sample, *, many_newer: bool = False) -> Iterator[Old]:
        """What becomes of it once it is overwritten or deleted, or expires; `many_newer` old versions lie above it."""
        rules = [_without_count(rule) for rule in sample.rules] if many_newer else sample.rules
        written = put(sample.key, size=sample.size, tags=dict(sample.tags))
        yield from self._old(sample, "overwritten", rules, [written, written])
        yield from self._old(sample, "deleted", rules, [written, delete(sample.key, at=noon(0))])
        yield from self._old(sample, "expired", rules, [written])

    def upload(self, place: Place) -> Upload:
        """An upload that nobody completes."""
        return self._timeline(place.rules, [start_upload(place.key)]).uploads[0]

    def lone_marker(self, place: Place) -> Version:
        """A delete marker with nothing behind it."""
        return self._timeline(place.rules, [delete(place.key, at=noon(0))]).versions[0]

    def written_as(self, rule: Rule | None) -> Rule | None:
        """The rule as the student wrote it, of one that a simulation named."""
        return None if rule is None else self.written.rules[rule.index]

    def _old(
        self,
        sample: Sample,
        how: Literal["overwritten", "deleted", "expired"],
        rules: Sequence[Rule],
        history: list[Event],
    ) -> Iterator[Old]:
        version = self._timeline(rules, history).versions[0]
        if version.noncurrent_on is not None:
            gone = None if version.gone_on is None else max(version.gone_on, self.locked_days)
            yield Old(sample, how, version.noncurrent_on, gone, version.changes[-1])

    def _lives(self, sample: Sample, rules: Sequence[Rule]) -> Iterator[tuple[int, Version]]:
        """The object's life and its birthday; a second one where dates, which spare no age, might suit the first."""
        for born in (0, MUCH_LATER) if any(map(_names_a_date, rules)) else (0,):
            event = put(sample.key, size=sample.size, tags=dict(sample.tags), at=noon(born))
            yield born, self._timeline(rules, [event]).versions[0]

    def _timeline(self, rules: Sequence[Rule], history: list[Event]) -> Timeline:
        """With none but the rules that matter to it: there may be a thousand."""
        configuration = replace(self.configuration, rules=tuple(rules))
        return simulate(Bucket("Enabled", configuration), history, days=FOR_EVER)


def _as_meant(rule: Rule) -> Rule:
    """A Status, and the classes, in the capitals and with the strokes that the API has."""
    status = {"enabled": "Enabled", "disabled": "Disabled"}.get((rule.status or "").lower())
    moves = tuple(replace(move, storage_class=_class_meant(move.storage_class)) for move in rule.transitions)
    noncurrent = tuple(
        replace(move, storage_class=_class_meant(move.storage_class)) for move in rule.noncurrent_version_transitions
    )
    return replace(rule, status=status, transitions=moves, noncurrent_version_transitions=noncurrent)


def _class_meant(name: str | None) -> str | None:
    return name and name.upper().replace("-", "_")


def _one_of_each(objects: Iterable[Sample], trait: Callable[[Rule], object]) -> tuple[Sample, ...]:
    """The first of the objects whose rules are alike in this."""
    kinds: dict[object, Sample] = {}
    for sample in objects:
        kinds.setdefault(frozenset(map(trait, sample.rules)), sample)
    return tuple(kinds.values())


def _names_a_date(rule: Rule) -> bool:
    dates = [rule.expiration.date if rule.expiration else None, *(move.date for move in rule.transitions)]
    return any(date is not None for date in dates)


def _without_count(rule: Rule) -> Rule:
    """The rule as the oldest of very many versions meets it: one that keeps the newest is done with it.

    With each newer version more rules may act, never fewer. So what holds of a version with none above it, and of
    one with ever so many, holds of all between.
    """
    purge = rule.noncurrent_version_expiration
    counted = None if purge is None else replace(purge, newer_noncurrent_versions=None)
    return replace(rule, noncurrent_version_expiration=counted)
