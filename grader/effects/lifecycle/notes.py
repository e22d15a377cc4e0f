"""What AWS takes but charges for, or what hardly anyone means: advice, never a verdict."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from grader.effects.lifecycle.rules import Configuration, Rule
from grader.effects.lifecycle.storage import FLOOR_BYTES, MINIMUM_DAYS
from grader.texts import Text, say

_GUIDE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
TRANSITIONS: Final = f"{_GUIDE}lifecycle-transition-general-considerations.html"
EXPIRING: Final = f"{_GUIDE}lifecycle-expire-general-considerations.html"
ELEMENTS: Final = f"{_GUIDE}intro-lifecycle-rules.html"

_INFREQUENT = ("STANDARD_IA", "ONEZONE_IA")


@dataclass(frozen=True)
class Note:
    """One piece of advice: `name` stays the same, `message` says it, `doc` is the page to read."""

    name: str
    message: Text
    rules: tuple[Rule, ...]
    doc: str


@dataclass(frozen=True)
class _Stay:
    """From which day, of its age or of being noncurrent, an object is in a class; None is gone."""

    day: int
    storage_class: str | None


def notes(configuration: Configuration) -> tuple[Note, ...]:
    """The notes on each enabled rule by itself, in order; looked up on 2026-11-23."""
    enabled = [rule for rule in configuration.rules if rule.enabled]
    return tuple(note for rule in enabled for note in _of_rule(configuration, rule))


def _of_rule(configuration: Configuration, rule: Rule) -> Iterator[Note]:
    for are_current, stays in ((True, _stays(rule)), (False, _noncurrent_stays(rule))):
        yield from _of_early_moves(rule, are_current, stays)
        yield from _of_short_stays(rule, are_current, stays)
    yield from _of_small_objects(configuration, rule)
    yield from _of_versions_kept_for_ever(rule)


def _stays(rule: Rule) -> list[_Stay]:
    """Where a rule's objects are by age; an expiry ends it, though a version may stay on as noncurrent."""
    moves = [_Stay(move.days, move.storage_class) for move in rule.transitions if move.days is not None]
    days = rule.expiration.days if rule.expiration else None
    return _in_order([*moves, *([] if days is None else [_Stay(days, None)])])


def _noncurrent_stays(rule: Rule) -> list[_Stay]:
    moves = [
        _Stay(move.noncurrent_days, move.storage_class)
        for move in rule.noncurrent_version_transitions
        if move.noncurrent_days is not None
    ]
    purge = rule.noncurrent_version_expiration
    days = purge.noncurrent_days if purge else None
    return _in_order([*moves, *([] if days is None else [_Stay(days, None)])])


def _in_order(stays: Sequence[_Stay]) -> list[_Stay]:
    return sorted(stays, key=lambda stay: stay.day)


def _of_early_moves(rule: Rule, are_current: bool, stays: Sequence[_Stay]) -> Iterator[Note]:
    """Since 2026-07-16 AWS takes this; until then it wanted 30 days in S3 Standard first."""
    for stay in stays:
        if stay.storage_class in _INFREQUENT and stay.day < 30:
            early = say(
                "{class_name} from day {day}: AWS takes it since July 2026, but objects this young are often read or "
                "deleted, and each pays for 30 days there and for what is read."
                if are_current
                else "{class_name} from day {day}: AWS takes it since July 2026, but noncurrent versions this young "
                "are often read or deleted, and each pays for 30 days there and for what is read.",
                class_name=stay.storage_class,
                day=stay.day,
            )
            yield Note("early_infrequent_access", early, (rule,), TRANSITIONS)


def _of_short_stays(rule: Rule, are_current: bool, stays: Sequence[_Stay]) -> Iterator[Note]:
    """ "If you create an S3 Lifecycle expiration rule that causes objects that have been in S3 Standard-IA or
    S3 One Zone-IA storage for less than 30 days to expire, you are charged for 30 days", and so on."""
    for stay, following in pairwise(stays):
        minimum, days = MINIMUM_DAYS.get(stay.storage_class or "", 0), following.day - stay.day
        if days < minimum:
            short = say(
                "objects leave {class_name} after {days} days, and AWS charges for {minimum}."
                if are_current
                else "noncurrent versions leave {class_name} after {days} days, and AWS charges for {minimum}.",
                class_name=stay.storage_class,
                days=days,
                minimum=minimum,
            )
            yield Note("minimum_storage_duration", short, (rule,), EXPIRING)


def _of_small_objects(configuration: Configuration, rule: Rule) -> Iterator[Note]:
    """Objects under 128 KiB that a rule moves: each pays per request, and overhead or a minimum size."""
    classes = [move.storage_class for move in rule.transitions]
    classes += [move.storage_class for move in rule.noncurrent_version_transitions]
    smallest = (rule.filter.size_greater_than or -1) + 1
    small = [one for one in classes if one in MINIMUM_DAYS and not configuration.keeps_back(rule, smallest, one)]
    if smallest < FLOOR_BYTES and small:
        message = say(
            "objects under 128 KiB move to {classes} too: the request, and the overhead or the minimum size that is "
            "charged for each, can cost more than the storage saves.",
            classes=list(small),
        )
        yield Note("small_objects", message, (rule,), TRANSITIONS)


def _of_versions_kept_for_ever(rule: Rule) -> Iterator[Note]:
    purge = rule.noncurrent_version_expiration
    kept = purge.newer_noncurrent_versions if purge else None
    if kept is not None and kept > 0:
        message = say("up to {kept} noncurrent versions of every object are never deleted, and paid for.", kept=kept)
        yield Note("versions_kept_for_ever", message, (rule,), ELEMENTS)
