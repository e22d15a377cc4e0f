"""What moto forgets of S3, and that the mended one does not.

Each blind spot is asserted on moto as it is, too: the day it sees, that test fails and the mend goes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.model import ListShape, Shape, StructureShape

from grader.emulators import moto

BUCKETS = (f"bucket-{number}" for number in count())
DAY = datetime(2031, 2, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def mended() -> Iterator[Any]:
    with moto.launch() as starting:
        yield starting.ready().access.client("s3")


@pytest.fixture(scope="module")
def unmended() -> Iterator[Any]:
    with moto.launch(mended=False) as starting:
        yield starting.ready().access.client("s3")


def rule(**members: Any) -> dict[str, Any]:
    """Right but for what `members` say."""
    whole = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 9}, **members}
    return {name: value for name, value in whole.items() if value is not None}


def read_back(client: Any, *rules: dict[str, Any], **arguments: Any) -> dict[str, Any]:
    bucket = next(BUCKETS)
    client.create_bucket(Bucket=bucket)
    client.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": list(rules)}, **arguments)
    answer: dict[str, Any] = client.get_bucket_lifecycle_configuration(Bucket=bucket)
    return answer


def and_of(**members: Any) -> dict[str, Any]:
    return rule(Filter={"And": members})


TAGS = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}]
LOST = {
    "versions kept of an expiration": rule(
        NoncurrentVersionExpiration={"NoncurrentDays": 3, "NewerNoncurrentVersions": 2}
    ),
    "greater than": rule(Filter={"ObjectSizeGreaterThan": 0}),
    "less than": rule(Filter={"ObjectSizeLessThan": 5_000_000_000}),
    "sizes in And": and_of(Prefix="x/", ObjectSizeGreaterThan=10, ObjectSizeLessThan=20),
    "sizes and tags in And": and_of(ObjectSizeGreaterThan=10, Tags=TAGS),
    "a size alone in And": and_of(ObjectSizeLessThan=10),
}
KEPT = {
    "date": rule(Expiration={"Date": DAY}),
    "delete marker": rule(Expiration={"ExpiredObjectDeleteMarker": True}),
    "delete marker, off": rule(Expiration={"ExpiredObjectDeleteMarker": False}),
    "transitions": rule(
        Transitions=[
            {"Days": 0, "StorageClass": "GLACIER_IR"},
            {"Days": 30, "StorageClass": "STANDARD_IA"},
            {"Days": 90, "StorageClass": "DEEP_ARCHIVE"},
        ]
    ),
    "transition by date": rule(Expiration=None, Transitions=[{"Date": DAY, "StorageClass": "GLACIER"}]),
    "noncurrent transitions": rule(
        NoncurrentVersionTransitions=[
            {"NoncurrentDays": 3, "StorageClass": "STANDARD_IA"},
            {"NoncurrentDays": 5, "StorageClass": "GLACIER", "NewerNoncurrentVersions": 4},
        ]
    ),
    "noncurrent actions only": rule(Expiration=None, NoncurrentVersionExpiration={"NoncurrentDays": 3}),
    "abort only": rule(Expiration=None, AbortIncompleteMultipartUpload={"DaysAfterInitiation": 7}),
    "abort beside": rule(AbortIncompleteMultipartUpload={"DaysAfterInitiation": 7}),
    "disabled": rule(Status="Disabled"),
    "empty filter": rule(Filter={}),
    "empty prefix": rule(Filter={"Prefix": ""}),
    "old prefix": rule(Filter=None, Prefix="logs/"),
    "old prefix, empty": rule(Filter=None, Prefix=""),
    "tag": rule(Filter={"Tag": {"Key": "a", "Value": "1"}}),
    "tag without a value": rule(Filter={"Tag": {"Key": "a", "Value": ""}}),
    "prefix and tags": and_of(Prefix="x/", Tags=TAGS),
    "a tag alone in And": and_of(Tags=TAGS[:1]),
    "a prefix alone in And": and_of(Prefix="x/"),
}


@pytest.mark.parametrize("given", (LOST | KEPT).values(), ids=(LOST | KEPT).keys())
def test_a_rule_reads_back_as_it_was_put(mended: Any, given: dict[str, Any]) -> None:
    assert read_back(mended, given)["Rules"] == [given]


@pytest.mark.parametrize("given", LOST.values(), ids=LOST.keys())
def test_moto_itself_loses_it(unmended: Any, given: dict[str, Any]) -> None:
    assert read_back(unmended, given)["Rules"] != [given]


def paths(shape: Shape, path: str = "") -> set[str]:
    if isinstance(shape, StructureShape):
        return {one for name, member in shape.members.items() for one in paths(member, f"{path}.{name}")}
    return paths(shape.member, path) if isinstance(shape, ListShape) else {path}


def said(value: Any, path: str = "") -> set[str]:
    if isinstance(value, dict):
        return {one for name, member in value.items() for one in said(member, f"{path}.{name}")}
    return {one for member in value for one in said(member, path)} if isinstance(value, list) else {path}


def test_no_documented_member_is_left_out_of_these_tests() -> None:
    model = boto3.Session(region_name="us-east-1").client("s3").meta.service_model
    members = paths(model.shape_for("LifecycleRule"))
    assert members == {path for given in (LOST | KEPT).values() for path in said(given)} | {".Filter.Prefix"} - {
        ".Filter"
    }


def test_several_rules_keep_their_order(mended: Any) -> None:
    rules = [rule(ID=f"r{number}", Filter={"Prefix": f"{number}/"}) for number in (2, 0, 1)]
    assert read_back(mended, *rules)["Rules"] == rules


def test_a_rule_without_an_id_gets_one_of_its_own(mended: Any) -> None:
    rules = read_back(mended, rule(ID=None), rule(ID=None))["Rules"]
    assert all(len(one["ID"]) == 48 for one in rules)
    assert rules[0]["ID"] != rules[1]["ID"]


def test_moto_itself_gives_no_id(unmended: Any) -> None:
    assert "ID" not in read_back(unmended, rule(ID=None))["Rules"][0]


def test_a_date_is_the_instant_whatever_its_zone(mended: Any) -> None:
    elsewhere = DAY.astimezone(tz=None)
    assert read_back(mended, rule(Expiration={"Date": elsewhere}))["Rules"][0]["Expiration"]["Date"] == DAY


@pytest.mark.parametrize("size", ["varies_by_storage_class", "all_storage_classes_128K"])
def test_the_default_minimum_size_is_kept(mended: Any, size: str) -> None:
    answer = read_back(mended, rule(), TransitionDefaultMinimumObjectSize=size)
    assert answer["TransitionDefaultMinimumObjectSize"] == size


def test_moto_itself_loses_the_default_minimum_size(unmended: Any) -> None:
    size = "varies_by_storage_class"
    answer = read_back(unmended, rule(), TransitionDefaultMinimumObjectSize=size)
    assert answer["TransitionDefaultMinimumObjectSize"] != size


def test_the_default_minimum_size_is_answered_and_goes_back_with_the_next_put(mended: Any) -> None:
    bucket = next(BUCKETS)
    mended.create_bucket(Bucket=bucket)
    whole = {"Bucket": bucket, "LifecycleConfiguration": {"Rules": [rule()]}}
    size = "varies_by_storage_class"
    first = mended.put_bucket_lifecycle_configuration(**whole, TransitionDefaultMinimumObjectSize=size)
    assert first["TransitionDefaultMinimumObjectSize"] == size
    second = mended.put_bucket_lifecycle_configuration(**whole)
    assert second["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"
    read = mended.get_bucket_lifecycle_configuration(Bucket=bucket)
    assert read["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"


def test_the_old_call_is_the_same_configuration(mended: Any) -> None:
    bucket = next(BUCKETS)
    mended.create_bucket(Bucket=bucket)
    old = rule(Filter=None, Prefix="x/", Transition={"Days": 30, "StorageClass": "GLACIER"})
    mended.put_bucket_lifecycle(Bucket=bucket, LifecycleConfiguration={"Rules": [old]})
    assert mended.get_bucket_lifecycle(Bucket=bucket)["Rules"] == [old]
    new = mended.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"][0]
    assert new["Transitions"] == [{"Days": 30, "StorageClass": "GLACIER"}]


def test_a_deleted_configuration_is_gone(mended: Any) -> None:
    bucket = next(BUCKETS)
    mended.create_bucket(Bucket=bucket)
    mended.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule()]})
    mended.delete_bucket_lifecycle(Bucket=bucket)
    with pytest.raises(ClientError, match="NoSuchLifecycleConfiguration"):
        mended.get_bucket_lifecycle_configuration(Bucket=bucket)


@pytest.mark.parametrize(
    "wrong",
    [
        rule(Filter=None),
        rule(Filter={"Prefix": "x"}, Prefix="y"),
        rule(Expiration={"Days": 1, "ExpiredObjectDeleteMarker": True}),
        rule(NoncurrentVersionExpiration={"NewerNoncurrentVersions": 3}),
        rule(Filter={"Prefix": "x", "And": {"Prefix": "y"}}),
    ],
)
def test_what_the_schema_forbids_is_refused(mended: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match="MalformedXML"):
        read_back(mended, wrong)


@pytest.mark.parametrize(
    ("policy", "words"),
    [("{nope", "must be valid JSON"), ("{}", "required field Statement"), ('{"Statement": 1}', "not a list")],
)
def test_a_policy_that_is_none_is_refused(mended: Any, policy: str, words: str) -> None:
    bucket = next(BUCKETS)
    mended.create_bucket(Bucket=bucket)
    with pytest.raises(ClientError, match=rf"\(MalformedPolicy\).*{words}"):
        mended.put_bucket_policy(Bucket=bucket, Policy=policy)
    mended.put_object(Bucket=bucket, Key="k")


def test_moto_itself_takes_it_and_fails_at_every_call_after(unmended: Any) -> None:
    bucket = next(BUCKETS)
    unmended.create_bucket(Bucket=bucket)
    unmended.put_bucket_policy(Bucket=bucket, Policy="{nope")
    with pytest.raises(ClientError):
        unmended.put_object(Bucket=bucket, Key="k")


def first_upload(client: Any) -> datetime:
    bucket = next(BUCKETS)
    client.create_bucket(Bucket=bucket)
    for key in ("other", "big"):
        client.create_multipart_upload(Bucket=bucket, Key=key)
    (upload,) = client.list_multipart_uploads(Bucket=bucket, Prefix="big")["Uploads"]
    assert len(client.list_multipart_uploads(Bucket=bucket)["Uploads"]) == 2
    initiated: datetime = upload["Initiated"]
    return initiated


def test_an_upload_began_when_it_did(mended: Any) -> None:
    assert abs(first_upload(mended) - datetime.now(UTC)) < timedelta(minutes=1)


def test_to_moto_itself_every_upload_began_in_2010(unmended: Any) -> None:
    assert first_upload(unmended).year == 2010


@pytest.fixture
def versioned(mended: Any) -> str:
    bucket = next(BUCKETS)
    mended.create_bucket(Bucket=bucket)
    mended.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return bucket


def test_an_older_version_comes_back_by_copying_it(mended: Any, versioned: str) -> None:
    old = mended.put_object(Bucket=versioned, Key="k", Body=b"old")["VersionId"]
    mended.put_object(Bucket=versioned, Key="k", Body=b"new")
    mended.delete_object(Bucket=versioned, Key="k")
    source = {"Bucket": versioned, "Key": "k", "VersionId": old}
    copied = mended.copy_object(Bucket=versioned, Key="k", CopySource=source)
    assert copied["VersionId"] != old
    assert mended.get_object(Bucket=versioned, Key="k")["Body"].read() == b"old"


def test_an_object_comes_back_by_deleting_its_delete_marker(mended: Any, versioned: str) -> None:
    mended.put_object(Bucket=versioned, Key="k", Body=b"here")
    marker = mended.delete_object(Bucket=versioned, Key="k")["VersionId"]
    mended.delete_object(Bucket=versioned, Key="k", VersionId=marker)
    assert mended.get_object(Bucket=versioned, Key="k")["Body"].read() == b"here"
    assert "DeleteMarkers" not in mended.list_object_versions(Bucket=versioned)


@pytest.mark.parametrize("size", [1, 2, 5, 1000])
def test_versions_are_listed_page_by_page_without_loss(mended: Any, versioned: str, size: int) -> None:
    put = {(key, mended.put_object(Bucket=versioned, Key=key)["VersionId"]) for key in "abc" for _ in range(3)} | {
        ("b", mended.delete_object(Bucket=versioned, Key="b")["VersionId"])
    }
    pages = mended.get_paginator("list_object_versions").paginate(Bucket=versioned, PaginationConfig={"PageSize": size})
    listed = [
        (one["Key"], one["VersionId"])
        for page in pages
        for one in page.get("Versions", []) + page.get("DeleteMarkers", [])
    ]
    assert len(listed) == len(put) == 10
    assert set(listed) == put


ARGUMENTS: list[dict[str, Any]] = [
    *({"MaxKeys": size} for size in (1, 2, 3, 7, 1000)),
    *({"MaxKeys": size, "Prefix": "b"} for size in (1, 2, 1000)),
    {"MaxKeys": 2, "Delimiter": "/"},
    {"MaxKeys": 2, "Prefix": "b/", "Delimiter": "/"},
    {"MaxKeys": 3, "KeyMarker": "b/2"},
    {"Prefix": "nothing"},
]


def pages_of(client: Any, arguments: dict[str, Any]) -> list[Any]:
    """What each page lists, by keys alone; ids and times are every bucket's own."""
    bucket = next(BUCKETS)
    client.create_bucket(Bucket=bucket)
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for key in ("a", "b", "b", "b/1/x", "b/1/y", "b/2", "b/2", "b/2", "c"):
        client.put_object(Bucket=bucket, Key=key, Body=key.encode())
    client.delete_object(Bucket=bucket, Key="b/2")
    pages, page, where = [], {"IsTruncated": True}, dict(arguments)
    while page["IsTruncated"] and len(pages) < 30:
        page = client.list_object_versions(Bucket=bucket, **where)
        told = [
            [[(one["Key"], one["IsLatest"], one.get("Size")) for one in page.get(kind, [])], page.get("NextKeyMarker")]
            for kind in ("Versions", "DeleteMarkers")
        ]
        pages.append([told, page.get("CommonPrefixes")])
        where |= {"KeyMarker": page.get("NextKeyMarker", "")}
        where |= {"VersionIdMarker": page["NextVersionIdMarker"]} if page.get("NextVersionIdMarker") else {}
    return pages


