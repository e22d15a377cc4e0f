"""The queue first, as it was born; then everything else, an attribute at a time, by boto3's resources."""

import json
import os

import boto3

sqs = boto3.resource("sqs")

orders = sqs.create_queue(QueueName=os.environ["LAB_QUEUE"], Attributes={"FifoQueue": "true"})
for name, value in {
    "ContentBasedDeduplication": "true",
    "VisibilityTimeout": os.environ["LAB_VISIBILITY_TIMEOUT"],
    "ReceiveMessageWaitTimeSeconds": os.environ["LAB_RECEIVE_WAIT_SECONDS"],
}.items():
    orders.set_attributes(Attributes={name: value})

allowed = {"sourceQueueArns": [orders.attributes["QueueArn"]], "redrivePermission": "byQueue"}
dead_letters = sqs.create_queue(
    QueueName=os.environ["LAB_DEAD_LETTER_QUEUE"],
    Attributes={"FifoQueue": "true", "RedriveAllowPolicy": json.dumps(allowed)},
)
dead_letters.set_attributes(Attributes={"MessageRetentionPeriod": "1209600"})

redrive = {
    "maxReceiveCount": os.environ["LAB_MAX_RECEIVE_COUNT"],
    "deadLetterTargetArn": dead_letters.attributes["QueueArn"],
}
orders.set_attributes(Attributes={"RedrivePolicy": json.dumps(redrive)})
