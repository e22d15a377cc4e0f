"""S3: lifecycle configurations and a new bucket's tags read back as they were put, and bad policies are refused."""

from __future__ import annotations

import json
import re
import string
from typing import Any

import xmltodict
from botocore.model import ListShape, Shape, StructureShape
from moto.core.responses import ActionResult
from moto.core.utils import get_service_model, utcnow
from moto.moto_api._internal import mock_random
from moto.s3.exceptions import MalformedXML, NoSuchLifecycleConfiguration, S3ClientError
from moto.s3.models import FakeBucket, FakeMultipart, S3Backend
from moto.s3.responses import S3Response

# https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html (2026-11)
MINIMUM_SIZE_HEADER = "x-amz-transition-default-minimum-object-size"
DEFAULT_MINIMUM_SIZE = "all_storage_classes_128K"
ID_LENGTH = 48
INITIATED = re.compile("(?<=<Initiated>)[^<]*(?=</Initiated>)")  # moto says 2010-11-10 of every upload

_set_lifecycle = FakeBucket.set_lifecycle
_bucket_response_put = S3Response._bucket_response_put
_put_bucket_policy = S3Backend.put_bucket_policy
_begin_upload = FakeMultipart.__init__
_list_uploads = S3Response.list_multipart_uploads


def apply() -> None:
    """moto 5.2.5 loses size filters, `NewerNoncurrentVersions`, and transitions' default minimum size.

    It takes any text for a policy, and fails at every call after; every upload began in 2010; and the tags that a
    bucket is created with are dropped.
    """
    FakeBucket.set_lifecycle = set_lifecycle  # type: ignore[method-assign]
    S3Response.get_bucket_lifecycle = get_bucket_lifecycle  # type: ignore[method-assign]
    S3Response._bucket_response_put = bucket_response_put  # type: ignore[method-assign]
    S3Backend.put_bucket_policy = put_bucket_policy  # type: ignore[method-assign]
    FakeMultipart.__init__ = begin_upload  # type: ignore[method-assign]
    S3Response.list_multipart_uploads = list_uploads  # type: ignore[method-assign]


def set_lifecycle(self: Any, rules: list[dict[str, Any]]) -> None:
    """`rules` is the body's XML as dictionaries. moto judges it; every member of the API is kept."""
    if any("Status" not in rule for rule in rules):
        raise MalformedXML
    shape = get_service_model("s3").shape_for("LifecycleRule")
    kept = [{"ID": _new_id(), **_typed(shape, rule)} for rule in rules]
    _set_lifecycle(self, rules)
    self.lifecycle_as_put = kept
    self.lifecycle_minimum_size = DEFAULT_MINIMUM_SIZE


def get_bucket_lifecycle(self: Any) -> Any:
    """In place of moto's, which builds the answer from the members that it knows."""
    self.data["Action"] = "GetBucketLifecycleConfiguration"
    bucket = self.backend.get_bucket(self.bucket_name)
    if not bucket.rules:
        raise NoSuchLifecycleConfiguration(bucket_name=self.bucket_name)
    return self.serialized(
        ActionResult(
            {
                "Rules": bucket.lifecycle_as_put,
                "TransitionDefaultMinimumObjectSize": bucket.lifecycle_minimum_size,
            }
        )
    )


def bucket_response_put(self: Any, request: Any, bucket_name: str, querystring: dict[str, Any]) -> Any:
    """The minimum size travels as a header, both ways; a bucket may be born with tags."""
    is_new = not querystring and bucket_name not in self.backend.buckets
    answer = _bucket_response_put(self, request, bucket_name, querystring)
    if is_new and self.body:
        _tag_as_created(self, bucket_name)
    if "lifecycle" not in querystring or answer != "":
        return answer
    bucket = self.backend.get_bucket(bucket_name)
    bucket.lifecycle_minimum_size = request.headers.get(MINIMUM_SIZE_HEADER, DEFAULT_MINIMUM_SIZE)
    return 200, {MINIMUM_SIZE_HEADER: bucket.lifecycle_minimum_size}, ""


def _tag_as_created(self: Any, bucket_name: str) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucketConfiguration.html (2026-11): Tags."""
    body: dict[str, Any] = xmltodict.parse(self.body, force_list=("Tag",))  # type: ignore[no-untyped-call]
    wanted = body.get("CreateBucketConfiguration") or {}
    if tags := (wanted.get("Tags") or {}).get("Tag"):
        self.backend.put_bucket_tagging(bucket_name, {tag["Key"]: tag.get("Value") or "" for tag in tags})


def put_bucket_policy(self: S3Backend, bucket_name: str, policy: bytes) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (2026-11): MalformedPolicy."""
    try:
        statements = json.loads(policy)["Statement"]
    except ValueError:
        words = "Policies must be valid JSON and the first byte must be '{'"
        raise S3ClientError("MalformedPolicy", words) from None
    except (KeyError, TypeError):
        raise S3ClientError("MalformedPolicy", "Missing required field Statement") from None
    if not isinstance(statements, list | dict):
        raise S3ClientError("MalformedPolicy", "Statement is not a list of statements")
    _put_bucket_policy(self, bucket_name, policy)


def begin_upload(self: Any, *args: Any, **kwargs: Any) -> None:
    """Remembers when."""
    _begin_upload(self, *args, **kwargs)
    self.initiated = utcnow().strftime("%Y-%m-%dT%H:%M:%S.000Z")


def list_uploads(self: Any) -> Any:
    """moto's answer with the uploads' own times, which are in its order."""
    status, headers, body = _list_uploads(self)
    prefix = self.querystring.get("prefix", [""])[0]
    uploads = self.backend.list_multipart_uploads(self.bucket_name).values()
    times = iter([one.initiated for one in uploads if one.key_name.startswith(prefix)])
    text = body.decode() if isinstance(body, bytes) else body
    return status, headers, INITIATED.sub(lambda _: next(times), text)


def _new_id() -> str:
    """ "Unique identifier for the rule": S3 makes one up where the request has none."""
    letters = string.ascii_letters + string.digits
    return "".join(mock_random.choice(letters) for _ in range(ID_LENGTH))


def _typed(shape: Shape, value: Any) -> Any:
    """The XML's dictionary in the API's own names and types, by botocore's model of the operation."""
    if isinstance(shape, StructureShape):
        given = value or {}
        names = {member: shape.members[member].serialization.get("name", member) for member in shape.members}
        return {
            member: _typed(shape.members[member], given[name])
            for member, name in names.items()
            if name in given and not (member == "ID" and not given[name])
        }
    if isinstance(shape, ListShape):
        return [_typed(shape.member, one) for one in (value if isinstance(value, list) else [value])]
    return _scalar(shape, value)


def _scalar(shape: Shape, value: Any) -> Any:
    try:
        if shape.type_name in ("integer", "long"):
            return int(value)
    except (TypeError, ValueError):
        raise MalformedXML from None
    if shape.type_name == "boolean":
        return str(value).lower() == "true"
    return "" if value is None else value
