import os

import boto3

sqs = boto3.client("sqs")
url = sqs.get_queue_url(QueueName=os.environ["LAB_QUEUE"])["QueueUrl"]
attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
assert attributes["FifoQueue"] == "true"
assert attributes["RedrivePolicy"]
