"""The tag lands on an object in the bucket."""

import os

import boto3

s3 = boto3.client("s3")
bucket = os.environ["LAB_BUCKET"]

s3.create_bucket(Bucket=bucket)
s3.put_object(Bucket=bucket, Key="hello.txt", Body=b"hello", Tagging="course=labgrade")
