"""What AWS refuses of a configuration, in plain words beside AWS's own, and what it takes but charges for."""

from __future__ import annotations

from grader.checks import Failure, Given, Text, say, sentences
from grader.effects.lifecycle import Configuration, Refusal, notes, refusals

from .samples import shortened
from .words import named

# By the name of the refusal: what stands in the rule, and which way out there is.
PLAINLY = {
    "no_rules": (say("it has no rules"), say("A configuration has one rule at least.")),
    "too_many_rules": (say("it has more than 1,000 rules"), say("One rule may hold several actions.")),
    "same_id": (say("two of its rules have the same ID"), say("Every rule has an ID of its own, or none at all.")),
    "forms_mixed": (
        say("some rules have the old Prefix beside the Status, and some a Filter"),
        say("Write all the rules in one form. Filter is today's; a Prefix may stand inside it."),
    ),
    "newer_noncurrent_versions_without_filter": (
        say("it counts versions in a rule of the old form"),
        say("NewerNoncurrentVersions needs a rule with a Filter."),
    ),
    "overlapping_prefixes": (
        say("two rules of the old form do the same to keys that both take"),
        say("Rules with a Filter may overlap; those of the old form may not."),
    ),
    "status": (say("a rule's Status is neither Enabled nor Disabled"), say("Capitals count in a Status.")),
    "no_action": (say("a rule has no action"), say("A rule does something, or is left out.")),
    "no_filter": (
        say("a rule has neither a Filter nor a Prefix"),
        say("A rule for the whole bucket says so with an empty Filter."),
    ),
    "filter_without_and": (
        say("a Filter holds several conditions side by side"),
        say("Several conditions stand inside an And."),
    ),
    "and_of_one": (
        say("an And holds fewer than two conditions"),
        say("One condition stands in the Filter by itself, without And."),
    ),
    "size_order": (
        say("its sizes leave no object between them"),
        say("ObjectSizeGreaterThan is the lower edge and ObjectSizeLessThan the upper one."),
    ),
    "delete_marker_with_time": (
        say("ExpiredObjectDeleteMarker stands beside Days or Date in one Expiration"),
        say("The two are two rules: one that expires objects, and one that cleans up markers."),
    ),
    "delete_marker_with_tags": (
        say("ExpiredObjectDeleteMarker stands in a rule that filters by tags"),
        say("Delete markers carry no tags: give them a rule without any."),
    ),
    "delete_marker_with_size": (
        say("ExpiredObjectDeleteMarker stands in a rule that filters by size"),
        say("Delete markers have no size: give them a rule without one."),
    ),
    "abort_with_tags": (
        say("AbortIncompleteMultipartUpload stands in a rule that filters by tags"),
        say("An upload has no tags before it is completed: give uploads a rule without any."),
    ),
    "abort_with_size": (
        say("AbortIncompleteMultipartUpload stands in a rule that filters by size"),
        say("An upload has no size before it is completed: give uploads a rule without one."),
    ),
    "days_and_date": (say("an action has both Days and a Date"), say("Keep one of the two.")),
    "days_and_dates_mixed": (
        say("one action of a rule counts days and another names a date"),
        say("All the actions of a rule count days, or all name dates."),
    ),
    "date_not_midnight": (say("a Date is not at midnight UTC"), say("Lifecycle acts at midnight UTC.")),
    "expiration_before_transition": (
        say("a rule expires objects on or before the day on which it moves them"),
        say("In one rule the expiry comes last."),
    ),
    "noncurrent_expiration_before_transition": (
        say("a rule deletes old versions on or before the day on which it moves them"),
        say("In one rule the deletion comes last."),
    ),
    "transition_order": (
        say("a rule moves objects to an archive no later than to the class before it"),
        say("Each step down comes later than the one before it."),
    ),
    "storage_class": (
        say("a rule moves objects to a class that there is not, or to none that rules can move to"),
        say("The API has its own names for the classes: GLACIER is Glacier Flexible Retrieval."),
    ),
    "storage_class_twice": (say("a rule moves objects to one class twice"), say("Which of the two days is meant?")),
    "no_noncurrent_days": (
        say("a rule is about old versions and has no NoncurrentDays"),
        say("A count of versions comes on top of days, never instead of them."),
    ),
}
ANY_OTHER = (say("a value in it is not allowed"), say("AWS's words name the element. The page below has its limits."))


def require_accepted(given: Given, configuration: Configuration) -> None:
    """Raise Failure for the first thing that AWS would refuse, with AWS's own answer."""
    found = refusals(configuration)
    if not found:
        return
    given.note(say("The other requirements were judged as if AWS had taken your rules."))
    first = found[0]
    what, fix = PLAINLY.get(first.name, ANY_OTHER)
    answer = say('AWS answers {code}: "{message}".', code=first.code, message=shortened(first.message.rstrip("."), 300))
    raise Failure(
        sentences(_pointed_out(first, what), answer, _more(found)),
        wanted=say("a configuration that PutBucketLifecycleConfiguration takes."),
        fix=fix,
        doc=first.doc,
    )


def _pointed_out(refusal: Refusal, what: Text) -> Text:
    rules = [named(rule) for rule in refusal.rules[:4]]
    return say("{what} ({rules}).", what=what, rules=rules) if rules else say("{what}.", what=what)


def _more(found: tuple[Refusal, ...]) -> Text | None:
    names = {refusal.name for refusal in found[1:]} - {found[0].name}
    others = [PLAINLY.get(name, ANY_OTHER)[0] for name in sorted(names)]
    return say("It would refuse this too: {others}.", others=others[:4]) if others else None


def tell_what_costs(given: Given, configuration: Configuration) -> None:
    """Note what AWS takes but charges for."""
    # What is kept for ever because of one rule, another may delete: that is judged, not noted.
    worth = [note for note in notes(configuration) if note.name != "versions_kept_for_ever"]
    for note in worth[:5]:
        given.note(say("{rule}: {advice}", rule=[named(rule) for rule in note.rules], advice=note.message))
