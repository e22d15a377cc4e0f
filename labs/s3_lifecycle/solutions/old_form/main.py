"""The form of before 2016, throughout: Prefix beside Status. AWS still takes it."""

import os

import boto3

s3 = boto3.client("s3")
bucket, recovery = os.environ["LAB_BUCKET"], os.environ["LAB_RECOVERY_BUCKET"]

s3.create_bucket(Bucket=bucket)
s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
rules = [
    {
        "ID": "logs",
        "Prefix": "logs/",
        "Status": "Enabled",
        "Transitions": [
            {"Days": int(os.environ["LAB_IA_DAYS"]), "StorageClass": "STANDARD_IA"},
            {"Days": int(os.environ["LAB_GLACIER_DAYS"]), "StorageClass": "GLACIER"},
        ],
        "Expiration": {"Days": int(os.environ["LAB_EXPIRE_DAYS"])},
    },
    {
        "ID": "everything",
        "Prefix": "",
        "Status": "Enabled",
        "Expiration": {"ExpiredObjectDeleteMarker": True},
        "NoncurrentVersionExpiration": {"NoncurrentDays": int(os.environ["LAB_NONCURRENT_DAYS"])},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": int(os.environ["LAB_ABORT_DAYS"])},
    },
]
s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})

listed = s3.list_object_versions(Bucket=recovery)
for marker in listed["DeleteMarkers"]:
    s3.delete_object(Bucket=recovery, Key=marker["Key"], VersionId=marker["VersionId"])
prices = [version for version in listed["Versions"] if version["Key"] == "reports/prices.csv"]
good = next(version for version in prices[1:])
s3.copy_object(
    Bucket=recovery,
    Key="reports/prices.csv",
    CopySource=f"{recovery}/reports/prices.csv?versionId={good['VersionId']}",
)
