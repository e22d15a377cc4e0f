"""The two queues, as they are read; each read once."""

from __future__ import annotations

import difflib
from contextlib import suppress

from botocore.exceptions import ClientError

from grader.checks import Aws, Failure, Text, say
from grader.effects.keys import Key
from grader.effects.queues import Queue

NEAR = 4  # queues of similar names that a report shows
OTHER_REGIONS = ("us-east-1", "us-east-2", "us-west-2", "eu-central-1", "eu-west-1", "ap-northeast-2")
CREATING = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html"


def find(aws: Aws, name: str) -> Queue | None:
    """The queue of this name, None where there is none."""
    found = aws.find("sqs", "get_queue_url", QueueName=name)
    read = found and aws.find("sqs", "get_queue_attributes", QueueUrl=found["QueueUrl"], AttributeNames=["All"])
    return Queue.read(read["Attributes"]) if read else None


AWS_MANAGED = "alias/aws/sqs"  # which AWS makes where it is first named


def encrypted_by(queue: Queue) -> str:
    """The name of the key of KMS that the queue is encrypted with; empty where it has none, or AWS's own for SQS."""
    name = str(queue.attributes.get("KmsMasterKeyId") or "")
    return "" if name.endswith(AWS_MANAGED) else name


def key_of(aws: Aws, queue: Queue) -> Key | None:
    """The key of that name with its policy, None where there is none."""
    found = (aws.find("kms", "describe_key", KeyId=encrypted_by(queue)) or {}).get("KeyMetadata")
    if not found:
        return None
    name = str(found.get("Arn") or encrypted_by(queue))
    reply = aws.find("kms", "get_key_policy", KeyId=name, PolicyName="default") or {}
    return Key.read(found, reply.get("Policy"))


def fifo(aws: Aws, name: str) -> Queue:
    """The FIFO queue of this name. Raises Failure where there is none, or another type of queue has the name."""
    queue = find(aws, name)
    if queue is None:
        raise Failure(_missing(aws, name))
    if not queue.fifo:
        raise Failure(
            say("the queue {name} is a standard queue: FifoQueue was never set.", name=name),
            why=say(
                "The ending .fifo alone makes no FIFO queue. AWS refuses to create a standard queue of such a name; "
                "here the emulator did it, and this queue promises neither order nor one delivery."
            ),
            fix=say("A queue's type is chosen when it is created, by an attribute, and cannot be changed later."),
            doc=CREATING,
        )
    return queue


def _missing(aws: Aws, name: str) -> Text:
    for region in OTHER_REGIONS:
        if region != aws.region and _is_in(aws, region, name):
            return say(
                "there is no queue {name} in {here}: it is in {there}.", name=name, here=aws.region, there=region
            )
    names = sorted(str(url).rpartition("/")[2] for url in aws.pages("sqs", "list_queues", "QueueUrls"))
    if not names:
        return say("there is no queue {name}. The account has no queue at all.", name=name)
    near = difflib.get_close_matches(name, names, NEAR, cutoff=0.5)
    if near:
        return say("there is no queue {name}. The nearest names are {names}.", name=name, names=near)
    return say("there is no queue {name} among the {count} that the account has.", name=name, count=len(names))


def _is_in(aws: Aws, region: str, name: str) -> bool:
    """An emulator that does not know the region has no queue there."""
    with suppress(ClientError):
        return aws.find("sqs", "get_queue_url", region=region, QueueName=name) is not None
    return False
