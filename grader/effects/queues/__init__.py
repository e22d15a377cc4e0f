"""What a queue of SQS does with messages: order, groups, duplicates, visibility, and where the bad ones go.

    queue = Queue.read(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"])
    consumer = Simulated([queue, dead_letter_queue])
    consumer.send(queue.arn, "an order", group="g")  # Answer.SENT
    consumer.take(queue.arn)  # "an order", or None
    refusals(queue)  # what AWS would not take of its attributes

Pure functions over what boto3 returned, for use beside what an emulator showed. Never an exception for a policy or a
number, whatever its text. Time does not pass: a message that is out stays out until it is deleted or given back.
"""

from grader.effects.queues.policies import AllowPolicy, RedrivePolicy
from grader.effects.queues.queue import Queue
from grader.effects.queues.refusals import Refusal, refusals
from grader.effects.queues.simulated import Answer, Consumer, Simulated

__all__ = [
    "AllowPolicy",
    "Answer",
    "Consumer",
    "Queue",
    "RedrivePolicy",
    "Refusal",
    "Simulated",
    "refusals",
]
