"""Looks before it acts, and does everything twice: the second time changes nothing."""

import json
import os

import boto3

sqs = boto3.client("sqs")
account, region = os.environ["LAB_ACCOUNT"], os.environ["LAB_REGION"]
orders, dead_letters = os.environ["LAB_QUEUE"], os.environ["LAB_DEAD_LETTER_QUEUE"]


def arn(name: str) -> str:
    return f"arn:aws:sqs:{region}:{account}:{name}"


def ensure(name: str, attributes: dict[str, str]) -> None:
    try:
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    except sqs.exceptions.QueueDoesNotExist:
        url = sqs.create_queue(QueueName=name, Attributes={"FifoQueue": "true"})["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)


for _ in range(2):
    days = int(os.environ["LAB_DEAD_LETTER_RETENTION_DAYS"])
    allow = {"redrivePermission": "byQueue", "sourceQueueArns": [arn(orders)]}
    ensure(
        dead_letters,
        {"MessageRetentionPeriod": str(days * 86400), "RedriveAllowPolicy": json.dumps(allow, indent=2)},
    )
    redrive = {"deadLetterTargetArn": arn(dead_letters), "maxReceiveCount": int(os.environ["LAB_MAX_RECEIVE_COUNT"])}
    ensure(
        orders,
        {
            "ContentBasedDeduplication": "true",
            "VisibilityTimeout": os.environ["LAB_VISIBILITY_TIMEOUT"],
            "ReceiveMessageWaitTimeSeconds": os.environ["LAB_RECEIVE_WAIT_SECONDS"],
            "RedrivePolicy": json.dumps(redrive),
        },
    )
