"""SQS: who may use a dead-letter queue is read back, a policy outlives other settings, and groups stay groups."""

from __future__ import annotations

import json
from typing import Any

from moto.sqs.exceptions import SQSException
from moto.sqs.models import DEDUPLICATION_TIME_IN_SECONDS, Message, Queue, SQSBackend, sqs_backends

from grader.effects.written import parsed, whole

Json = dict[str, Any]

# What a stack's update cannot change in place, or moto keeps elsewhere.
NO_ATTRIBUTES = ("QueueName", "FifoQueue", "Tags")

_set_attributes = Queue._set_attributes
_setup_dlq = Queue._setup_dlq
_add_message = Queue.add_message
_receive_message = SQSBackend.receive_message


def apply() -> None:
    """moto 5.2.5 never reads `RedriveAllowPolicy` back, and forgets the policy when anything else is set.

    It rounds the count of a redrive policy off, drops equal messages of two groups where duplicates go by group, lets
    the last message of a group overtake those that were received with it, and of a stack's update takes two attributes.
    """
    Queue.redrive_allow_policy = None  # type: ignore[attr-defined]
    Queue.BASE_ATTRIBUTES = [*Queue.BASE_ATTRIBUTES, "RedriveAllowPolicy"]
    Queue._set_attributes = set_attributes  # type: ignore[method-assign]
    Queue._setup_dlq = setup_dead_letter_queue  # type: ignore[method-assign]
    Queue.add_message = add_message  # type: ignore[method-assign]
    Queue.update_from_cloudformation_json = update_from_template  # type: ignore[method-assign]
    SQSBackend.receive_message = receive_message  # type: ignore[method-assign]


def set_attributes(self: Queue, attributes: Json, now: float | None = None) -> None:
    """A template's policies are objects; an empty text takes one away."""
    told = dict(attributes)
    if "RedriveAllowPolicy" in told:
        policy = told["RedriveAllowPolicy"]
        told["RedriveAllowPolicy"] = json.dumps(policy) if isinstance(policy, dict) else policy or None
    if hasattr(self, "_policy_json"):
        told.setdefault("Policy", self.policy)
    _set_attributes(self, told, now)


def setup_dead_letter_queue(self: Queue, policy: Any) -> None:
    """A maxReceiveCount that is no whole number is refused; moto rounds it off, or fails.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html (2026-11-26)
    """
    said = parsed(policy)
    count = said.get("maxReceiveCount", 0) if isinstance(said, dict) else 0
    if whole(count) is None:
        why = f"Invalid value for maxReceiveCount: {count}, valid values are from 1 to 1000 both inclusive."
        raise SQSException("InvalidParameterValue", f"Value for parameter RedrivePolicy is invalid. Reason: {why}")
    _setup_dlq(self, policy)


def add_message(self: Queue, message: Message) -> None:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html (2026-11-25)"""
    equal = [one for one in self._messages if _equal(one, message)]
    by_group = getattr(self, "deduplication_scope", "queue") == "messageGroup"
    if by_group and equal and all(one.group_id != message.group_id for one in equal):
        with self._messages_lock:
            self._messages.append(message)
            self._messages_lock.notify_all()
        return
    _add_message(self, message)


def receive_message(self: SQSBackend, queue_name: str, *args: Any, **kwargs: Any) -> list[Message]:
    """All that time has brought back is back at once: a group waits for none of its own that is visible again.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
    (2026-11-25)
    """
    queue = self.get_queue(queue_name)
    queue._pending_messages -= {message for message in queue._pending_messages if message.visible}
    return _receive_message(self, queue_name, *args, **kwargs)


def update_from_template(
    original_resource: Any, new_resource_name: str, cloudformation_json: Any, account_id: str, region_name: str
) -> Queue:
    """Every attribute that the new template has."""
    del new_resource_name
    queue: Queue = sqs_backends[account_id][region_name].get_queue(original_resource.name)
    properties = cloudformation_json["Properties"]
    queue._set_attributes({name: value for name, value in properties.items() if name not in NO_ATTRIBUTES})
    return queue


def _equal(one: Message, other: Message) -> bool:
    """Would moto take one for the other's duplicate?"""
    apart = (other.sent_timestamp - one.sent_timestamp) / 1000  # type: ignore[operator]
    return one.deduplication_id == other.deduplication_id and apart < DEDUPLICATION_TIME_IN_SECONDS
