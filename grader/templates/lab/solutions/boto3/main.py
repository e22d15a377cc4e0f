"""A queue that keeps its messages for the days that are asked for."""

import os

import boto3

days = int(os.environ["LAB_DAYS"])

boto3.client("sqs").create_queue(
    QueueName=os.environ["LAB_QUEUE"],
    Attributes={"MessageRetentionPeriod": str(days * 24 * 60 * 60)},
)
