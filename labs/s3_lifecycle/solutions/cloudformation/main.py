"""What a template cannot do: bring the two reports back."""

import os

import boto3

s3 = boto3.client("s3")
recovery = os.environ["LAB_RECOVERY_BUCKET"]

for marker in s3.list_object_versions(Bucket=recovery, Prefix="reports/q1.csv")["DeleteMarkers"]:
    s3.delete_object(Bucket=recovery, Key=marker["Key"], VersionId=marker["VersionId"])
good = s3.list_object_versions(Bucket=recovery, Prefix="reports/prices.csv")["Versions"][1]
body = s3.get_object(Bucket=recovery, Key=good["Key"], VersionId=good["VersionId"])["Body"].read()
s3.put_object(Bucket=recovery, Key=good["Key"], Body=body)
