"""Every version is kept, logs age, nothing else does, what is over goes, and two reports come back from an accident."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from grader.checks import Aws, Given, Inconclusive, check, require, say

from . import evidence, picture, recovery, refused
from .lives import Rules
from .readback import on_rules, rules_of

_GUIDE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
BUCKETS = f"{_GUIDE}bucketnamingrules.html"
VERSIONING = f"{_GUIDE}Versioning.html"
TRANSITIONS = f"{_GUIDE}lifecycle-transition-general-considerations.html"
EXPIRING = f"{_GUIDE}lifecycle-expire-general-considerations.html"
FILTERS = f"{_GUIDE}intro-lifecycle-filters.html"
ELEMENTS = f"{_GUIDE}intro-lifecycle-rules.html"
UPLOADS = f"{_GUIDE}mpu-abort-incomplete-mpu-lifecycle-config.html"
MARKERS = f"{_GUIDE}ManagingDelMarkers.html"
RESTORING = f"{_GUIDE}RestoringPreviousVersions.html"
DELETING = f"{_GUIDE}DeletingObjectVersions.html"
PUT = "https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html"


@check(
    weight=5,
    doc=BUCKETS,
    why="A bucket's name is its address: programs, policies and links find it by that name and by no other.",
    fix="The whole name is in LAB_BUCKET. Take it from there, and nothing can be mistyped.",
)
def bucket_exists(aws: Aws, given: Given) -> None:
    """There is a bucket named {bucket}."""
    names = sorted(bucket["Name"] for bucket in aws.pages("s3", "list_buckets", "Buckets"))
    require(names, say("the account has no bucket at all."))
    require(given.bucket in names, say("there is no such bucket, only {names}.", names=names))


@check(
    weight=10,
    needs=bucket_exists,
    doc=VERSIONING,
    why="Without versioning an overwrite is final and a delete is for ever; once it is suspended, new versions "
    "overwrite each other.",
    fix="Versioning is a setting of the bucket with three states. Only in one of them is every version kept.",
)
def every_version_is_kept(aws: Aws, given: Given) -> None:
    """The bucket keeps every version of every object."""
    status = aws.read("s3", "get_bucket_versioning", Bucket=given.bucket).get("Status")
    if status != "Enabled":
        given.note(say("The rules of {bucket} were judged as if its versioning were Enabled.", bucket=given.bucket))
    require(status, say("versioning was never switched on for {bucket}.", bucket=given.bucket))
    require(status == "Enabled", say("versioning of {bucket} is {status}.", bucket=given.bucket, status=status))


@check(
    weight=5,
    needs=bucket_exists,
    doc=TRANSITIONS,
    why="Logs are read for some weeks. Standard-IA costs about half as much per GB, charges for each read and for at "
    "least 30 days: moved too early it costs more than Standard, never moved it saves nothing.",
    fix="A transition names a class and a number of days, and applies to the objects that the rule's filter takes.",
)
@on_rules
def logs_are_in_standard_ia(rules: Rules, given: Given) -> None:
    """A log of 128 KiB or more is in Standard-IA from day {ia_days} until day {glacier_days}."""
    for log in rules.large_logs:
        for moves in rules.moves(log):
            arrivals = [move.day for move in moves if move.storage_class == "STANDARD_IA"]
            # Glacier before its day is the next check's; any other class on the way is not Standard-IA.
            others = [move for move in moves if move.storage_class not in ("STANDARD_IA", "GLACIER")]
            strays = [move for move in others if move.day < given.glacier_days]
            if arrivals != [given.ia_days] or strays:
                raise evidence.misplaced(rules, log, moves, "STANDARD_IA", "ia_days", given)


@check(
    weight=5,
    needs=bucket_exists,
    doc=TRANSITIONS,
    why="Glacier Flexible Retrieval is the archive that was agreed on: its objects cost little, and come back within "
    "minutes to hours. Too early, nobody can read last month's log at once; in another class, prices and waits differ.",
    fix="A transition names a class and a number of days, and applies to the objects that the rule's filter takes.",
)
@on_rules
def logs_are_in_glacier(rules: Rules, given: Given) -> None:
    """A log of 128 KiB or more is in Glacier Flexible Retrieval from day {glacier_days}."""
    for log in rules.large_logs:
        for moves in rules.moves(log):
            arrivals = [move.day for move in moves if move.storage_class == "GLACIER"]
            strays = [move for move in moves if given.glacier_days <= move.day < given.expire_days][1:]
            if arrivals != [given.glacier_days] or strays:
                raise evidence.misplaced(rules, log, moves, "GLACIER", "glacier_days", given)


@check(
    weight=5,
    needs=bucket_exists,
    doc=EXPIRING,
    why="Logs hold what people did. Kept longer than agreed they are a liability and a bill; deleted earlier, they are "
    "missing when somebody asks.",
    fix="Expiration ends an object's time as the current version, whatever its size and its tags.",
)
@on_rules
def logs_expire(rules: Rules, given: Given) -> None:
    """A log of any size is current until day {expire_days}, and not from then on."""
    for log in rules.logs:
        for expiry in rules.expiries(log):
            if expiry is None or expiry.day != given.expire_days:
                raise evidence.expires_otherwise(rules, log, expiry, given)


@check(
    weight=15,
    needs=bucket_exists,
    doc=FILTERS,
    why="S3 has no folders. A prefix is only the beginning of a key, and a rule takes every object that its filter "
    "lets in: on AWS this one is moved or deleted without a word.",
    fix="Which keys does the filter of each rule let in?",
)
@on_rules
def nothing_else_changes(rules: Rules, given: Given) -> None:
    """Something under `logs/` ages, and no current object outside `logs/` ever changes class or goes."""
    del given
    require(
        any(changes for log in rules.logs for changes in rules.changes(log)),
        say("no rule of yours moves or expires anything under logs/."),
        wanted=say("rules that tell logs from everything else: logs age, and nothing else does."),
        why=say("Whether everything else is spared shows only where something ages."),
        fix=say("Begin with a rule for logs/."),
    )
    for other in rules.others:
        for changes in rules.changes(other):
            if changes:
                raise evidence.disturbed(rules, other, changes)


@check(
    weight=10,
    needs=bucket_exists,
    doc=ELEMENTS,
    why="The clock of an old version starts when it is overwritten or deleted. Somebody who notices later than that "
    "finds nothing to restore.",
    fix="NoncurrentDays counts from the day on which a version became old. How long is that, for every object?",
)
@on_rules
def old_versions_can_be_got_back(rules: Rules, given: Given) -> None:
    """An old version, anywhere in the bucket, can be got back for {noncurrent_days} days."""
    everything = [(sample, many) for many in (False, True) for sample in rules.overwritten]
    olds = [(old, many) for sample, many in everything for old in rules.old_versions(sample, many_newer=many)]
    require(
        any(old.gone is not None for old, _ in olds),
        say("no rule of yours ever ends an old version, so nothing is settled about how long one stays."),
        wanted=say("old versions that can be got back for {days} days, and not for ever.", days=given.noncurrent_days),
        fix=say("Which element of a rule is about versions that are not current any more?"),
    )
    for old, many in olds:
        if old.days < given.noncurrent_days:
            raise evidence.ends_too_soon(rules, old, given, many_newer=many)


@check(
    weight=5,
    needs=bucket_exists,
    doc=ELEMENTS,
    why="Every version is stored whole and paid for whole. Where old ones stay for ever, the bill grows with every "
    "overwrite, and what people asked to have deleted is never deleted.",
    fix="Which old versions does each rule reach, and from which day on?",
)
@on_rules
def then_old_versions_are_gone(rules: Rules, given: Given) -> None:
    """An old version, anywhere in the bucket, is gone for good after {noncurrent_days} days."""
    if rules.locked_days > given.noncurrent_days:
        raise evidence.locked(rules.locked_days, given)
    for sample in rules.overwritten:
        for old in rules.old_versions(sample):
            if old.days > given.noncurrent_days:
                raise evidence.outstays(rules, old, given)


@check(
    weight=5,
    needs=bucket_exists,
    doc=UPLOADS,
    why="The parts of an upload that broke off are in no listing of objects, and cost as much as if they were.",
    fix="An upload has a key from its first moment on. Which keys does the rule take, and after how many days?",
)
@on_rules
def unfinished_uploads_go(rules: Rules, given: Given) -> None:
    """An unfinished upload, anywhere in the bucket, is gone after {abort_days} days, and not before."""
    for place in rules.places:
        upload = rules.upload(place)
        if upload.aborted_on != given.abort_days:
            raise evidence.upload_stays(rules, upload, given)


@check(
    weight=5,
    needs=bucket_exists,
    doc=MARKERS,
    why="A delete marker with no version behind it hides nothing. Millions of them make every listing slow.",
    fix="Expiration has a way of its own to clean up such markers, and it stands alone there.",
)
@on_rules
def lone_delete_markers_go(rules: Rules, given: Given) -> None:
    """A delete marker with nothing behind it, anywhere in the bucket, goes by itself."""
    del given
    for place in rules.places:
        if rules.lone_marker(place).gone_on is None:
            raise evidence.marker_stays(rules, place.key)


@check(
    weight=15,
    needs=bucket_exists,
    doc=PUT,
    why="AWS takes a lifecycle configuration whole or not at all: refused, the bucket keeps the rules it had, or none.",
    fix="Emulators take more than AWS does. The page below says what may stand together in one rule.",
)
def aws_accepts_the_configuration(aws: Aws, given: Given) -> None:
    """There is a lifecycle configuration, and AWS would accept it as it stands."""
    configuration = rules_of(aws, given.bucket).written
    require(
        configuration.rules,
        say("{bucket} has no lifecycle configuration.", bucket=given.bucket),
        fix=say("Rules are put on the bucket whose objects they are for, all of them in one configuration."),
    )
    refused.tell_what_costs(given, configuration)
    refused.require_accepted(given, configuration)


@check(
    weight=5,
    scenario=True,
    doc=DELETING,
    why="Deleting an object in a versioned bucket deletes nothing: it puts a delete marker on top. The report is "
    "still there, and nobody can read it.",
    fix="List the versions of the key. What lies on top, and what lies under it?",
)
def deleted_report_reads_as_before(aws: Aws, given: Given) -> None:
    """`reports/q1.csv` in {recovery_bucket} reads as it did before it was deleted."""
    recovery.require_reads_as_before(aws, given, "reports/q1.csv")


@check(
    weight=5,
    scenario=True,
    doc=RESTORING,
    why="A restore is as good as the version that it brings back. Readers of the report see what is on top, whatever "
    "lies under it.",
    fix="Read each version before you choose one: there are three of them.",
)
def overwritten_report_reads_as_before(aws: Aws, given: Given) -> None:
    """`reports/prices.csv` in {recovery_bucket} reads as it did before it was overwritten with rubbish."""
    recovery.require_reads_as_before(aws, given, "reports/prices.csv")


@check(
    weight=5,
    scenario=True,
    doc=RESTORING,
    why="The auditors want to see what happened. A version that is deleted by its id is gone for good, on AWS too, "
    "and no support case brings it back.",
    fix="There are two ways to bring an old version back, and only one of them keeps what lies above it.",
)
def no_version_was_lost(aws: Aws, given: Given) -> None:
    """A report was brought back, and no object version in {recovery_bucket} was lost or will be."""
    recovery.require_something_restored(aws, given)
    recovery.require_no_version_lost(aws, given)
    recovery.require_no_version_in_danger(aws, given)


def model(aws: Aws, given: Given) -> Mapping[str, Any]:
    """What the rules do, day by day, for the report's picture."""
    if given.bucket not in [bucket["Name"] for bucket in aws.pages("s3", "list_buckets", "Buckets")]:
        return {}
    with suppress(Inconclusive):
        return picture.drawn(rules_of(aws, given.bucket), given)
    return {}
