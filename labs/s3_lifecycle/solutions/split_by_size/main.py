"""Small logs have rules of their own, which move them too; large and small together are all logs."""

import os

import boto3

s3 = boto3.client("s3")
bucket, recovery = os.environ["LAB_BUCKET"], os.environ["LAB_RECOVERY_BUCKET"]
ia, glacier, expire, noncurrent, abort = (
    int(os.environ[f"LAB_{name}_DAYS"]) for name in ("IA", "GLACIER", "EXPIRE", "NONCURRENT", "ABORT")
)
EDGE = 128 * 1024

s3.create_bucket(Bucket=bucket)
s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
s3.put_bucket_lifecycle_configuration(
    Bucket=bucket,
    TransitionDefaultMinimumObjectSize="varies_by_storage_class",
    LifecycleConfiguration={
        "Rules": [
            {
                "ID": "small",
                "Status": "Enabled",
                "Filter": {"And": {"Prefix": "logs/", "ObjectSizeLessThan": EDGE}},
                "Transitions": [{"Days": ia, "StorageClass": "DEEP_ARCHIVE"}],
                "Expiration": {"Days": expire},
                "NoncurrentVersionExpiration": {"NoncurrentDays": noncurrent},
            },
            {
                "ID": "large",
                "Status": "Enabled",
                "Filter": {"And": {"Prefix": "logs/", "ObjectSizeGreaterThan": EDGE - 1}},
                "Transitions": [
                    {"Days": ia, "StorageClass": "STANDARD_IA"},
                    {"Days": glacier, "StorageClass": "GLACIER"},
                ],
                "Expiration": {"Days": expire},
                "NoncurrentVersionExpiration": {"NoncurrentDays": noncurrent},
            },
            {
                "ID": "all",
                "Status": "Enabled",
                "Filter": {},
                "Expiration": {"ExpiredObjectDeleteMarker": True},
                "NoncurrentVersionExpiration": {"NoncurrentDays": noncurrent},
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": abort},
            },
        ]
    },
)

for key, place in (("reports/q1.csv", 0), ("reports/prices.csv", 1)):
    version = s3.list_object_versions(Bucket=recovery, Prefix=key)["Versions"][place]["VersionId"]
    s3.copy_object(Bucket=recovery, Key=key, CopySource={"Bucket": recovery, "Key": key, "VersionId": version})
