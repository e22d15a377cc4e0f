"""Can be run again and again: what is there stays, and the tag joins the tags that the bucket has."""

import os

import boto3
from botocore.exceptions import ClientError

s3 = boto3.client("s3")
bucket = os.environ["LAB_BUCKET"]


def tags():
    try:
        return {tag["Key"]: tag["Value"] for tag in s3.get_bucket_tagging(Bucket=bucket)["TagSet"]}
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchTagSet":
            raise
        return {}


for wanted in ({"owner": "ada"}, {"course": "labgrade"}) * 2:
    s3.create_bucket(Bucket=bucket)
    tag_set = [{"Key": key, "Value": value} for key, value in (tags() | wanted).items()]
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tag_set})
