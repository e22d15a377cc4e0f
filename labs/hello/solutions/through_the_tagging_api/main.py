"""The tag comes through the API that tags things of any service."""

import os

import boto3

bucket = os.environ["LAB_BUCKET"]
boto3.client("s3").create_bucket(Bucket=bucket)
boto3.client("resourcegroupstaggingapi").tag_resources(
    ResourceARNList=[f"arn:aws:s3:::{bucket}"], Tags={"course": "labgrade"}
)
