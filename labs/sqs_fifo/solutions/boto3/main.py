"""The dead-letter queue first, then the queue that names it, then the permission by its ARN."""

import json
import os

import boto3

sqs = boto3.client("sqs")
DAY = 24 * 60 * 60

dead_letters = sqs.create_queue(
    QueueName=os.environ["LAB_DEAD_LETTER_QUEUE"],
    Attributes={
        "FifoQueue": "true",
        "MessageRetentionPeriod": str(int(os.environ["LAB_DEAD_LETTER_RETENTION_DAYS"]) * DAY),
    },
)["QueueUrl"]


def arn_of(url: str) -> str:
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


orders = sqs.create_queue(
    QueueName=os.environ["LAB_QUEUE"],
    Attributes={
        "FifoQueue": "true",
        "ContentBasedDeduplication": "true",
        "VisibilityTimeout": os.environ["LAB_VISIBILITY_TIMEOUT"],
        "ReceiveMessageWaitTimeSeconds": os.environ["LAB_RECEIVE_WAIT_SECONDS"],
        "RedrivePolicy": json.dumps(
            {
                "deadLetterTargetArn": arn_of(dead_letters),
                "maxReceiveCount": int(os.environ["LAB_MAX_RECEIVE_COUNT"]),
            }
        ),
    },
)["QueueUrl"]
sqs.set_queue_attributes(
    QueueUrl=dead_letters,
    Attributes={
        "RedriveAllowPolicy": json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [arn_of(orders)]}),
    },
)
