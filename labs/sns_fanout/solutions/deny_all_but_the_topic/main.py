"""Everybody is let in, and everybody but the topic is kept out again."""

import json
import os

import boto3

sns, sqs = boto3.client("sns"), boto3.client("sqs")
account, region = os.environ["LAB_ACCOUNT"], os.environ["LAB_REGION"]

topic = sns.create_topic(Name=os.environ["LAB_TOPIC"])["TopicArn"]


def queue(name):
    """A queue that this topic, and no other, may send to; its ARN."""
    arn = f"arn:aws:sqs:{region}:{account}:{name}"
    statement = {
        "Sid": "orders",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    others = {**statement, "Sid": "others", "Effect": "Deny", "Condition": {"ArnNotEquals": {"aws:SourceArn": topic}}}
    policy = {"Version": "2012-10-17", "Statement": [statement, others]}
    sqs.create_queue(QueueName=name, Attributes={"Policy": json.dumps(policy)})
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
