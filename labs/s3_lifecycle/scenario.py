"""The starting state: a versioned bucket in which two reports had an accident."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from grader.access import Access
from grader.checks import Given

DELETED = "reports/q1.csv"
OVERWRITTEN = "reports/prices.csv"

Q1 = "month,orders,revenue\nJanuary,1204,48160.50\nFebruary,1187,47204.10\nMarch,1342,53911.75\n"
PRICES_OF_LAST_YEAR = "sku,price\nA-100,12.50\nB-200,7.90\nC-300,21.00\n"
PRICES = "sku,price\nA-100,12.90\nB-200,8.20\nC-300,21.00\nD-400,4.75\n"
RUBBISH = "sku,price\n#REF!,#REF!\n#REF!,#REF!\n"


def prepare(access: Access, given: Given) -> dict[str, Any]:
    """Build `recovery_bucket` as the accident left it. Returns every version in it, with its body and its role."""
    s3 = access.client("s3")
    bucket = given.recovery_bucket
    _create(s3, bucket, access.region)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})

    def write(key: str, role: str, body: str) -> dict[str, str]:
        version = s3.put_object(Bucket=bucket, Key=key, Body=body.encode(), ContentType="text/csv")["VersionId"]
        return {"key": key, "role": role, "id": version, "body": body}

    versions = [write(DELETED, "good", Q1)]
    s3.delete_object(Bucket=bucket, Key=DELETED)
    for role, body in (("older", PRICES_OF_LAST_YEAR), ("good", PRICES), ("rubbish", RUBBISH)):
        versions.append(write(OVERWRITTEN, role, body))
    return {"versions": versions}


def _create(s3: Any, bucket: str, region: str) -> None:
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    # Prepared before, in an emulator that was already running: a second accident on top of the first.
    with suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=bucket, **where)
