"""The rules of a configuration as what may fall due for one version: the enabled, matching, sensible part.

What AWS would refuse is taken as if it were mended where there is one way to mend it: rules in both forms
stand side by side; an expiry due before a transition comes first; an abort, and a removal of lone delete
markers, forgets the tags and sizes of its rule. What can mean nothing (no days and no date, a class that is
none, a negative number) does nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from grader.effects.lifecycle.history import Clock
from grader.effects.lifecycle.rules import Configuration, Expiration, Rule, Transition
from grader.effects.lifecycle.storage import PREFERENCE


@dataclass(frozen=True)
class Step:
    """One action of one rule: when it is due, in days or on a Day (one of them), and what it does."""

    rule: Rule
    action: str
    days: int | None
    date: int | None = None
    storage_class: str = ""
    newer: int = 0

    def due(self, since: int) -> int:
        """The day on which it falls due for what counts from Day `since`.

        "Amazon S3 continues to apply the date-based action even after the date has passed", so what is
        made later is due at once.
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html (2026-11-23)
        """
        return max(self.time, since) if self.days is None else since + self.time

    @property
    def time(self) -> int:
        """Its days, or its Day, whichever it has."""
        return (self.date or 0) if self.days is None else self.days

    @property
    def order(self) -> tuple[str, int]:
        """Which of two equal steps is named as the cause: the same one in whatever order rules stand."""
        return (self.rule.id or "", self.rule.index)


@dataclass(frozen=True)
class Plan:
    """What may ever fall due for one version; of steps that do the same, those that none beats."""

    transitions: tuple[Step, ...]
    expirations: tuple[Step, ...]
    lone_marker_removals: tuple[Step, ...]
    noncurrent_transitions: tuple[Step, ...]
    noncurrent_expirations: tuple[Step, ...]


@dataclass(frozen=True)
class Program:
    """A configuration's enabled rules on a clock."""

    configuration: Configuration
    clock: Clock

    def plan(self, key: str, size: int, tags: tuple[tuple[str, str], ...]) -> Plan:
        """What may fall due for such a version; a delete marker has no size and no tags.

        That a delete marker counts as 0 bytes follows from AWS's example "to expire noncurrent objects that
        have no data, including noncurrent delete marker objects" by ObjectSizeLessThan 1; no page says how
        a tag filter meets one, and it has no tags to match.
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-configuration-examples.html
        (2026-11-23)
        """
        found = dict(tags)
        rules = (rule for rule in self.configuration.rules if rule.enabled)
        matching = {rule.index for rule in rules if rule.filter.misses(key, size, found) is None}

        def steps(action: str) -> tuple[Step, ...]:
            return _unbeaten(step for step in self._steps[action] if step.rule.index in matching)

        return Plan(
            transitions=self._moves("Transition", matching, size),
            expirations=steps("Expiration"),
            lone_marker_removals=_unbeaten(self._by_prefix(key, "ExpiredObjectDeleteMarker")),
            noncurrent_transitions=self._moves("NoncurrentVersionTransition", matching, size),
            noncurrent_expirations=steps("NoncurrentVersionExpiration"),
        )

    def aborts(self, key: str) -> tuple[Step, ...]:
        """What may abort an upload: only the prefix of a rule counts, as nothing else is known yet.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpu-abort-incomplete-mpu-lifecycle-config.html
        (2026-11-23)
        """
        return _unbeaten(self._by_prefix(key, "AbortIncompleteMultipartUpload"))

    def _moves(self, action: str, matching: set[int], size: int) -> tuple[Step, ...]:
        kept_back = self.configuration.keeps_back
        mine = (step for step in self._steps[action] if step.rule.index in matching)
        return _unbeaten(step for step in mine if not kept_back(step.rule, size, step.storage_class))

    def _by_prefix(self, key: str, action: str) -> Iterator[Step]:
        steps = self._steps[action]
        return (step for step in steps if all(map(key.startswith, step.rule.filter.prefixes)))

    @cached_property
    def _steps(self) -> dict[str, list[Step]]:
        """What can happen at all, by action, in the order in which `_unbeaten` wants it."""
        rules = (rule for rule in self.configuration.rules if rule.enabled)
        steps = [step for rule in rules for step in self._of(rule) if _can_happen(step)]
        by_action: dict[str, list[Step]] = defaultdict(list)
        for step in sorted(steps, key=lambda step: (step.newer, step.time, step.order)):
            by_action[step.action].append(step)
        return by_action

    def _of(self, rule: Rule) -> Iterator[Step]:
        for move in rule.transitions:
            yield from self._timed(rule, "Transition", move, move.storage_class or "?")
        if rule.expiration is not None:
            yield from self._timed(rule, "Expiration", rule.expiration, "")
            if rule.expiration.expired_object_delete_marker:
                yield Step(rule, "ExpiredObjectDeleteMarker", 0)
        for noncurrent in rule.noncurrent_version_transitions:
            newer = max(noncurrent.newer_noncurrent_versions or 0, 0)
            target = noncurrent.storage_class or "?"
            yield Step(rule, "NoncurrentVersionTransition", noncurrent.noncurrent_days, None, target, newer)
        if (purge := rule.noncurrent_version_expiration) is not None:
            newer = max(purge.newer_noncurrent_versions or 0, 0)
            yield Step(rule, "NoncurrentVersionExpiration", purge.noncurrent_days, newer=newer)
        if (abort := rule.abort_incomplete_multipart_upload) is not None:
            yield Step(rule, "AbortIncompleteMultipartUpload", abort.days_after_initiation)

    def _timed(self, rule: Rule, action: str, timed: Expiration | Transition, target: str) -> Iterator[Step]:
        """One step for the days and one for the date: both in one action are refused, and the sooner acts."""
        if timed.days is not None:
            yield Step(rule, action, timed.days, None, target)
        if timed.date is not None:
            yield Step(rule, action, None, self.clock.day(timed.date), target)


def _can_happen(step: Step) -> bool:
    has_time = step.date is not None if step.days is None else step.days >= 0
    return has_time and (not step.storage_class or step.storage_class in PREFERENCE)


def _unbeaten(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Of one action's steps those that no other beats, by acting as soon and keeping as few versions."""
    kept: dict[tuple[str, bool], list[Step]] = {}
    for step in steps:
        same = kept.setdefault((step.storage_class, step.days is None), [])
        if not same or step.time < same[-1].time:
            same.append(step)
    return tuple(step for same in kept.values() for step in same)
