"""Grading leaves no trace: everything that can be read is the same before and after, times and ids and all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from history.works import opened

from grader.answers import answers
from grader.emulators.moto import journal
from grader.grading import grade
from grader.lab import find


def complete(s3: Any) -> str:
    """Every question that S3 answers about every bucket and every version of every object."""
    return json.dumps(dict(_everything(s3)), default=_readable, indent=1, sort_keys=True)


def _everything(s3: Any) -> Iterator[tuple[str, Any]]:
    buckets = s3.list_buckets()["Buckets"]
    yield "buckets", buckets
    for bucket in (one["Name"] for one in buckets):
        for operation in _about("Bucket", s3):
            yield f"{bucket} {operation}", _asked(s3, operation, Bucket=bucket)
        listed = s3.list_object_versions(Bucket=bucket)
        yield f"{bucket} markers", listed.get("DeleteMarkers")
        yield f"{bucket} uploads", s3.list_multipart_uploads(Bucket=bucket).get("Uploads")
        for version in listed.get("Versions", []):
            named = {"Bucket": bucket, "Key": version["Key"], "VersionId": version["VersionId"]}
            yield f"{named}", [version, *(_asked(s3, operation, **named) for operation in _about("Object", s3))]


def _about(what: str, s3: Any) -> list[str]:
    """Those that need no more than to know which one."""
    known = {"Bucket", "Key"}
    model = s3.meta.service_model
    names = [name for name in model.operation_names if name.startswith(("Get", "List", "Head")) and what in name]
    return [name for name in names if set(model.operation_model(name).input_shape.required_members) <= known]


def _asked(s3: Any, operation: str, **which: str) -> Any:
    from botocore import xform_name

    members = s3.meta.service_model.operation_model(operation).input_shape.members
    with suppress(s3.exceptions.ClientError):
        reply = getattr(s3, xform_name(operation))(**{key: value for key, value in which.items() if key in members})
        reply.pop("ResponseMetadata")
        return reply
    return "refused"


def _readable(value: Any) -> str:
    return value.read().hex() if hasattr(value, "read") else str(value)


@pytest.mark.parametrize(
    ("name", "solution"),
    [pytest.param("hello", "more_tags", marks=pytest.mark.slow), ("s3-lifecycle", "run_twice")],
)
def test_everything_is_as_it_was(name: str, solution: str, tmp_path: Path) -> None:
    lab = find(name)
    answer = next(one for one in answers(lab, "solutions") if one.name == solution)
    with opened(lab, tmp_path / "journal") as work:
        s3 = work.running.access.client("s3")
        work.do(answer)
        before = complete(s3)
        done = [line["n"] for line in journal.read(tmp_path / "journal")]
        assert set(work.outcomes().values()) == {"passed"}  # by the grader's key, with no copy in between
        assert grade(lab, endpoint_url=work.running.access.endpoint).score > 0  # by the caller's, as of any emulator
        assert complete(s3) == before
        assert [line["n"] for line in journal.read(tmp_path / "journal")] == done
        bucket = s3.list_buckets()["Buckets"][0]["Name"]
        s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "a", "Value": "trace"}]})
        assert complete(s3) != before  # it would have been seen
