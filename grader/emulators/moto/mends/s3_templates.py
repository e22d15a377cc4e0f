"""AWS::S3::Bucket in templates: the properties that moto leaves out, through the calls of the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.s3.models import FakeBucket, s3_backends
from moto.utilities.utils import get_partition

Json = dict[str, Any]

_create = FakeBucket.create_from_cloudformation_json.__func__  # type: ignore[attr-defined]
_update = FakeBucket.update_from_cloudformation_json.__func__  # type: ignore[attr-defined]

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-s3-bucket-rule.html (2026-11)
ACTIONS = (
    ("ExpirationInDays", "Expiration", "Days"),
    ("ExpirationDate", "Expiration", "Date"),
    ("ExpiredObjectDeleteMarker", "Expiration", "ExpiredObjectDeleteMarker"),
    ("NoncurrentVersionExpirationInDays", "NoncurrentVersionExpiration", "NoncurrentDays"),
)
FILTERS = ("Prefix", "ObjectSizeGreaterThan", "ObjectSizeLessThan")


def apply() -> None:
    """moto 5.2.5 reads Tags and BucketEncryption only."""
    FakeBucket.create_from_cloudformation_json = classmethod(create)  # type: ignore[assignment,arg-type]
    FakeBucket.update_from_cloudformation_json = classmethod(update)  # type: ignore[assignment]


def create(
    cls: Any, resource_name: str, cloudformation_json: Json, account_id: str, region_name: str, **kwargs: Any
) -> FakeBucket:
    """moto's, and then the rest of the properties."""
    bare = _without_tags(cloudformation_json)
    bucket: FakeBucket = _create(cls, resource_name, bare, account_id, region_name, **kwargs)
    properties = cloudformation_json["Properties"]
    try:
        for name in SETTERS.keys() & properties.keys():
            SETTERS[name](bucket, properties[name])
    except Exception:
        _backend(bucket).delete_bucket(bucket.name)  # a resource that failed is not there
        raise
    return bucket


def update(
    cls: Any,
    original_resource: FakeBucket,
    new_resource_name: str,
    cloudformation_json: Json,
    account_id: str,
    region_name: str,
) -> FakeBucket:
    """What a template no longer says is taken back. Under another name it is another bucket."""
    properties = cloudformation_json["Properties"]
    if properties.get("BucketName", original_resource.name) != original_resource.name:
        bucket = create(cls, properties["BucketName"], cloudformation_json, account_id, region_name)
        _backend(bucket).delete_bucket(original_resource.name)
        return bucket
    bare = _without_tags(cloudformation_json)
    _update(cls, original_resource, new_resource_name, bare, account_id, region_name)
    for name, setter in SETTERS.items():
        setter(original_resource, properties.get(name))
    return original_resource


def _without_tags(cloudformation_json: Json) -> Json:
    """moto's own stumbles over a tag left out by AWS::NoValue, and updates those of named buckets only."""
    properties = cloudformation_json["Properties"]
    return {**cloudformation_json, "Properties": {k: v for k, v in properties.items() if k != "Tags"}}


def ignored(properties: Json) -> list[str]:
    """What a template says of a bucket and this emulator does nothing about."""
    return sorted(set(properties) - set(SETTERS) - {"BucketName", "BucketEncryption"})


def _set_versioning(bucket: FakeBucket, value: Json | None) -> None:
    if value:
        bucket.versioning_status = value["Status"]
    elif bucket.versioning_status:
        bucket.versioning_status = "Suspended"  # once on, it can no longer be off


def _set_lifecycle(bucket: FakeBucket, value: Json | None) -> None:
    if not value:
        bucket.delete_lifecycle()
        return
    bucket.set_lifecycle([rule_as_xml(rule) for rule in _listed(value.get("Rules"))])
    if minimum := value.get("TransitionDefaultMinimumObjectSize"):
        bucket.lifecycle_minimum_size = minimum  # type: ignore[attr-defined]


def _set_tags(bucket: FakeBucket, value: list[Json] | None) -> None:
    _backend(bucket).put_bucket_tagging(bucket.name, {tag["Key"]: tag["Value"] for tag in _listed(value)})


def _set_public_access_block(bucket: FakeBucket, value: Json | None) -> None:
    if value:
        _backend(bucket).put_public_access_block(bucket.name, {key: _text(one) for key, one in value.items()})
    else:
        bucket.public_access_block = None


def _set_ownership(bucket: FakeBucket, value: Json | None) -> None:
    rules = _listed((value or {}).get("Rules"))
    bucket.ownership_rule = rules[0]["ObjectOwnership"] if rules else None


def _backend(bucket: FakeBucket) -> Any:
    return s3_backends[bucket.account_id][get_partition(bucket.region_name)]


SETTERS: dict[str, Callable[[FakeBucket, Any], None]] = {
    "VersioningConfiguration": _set_versioning,
    "LifecycleConfiguration": _set_lifecycle,
    "Tags": _set_tags,
    "PublicAccessBlockConfiguration": _set_public_access_block,
    "OwnershipControls": _set_ownership,
}


def rule_as_xml(rule: Json) -> Json:
    """A template's rule as the body of PutBucketLifecycleConfiguration would have it."""
    xml: Json = {"Status": rule["Status"], "Filter": _filter(rule)}
    if "Id" in rule:
        xml["ID"] = rule["Id"]
    for name, element, member in ACTIONS:
        if name in rule:
            xml.setdefault(element, {})[member] = _text(rule[name])
    for name in ("NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"):
        if name in rule:
            xml[name] = {member: _text(value) for member, value in rule[name].items()}
    for element in ("Transition", "NoncurrentVersionTransition"):
        listed = [*_listed(rule.get(element + "s")), *_listed(rule.get(element))]
        if listed:
            xml[element] = [_transition(one, element) for one in listed]
    return xml


def _filter(rule: Json) -> Json:
    """One predicate stands alone, several stand in And, none is the empty prefix."""
    predicates = {name: _text(rule[name]) for name in FILTERS if name in rule}
    tags = [{"Key": tag["Key"], "Value": _text(tag["Value"])} for tag in _listed(rule.get("TagFilters"))]
    if len(predicates) + len(tags) > 1:
        return {"And": predicates | ({"Tag": tags} if tags else {})}
    return {"Tag": tags[0]} if tags else predicates or {"Prefix": ""}


def _transition(given: Json, element: str) -> Json:
    days = "Days" if element == "Transition" else "NoncurrentDays"
    names = {"TransitionInDays": days, "TransitionDate": "Date"}
    xml = {names.get(name, name): _text(value) for name, value in given.items()}
    if "StorageClass" in xml:
        xml["StorageClass"] = xml["StorageClass"].upper()  # a template may say `Glacier`
    return xml


def _listed(value: Any) -> list[Any]:
    """As a list, without what a Ref to AWS::NoValue left."""
    values = value if isinstance(value, list) else [value]
    return [one for one in values if one is not None]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
