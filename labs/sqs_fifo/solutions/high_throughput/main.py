"""High-throughput mode: duplicates go by group, and so does the quota."""

import json
import os

import boto3

sqs = boto3.client("sqs")
of = f"arn:aws:sqs:{os.environ['LAB_REGION']}:{os.environ['LAB_ACCOUNT']}"
fast = {
    "FifoQueue": "true",
    "ContentBasedDeduplication": "true",
    "DeduplicationScope": "messageGroup",
    "FifoThroughputLimit": "perMessageGroupId",
}

sqs.create_queue(
    QueueName=os.environ["LAB_DEAD_LETTER_QUEUE"],
    Attributes={
        **fast,
        "MessageRetentionPeriod": "1209600",
        "VisibilityTimeout": "600",
        "RedriveAllowPolicy": json.dumps(
            {"redrivePermission": "byQueue", "sourceQueueArns": [f"{of}:{os.environ['LAB_QUEUE']}"]}
        ),
    },
)
sqs.create_queue(
    QueueName=os.environ["LAB_QUEUE"],
    Attributes={
        **fast,
        "VisibilityTimeout": os.environ["LAB_VISIBILITY_TIMEOUT"],
        "ReceiveMessageWaitTimeSeconds": os.environ["LAB_RECEIVE_WAIT_SECONDS"],
        "RedrivePolicy": json.dumps(
            {
                "deadLetterTargetArn": f"{of}:{os.environ['LAB_DEAD_LETTER_QUEUE']}",
                "maxReceiveCount": int(os.environ["LAB_MAX_RECEIVE_COUNT"]),
            }
        ),
    },
)
