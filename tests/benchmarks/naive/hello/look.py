import os

import boto3

tags = boto3.client("s3").get_bucket_tagging(Bucket=os.environ["LAB_BUCKET"])["TagSet"]
assert {"Key": "course", "Value": "labgrade"} in tags
