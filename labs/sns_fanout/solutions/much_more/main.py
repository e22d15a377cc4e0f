"""With a few things more that nobody asked for."""

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

sqs.create_queue(QueueName="archive", Attributes={"SqsManagedSseEnabled": "true"})
subscribe(f"arn:aws:sqs:{region}:{account}:archive", FilterPolicy=json.dumps({"kind": [os.environ["LAB_FILE_KIND"]]}))
sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="owner@example.org")
sns.tag_resource(ResourceArn=topic, Tags=[{"Key": "course", "Value": "labgrade"}])
publish = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sns:Publish", "Resource": topic}
policy = {"Version": "2012-10-17", "Statement": [publish]}
sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(policy))
url = sqs.get_queue_url(QueueName=os.environ["LAB_SHIPPING_QUEUE"])["QueueUrl"]
sqs.send_message(QueueUrl=url, MessageBody="a try")
sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "60"})
