"""What emulators lose of lifecycle rules before a checker reads them, so that no right answer pays for it."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from secrets import token_hex
from typing import Any

from botocore.exceptions import ClientError, WaiterError

from grader.access import Access
from grader.checks import Aws, Capability, Failure, Given, Inconclusive, capability
from grader.effects.lifecycle import Configuration, Filter, Rule

from .lives import Rules
from .samples import FLOOR, FOLDER

TEMPLATES = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-s3-bucket-lifecycleconfig.html"
LIFECYCLE = "https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLifecycleConfiguration.html"
MOST_RULES = 20  # that are each taken for the poor image of another
DAYS_OF_A_YEAR = 365
MOST_STACKS = 10
PATIENCE = {"Delay": 0.2, "MaxAttempts": 25}  # for a stack: seconds, times

Judge = Callable[[Rules, Given], None]


def on_rules(judge: Judge) -> Callable[[Aws, Given], None]:
    """A check of the rules of `bucket`, from a judge of them.

    A verdict on a rule that this emulator may have read back poorly is none: where the judge would be content with
    what the student may have written, or would not with a limit that was lost, the check is inconclusive.
    """

    @functools.wraps(judge)
    def judged(aws: Aws, given: Given) -> None:
        rules = rules_of(aws, given.bucket)
        try:
            judge(rules, given)
        except Failure:
            for lost, other in originals(rules.written):
                if not aws.can(lost) and _content(judge, replace(rules, written=other), given):
                    raise Inconclusive(lost) from None
            raise
        for lost, other in limited(rules.written):
            if not aws.can(lost) and not _content(judge, replace(rules, written=other), given):
                raise Inconclusive(lost)

    return judged


def rules_of(aws: Aws, bucket: str) -> Rules:
    """A bucket's rules, none where it has no configuration. Raises Inconclusive where a template's were dropped."""
    reply = aws.find("s3", "get_bucket_lifecycle_configuration", Bucket=bucket)
    # What an emulator can do is remembered: most are never asked for their stacks, which takes some of them seconds.
    if reply is None and not aws.can(deploys_rules_of_templates) and _in_a_template(aws):
        raise Inconclusive(deploys_rules_of_templates)
    return Rules(Configuration.read(reply), _locked_days(aws, bucket))


def _locked_days(aws: Aws, bucket: str) -> int:
    """For how long the bucket's default retention locks a new version. A mode, Days or Years: "a locked version of an
    object cannot be deleted by a S3 Lifecycle expiration policy", while delete markers are placed as ever.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html (2026-11-26)
    """
    with suppress(ClientError):  # without Object Lock AWS answers ObjectLockConfigurationNotFoundError
        lock = aws.read("s3", "get_object_lock_configuration", Bucket=bucket).get("ObjectLockConfiguration") or {}
        kept = (lock.get("Rule") or {}).get("DefaultRetention") or {}
        return int(kept.get("Days") or 0) + DAYS_OF_A_YEAR * int(kept.get("Years") or 0)
    return 0


def _in_a_template(aws: Aws) -> bool:
    """Does any stack's template speak of lifecycle rules? An emulator without CloudFormation has no stacks."""
    with suppress(ClientError):
        stacks = [one["StackName"] for one in aws.pages("cloudformation", "list_stacks", "StackSummaries")]
        templates = (aws.find("cloudformation", "get_template", StackName=name) or {} for name in stacks[:MOST_STACKS])
        return any("LifecycleConfiguration" in str(template.get("TemplateBody")) for template in templates)
    return False


def originals(read: Configuration) -> Iterator[tuple[Capability, Configuration]]:
    """What may have been written where this was read, and what an emulator lacks that reads it so."""
    of_logs = Filter(prefixes=(FOLDER,), forms=("Prefix",))
    bare = [rule for rule in read.rules if _is_bare(rule) and _ages(rule)]
    if bare:
        yield reads_old_prefixes_back, _with(read, {rule.index: replace(rule, filter=of_logs) for rule in bare})
    joined = [rule for rule in read.rules if rule.filter.joined and rule.filter.size_greater_than == 0]
    if joined:
        lone = {rule.index: replace(rule, filter=replace(rule.filter, size_greater_than=None)) for rule in joined}
        yield adds_no_size_to_an_and, _with(read, lone)
    for one in [rule for rule in read.rules if not rule.filter.names_a_size][:MOST_RULES]:
        small = replace(one, filter=replace(one.filter, size_less_than=FLOOR))
        yield reads_sizes_back, _with(read, {one.index: small})


