"""What arrives where: a topic, its subscriptions and the queues in, each queue's share of a message out.

    topic = Topic.read(sns.get_topic_attributes(TopicArn=arn)["Attributes"])
    queues = [Queue.read(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"], key_policy)]
    found = deliveries(topic, subscriptions, queues, Message.of(body, {"kind": "physical"}))
    found[queue_arn]  # Delivered(copy, times) | Filtered(…) | Refused(…) | NotSubscribed()

Pure functions over what boto3 returned, used beside what the emulator showed, which delivers much that AWS does not.
Whether the queue's policy and its key let SNS in is `grader.effects.policy`'s answer. Never an exception for a
filter, a policy or a message, whatever their text.
"""

from grader.effects.delivery.copy import Copy, copy_of
from grader.effects.delivery.deliveries import deliveries, obstacles_to
from grader.effects.delivery.filters import Filter
from grader.effects.delivery.message import Attribute, Message, Topic
from grader.effects.delivery.outcome import Delivered, Filtered, NotSubscribed, Obstacle, Outcome, Refused
from grader.effects.delivery.queue import Queue
from grader.effects.delivery.refusal import Refusal
from grader.effects.delivery.refused_filters import MOST_COMBINATIONS, combinations, of_filter
from grader.effects.delivery.subscription import Subscription, conflicts, distinct

__all__ = [
    "MOST_COMBINATIONS",
    "Attribute",
    "Copy",
    "Delivered",
    "Filter",
    "Filtered",
    "Message",
    "NotSubscribed",
    "Obstacle",
    "Outcome",
    "Queue",
    "Refusal",
    "Refused",
    "Subscription",
    "Topic",
    "combinations",
    "conflicts",
    "copy_of",
    "deliveries",
    "distinct",
    "obstacles_to",
    "of_filter",
]
