"""Transitions in a rule whose And bars nothing that the task speaks of; the expiry has no size at all."""

import os

import boto3

s3 = boto3.client("s3")
bucket, recovery = os.environ["LAB_BUCKET"], os.environ["LAB_RECOVERY_BUCKET"]


def days(name):
    return int(os.environ[f"LAB_{name}_DAYS"])


s3.create_bucket(Bucket=bucket)
s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
s3.put_bucket_lifecycle_configuration(
    Bucket=bucket,
    LifecycleConfiguration={
        "Rules": [
            {
                "ID": "large-logs",
                "Status": "Enabled",
                "Filter": {"And": {"Prefix": "logs/", "ObjectSizeGreaterThan": 128 * 1024 - 1}},
                "Transitions": [
                    {"Days": days("GLACIER"), "StorageClass": "GLACIER"},
                    {"Days": days("IA"), "StorageClass": "STANDARD_IA"},
                ],
            },
            {
                "ID": "all-logs",
                "Status": "Enabled",
                "Filter": {"Prefix": "logs/"},
                "Expiration": {"Days": days("EXPIRE")},
            },
            {
                "ID": "old-versions",
                "Status": "Enabled",
                "Filter": {},
                "NoncurrentVersionExpiration": {"NoncurrentDays": days("NONCURRENT")},
            },
            {
                "ID": "remains",
                "Status": "Enabled",
                "Filter": {"Prefix": ""},
                "Expiration": {"ExpiredObjectDeleteMarker": True},
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": days("ABORT")},
            },
        ]
    },
)

# Both reports come back as copies, so that even the delete marker stays where it is.
for key, place in (("reports/q1.csv", 0), ("reports/prices.csv", 1)):
    version = s3.list_object_versions(Bucket=recovery, Prefix=key)["Versions"][place]["VersionId"]
    source = {"Bucket": recovery, "Key": key, "VersionId": version}
    metadata = {"restored-from": version}
    s3.copy_object(Bucket=recovery, Key=key, CopySource=source, MetadataDirective="REPLACE", Metadata=metadata)
