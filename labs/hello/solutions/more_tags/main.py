"""Other tags, versioning and a block of public access beside what was asked: none of it costs points."""

import os

import boto3

s3 = boto3.resource("s3")
bucket = s3.create_bucket(Bucket=os.environ["LAB_BUCKET"])
bucket.Versioning().enable()
bucket.meta.client.put_public_access_block(
    Bucket=bucket.name,
    PublicAccessBlockConfiguration={
        "BlockPublicAcls": True,
        "IgnorePublicAcls": True,
        "BlockPublicPolicy": True,
        "RestrictPublicBuckets": True,
    },
)
tags = {"owner": "ada", "Course": "AWS for beginners", "course": "labgrade", "cost centre": "42"}
bucket.Tagging().put(Tagging={"TagSet": [{"Key": key, "Value": value} for key, value in tags.items()]})
s3.create_bucket(Bucket=f"{bucket.name}-notes")