def limited(read: Configuration) -> Iterator[tuple[Capability, Configuration]]:
    """What may have been written with a limit that reads as none, where an emulator loses limits."""
    few = read.rules[:MOST_RULES]
    counting = {rule.index: _counted(rule) for rule in few if rule.noncurrent_version_expiration}
    if counting:
        yield reads_newer_versions_back, _with(read, counting)
    for rule in few:
        if not rule.filter.names_a_size and rule.enabled:
            large = replace(rule, filter=replace(rule.filter, size_greater_than=FLOOR))
            yield reads_sizes_back, _with(read, {rule.index: large})


def _counted(rule: Rule) -> Rule:
    purge = rule.noncurrent_version_expiration
    assert purge is not None
    return replace(rule, noncurrent_version_expiration=replace(purge, newer_noncurrent_versions=MOST_RULES))


def _with(read: Configuration, others: dict[int, Rule]) -> Configuration:
    return replace(read, rules=tuple(others.get(rule.index, rule) for rule in read.rules))


def _is_bare(rule: Rule) -> bool:
    return not rule.filter.prefix and not rule.filter.tags and not rule.filter.names_a_size


def _ages(rule: Rule) -> bool:
    return bool(rule.transitions) or (rule.expiration is not None and rule.expiration.days is not None)


def _content(judge: Judge, rules: Rules, given: Given) -> bool:
    with suppress(Failure):
        judge(rules, Given(given.parameters))
        return True
    return False


@capability("read a rule with the old top-level Prefix back as it was written", evidence=LIFECYCLE)
def reads_old_prefixes_back(access: Access) -> bool:
    back = _read_back(access, {"Prefix": "logs/"})
    return back is None or back.filter.prefixes == ("logs/",)


@capability("read the sizes of a rule's filter back", evidence=LIFECYCLE)
def reads_sizes_back(access: Access) -> bool:
    back = _read_back(access, {"Filter": {"And": {"Prefix": "logs/", "ObjectSizeLessThan": 1000}}})
    return back is None or back.filter.size_less_than == 1000


@capability("read an And back without a size that nobody wrote", evidence=LIFECYCLE)
def adds_no_size_to_an_and(access: Access) -> bool:
    back = _read_back(access, {"Filter": {"And": {"Prefix": "logs/", "ObjectSizeLessThan": 1000}}})
    return back is None or back.filter.size_greater_than is None


@capability("read NewerNoncurrentVersions back", evidence=LIFECYCLE)
def reads_newer_versions_back(access: Access) -> bool:
    purge = {"NoncurrentDays": 9, "NewerNoncurrentVersions": 3}
    back = _read_back(access, {"Filter": {"Prefix": "logs/"}, "NoncurrentVersionExpiration": purge})
    found = back and back.noncurrent_version_expiration
    return back is None or bool(found and found.newer_noncurrent_versions == 3)


@capability("make the lifecycle rules of a template's bucket", evidence=TEMPLATES)
def deploys_rules_of_templates(access: Access) -> bool:
    cloudformation, name = access.client("cloudformation"), f"labgrade-probe-{token_hex(8)}"
    rules = {"Rules": [{"Status": "Enabled", "ExpirationInDays": 9}]}
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": name, "LifecycleConfiguration": rules}}
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": {"Probe": bucket}}))
    try:
        cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig=PATIENCE)
        return bool(access.client("s3").get_bucket_lifecycle_configuration(Bucket=name)["Rules"])
    except (ClientError, WaiterError):
        return False
    finally:
        cloudformation.delete_stack(StackName=name)


def _read_back(access: Access, part: dict[str, Any]) -> Rule | None:
    """What a rule with this in it reads once it was written; None where it is refused, and so not lost on the way."""
    s3, bucket = access.client("s3"), f"labgrade-probe-{token_hex(8)}"
    where = {} if access.region == "us-east-1" else {"LocationConstraint": access.region}
    s3.create_bucket(Bucket=bucket, **({"CreateBucketConfiguration": where} if where else {}))
    rules = [{"ID": "probe", "Status": "Enabled", "Expiration": {"Days": 9}, **part}]
    try:
        s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
        return Configuration.read(s3.get_bucket_lifecycle_configuration(Bucket=bucket)).rules[0]
    except ClientError:
        return None
    finally:
        s3.delete_bucket(Bucket=bucket)
