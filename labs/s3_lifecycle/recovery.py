"""The bucket after the accident: what its reports read now, and which of its versions are still there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from grader.checks import Aws, Failure, Given, Text, absent, require, say
from grader.effects.lifecycle import Bucket, Configuration, Event, Version, delete, noon, put, simulate

from .lives import FOR_EVER
from .samples import shortened
from .words import class_name, named

ROLES = {
    "good": say("the good one"),
    "older": say("the older one, from before the good one"),
    "rubbish": say("the rubbish that overwrote it"),
}

ARCHIVES = ("GLACIER", "DEEP_ARCHIVE")
MOST_VERSIONS = 1000  # a page; of them a lab's work makes a dozen


def require_reads_as_before(aws: Aws, given: Given, key: str) -> None:
    """Raise Failure with what the report reads now, or that it will not be read any more."""
    _require_good(aws, given, key)
    _require_it_stays_readable(aws, given, key)


def _require_good(aws: Aws, given: Given, key: str) -> None:
    body = _body(aws, given, key)
    versions = [version for version in given.facts["versions"] if version["key"] == key]
    role = next((version["role"] for version in versions if version["body"] == body), None)
    if role == "good":
        return
    require(role is None, say("{key} reads as another version did: {role}.", key=key, role=ROLES[role or "good"]))
    good = next(version["body"] for version in versions if version["role"] == "good")
    if "".join(body.split()) == "".join(good.split()):
        raise Failure(
            say("{key} reads almost as before: spaces or line ends differ.", key=key),
            fix=say("S3 can copy a version itself, byte for byte."),
        )
    beginning = shortened(" ".join(body.split())) or say("nothing")
    raise Failure(say("{key} reads something else, which begins: {beginning}", key=key, beginning=beginning))


def require_something_restored(aws: Aws, given: Given) -> None:
    """Raise Failure where neither report was brought back: nothing was risked, so nothing was kept safe."""
    restored = []
    for key in dict.fromkeys(version["key"] for version in given.facts["versions"]):
        try:
            _require_good(aws, given, key)
        except Failure:
            continue
        restored.append(key)
    require(
        restored,
        say("neither report reads as before yet."),
        fix=say("Bring one back first: whether it cost a version shows then."),
        why=say("Versions are lost while something is restored."),
    )


def require_no_version_lost(aws: Aws, given: Given) -> None:
    """Raise Failure naming the versions that are not there any more."""
    there = {version["VersionId"] for version in _versions(aws, given) if "Size" in version}
    lost = [version for version in given.facts["versions"] if version["id"] not in there]
    names = [say("{key} ({role})", role=ROLES[version["role"]], key=version["key"]) for version in lost]
    require(not lost, say("these versions are gone for good: {names}.", names=names))


def require_no_version_in_danger(aws: Aws, given: Given) -> None:
    """Raise Failure where lifecycle rules of this bucket will delete what is in it."""
    history = _history(_versions(aws, given))
    for version in simulate(_bucket(aws, given), history, days=FOR_EVER).versions:
        if not version.is_delete_marker and (ended := _ended(version)) is not None:
            day, rule = ended
            raise Failure(
                say("{key} loses a version on day {day}, by {rule} here.", key=version.key, day=day, rule=rule),
                fix=say("The rules of this lab are for the other bucket, LAB_BUCKET."),
            )


def _require_it_stays_readable(aws: Aws, given: Given, key: str) -> None:
    """Raise Failure where a rule of this bucket archives what is on top. What lies under it may be archived: it is not
    what people read, and it is not lost."""
    top = [one for one in _versions(aws, given, key) if one["Key"] == key][-1:]
    for version in simulate(_bucket(aws, given), _history(top), days=FOR_EVER).versions:
        moves = (change for change in version.changes if change.kind == "transitioned")
        for move in moves:
            if move.storage_class in ARCHIVES:
                name = class_name(move.storage_class)
                raise Failure(
                    say(
                        "{key} reads as before until day {day}, and is then moved to {name} by {rule} of this bucket.",
                        key=key,
                        day=move.day,
                        name=name,
                        rule=named(move.rule),
                    ),
                    why=say("In an archive nobody can read it before somebody restores it."),
                    fix=say("The rules of this lab are for the other bucket, LAB_BUCKET."),
                )


def _bucket(aws: Aws, given: Given) -> Bucket:
    reply = aws.find("s3", "get_bucket_lifecycle_configuration", Bucket=given.recovery_bucket)
    return Bucket("Enabled", Configuration.read(reply))


def _ended(version: Version) -> tuple[int, Text] | None:
    """The day on which a rule takes a version away, or from view, and which rule."""
    done = (change for change in version.changes if change.rule and change.kind in ("noncurrent", "deleted"))
    return next(((change.day, named(change.rule)) for change in done), None)


def _history(versions: list[dict[str, Any]]) -> list[Event]:
    """What may have happened for these versions to be there; which of a key's old ones came first is no matter."""
    return [
        put(one["Key"], size=one["Size"], version=one["VersionId"], at=noon(0))
        if "Size" in one
        else delete(one["Key"], at=noon(0))
        for one in versions
    ]


def _body(aws: Aws, given: Given, key: str) -> str:
    try:
        reply: Mapping[str, Any] = aws.read("s3", "get_object", Bucket=given.recovery_bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchBucket":
            raise Failure(say("the bucket {bucket} is not there.", bucket=given.recovery_bucket)) from None
        if absent(error):
            raise Failure(_hidden(aws, given, key)) from None
        if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
            raise
        code = error.response["Error"]["Code"]
        raise Failure(say("{key} cannot be read: the answer is {code}.", key=key, code=code)) from None
    if reply.get("StorageClass") in ARCHIVES:  # emulators read it all the same
        name = class_name(reply["StorageClass"])
        raise Failure(
            say("{key} is in {name}, where it cannot be read before somebody restores it.", key=key, name=name),
            fix=say("A copy goes to the class that it is told to go to, or to Standard."),
        )
    body: bytes = reply["Body"]
    return body.decode("utf-8", "replace")


def _hidden(aws: Aws, given: Given, key: str) -> Text:
    if not any(version["Key"] == key for version in _versions(aws, given, key)):
        return say("{key} is not there, and no version of it.", key=key)
    return say("{key} is still deleted: a delete marker is its latest version.", key=key)


def _versions(aws: Aws, given: Given, prefix: str = "") -> list[dict[str, Any]]:
    """The versions and delete markers of keys with that prefix, the latest of each key last; none where there is no
    bucket. Raises Failure where there are too many to look at."""
    found: list[dict[str, Any]] = []
    where = {"Bucket": given.recovery_bucket, "Prefix": prefix}
    page = aws.find("s3", "list_object_versions", **where)
    while page:
        found += page.get("Versions", []) + page.get("DeleteMarkers", [])
        if not page.get("IsTruncated"):
            break
        require(
            len(found) < MOST_VERSIONS,
            say(
                "{bucket} holds more than {most} versions: too many to look at.",
                bucket=given.recovery_bucket,
                most=MOST_VERSIONS,
            ),
            fix=say("This lab's bucket had five: delete what your own work has added, and nothing else."),
        )
        where |= {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page["NextVersionIdMarker"]}
        page = aws.find("s3", "list_object_versions", **where)
    return sorted(found, key=lambda one: (one["Key"], one["IsLatest"]))
