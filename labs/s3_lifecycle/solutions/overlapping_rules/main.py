"""Rules that overlap and agree: for all logs, once more for some of them, and one that comes too late to matter."""

import os

import boto3

s3 = boto3.client("s3")
bucket, recovery = os.environ["LAB_BUCKET"], os.environ["LAB_RECOVERY_BUCKET"]
ia, glacier, expire, noncurrent, abort = (
    int(os.environ[f"LAB_{name}_DAYS"]) for name in ("IA", "GLACIER", "EXPIRE", "NONCURRENT", "ABORT")
)


def rule(name, prefix, **actions):
    return {"ID": name, "Status": "Enabled", "Filter": {"Prefix": prefix}, **actions}


def aging(expiry):
    return {
        "Transitions": [
            {"Days": ia, "StorageClass": "STANDARD_IA"},
            {"Days": glacier, "StorageClass": "GLACIER"},
        ],
        "Expiration": {"Days": expiry},
    }


s3.create_bucket(Bucket=bucket)
s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
s3.put_bucket_lifecycle_configuration(
    Bucket=bucket,
    LifecycleConfiguration={
        "Rules": [
            rule("web", "logs/web/", **aging(expire + 1)),
            rule("logs", "logs/", **aging(expire)),
            rule("db", "logs/db/", NoncurrentVersionExpiration={"NoncurrentDays": noncurrent}),
            rule("late", "", NoncurrentVersionExpiration={"NoncurrentDays": noncurrent + 300}),
            rule("few", "", NoncurrentVersionExpiration={"NoncurrentDays": noncurrent, "NewerNoncurrentVersions": 5}),
            rule("all", "", NoncurrentVersionExpiration={"NoncurrentDays": noncurrent}),
            rule("uploads", "", AbortIncompleteMultipartUpload={"DaysAfterInitiation": abort}),
            rule("uploads-of-photos", "photos/", AbortIncompleteMultipartUpload={"DaysAfterInitiation": abort}),
            rule("markers", "", Expiration={"ExpiredObjectDeleteMarker": True}),
        ]
    },
)

versions = s3.list_object_versions(Bucket=recovery, Prefix="reports/")
marker = versions["DeleteMarkers"][0]
s3.delete_objects(
    Bucket=recovery,
    Delete={"Objects": [{"Key": marker["Key"], "VersionId": marker["VersionId"]}], "Quiet": True},
)
good = [version for version in versions["Versions"] if version["Key"] == "reports/prices.csv"][1]
body = s3.get_object(Bucket=recovery, Key=good["Key"], VersionId=good["VersionId"])["Body"]
s3.upload_fileobj(body, recovery, good["Key"])
