"""The subscriptions come first, and every setting by a call of its own."""

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
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"MessageRetentionPeriod": "1209600"})
    return arn


def subscribe(queue_arn, **attributes):
    arn = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn, ReturnSubscriptionArn=True)
    for name, value in attributes.items():
        sns.set_subscription_attributes(
            SubscriptionArn=arn["SubscriptionArn"], AttributeName=name, AttributeValue=value
        )


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
