"""Failures with their evidence: which of the student's rules did what, on which day, to which object."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from grader.checks import Failure, Given, Text, say
from grader.effects.lifecycle import Change, Rule, Upload

from .lives import Move, Old, Rules
from .samples import Sample, shortened
from .words import class_name, compared, left_out, named, nearest, number, scope


def misplaced(rules: Rules, log: Sample, moves: list[Move], storage_class: str, wanted: str, given: Given) -> Failure:
    """A log is not in that class on the day on which it should come into it, or does not stay."""
    arrivals = [move for move in moves if move.storage_class == storage_class]
    path = [
        say("in {name} from day {day} ({rule})", name=class_name(m.storage_class), day=m.day, rule=named(m.change.rule))
        for m in moves
    ]
    there = say("{log} is {path}.", log=log.text, path=path)
    if arrivals and number(arrivals[0].change) != given.parameters[wanted]:
        return Failure(there, fix=compared(arrivals[0].change, wanted, given))
    if arrivals:
        return Failure(there, fix=say("Which rule moves it out of {name}?", name=class_name(storage_class)))

    def moves_there(rule: Rule) -> bool:
        return any(move.storage_class == storage_class for move in rule.transitions)

    nobody = say("no rule of yours moves anything to {name}", name=class_name(storage_class))
    reason, fix = _reason(rules, log, moves_there, nobody)
    if not moves:
        return Failure(say("{log} stays in Standard: {reason}.", log=log.text, reason=reason), fix=fix)
    found = say(
        "{log} is {path}, and never in {name}: {reason}.",
        log=log.text,
        path=path,
        name=class_name(storage_class),
        reason=reason,
    )
    return Failure(found, fix=fix)


def expires_otherwise(rules: Rules, log: Sample, expiry: Change | None, given: Given) -> Failure:
    """A log stops being current on another day than it should, or never does."""
    if expiry is not None:
        found = say("{log} expires on day {day}, by {rule}.", log=log.text, day=expiry.day, rule=named(expiry.rule))
        return Failure(found, fix=compared(expiry, "expire_days", given))

    def expires(rule: Rule) -> bool:
        return rule.expiration is not None and (rule.expiration.days, rule.expiration.date) != (None, None)

    reason, fix = _reason(rules, log, expires, say("no rule of yours expires anything"))
    return Failure(say("{log} never expires: {reason}.", log=log.text, reason=reason), fix=fix)


def disturbed(rules: Rules, other: Sample, changes: list[Change]) -> Failure:
    """An object outside logs/ changes class or goes."""
    rule = rules.written.rules[changes[0].rule.index] if changes[0].rule else None
    found = say(
        "{object} {changes}: {scope}.",
        object=other.text,
        changes=[_told(change) for change in changes[:4]],
        scope=scope(rule, other) if rule else say("nobody knows why"),
    )
    wanted = say("{key} in Standard for ever, like every key outside logs/.", key=shortened(other.key))
    return Failure(found, wanted=wanted, fix=_aim(rule))


def _told(change: Change) -> Text:
    if change.kind == "noncurrent":
        return say("expires on day {day}", day=change.day)
    return say("moves to {name} on day {day}", name=class_name(change.storage_class or ""), day=change.day)


def _aim(rule: Rule | None) -> Text | None:
    """How to aim a rule at logs/ and at nothing else."""
    if rule is None:
        return None
    if rule.filter.prefix and "logs/".startswith(rule.filter.prefix):
        return say("Let the prefix end where the folder does: with the slash.")
    if rule.filter.prefix:
        return say("A prefix is the beginning of the whole key. Which keys of this bucket begin with that one?")
    if rule.filter.tags or rule.filter.names_a_size:
        return say("Tags and sizes say nothing about where an object is. Only the prefix does.")
    return say("Some of the rules are meant for every object and some only for logs. Which one is this?")


def ends_too_soon(rules: Rules, old: Old, given: Given, *, many_newer: bool) -> Failure:
    """An old version is deleted for good while somebody may still want it."""
    rule = rules.written_as(old.change.rule)
    purge = rule.noncurrent_version_expiration if rule else None
    about: dict[str, Any] = {"version": _version(old), "gone": old.gone, "rule": named(rule)}
    found = say("{version} is deleted for good on day {gone}, by {rule}.", **about)
    if many_newer and purge and purge.newer_noncurrent_versions:
        newest = purge.newer_noncurrent_versions
        found = say(
            "{version} is deleted for good on day {gone}, once {newest} newer ones lie above it, by {rule}.",
            **about,
            newest=newest,
        )
    wanted = say("there until day {day}, gone from then on.", day=old.since + given.noncurrent_days)
    return Failure(found, wanted=wanted, fix=compared(old.change, "noncurrent_days", given))


def outstays(rules: Rules, old: Old, given: Given) -> Failure:
    """An old version is there longer than it should, or for ever."""
    wanted = say("gone for good from day {day} on.", day=old.since + given.noncurrent_days)
    version = _version(old)
    if old.gone is not None:
        rule = named(old.change.rule)
        found = say(
            "{version} is deleted for good on day {gone}, by {rule}.", version=version, gone=old.gone, rule=rule
        )
        return Failure(found, wanted=wanted, fix=compared(old.change, "noncurrent_days", given))
    reason, fix = _kept(rules, old.sample)
    return Failure(say("{version} stays for ever: {reason}.", version=version, reason=reason), wanted=wanted, fix=fix)


def locked(days: int, given: Given) -> Failure:
    """Object Lock keeps a version from being deleted."""
    return Failure(
        say("a version that is overwritten at once is locked until day {days}: no rule deletes it before.", days=days),
        wanted=say("gone for good from day {day} on.", day=given.noncurrent_days),
        why=say("Object Lock wins over every rule: a locked version is never deleted, and paid for until it is free."),
        fix=say("The bucket has a default retention, which locks every new version. Was it asked for?"),
        doc="https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html",
    )


def _version(old: Old) -> Text:
    about: dict[str, Any] = {"object": old.sample.text, "day": old.since}
    match old.how:
        case "overwritten":
            return say("{object}, overwritten on day {day}: the old version", **about)
        case "deleted":
            return say("{object}, deleted on day {day}: the old version", **about)
        case "expired":
            return say("{object}, expired on day {day}: the old version", **about)


def _kept(rules: Rules, sample: Sample) -> tuple[Text, Text | None]:
    def ends(rule: Rule) -> bool:
        return rule.noncurrent_version_expiration is not None

    for rule in rules.written.rules:
        purge = rule.noncurrent_version_expiration
        if purge and purge.newer_noncurrent_versions and not rule.misses(sample.key, sample.size, dict(sample.tags)):
            reason = say(
                "{rule} keeps the {newest} newest old versions of every object, however old they are",
                rule=named(rule),
                newest=purge.newer_noncurrent_versions,
            )
            return reason, say("A count keeps versions that the days alone would let go.")
    return _reason(rules, sample, ends, say("no rule of yours deletes old versions"))


def upload_stays(rules: Rules, upload: Upload, given: Given) -> Failure:
    """An upload that was never completed is there too long, or not long enough."""
    if upload.aborted_on is not None:
        change = upload.changes[-1]
        found = say(
            "an unfinished upload of {key} is gone on day {day}, by {rule}.",
            key=shortened(upload.key),
            day=upload.aborted_on,
            rule=named(change.rule),
        )
        return Failure(found, fix=compared(change, "abort_days", given))

    def aborts(rule: Rule) -> bool:
        return rule.abort_incomplete_multipart_upload is not None

    reason, fix = _reason(rules, Sample(upload.key), aborts, say("no rule of yours ends unfinished uploads"))
    found = say("an unfinished upload of {key} stays for ever: {reason}.", key=shortened(upload.key), reason=reason)
    return Failure(found, fix=fix)


def marker_stays(rules: Rules, key: str) -> Failure:
    """A delete marker with nothing behind it is never removed."""

    def removes(rule: Rule) -> bool:
        return rule.expiration is not None and bool(rule.expiration.expired_object_delete_marker)

    nobody = say("no rule of yours removes delete markers that have nothing behind them")
    reason, fix = _reason(rules, Sample(key), removes, nobody)
    found = say(
        "the delete marker of {key} stays for ever, when its last version is long gone: {reason}.",
        key=shortened(key),
        reason=reason,
    )
    return Failure(found, fix=fix)


def _reason(rules: Rules, sample: Sample, does: Callable[[Rule], bool], nobody: Text) -> tuple[Text, Text | None]:
    """Why nothing does to this object what should be done, and a nudge: the rule that comes nearest to it."""
    rule = nearest((rule for rule in rules.written.rules if does(rule)), sample)
    return (nobody, None) if rule is None else left_out(rule, sample)