@pytest.mark.parametrize("arguments", ARGUMENTS, ids=str)
def test_a_page_of_versions_lists_what_motos_own_does(mended: Any, unmended: Any, arguments: dict[str, Any]) -> None:
    assert pages_of(mended, arguments) == pages_of(unmended, arguments)


def seconds_of_a_page(client: Any) -> float:
    bucket = next(BUCKETS)
    client.create_bucket(Bucket=bucket)
    for number in range(4):
        client.put_object(Bucket=bucket, Key=str(number), Body=bytes(16 << 20))
    began = time.perf_counter()
    for _ in range(5):
        client.list_object_versions(Bucket=bucket, MaxKeys=1)
    return time.perf_counter() - began


def test_a_page_of_versions_costs_no_copy_of_the_bucket(mended: Any, unmended: Any) -> None:
    assert seconds_of_a_page(mended) * 3 < seconds_of_a_page(unmended)


def test_a_listed_object_can_be_read_afterwards(mended: Any, versioned: str) -> None:
    mended.put_object(Bucket=versioned, Key="k", Body=b"here")
    mended.list_object_versions(Bucket=versioned)
    assert mended.get_object(Bucket=versioned, Key="k")["Body"].read() == b"here"


@pytest.mark.parametrize("key", ["a//b", "/a", "a/../b", "a b+c%20", "ü ?#&=", "a/", "x" * 900])
def test_any_key_can_be_put_and_read(mended: Any, versioned: str, key: str) -> None:
    mended.put_object(Bucket=versioned, Key=key, Body=b"here", Metadata={"a_b": "c"})
    answer = mended.get_object(Bucket=versioned, Key=key)
    assert (answer["Body"].read(), answer["Metadata"]) == (b"here", {"a_b": "c"})


