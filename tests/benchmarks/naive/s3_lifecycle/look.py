import os

import boto3

s3, bucket = boto3.client("s3"), os.environ["LAB_BUCKET"]
assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
