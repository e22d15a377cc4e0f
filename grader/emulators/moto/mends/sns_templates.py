"""AWS::SNS::Subscription and AWS::SNS::TopicPolicy in templates, types that moto 5.2.5 does not know."""
# ruff: noqa: ARG003 -- the signatures are CloudFormationModel's

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from moto.core.common_models import CloudFormationModel
from moto.sns.exceptions import TopicNotFound
from moto.sns.models import SNSBackend, Topic, sns_backends

Json = dict[str, Any]

# The scope before the policy, which is read by it.
ATTRIBUTES = ("RawMessageDelivery", "FilterPolicyScope", "FilterPolicy", "RedrivePolicy", "DeliveryPolicy")
_get_attribute = Topic.get_cfn_attribute


def apply() -> None:
    """CloudFormationModel's subclasses are the types that moto knows. Its topic has no TopicArn to get."""
    Topic.has_cfn_attr = classmethod(lambda _cls, attr: attr in ("TopicName", "TopicArn"))  # type: ignore[assignment,method-assign]
    Topic.get_cfn_attribute = get_attribute  # type: ignore[method-assign]


def get_attribute(self: Topic, attribute_name: str) -> str:
    """What Fn::GetAtt gives."""
    return self.arn if attribute_name == "TopicArn" else _get_attribute(self, attribute_name)


class TemplateSubscription(CloudFormationModel):
    """One, by its ARN."""

    def __init__(self, physical_resource_id: str) -> None:
        self.physical_resource_id = physical_resource_id

    @staticmethod
    def cloudformation_name_type() -> str:
        """It has no name of its own."""
        return ""

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """None."""
        return False

    def is_created(self) -> bool:
        """At once."""
        return True

    @staticmethod
    def cloudformation_type() -> str:
        """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-subscription.html"""
        return "AWS::SNS::Subscription"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Json, account_id: str, region_name: str, **kwargs: Any
    ) -> TemplateSubscription:
        """Subscribes, and sets what the template says."""
        properties = cloudformation_json["Properties"]
        backend = sns_backends[account_id][region_name]
        made = backend.subscribe(properties["TopicArn"], properties["Endpoint"], properties["Protocol"])
        try:
            _set(backend, made.arn, properties)
        except Exception:
            backend.unsubscribe(made.arn)  # a resource that failed is not there
            raise
        return cls(made.arn)

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: Json,
        account_id: str,
        region_name: str,
    ) -> TemplateSubscription:
        """Another topic or endpoint is another subscription; else what is no longer said is taken back."""
        properties = cloudformation_json["Properties"]
        backend = sns_backends[account_id][region_name]
        before = backend.subscriptions.get(original_resource.physical_resource_id)
        names = (properties["TopicArn"], properties["Endpoint"], properties["Protocol"])
        if before is None or (before.topic.arn, before.endpoint, before.protocol) != names:
            backend.unsubscribe(original_resource.physical_resource_id)
            return cls.create_from_cloudformation_json(new_resource_name, cloudformation_json, account_id, region_name)
        if "FilterPolicy" not in properties:
            backend.set_subscription_attributes(before.arn, "FilterPolicy", "")
        for name in set(ATTRIBUTES) - properties.keys():
            before.attributes.pop(name, None)
        _set(backend, before.arn, properties)
        return cls(before.arn)

    @classmethod
    def delete_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Json, account_id: str, region_name: str
    ) -> None:
        """Ends it; it may have gone with its topic."""
        sns_backends[account_id][region_name].unsubscribe(resource_name)


def _set(backend: SNSBackend, arn: str, properties: Json) -> None:
    for name in ATTRIBUTES:
        if (value := properties.get(name)) is not None:
            said = value if isinstance(value, str) else json.dumps(value)
            raw = name == "RawMessageDelivery"
            backend.set_subscription_attributes(arn, name, said.lower() == "true" if raw else said)


class TopicPolicy(CloudFormationModel):
    """One policy of one topic or several, by their ARNs."""

    def __init__(self, physical_resource_id: str) -> None:
        self.physical_resource_id = physical_resource_id

    @staticmethod
    def cloudformation_name_type() -> str:
        """It has no name of its own."""
        return ""

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """None."""
        return False

    def is_created(self) -> bool:
        """At once."""
        return True

    @staticmethod
    def cloudformation_type() -> str:
        """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topicpolicy.html"""
        return "AWS::SNS::TopicPolicy"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Json, account_id: str, region_name: str, **kwargs: Any
    ) -> TopicPolicy:
        """Puts it on each."""
        properties = cloudformation_json["Properties"]
        backend = sns_backends[account_id][region_name]
        for arn in properties["Topics"]:
            backend.get_topic(arn).policy = json.dumps(properties["PolicyDocument"])
        return cls(" ".join(properties["Topics"]))

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: Json,
        account_id: str,
        region_name: str,
    ) -> TopicPolicy:
        """Takes it from those that it no longer names."""
        kept = cloudformation_json["Properties"]["Topics"]
        gone = [arn for arn in original_resource.physical_resource_id.split() if arn not in kept]
        cls.delete_from_cloudformation_json(" ".join(gone), {}, account_id, region_name)
        return cls.create_from_cloudformation_json(new_resource_name, cloudformation_json, account_id, region_name)

    @classmethod
    def delete_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Json, account_id: str, region_name: str
    ) -> None:
        """Back to the policy that a topic begins with."""
        backend = sns_backends[account_id][region_name]
        for arn in resource_name.split():
            with suppress(TopicNotFound):
                topic = backend.get_topic(arn)
                topic._policy_json = topic._create_default_topic_policy(region_name, account_id, topic.name)
