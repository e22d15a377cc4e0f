"""Looks before it acts, and so can be run again and again. It runs itself twice."""

import os

import boto3
from botocore.exceptions import ClientError

s3 = boto3.client("s3")
bucket, recovery = os.environ["LAB_BUCKET"], os.environ["LAB_RECOVERY_BUCKET"]
GOOD = {"reports/q1.csv": 0, "reports/prices.csv": 1}  # the good version's place when the accident was found


def build():
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError:
        s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    actions = {
        "logs": (
            "logs/",
            {
                "Transitions": [
                    {"Days": int(os.environ["LAB_IA_DAYS"]), "StorageClass": "STANDARD_IA"},
                    {"Days": int(os.environ["LAB_GLACIER_DAYS"]), "StorageClass": "GLACIER"},
                ],
                "Expiration": {"Days": int(os.environ["LAB_EXPIRE_DAYS"])},
            },
        ),
        "old-versions": (
            "",
            {
                "NoncurrentVersionExpiration": {"NoncurrentDays": int(os.environ["LAB_NONCURRENT_DAYS"])},
                "Expiration": {"ExpiredObjectDeleteMarker": True},
            },
        ),
        "uploads": (
            "",
            {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": int(os.environ["LAB_ABORT_DAYS"])}},
        ),
    }
    rules = [
        {"ID": name, "Status": "Enabled", "Filter": {"Prefix": prefix}, **action}
        for name, (prefix, action) in actions.items()
    ]
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})


def restore():
    for key, place in GOOD.items():
        if "restored-from" not in metadata(key):
            version = s3.list_object_versions(Bucket=recovery, Prefix=key)["Versions"][place]["VersionId"]
            source = {"Bucket": recovery, "Key": key, "VersionId": version}
            mark = {"restored-from": version}
            s3.copy_object(Bucket=recovery, Key=key, CopySource=source, MetadataDirective="REPLACE", Metadata=mark)


def metadata(key):
    try:
        return s3.head_object(Bucket=recovery, Key=key)["Metadata"]
    except ClientError:
        return {}


for _ in range(2):
    build()
    restore()
