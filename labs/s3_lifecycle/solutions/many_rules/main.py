"""Every action is a rule of its own, in no order, some without an ID; both reports are read and written again."""

import os

import boto3

s3 = boto3.resource("s3")
bucket = s3.create_bucket(Bucket=os.environ["LAB_BUCKET"])
bucket.Versioning().enable()

rules = [
    {
        "Filter": {"Prefix": ""},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": int(os.environ["LAB_ABORT_DAYS"])},
    },
    {
        "ID": "the end of a log",
        "Filter": {"Prefix": "logs/"},
        "Expiration": {"Days": int(os.environ["LAB_EXPIRE_DAYS"])},
    },
    {"Filter": {"Prefix": ""}, "Expiration": {"ExpiredObjectDeleteMarker": True}},
    {
        "Filter": {"Prefix": "logs/"},
        "Transitions": [{"Days": int(os.environ["LAB_GLACIER_DAYS"]), "StorageClass": "GLACIER"}],
    },
    {
        "ID": "z",
        "Filter": {"Prefix": ""},
        "NoncurrentVersionExpiration": {"NoncurrentDays": int(os.environ["LAB_NONCURRENT_DAYS"])},
    },
    {
        "ID": "a",
        "Filter": {"Prefix": "logs/"},
        "Transitions": [{"Days": int(os.environ["LAB_IA_DAYS"]), "StorageClass": "STANDARD_IA"}],
    },
    {"ID": "not yet", "Filter": {"Prefix": "photos/"}, "Expiration": {"Days": 1}, "Status": "Disabled"},
]
bucket.LifecycleConfiguration().put(LifecycleConfiguration={"Rules": [{"Status": "Enabled", **rule} for rule in rules]})


def newest(key, place):
    """The version at that place among those that hold anything, the newest first; a delete marker holds nothing."""
    versions = s3.Bucket(os.environ["LAB_RECOVERY_BUCKET"]).object_versions.filter(Prefix=key)
    return [version for version in versions if version.size is not None][place]


for key, place in (("reports/q1.csv", 0), ("reports/prices.csv", 1)):
    body = newest(key, place).get()["Body"].read()
    s3.Object(os.environ["LAB_RECOVERY_BUCKET"], key).put(Body=body, ContentType="text/csv")
