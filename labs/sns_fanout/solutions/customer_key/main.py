"""Every queue is encrypted with a key whose policy lets SNS use it."""

import json
import os

import boto3

sns, sqs = boto3.client("sns"), boto3.client("sqs")
account, region = os.environ["LAB_ACCOUNT"], os.environ["LAB_REGION"]

topic = sns.create_topic(Name=os.environ["LAB_TOPIC"])["TopicArn"]

statements = [
    {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "kms:*", "Resource": "*"},
    {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": ["kms:GenerateDataKey*", "kms:Decrypt"],
        "Resource": "*",
        "Condition": {"ArnLike": {"aws:SourceArn": topic}},
    },
]
kms = boto3.client("kms")
key = kms.create_key(Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))["KeyMetadata"]["KeyId"]
kms.create_alias(AliasName="alias/orders", TargetKeyId=key)


def queue(name):
    """A queue that this topic, and no other, may send to; its ARN."""
    arn = f"arn:aws:sqs:{region}:{account}:{name}"
    statement = {
        "Sid": "orders",
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    sqs.create_queue(QueueName=name, Attributes={"Policy": json.dumps(policy), "KmsMasterKeyId": "alias/orders"})
    return arn


def subscribe(queue_arn, **attributes):
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn, Attributes=attributes)


billing = queue(os.environ["LAB_BILLING_QUEUE"])
shipping = queue(os.environ["LAB_SHIPPING_QUEUE"])
audit = queue(os.environ["LAB_AUDIT_QUEUE"])
undelivered = queue(os.environ["LAB_UNDELIVERED_QUEUE"])

subscribe(billing)
subscribe(
    shipping,
    FilterPolicy=json.dumps({"kind": [os.environ["LAB_GOODS_KIND"]]}),
    RedrivePolicy=json.dumps({"deadLetterTargetArn": undelivered}),
)
subscribe(audit, RawMessageDelivery="true")
