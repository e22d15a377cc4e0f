"""As boto3, but the filter has a wildcard, beside the kind itself."""

import json
import os

import boto3

sns, sqs = boto3.client("sns"), boto3.client("sqs")
goods = os.environ["LAB_GOODS_KIND"]
account, region = os.environ["LAB_ACCOUNT"], os.environ["LAB_REGION"]

topic = sns.create_topic(Name=os.environ["LAB_TOPIC"])["TopicArn"]


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
    FilterPolicy=json.dumps({"kind": [{"wildcard": f"{goods[0]}*{goods[-1]}"}, goods]}),
    RedrivePolicy=json.dumps({"deadLetterTargetArn": undelivered}),
)
subscribe(audit, RawMessageDelivery="true")
