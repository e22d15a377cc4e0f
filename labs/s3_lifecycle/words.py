"""What a student reads about rules: which one it was, whom it is for, whom it leaves out, and what its number is."""

from __future__ import annotations

from collections.abc import Iterable

from grader.checks import Given, Text, say, sentences
from grader.effects.lifecycle import Change, Filter, Rule

from .samples import Sample, shortened, sized

CLASSES = {
    "STANDARD": "Standard",
    "STANDARD_IA": "Standard-IA",
    "ONEZONE_IA": "One Zone-IA",
    "INTELLIGENT_TIERING": "Intelligent-Tiering",
    "GLACIER_IR": "Glacier Instant Retrieval",
    "GLACIER": "Glacier Flexible Retrieval",
    "DEEP_ARCHIVE": "Glacier Deep Archive",
}
# What a number of a rule is called, by the action that it belongs to.
ELEMENTS = {
    "NoncurrentVersionExpiration": "NoncurrentDays",
    "AbortIncompleteMultipartUpload": "DaysAfterInitiation",
}
A_SIZE = say("A size in a filter leaves out the objects beyond it, and one of exactly that size too.")
A_DATE = say("A Date is the same day for all objects. Days counts for each one from its own creation.")


def class_name(storage_class: str) -> str:
    """AWS's name for a class: `Standard-IA`."""
    return CLASSES.get(storage_class, storage_class)


def named(rule: Rule | None) -> Text:
    """`your rule "age-logs"`, or by its place where it has no id."""
    if rule is None:
        return say("no rule of yours")
    if rule.id:
        return say('your rule "{id}"', id=shortened(rule.id))
    return say("your rule number {place}", place=rule.index + 1)


def scope(rule: Rule, sample: Sample) -> Text:
    """Why the rule takes this object: `your rule "logs" has the prefix "logs", and logs.txt begins with it`."""
    prefix, conditions = shortened(rule.filter.prefix), _beside_prefix(rule.filter)
    if not prefix and not conditions:
        return say("{rule} has no prefix and no other condition, so it is for every object", rule=named(rule))
    if not prefix:
        return say("{rule} is for every object {conditions}, wherever it is", rule=named(rule), conditions=conditions)
    if conditions:
        return say(
            '{rule} is for every object {conditions} whose key begins with "{prefix}"',
            rule=named(rule),
            conditions=conditions,
            prefix=prefix,
        )
    return say(
        '{rule} has the prefix "{prefix}", and {key} begins with it',
        rule=named(rule),
        prefix=prefix,
        key=shortened(sample.key),
    )


def _beside_prefix(found: Filter) -> list[Text]:
    tags = [say("tagged {tag}", tag=shortened(f"{key}={value}")) for key, value in found.tags]
    low, high = found.size_greater_than, found.size_less_than
    above = [] if low is None else [say("of more than {size}", size=sized(low))]
    below = [] if high is None else [say("of less than {size}", size=sized(high))]
    return [*tags, *above, *below]


def left_out(rule: Rule, sample: Sample) -> tuple[Text, Text]:
    """Why the rule does nothing for this object, and a nudge."""
    miss = rule.misses(sample.key, sample.size, dict(sample.tags))
    if miss is None:
        return _late(rule)
    wanted = sized(miss.wanted) if isinstance(miss.wanted, int) else shortened(miss.wanted or "")
    match miss.reason:
        case "disabled":
            reason = say("{rule} would, but its Status is Disabled", rule=named(rule))
            return reason, say("AWS keeps a Disabled rule and never acts on it.")
        case "prefix":
            reason = say(
                '{rule} would, but it is for keys that begin with "{wanted}", and {key} does not',
                rule=named(rule),
                wanted=wanted,
                key=shortened(sample.key),
            )
            return reason, _of_prefix(str(miss.wanted))
        case "tag":
            reason = say("{rule} would, but only for objects tagged {wanted}", rule=named(rule), wanted=wanted)
            return reason, say("A tag in a filter leaves out every object without it, and no tags are agreed on here.")
        case "size_greater":
            return say(
                "{rule} would, but only for objects of more than {wanted}", rule=named(rule), wanted=wanted
            ), A_SIZE
        case "size_less":
            return say(
                "{rule} would, but only for objects of less than {wanted}", rule=named(rule), wanted=wanted
            ), A_SIZE


