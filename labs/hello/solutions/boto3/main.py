"""A bucket, and its tag."""

import os

import boto3

s3 = boto3.client("s3")
bucket = os.environ["LAB_BUCKET"]

s3.create_bucket(Bucket=bucket)
s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "course", "Value": "labgrade"}]})
