"""A bucket that is tagged in the call that makes it: bucket and tag, or neither."""

import os

import boto3

boto3.client("s3").create_bucket(
    Bucket=os.environ["LAB_BUCKET"],
    CreateBucketConfiguration={"Tags": [{"Key": "course", "Value": "labgrade"}]},
)
