import os

import boto3

s3, bucket = boto3.client("s3"), os.environ["LAB_RECOVERY_BUCKET"]
s3.create_bucket(Bucket=bucket)
s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
s3.put_object(Bucket=bucket, Key="reports/q1.csv", Body=b"good")
s3.delete_object(Bucket=bucket, Key="reports/q1.csv")
for body in (b"old", b"good", b"rubbish"):
    s3.put_object(Bucket=bucket, Key="reports/prices.csv", Body=body)
