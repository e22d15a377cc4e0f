"""Policies of queues: AWS::SQS::QueuePolicy and AWS::SQS::QueueInlinePolicy, which moto 5.2.5 does not know, and those
that it cannot read back."""
# ruff: noqa: ARG003 -- the signatures are CloudFormationModel's

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from moto.core.common_models import CloudFormationModel
from moto.sqs.exceptions import InvalidAttributeValue, QueueDoesNotExist
from moto.sqs.models import Queue, SQSBackend, sqs_backends

Json = dict[str, Any]

_set_attributes = Queue._set_attributes


def apply() -> None:
    """The last; the classes below are all that the others take."""
    Queue._set_attributes = set_attributes  # type: ignore[method-assign]


def set_attributes(self: Queue, attributes: Json, now: float | None = None) -> None:
    """A policy that is no JSON object is refused; moto's keeps it, and fails whenever the queue is read."""
    if attributes.get("Policy") and not isinstance(json.loads(attributes["Policy"]), dict):
        raise InvalidAttributeValue("Policy")
    _set_attributes(self, attributes, now)


class QueuePolicy(CloudFormationModel):
    """One policy of one queue or several, by their URLs."""

    def __init__(self, urls: list[str]) -> None:
        self.physical_resource_id = " ".join(urls)

    @staticmethod
    def cloudformation_name_type() -> str:
        """It has no name of its own."""
        return ""

    @staticmethod
    def cloudformation_type() -> str:
        """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queuepolicy.html"""
        return "AWS::SQS::QueuePolicy"

    @classmethod
    def urls(cls, cloudformation_json: Json) -> list[str]:
        """Of the queues that it is for."""
        named: list[str] = cloudformation_json["Properties"]["Queues"]
        return named

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """None."""
        return False

    def is_created(self) -> bool:
        """At once."""
        return True

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Json, account_id: str, region_name: str, **kwargs: Any
    ) -> QueuePolicy:
        """Puts it on each."""
        urls, policy = cls.urls(cloudformation_json), json.dumps(cloudformation_json["Properties"]["PolicyDocument"])
        for url in urls:
            _backend(account_id, region_name).set_queue_attributes(_name(url), {"Policy": policy})
        return cls(urls)

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: Json,
        account_id: str,
        region_name: str,
    ) -> QueuePolicy:
        """Takes it from those that it no longer names."""
        kept = cls.urls(cloudformation_json)
        gone = [url for url in original_resource.physical_resource_id.split() if url not in kept]
        cls.delete_from_cloudformation_json(" ".join(gone), {}, account_id, region_name)
        return cls.create_from_cloudformation_json(new_resource_name, cloudformation_json, account_id, region_name)

    @classmethod
    def delete_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Json, account_id: str, region_name: str
    ) -> None:
        """Takes it away; the queues may have gone before it."""
        for url in resource_name.split():
            with suppress(QueueDoesNotExist):
                _backend(account_id, region_name).set_queue_attributes(_name(url), {"Policy": ""})


class QueueInlinePolicy(QueuePolicy, CloudFormationModel):  # moto finds no subclass of a subclass
    """The policy of one queue."""

    @staticmethod
    def cloudformation_type() -> str:
        """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queueinlinepolicy.html"""
        return "AWS::SQS::QueueInlinePolicy"

    @classmethod
    def urls(cls, cloudformation_json: Json) -> list[str]:
        """Of that queue."""
        return [cloudformation_json["Properties"]["Queue"]]


def _backend(account_id: str, region_name: str) -> SQSBackend:
    backend: SQSBackend = sqs_backends[account_id][region_name]
    return backend


def _name(url: str) -> str:
    """A template may name a queue by its URL alone."""
    return url.rpartition("/")[2]
