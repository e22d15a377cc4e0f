"""Your first bucket: it has the name that was agreed on, and a cost report counts it for the course."""

from __future__ import annotations

from grader.checks import Aws, Given, check, require, say

KEY, VALUE = "course", "labgrade"


@check(
    weight=40,
    doc="https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html",
    why="A bucket's name is its address: programs, policies and links find it by that name and by no other.",
    fix="The whole name is in LAB_BUCKET. Take it from there, and nothing can be mistyped.",
)
def bucket_exists(aws: Aws, given: Given) -> None:
    """There is a bucket named {bucket}."""
    names = [bucket["Name"] for bucket in aws.pages("s3", "list_buckets", "Buckets")]
    require(names, say("the account has no bucket at all."))
    require(given.bucket in names, say("there is no such bucket, only {names}.", names=names))


@check(
    weight=60,
    needs=bucket_exists,
    doc="https://docs.aws.amazon.com/AmazonS3/latest/userguide/CostAllocTagging.html",
    why="A cost report adds up what has the same key and the same value, letter by letter. A bucket that is tagged "
    "in any other way is missing from the course's costs, and nothing says so.",
    fix="Compare it with the task letter by letter: capitals count.",
)
def cost_reports_count_the_bucket_for_the_course(aws: Aws, given: Given) -> None:
    """The bucket has the tag `course` with the value `labgrade`."""
    tags = tags_of(aws, given.bucket)
    require(
        tags,
        say("the bucket has no tags."),
        fix="Tag the bucket itself: the tags of objects in it, or of other buckets, are not its own.",
    )
    require(
        KEY in tags,
        say("none of its tags has the key course. It has {tags}.", tags=shown(tags)),
        fix="Capitals count in a key. And a call that sets a bucket's tags replaces all that it had before.",
    )
    require(
        tags[KEY] == VALUE,
        say('its tag course has the value "{value}", which is another one.', value=tags[KEY]),
    )


def tags_of(aws: Aws, bucket: str) -> dict[str, str]:
    """The bucket's tags by key; none where it has no tag set."""
    reply = aws.find("s3", "get_bucket_tagging", Bucket=bucket) or {}
    return {tag["Key"]: tag["Value"] for tag in reply.get("TagSet", [])}


def shown(tags: dict[str, str]) -> list[str]:
    """Each tag in quotes, so that a space in it shows."""
    return [f'"{key}" = "{value}"' for key, value in sorted(tags.items())]
