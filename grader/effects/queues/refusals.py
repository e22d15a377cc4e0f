"""What AWS would not take of a queue's attributes, which emulators often do.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html (2026-11-25)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from grader.effects.policy import problems
from grader.effects.queues.policies import MOST_RECEIVES, MOST_SOURCES
from grader.effects.queues.queue import Queue
from grader.effects.written import parsed, whole
from grader.texts import Text, say

ATTRIBUTES: Final = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html"
RANGES: Final = {
    "DelaySeconds": (0, 900),
    "KmsDataKeyReusePeriodSeconds": (60, 86400),
    "MaximumMessageSize": (1024, 1048576),
    "MessageRetentionPeriod": (60, 1209600),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
    "VisibilityTimeout": (0, 43200),
}
CHOICES: Final = {
    "DeduplicationScope": ("messageGroup", "queue"),
    "FifoThroughputLimit": ("perQueue", "perMessageGroupId"),
}
ALLOWING: Final = {
    "no_json": say("it is no JSON object"),
    "unknown": say("it has something beside redrivePermission and sourceQueueArns"),
    "permission": say("redrivePermission is none of allowAll, denyAll and byQueue"),
    "sources_without_by_queue": say("sourceQueueArns stands beside a redrivePermission that is not byQueue"),
    "no_sources": say("byQueue wants a list of queues in sourceQueueArns"),
    "too_many_sources": say("sourceQueueArns names more than {most} queues", most=MOST_SOURCES),
}


@dataclass(frozen=True)
class Refusal:
    """One reason for which AWS refuses the queue as it stands; `attribute` is the one at fault, and `more` a sentence
    of where it is at fault."""

    attribute: str
    text: Text
    doc: str = ATTRIBUTES
    more: Text | None = None


def refusals(queue: Queue) -> tuple[Refusal, ...]:
    """Every reason, by attribute. Whether a redrive policy's target is there is not among them."""
    return (*_ranges(queue), *_throughput(queue), *_policies(queue))


def _ranges(queue: Queue) -> Iterator[Refusal]:
    for name, (least, most) in RANGES.items():
        if (value := queue.attributes.get(name)) is None:
            continue
        number = whole(value)
        if number is None or not least <= number <= most:
            told = say("{name} goes from {least} to {most}", name=name, least=f"{least:,}", most=f"{most:,}")
            yield Refusal(name, told)


def _throughput(queue: Queue) -> Iterator[Refusal]:
    """ "The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup." """
    for name, choices in CHOICES.items():
        value = queue.attributes.get(name)
        if value is not None and value not in choices:
            yield Refusal(name, say("{name} may be {choices}", name=name, choices=list(choices)))
    if queue.attributes.get("FifoThroughputLimit") == "perMessageGroupId" and not queue.dedupes_by_group:
        told = say("FifoThroughputLimit may be perMessageGroupId only where DeduplicationScope is messageGroup")
        yield Refusal("FifoThroughputLimit", told)


def _policies(queue: Queue) -> Iterator[Refusal]:
    policy = queue.attributes.get("Policy")
    if policy not in (None, "") and not isinstance(parsed(policy), Mapping):
        yield Refusal("Policy", say("the access policy is no JSON object"))
    elif policy and (wrong := problems(policy, "sqs")):
        yield Refusal("Policy", say("the access policy has a form that AWS does not take"), wrong[0].doc, wrong[0].text)
    redrive = queue.redrive
    if redrive and redrive.target is None:
        yield Refusal("RedrivePolicy", say("the redrive policy names no deadLetterTargetArn"))
    elif redrive and redrive.unknown:
        told = say(
            "a redrive policy has deadLetterTargetArn and maxReceiveCount, and not {names}", names=[*redrive.unknown]
        )
        yield Refusal("RedrivePolicy", told)
    elif redrive and not redrive.in_order:
        told = say("maxReceiveCount of the redrive policy goes from 1 to {most}", most=MOST_RECEIVES)
        yield Refusal("RedrivePolicy", told)
    if fault := queue.allows.fault:
        yield Refusal("RedriveAllowPolicy", ALLOWING[fault])
