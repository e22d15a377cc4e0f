"""Everything for which AWS would refuse a configuration as a whole, and in which words.

Emulators accept most of it. Each refusal rests on AWS's pages or on an answer of AWS that somebody quoted;
a Disabled rule is read like any other. What nobody has seen refused is not refused here, so that no right
answer fails:

- Standard-IA and One Zone-IA before day 30: refused until 2026-07-16, since then "0 or any positive integer"
  (API_Transition; botocore 1.43.50). The 30 or 90 days that AWS wanted between two transitions of a rule
  ("must be 90 days more than") are of the same kind and may be gone too. Both are `notes`.
- NewerNoncurrentVersions over 100: the pages say "up to 100", yet 500 was seen accepted in 2026.
- A prefix over 1,024 characters, a size above 50 TB, a Transition with neither Days nor Date, an Expiration
  with nothing in it: no page and no thread says.
- ExpiredObjectDeleteMarker false beside Days, Date or tags: only true was seen refused.
- Overlapping prefixes: refused between rules of the old form only, and here only between equal actions of
  enabled rules, as nobody says whether the two kinds of Expiration, or a disabled rule, count.
"""

from collections.abc import Iterator
from itertools import chain, islice
from typing import Final

from grader.effects.lifecycle.refusal import (
    ELEMENTS,
    ERRORS,
    PUT,
    Refusal,
    invalid_argument,
    invalid_request,
)
from grader.effects.lifecycle.refused_shapes import of_shape
from grader.effects.lifecycle.refused_times import of_times
from grader.effects.lifecycle.rules import Configuration, Rule
from grader.effects.lifecycle.storage import ALL_STORAGE_CLASSES_128K, VARIES_BY_STORAGE_CLASS

MAX_RULES: Final = 1000


def refusals(configuration: Configuration) -> tuple[Refusal, ...]:
    """Why AWS would take none of this configuration; empty where it would take it.

    Those of the whole come first, then those of each rule. No rules at all is refused too.
    """
    whole = (_of_count, _of_ids, _of_forms, _of_old_form, _of_overlaps, _of_default_minimum)
    found = chain.from_iterable(check(configuration) for check in whole)
    rules = (chain(of_shape(rule), of_times(rule)) for rule in configuration.rules)
    return (*found, *chain.from_iterable(rules))


def _of_count(configuration: Configuration) -> Iterator[Refusal]:
    if not configuration.rules:
        yield invalid_request("no_rules", "At least one lifecycle rule must be specified.", (), ERRORS)
    if len(configuration.rules) > MAX_RULES:
        message = f"The number of lifecycle rules must not exceed the allowed limit of {MAX_RULES} rules."
        yield invalid_request("too_many_rules", message, (), ERRORS)


def _of_ids(configuration: Configuration) -> Iterator[Refusal]:
    """In these words: pingcap/tiflash#9889; ceph/s3-tests test_lifecycle_same_id. No id is no clash."""
    same: dict[str, list[Rule]] = {}
    for rule in configuration.rules:
        if rule.id is not None:
            same.setdefault(rule.id, []).append(rule)
    for rules in same.values():
        if len(rules) > 1:
            message = "Rule ID must be unique. Found same ID for more than one rule"
            yield invalid_argument("same_id", message, rules, ELEMENTS)


def _of_forms(configuration: Configuration) -> Iterator[Refusal]:
    """Old rules beside new ones, or both in one rule; which is named depends on which stands first.

    In these words: ansible#53751 and terraform-provider-aws#23299. Of both forms in one rule there is no
    record; it is what the same words forbid.
    """
    rules = [rule for rule in configuration.rules if rule.filter.forms]
    if len({form for rule in rules for form in rule.filter.forms}) == 2:
        message = "Filter element can only be used in Lifecycle V2."
        if rules[0].filter.forms[0] == "Filter":
            message = "Base level prefix cannot be used in Lifecycle V2, prefixes are only supported in the Filter."
        yield invalid_request("forms_mixed", message, rules, PUT)


def _of_old_form(configuration: Configuration) -> Iterator[Refusal]:
    """In these words: terraform-provider-aws#23228; "If you do not specify a Filter element …"."""
    rules = [rule for rule in configuration.rules if rule.filter.forms == ("Prefix",) and _counts_versions(rule)]
    if rules:
        message = "NewerNoncurrentVersions element can only be used in Lifecycle V2."
        yield invalid_request("newer_noncurrent_versions_without_filter", message, rules, ELEMENTS)


def _counts_versions(rule: Rule) -> bool:
    purge = rule.noncurrent_version_expiration
    counts = [move.newer_noncurrent_versions for move in rule.noncurrent_version_transitions]
    counts += [purge.newer_noncurrent_versions] if purge else []
    return any(count is not None for count in counts)


def _of_overlaps(configuration: Configuration) -> Iterator[Refusal]:
    """Two prefixes of the old form for one action, one within the other: noobaa-core#8426, #8341; ceph#23668.

    "This is accepted in lifecycle V2", whose overlaps AWS resolves:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-conflicts.html (2026-11-23)
    """
    if any("Filter" in rule.filter.forms for rule in configuration.rules):
        return  # The forms are mixed: refused already, and mended by Filter, where overlaps are allowed.
    enabled = [rule for rule in configuration.rules if rule.enabled and rule.filter.forms]
    old = [(rule, rule.filter.prefix) for rule in enabled]
    for index, (one, first) in enumerate(old):
        near = ((other, second) for other, second in old[index + 1 :] if _overlap(first, second))
        overlaps = ((*pair, action) for pair in near for action in sorted(_kinds(one) & _kinds(pair[0])))
        for other, second, action in islice(overlaps, 1):
            found = f"overlapping prefixes '{first}' and '{second}'"
            found = f"two rules with same prefix '{first}'" if first == second else found
            message = f"Found {found} for same action type '{action}'"
            yield invalid_request("overlapping_prefixes", message, (one, other), PUT)


def _overlap(first: str, second: str) -> bool:
    return first.startswith(second) or second.startswith(first)


def _kinds(rule: Rule) -> frozenset[str]:
    """The actions that may not overlap; an Expiration of lone delete markers is taken as one of its own."""
    kinds = set(rule.actions)
    if rule.expiration and rule.expiration.expired_object_delete_marker is not None:
        kinds.discard("Expiration")
    return frozenset(kinds)


def _of_default_minimum(configuration: Configuration) -> Iterator[Refusal]:
    """In these words: LocalStack's snapshot of AWS, 2026-02."""
    default = configuration.transition_default_minimum_object_size
    if default not in (ALL_STORAGE_CLASSES_128K, VARIES_BY_STORAGE_CLASS):
        message = f"Invalid TransitionDefaultMinimumObjectSize found: {default}"
        yield invalid_request("default_minimum_size", message, (), PUT)
