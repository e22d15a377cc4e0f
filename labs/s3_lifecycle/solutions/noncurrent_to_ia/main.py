"""Old versions spend their last weeks in cheaper classes; encryption, a policy and tags come besides."""

import json
import os

import boto3

s3 = boto3.client("s3")
bucket, recovery = os.environ["LAB_BUCKET"], os.environ["LAB_RECOVERY_BUCKET"]
ia, glacier, expire, noncurrent, abort = (
    int(os.environ[f"LAB_{name}_DAYS"]) for name in ("IA", "GLACIER", "EXPIRE", "NONCURRENT", "ABORT")
)

s3.create_bucket(Bucket=bucket)
s3.put_bucket_lifecycle_configuration(
    Bucket=bucket,
    LifecycleConfiguration={
        "Rules": [
            {
                "ID": "logs",
                "Status": "Enabled",
                "Filter": {"Prefix": "logs/"},
                "Transitions": [
                    {"Days": ia, "StorageClass": "STANDARD_IA"},
                    {"Days": glacier, "StorageClass": "GLACIER"},
                ],
                "Expiration": {"Days": expire},
            },
            {
                "ID": "rest",
                "Status": "Enabled",
                "Filter": {},
                "Expiration": {"ExpiredObjectDeleteMarker": True},
                "NoncurrentVersionTransitions": [
                    {"NoncurrentDays": 1, "StorageClass": "INTELLIGENT_TIERING"},
                    {"NoncurrentDays": ia, "NewerNoncurrentVersions": 2, "StorageClass": "GLACIER_IR"},
                ],
                "NoncurrentVersionExpiration": {"NoncurrentDays": noncurrent},
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": abort},
            },
        ]
    },
)
s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
s3.put_bucket_encryption(
    Bucket=bucket,
    ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]},
)
s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "team", "Value": "photos"}]})
only_https = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ],
}
s3.put_object(Bucket=bucket, Key="photos/cat.jpg", Body=b"a cat")
s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(only_https))

for marker in s3.list_object_versions(Bucket=recovery, Prefix="reports/q1.csv")["DeleteMarkers"]:
    s3.delete_object(Bucket=recovery, Key=marker["Key"], VersionId=marker["VersionId"])
version = s3.list_object_versions(Bucket=recovery, Prefix="reports/prices.csv")["Versions"][1]["VersionId"]
source = {"Bucket": recovery, "Key": "reports/prices.csv", "VersionId": version}
s3.copy(source, recovery, "reports/prices.csv")