def _late(rule: Rule) -> tuple[Text, Text]:
    reason = say("{rule} would, but by then it is somewhere else", rule=named(rule))
    if any(move.date is not None for move in rule.transitions):
        return reason, A_DATE
    return reason, say("An object only ever moves down. Look at what happens to it before.")


def _of_prefix(prefix: str) -> Text:
    if prefix.startswith("/"):
        return say("A key begins with a slash only where somebody put one there: logs/app.log does not.")
    if "*" in prefix:
        return say("A prefix is no pattern: in it, * stands for itself.")
    return say("A prefix is compared with the beginning of the key, letter by letter, capitals and slashes included.")


def nearest(rules: Iterable[Rule], sample: Sample) -> Rule | None:
    """Of rules that all leave this object out, the one that comes nearest to taking it."""
    order = ("disabled", "size_greater", "size_less", "tag", "prefix")

    def distance(rule: Rule) -> tuple[int, int]:
        miss = rule.misses(sample.key, sample.size, dict(sample.tags))
        common = sum(1 for _ in _common(rule.filter.prefix, sample.key))
        return (order.index(miss.reason) if miss else -1, -common)

    return min(rules, key=distance, default=None)


def _common(one: str, other: str) -> Iterable[str]:
    for mine, yours in zip(one, other, strict=False):
        if mine != yours:
            return
        yield mine


def number(change: Change) -> int | None:
    """The number of days in the rule that made this change; None where it has a date."""
    rule, action = change.rule, change.action
    if rule is None:
        return None
    if action == "Transition":
        moves = [move for move in rule.transitions if move.storage_class == change.storage_class]
        return min((move.days for move in moves if move.days is not None), default=None)
    if action == "Expiration":
        return rule.expiration.days if rule.expiration else None
    if action == "NoncurrentVersionExpiration":
        purge = rule.noncurrent_version_expiration
        return purge.noncurrent_days if purge else None
    abort = rule.abort_incomplete_multipart_upload
    return abort.days_after_initiation if abort else None


def compared(change: Change, wanted: str, given: Given) -> Text:
    """The number in the rule beside the parameter that it should be, and how the one may have come about."""
    days, value = number(change), given.parameters[wanted]
    if days is None or days == value:
        return A_DATE
    asked = say("This lab asks for {name}, {value}.", name=variable(wanted), value=value)
    element = ELEMENTS.get(change.action or "", "Days")
    came_about = _came_about(days, wanted, given)
    if came_about is not None:
        found = say("{element} is {days}, which is {came_about}.", element=element, days=days, came_about=came_about)
        counts = say("It counts from the day on which the object was made, not from the step before.")
        return sentences(found, counts if isinstance(came_about, Text) else None, asked)
    if abs(days - value) == 1:
        off = say("{element} is {days}, one day off.", element=element, days=days)
        begins = say(
            "Day {value} begins at the midnight after {value} whole days: nothing is to be added.", value=value
        )
        return sentences(off, begins, asked)
    return sentences(say("{element} is {days}.", element=element, days=days), asked)


def variable(parameter: str) -> str:
    """A parameter as the student's environment calls it: `LAB_IA_DAYS`."""
    return f"LAB_{parameter.upper()}"


def _came_about(days: int, wanted: str, given: Given) -> Text | str | None:
    """Where the number comes from: counted from the step before, or another parameter; no two are equal."""
    before = {"glacier_days": "ia_days", "expire_days": "glacier_days"}.get(wanted)
    if before and days == given.parameters[wanted] - given.parameters[before]:
        return say("{wanted} less {before}", wanted=variable(wanted), before=variable(before))
    return next((variable(name) for name, value in given.parameters.items() if value == days), None)
