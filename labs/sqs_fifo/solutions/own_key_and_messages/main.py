"""A key of our own, a policy, tags and a delay besides; then it is tried, and what was sent is left there."""

import json
import os

import boto3

sqs, kms = boto3.client("sqs"), boto3.client("kms")
key = kms.create_key(Description="orders")["KeyMetadata"]["KeyId"]

dead_letters = sqs.create_queue(
    QueueName=os.environ["LAB_DEAD_LETTER_QUEUE"],
    Attributes={"FifoQueue": "true", "MessageRetentionPeriod": "1209600", "KmsMasterKeyId": key},
    tags={"team": "orders"},
)["QueueUrl"]
orders = sqs.create_queue(
    QueueName=os.environ["LAB_QUEUE"],
    Attributes={
        "FifoQueue": "true",
        "ContentBasedDeduplication": "true",
        "DelaySeconds": "1",
        "KmsMasterKeyId": key,
        "KmsDataKeyReusePeriodSeconds": "600",
        "MaximumMessageSize": "4096",
        "MessageRetentionPeriod": "86400",
        "VisibilityTimeout": os.environ["LAB_VISIBILITY_TIMEOUT"],
        "ReceiveMessageWaitTimeSeconds": os.environ["LAB_RECEIVE_WAIT_SECONDS"],
    },
)["QueueUrl"]

orders_arn, dead_arn = (
    sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    for url in (orders, dead_letters)
)
policy = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": orders_arn,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    },
}
redrive = {"deadLetterTargetArn": dead_arn, "maxReceiveCount": int(os.environ["LAB_MAX_RECEIVE_COUNT"])}
sqs.set_queue_attributes(
    QueueUrl=orders, Attributes={"Policy": json.dumps(policy), "RedrivePolicy": json.dumps(redrive)}
)
allow = {"redrivePermission": "byQueue", "sourceQueueArns": [orders_arn]}
sqs.set_queue_attributes(QueueUrl=dead_letters, Attributes={"RedriveAllowPolicy": json.dumps(allow)})

for group in ("a", "b"):
    for body in ("first", "second", "bad"):
        sqs.send_message(QueueUrl=orders, MessageBody=f"{group} {body}", MessageGroupId=group)
sqs.send_message(QueueUrl=dead_letters, MessageBody="lost", MessageGroupId="a", MessageDeduplicationId="1")
sqs.receive_message(QueueUrl=dead_letters, WaitTimeSeconds=1)
