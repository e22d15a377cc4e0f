"""What holds for every configuration and every history."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from grader.effects.lifecycle import (
    NOON_OF_DAY_0,
    Bucket,
    Configuration,
    Timeline,
    Version,
    complete_upload,
    delete,
    notes,
    put,
    refusals,
    set_versioning,
    simulate,
    start_upload,
)
from grader.effects.lifecycle.storage import PREFERENCE, can_move

DAYS = 60
some = settings(max_examples=150, deadline=None)

keys = st.sampled_from(["a", "ab", "b"])
days = st.integers(0, 30)
sizes = st.sampled_from([0, 1, 128 * 1024 - 1, 128 * 1024, 1 << 20])
tags = st.dictionaries(st.sampled_from(["k", "l"]), st.sampled_from(["v", "w"]), max_size=2)
classes = st.sampled_from(PREFERENCE)
dates = st.integers(-5, 40).map(lambda day: datetime(2027, 1, 1, tzinfo=UTC) + timedelta(days=day))
moments = st.integers(0, DAYS * 4).map(lambda quarter: NOON_OF_DAY_0 + timedelta(hours=6 * quarter))
storage = st.sampled_from(["STANDARD", "STANDARD_IA", "GLACIER"])
tag_conditions = st.fixed_dictionaries({"Key": st.sampled_from(["k", "l"]), "Value": st.sampled_from(["v", "w"])})

filters = st.fixed_dictionaries(
    {},
    optional={
        "Prefix": st.sampled_from(["", "a", "ab", "b", "c"]),
        "Tag": tag_conditions,
        "ObjectSizeGreaterThan": st.sampled_from([0, 1, 128 * 1024]),
        "ObjectSizeLessThan": st.sampled_from([1, 128 * 1024]),
    },
)
expirations = st.fixed_dictionaries(
    {}, optional={"Days": days, "Date": dates, "ExpiredObjectDeleteMarker": st.booleans()}
)
transitions = st.fixed_dictionaries({"StorageClass": classes}, optional={"Days": days, "Date": dates})
counts = {"NewerNoncurrentVersions": st.integers(0, 3)}
rule_fields = {
    "Expiration": expirations,
    "Transitions": st.lists(transitions, max_size=3),
    "NoncurrentVersionTransitions": st.lists(
        st.fixed_dictionaries({"NoncurrentDays": days, "StorageClass": classes}, optional=counts), max_size=2
    ),
    "NoncurrentVersionExpiration": st.fixed_dictionaries({"NoncurrentDays": days}, optional=counts),
    "AbortIncompleteMultipartUpload": st.fixed_dictionaries({"DaysAfterInitiation": days}),
}
rules = st.fixed_dictionaries(
    {"Status": st.sampled_from(["Enabled", "Enabled", "Disabled"]), "Filter": filters}, optional=rule_fields
)
replies = st.fixed_dictionaries(
    {"Rules": st.lists(rules, max_size=4)},
    optional={"TransitionDefaultMinimumObjectSize": st.just("varies_by_storage_class")},
)
events = st.one_of(
    st.builds(put, keys, size=sizes, tags=tags, storage_class=storage, at=moments),
    st.builds(delete, keys, at=moments),
    st.builds(delete, keys, version=st.sampled_from(["v1", "v2", "v3", "null"]), at=moments),
    st.builds(start_upload, keys, at=moments),
    st.builds(complete_upload, keys, at=moments),
    st.builds(set_versioning, st.sampled_from(["Enabled", "Suspended"]), at=moments),
)
histories = st.lists(events, max_size=8)
versionings = st.sampled_from([None, "Enabled", "Suspended"])


def lived(reply: Any, history: list[Any], versioning: Any, until: int = DAYS) -> Timeline:
    return simulate(Bucket(versioning, Configuration.read(reply)), history, days=until)


def outcome(timeline: Timeline) -> list[Any]:
    """Everything but the rules that are named as causes."""
    places = [(version.key, version.id, version.changes) for version in timeline.versions]
    places += [(upload.key, upload.id, upload.changes) for upload in timeline.uploads]
    return [
        (key, name, [(one.day, one.at, one.kind, one.storage_class) for one in changes])
        for key, name, changes in places
    ]


def _states(version: Version, until: int) -> list[tuple[bool, bool, str | None]]:
    """Whether it is there, whether it is current, and its class, on each day."""
    return [
        (
            version.exists_on(day),
            version.exists_on(day) and version.is_current_on(day),
            version.storage_on(day),
        )
        for day in range(-1, until + 1)
    ]


@some
@given(replies, histories, versionings, st.randoms(use_true_random=False))
def test_order_and_ids_of_rules_do_not_matter(reply: Any, history: Any, versioning: Any, random: Any) -> None:
    shuffled = [{**rule, "ID": str(random.random())} for rule in reply["Rules"]]
    random.shuffle(shuffled)
    mixed = {**reply, "Rules": shuffled}
    assert outcome(lived(mixed, history, versioning)) == outcome(lived(reply, history, versioning))


@some
@given(replies, rules, histories, versionings, st.integers(0, 4))
def test_a_disabled_rule_changes_nothing(reply: Any, rule: Any, history: Any, versioning: Any, place: int) -> None:
    more = [*reply["Rules"][:place], {**rule, "Status": "Disabled"}, *reply["Rules"][place:]]
    with_it = lived({**reply, "Rules": more}, history, versioning)
    assert outcome(with_it) == outcome(lived(reply, history, versioning))


@some
@given(replies, rules, histories, versionings)
def test_a_rule_for_other_keys_changes_nothing(reply: Any, rule: Any, history: Any, versioning: Any) -> None:
    other = {**rule, "Filter": {"Prefix": "z/"}}
    more = {**reply, "Rules": [*reply["Rules"], other]}
    assert outcome(lived(more, history, versioning)) == outcome(lived(reply, history, versioning))


@some
@given(replies, histories, versionings)
def test_what_is_permanently_deleted_stays_so(reply: Any, history: Any, versioning: Any) -> None:
    for version in lived(reply, history, versioning).versions:
        there = [exists for exists, _, _ in _states(version, DAYS)]
        comings = sum(now and not before for before, now in pairwise(there))
        assert comings == (version.gone_on is None or version.gone_on > version.created_on)
        assert [change.kind for change in version.changes].count("deleted") == (version.gone_on is not None)


@some
@given(replies, histories, versionings)
def test_there_is_never_more_than_one_current_version(reply: Any, history: Any, versioning: Any) -> None:
    timeline = lived(reply, history, versioning)
    for key in {version.key for version in timeline.versions}:
        for day in range(DAYS + 1):
            mine = [version for version in timeline.of(key) if version.exists_on(day)]
            assert sum(version.is_current_on(day) for version in mine) == bool(mine)
            assert len(mine) <= 1 or versioning is not None or any(one.id != "null" for one in mine)


@some
@given(replies, histories, versionings)
def test_storage_classes_only_go_down_the_waterfall(reply: Any, history: Any, versioning: Any) -> None:
    for version in lived(reply, history, versioning).versions:
        found = [change.storage_class or "" for change in version.changes]
        for before, after in pairwise(found):
            assert before == after or can_move(before, after)


@some
@given(replies, histories, versionings)
def test_the_same_question_has_the_same_answer(reply: Any, history: Any, versioning: Any) -> None:
    assert lived(reply, history, versioning) == lived(reply, history, versioning)


@some
@given(replies, histories, versionings, st.integers(0, DAYS))
def test_a_longer_horizon_does_not_change_the_days_before(
    reply: Any, history: Any, versioning: Any, until: int
) -> None:
    short, long = (lived(reply, history, versioning, end) for end in (until, DAYS * 2))
    seen = [_states(version, until) for version in short.versions]
    assert seen == [_states(version, until) for version in long.versions if version.created_on <= until]


@some
@given(replies, histories, versionings, days, st.booleans())
def test_a_shorter_expiry_never_keeps_anything_longer(
    reply: Any, history: Any, versioning: Any, limit: int, noncurrent: bool
) -> None:
    def ended(days: int) -> list[int]:
        """When each object that the owner wrote ceases to be what `days` limits."""
        purge = {"NoncurrentVersionExpiration": {"NoncurrentDays": days}}
        rule = {
            "Status": "Enabled",
            "Filter": {},
            **(purge if noncurrent else {"Expiration": {"Days": days}}),
        }
        moves = [{**one, "Expiration": {}, "NoncurrentVersionExpiration": {}} for one in reply["Rules"]]
        timeline = lived({"Rules": [*moves, rule]}, writes, versioning)
        mine = [version for version in timeline.versions if version.changes[0].rule is None]
        ends = [version.gone_on if noncurrent else _end_of_current(version) for version in mine]
        return [DAYS * 9 if end is None else end for end in ends]

    writes = [event for event in history if getattr(event, "version", None) is None]
    assert all(sooner <= later for sooner, later in zip(ended(limit), ended(limit + 7), strict=True))


def _end_of_current(version: Version) -> int | None:
    ends = [change.day for change in version.changes if change.kind in ("noncurrent", "deleted")]
    return ends[0] if ends else None


@some
@given(replies, histories, versionings)
def test_every_act_of_s3_names_an_enabled_rule_that_takes_the_object(reply: Any, history: Any, versioning: Any) -> None:
    timeline = lived(reply, history, versioning)
    for version in timeline.versions:
        for change in version.changes:
            if change.kind == "created" or change.rule is None:
                continue
            assert change.rule.enabled
            assert version.key.startswith(change.rule.filter.prefix)
            if change.kind == "transitioned":
                assert change.rule.misses(version.key, version.size, dict(version.tags)) is None
                moves = change.rule.transitions + change.rule.noncurrent_version_transitions
                assert change.storage_class in [move.storage_class for move in moves]


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**30, -(10**30)])
    | st.floats()
    | st.text(max_size=5)
    | st.datetimes(timezones=st.none() | st.just(UTC))
    | classes,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def _perhaps(strategy: Any) -> Any:
    return strategy | values


def _shape(*names: str) -> Any:
    return _perhaps(st.fixed_dictionaries({}, optional=dict.fromkeys(names, values)))


odd_conditions = dict.fromkeys(("Prefix", "Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan"), values)
odd_and = st.fixed_dictionaries({}, optional={**odd_conditions, "Tags": _perhaps(st.lists(_shape("Key", "Value")))})
odd_rules = st.fixed_dictionaries(
    {},
    optional={
        "ID": values,
        "Status": st.just("Enabled") | values,
        "Prefix": values,
        "Filter": _perhaps(st.fixed_dictionaries({}, optional={**odd_conditions, "And": _perhaps(odd_and)})),
        "Expiration": _shape("Days", "Date", "ExpiredObjectDeleteMarker"),
        "Transition": _shape("Days", "Date", "StorageClass"),
        "Transitions": _perhaps(st.lists(_shape("Days", "Date", "StorageClass"), max_size=3)),
        "NoncurrentVersionTransition": _shape("NoncurrentDays", "StorageClass", "NewerNoncurrentVersions"),
        "NoncurrentVersionTransitions": _perhaps(
            st.lists(_shape("NoncurrentDays", "StorageClass", "NewerNoncurrentVersions"), max_size=3)
        ),
        "NoncurrentVersionExpiration": _shape("NoncurrentDays", "NewerNoncurrentVersions"),
        "AbortIncompleteMultipartUpload": _shape("DaysAfterInitiation"),
        "Surprise": values,
    },
)
odd_replies = st.fixed_dictionaries(
    {}, optional={"Rules": _perhaps(st.lists(_perhaps(odd_rules), max_size=3)), "Surprise": values}
)


@settings(max_examples=400, deadline=None)
@given(odd_replies, histories, versionings)
def test_no_configuration_makes_it_crash(reply: Any, history: Any, versioning: Any) -> None:
    configuration = Configuration.read(reply)
    simulate(Bucket(versioning, configuration), history)
    assert isinstance(refusals(configuration), tuple)
    assert isinstance(notes(configuration), tuple)
