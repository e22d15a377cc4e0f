"""Rules that AWS refuses for their days, dates and storage classes."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time
from itertools import permutations

from grader.effects.lifecycle.refusal import (
    ELEMENTS,
    EXAMPLES,
    EXPIRATION,
    NONCURRENT,
    TRANSITIONS,
    Refusal,
    invalid_argument,
    invalid_request,
    malformed,
    scope,
)
from grader.effects.lifecycle.rules import (
    Expiration,
    NoncurrentVersionExpiration,
    NoncurrentVersionTransition,
    Rule,
    Transition,
)
from grader.effects.lifecycle.storage import PREFERENCE, can_move

_ARCHIVES = ("GLACIER", "DEEP_ARCHIVE")


def of_times(rule: Rule) -> Iterator[Refusal]:
    """The refusals of one rule for its times; looked up on 2026-11-23."""
    yield from _of_current_values(rule)
    yield from _of_mixture(rule)
    yield from _of_noncurrent_values(rule)
    yield from _of_classes(rule, "Transition", rule.transitions)
    yield from _of_classes(rule, "NoncurrentVersionTransition", rule.noncurrent_version_transitions)
    yield from _of_order(rule)
    yield from _of_noncurrent_order(rule)


def _of_current_values(rule: Rule) -> Iterator[Refusal]:
    timed: list[Expiration | Transition] = [
        *rule.transitions,
        *([rule.expiration] if rule.expiration else []),
    ]
    if any(one.date is not None and one.date.timetz().replace(tzinfo=None) != time.min for one in timed):
        # In these words: LocalStack's snapshot of AWS, 2026-02; ceph/s3-tests.
        yield invalid_argument("date_not_midnight", "'Date' must be at midnight GMT", [rule], ELEMENTS)
    if any(one.date is not None and one.days is not None for one in timed):
        # "you can't use both Date and Days in the same rule".
        yield malformed("days_and_date", rule, EXAMPLES)
    if rule.expiration and rule.expiration.days is not None and rule.expiration.days < 1:
        # "a non-zero positive integer"; "days: 0 is legal in a transition rule": ceph/s3-tests.
        message = "'Days' for Expiration action must be a positive integer"
        yield invalid_argument("expiration_days", message, [rule], EXPIRATION)
    if any(one.days is not None and one.days < 0 for one in rule.transitions):
        # "0 or any positive integer" since 2026-07-16; in these words: scality/Arsenal#604, after AWS.
        message = "'Days' in Transition action must be nonnegative"
        yield invalid_argument("transition_days", message, [rule], TRANSITIONS)


def _of_mixture(rule: Rule) -> Iterator[Refusal]:
    """ "You can't use both Date and Days in the same rule."; in these words: CloudFormation, 2026."""
    expirations = [rule.expiration] if rule.expiration else []
    moved, ended = _units(rule.transitions), _units(expirations)
    if "both" in moved | ended or len(moved | ended) < 2:
        return
    actions = "Transition" if len(moved) == 2 else "Expiration and Transition"
    message = f"Found mixed 'Date' and 'Days' based {actions} actions in lifecycle rule {scope(rule.filter)}"
    yield invalid_request("days_and_dates_mixed", message, [rule], EXAMPLES)


def _units(timed: Sequence[Expiration | Transition]) -> set[str]:
    units = {(True, False): "Days", (False, True): "Date", (True, True): "both"}
    found = {(one.days is not None, one.date is not None) for one in timed} - {(False, False)}
    return {units[one] for one in found}


def _of_noncurrent_values(rule: Rule) -> Iterator[Refusal]:
    purge, abort = rule.noncurrent_version_expiration, rule.abort_incomplete_multipart_upload
    moves = rule.noncurrent_version_transitions
    timed: list[NoncurrentVersionExpiration | NoncurrentVersionTransition] = [
        *moves,
        *([purge] if purge else []),
    ]
    if any(one.noncurrent_days is None for one in timed):
        # Required, whatever the API's page says: noobaa-core#8861, scality/Arsenal#2085 after testing AWS.
        yield malformed("no_noncurrent_days", rule, NONCURRENT)
    if purge and purge.noncurrent_days is not None and purge.noncurrent_days < 1:
        # In these words: terraform-provider-aws#35328.
        message = "'NoncurrentDays' for NoncurrentVersionExpiration action must be a positive integer"
        yield invalid_argument("noncurrent_days", message, [rule], NONCURRENT)
    if any(one.noncurrent_days is not None and one.noncurrent_days < 0 for one in moves):
        # In these words: scality/Arsenal#604, after AWS.
        message = "'NoncurrentDays' in NoncurrentVersionTransition action must be nonnegative"
        yield invalid_argument("noncurrent_transition_days", message, [rule], TRANSITIONS)
    if any(one.newer_noncurrent_versions is not None and one.newer_noncurrent_versions < 1 for one in timed):
        # "between 1 and 100", of which only the lower bound was seen enforced; words of noobaa-core#9969.
        message = "NewerNoncurrentVersions must be a positive integer"
        yield invalid_argument("newer_noncurrent_versions", message, [rule], ELEMENTS)
    if abort and abort.days_after_initiation is None:
        yield malformed("no_days_after_initiation", rule, EXAMPLES)
    elif abort and abort.days_after_initiation is not None and abort.days_after_initiation < 1:
        # In these words: noobaa-core#8970, after AWS.
        message = "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer"
        yield invalid_argument("days_after_initiation", message, [rule], EXAMPLES)


def _of_classes(
    rule: Rule, action: str, moves: Sequence[Transition | NoncurrentVersionTransition]
) -> Iterator[Refusal]:
    classes = [move.storage_class for move in moves]
    if any(storage_class not in PREFERENCE for storage_class in classes):
        # The schema lists six; STANDARD is not one: scality/Arsenal#604, after AWS.
        yield malformed("storage_class", rule, TRANSITIONS)
    if len(set(classes)) < len(classes):
        # In these words: CloudFormation, 2026; noobaa-core#9969.
        message = f"'StorageClass' must be different for '{action}' actions in same 'Rule' with "
        message += scope(rule.filter).removeprefix("for ")
        yield invalid_request("storage_class_twice", message, [rule], TRANSITIONS)


def _of_order(rule: Rule) -> Iterator[Refusal]:
    days = {move.storage_class: move.days for move in rule.transitions if move.days is not None}
    dates = {move.storage_class: move.date for move in rule.transitions if move.date is not None}
    yield from _of_waterfall(rule, "Transition", "Days", days)
    yield from _of_waterfall(rule, "Transition", "Date", dates)
    expiration = rule.expiration
    where = f"action {scope(rule.filter)} must be"
    if expiration and expiration.days is not None and days and expiration.days <= max(days.values()):
        # In these words: many threads, as in cds-snc/terraform-modules; greater than *every* transition.
        message = f"'Days' in the Expiration {where} greater than 'Days' in the Transition action"
        yield invalid_argument("expiration_before_transition", message, [rule], TRANSITIONS)
    if expiration and expiration.date is not None and dates and expiration.date <= max(dates.values()):
        message = f"'Date' in the Expiration {where} later than 'Date' in the Transition action"
        yield invalid_argument("expiration_before_transition", message, [rule], TRANSITIONS)


def _of_noncurrent_order(rule: Rule) -> Iterator[Refusal]:
    purge, name = rule.noncurrent_version_expiration, "NoncurrentVersionTransition"
    moves = [move for move in rule.noncurrent_version_transitions if move.noncurrent_days is not None]
    days = {move.storage_class: move.noncurrent_days or 0 for move in moves}
    yield from _of_waterfall(rule, name, "NoncurrentDays", days)
    if purge and purge.noncurrent_days is not None and days and purge.noncurrent_days <= max(days.values()):
        # In these words, seen on AWS: go-to-k/cdkd#1426.
        message = (
            f"'NoncurrentDays' in the NoncurrentVersionExpiration action {scope(rule.filter)} must be "
            f"greater than 'NoncurrentDays' in the {name} action"
        )
        yield invalid_argument("noncurrent_expiration_before_transition", message, [rule], TRANSITIONS)


def _of_waterfall(
    rule: Rule, action: str, unit: str, times: dict[str | None, int] | dict[str | None, datetime]
) -> Iterator[Refusal]:
    """An archive that is not later than a class above it; the other pairs nobody has seen refused.

    In these words: noobaa-core#9969, after AWS, which also used to want 30 or 90 days between them.
    """
    where = scope(rule.filter)
    for (above, sooner), (below, later) in permutations(times.items(), 2):
        if below in _ARCHIVES and can_move(above or "", below) and later <= sooner:  # type: ignore[operator]
            message = (
                f"'{unit}' in the {action} action for StorageClass '{below}' {where} must be greater than "
                f"'{unit}' in the {action} action for StorageClass '{above}' {where}"
            )
            yield invalid_argument("transition_order", message, [rule], TRANSITIONS)