BORN_WITH = [
    [{"Key": "course", "Value": "labgrade"}],
    [{"Key": "course", "Value": "labgrade"}, {"Key": "empty", "Value": ""}],
]


def tags_of_a_new_bucket(client: Any, tags: list[dict[str, str]]) -> list[dict[str, str]]:
    bucket = next(BUCKETS)
    client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"Tags": tags})
    found: list[dict[str, str]] = client.get_bucket_tagging(Bucket=bucket)["TagSet"]
    return found


@pytest.mark.parametrize("tags", BORN_WITH)
def test_a_bucket_has_the_tags_that_it_was_created_with(mended: Any, tags: list[dict[str, str]]) -> None:
    assert tags_of_a_new_bucket(mended, tags) == tags


def test_creating_a_bucket_that_is_there_leaves_its_tags(mended: Any) -> None:
    bucket = next(BUCKETS)
    mended.create_bucket(Bucket=bucket, CreateBucketConfiguration={"Tags": BORN_WITH[1]})
    mended.create_bucket(Bucket=bucket, CreateBucketConfiguration={"Tags": BORN_WITH[0]})
    assert mended.get_bucket_tagging(Bucket=bucket)["TagSet"] == BORN_WITH[1]


def test_moto_drops_the_tags_of_a_new_bucket(unmended: Any) -> None:
    with pytest.raises(ClientError, match="NoSuchTagSet"):
        tags_of_a_new_bucket(unmended, BORN_WITH[0])
