"""A rule for the logs and a rule for everything; the reports come back by one deleted marker and one upload."""

import os

import boto3

s3 = boto3.client("s3")
bucket, recovery = os.environ["LAB_BUCKET"], os.environ["LAB_RECOVERY_BUCKET"]
days = {name: int(os.environ[f"LAB_{name}_DAYS"]) for name in ("IA", "GLACIER", "EXPIRE", "NONCURRENT", "ABORT")}

s3.create_bucket(Bucket=bucket)
s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
s3.put_bucket_lifecycle_configuration(
    Bucket=bucket,
    LifecycleConfiguration={
        "Rules": [
            {
                "ID": "age-logs",
                "Status": "Enabled",
                "Filter": {"Prefix": "logs/"},
                "Transitions": [
                    {"Days": days["IA"], "StorageClass": "STANDARD_IA"},
                    {"Days": days["GLACIER"], "StorageClass": "GLACIER"},
                ],
                "Expiration": {"Days": days["EXPIRE"]},
            },
            {
                "ID": "clean-up",
                "Status": "Enabled",
                "Filter": {},
                "NoncurrentVersionExpiration": {"NoncurrentDays": days["NONCURRENT"]},
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": days["ABORT"]},
                "Expiration": {"ExpiredObjectDeleteMarker": True},
            },
        ]
    },
)

# q1.csv was deleted: without its delete marker, the version below is the latest again.
for marker in s3.list_object_versions(Bucket=recovery, Prefix="reports/q1.csv")["DeleteMarkers"]:
    s3.delete_object(Bucket=recovery, Key=marker["Key"], VersionId=marker["VersionId"])

# prices.csv was overwritten: the version before the latest is read, and written again on top.
rubbish, good, older = s3.list_object_versions(Bucket=recovery, Prefix="reports/prices.csv")["Versions"]
body = s3.get_object(Bucket=recovery, Key=good["Key"], VersionId=good["VersionId"])["Body"].read()
s3.put_object(Bucket=recovery, Key=good["Key"], Body=body)
