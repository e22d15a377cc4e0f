"""What emulators drop of templates, or get wrong of filters, so that no right answer pays for it."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from contextlib import suppress
from secrets import token_hex
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from grader.access import Access
from grader.checks import Aws, Capability, Failure, Given, Inconclusive, capability

_TEMPLATES = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
FILTERS = "https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html"
SUBSCRIPTION, POLICY, KEY = "AWS::SNS::Subscription", "AWS::SQS::QueuePolicy", "AWS::KMS::Key"
MOST_STACKS = 10
MOST_ASKED = 4  # times that a queue is asked for what should be there
PATIENCE = {"Delay": 0.2, "MaxAttempts": 40}  # for a stack: seconds, times

Check = Callable[[Aws, Given], None]


def unless_dropped(*kinds: str) -> Callable[[Check], Check]:
    """A check whose verdict against what a template should have made is none where this emulator drops that.

    `kinds` are the types of resources that it hangs on.
    """

    def decorate(judge: Check) -> Check:
        @functools.wraps(judge)
        def judged(aws: Aws, given: Given) -> None:
            try:
                judge(aws, given)
            except Failure:
                for kind in kinds:
                    # What an emulator can do is remembered: most are never asked for their stacks.
                    if not aws.can(DEPLOYS[kind]) and kind in _in_templates(aws):
                        raise Inconclusive(DEPLOYS[kind]) from None
                raise

        return judged

    return decorate


def _in_templates(aws: Aws) -> str:
    """The templates of the account's stacks, one after another; an emulator without CloudFormation has none."""
    with suppress(ClientError):
        stacks = [one["StackName"] for one in aws.pages("cloudformation", "list_stacks", "StackSummaries")]
        found = (aws.find("cloudformation", "get_template", StackName=name) or {} for name in stacks[:MOST_STACKS])
        return "".join(str(template.get("TemplateBody")) for template in found)
    return ""


@capability(
    "deploy a template's AWS::SNS::Subscription with its filter, its scope, raw delivery and redrive policy",
    evidence=f"{_TEMPLATES}aws-resource-sns-subscription.html",
)
def deploys_subscriptions(access: Access) -> bool:
    name = f"labgrade-probe-{token_hex(6)}"
    redrive = {"deadLetterTargetArn": {"Fn::GetAtt": ["Queue", "Arn"]}}
    properties = {**_subscription(), "FilterPolicyScope": "MessageBody", "FilterPolicy": {"kind": ["a"]}}
    properties |= {"RawMessageDelivery": True, "RedrivePolicy": redrive}
    resources = {**_topic_and_queue(name), "Probe": {"Type": SUBSCRIPTION, "Properties": properties}}

    def made() -> bool:
        sns = access.client("sns")
        topic = f"arn:aws:sns:{access.region}:{access.account}:{name}"
        listed = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        read = [sns.get_subscription_attributes(SubscriptionArn=one["SubscriptionArn"])["Attributes"] for one in listed]
        return [_told(one) for one in read] == [("true", "MessageBody", {"kind": ["a"]}, True)]

    return _deployed(access, name, resources, made)


def _told(attributes: dict[str, Any]) -> tuple[object, ...]:
    raw, scope = str(attributes.get("RawMessageDelivery")).lower(), attributes.get("FilterPolicyScope")
    return raw, scope, json.loads(attributes.get("FilterPolicy") or "{}"), "RedrivePolicy" in attributes


@capability("deploy a template's AWS::SQS::QueuePolicy", evidence=f"{_TEMPLATES}aws-resource-sqs-queuepolicy.html")
def deploys_queue_policies(access: Access) -> bool:
    name = f"labgrade-probe-{token_hex(6)}"
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
    policy = {"Queues": [{"Ref": "Queue"}], "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    resources = {**_topic_and_queue(name), "Probe": {"Type": POLICY, "Properties": policy}}

    def made() -> bool:
        sqs = access.client("sqs")
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        read = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return "sqs:SendMessage" in read.get("Policy", "")

    return _deployed(access, name, resources, made)


@capability("deploy a template's AWS::KMS::Key with its policy", evidence=f"{_TEMPLATES}aws-resource-kms-key.html")
def deploys_keys(access: Access) -> bool:
    name = f"labgrade-probe-{token_hex(6)}"
    statement = {"Sid": name, "Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
    key = {"KeyPolicy": {"Version": "2012-10-17", "Statement": [statement]}}
    queue = {"QueueName": name, "KmsMasterKeyId": {"Ref": "Probe"}}
    resources = {
        "Probe": {"Type": KEY, "Properties": key},
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": queue},
    }

    def made() -> bool:
        sqs, kms = access.client("sqs"), access.client("kms")
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        used = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]["KmsMasterKeyId"]
        return name in str(kms.get_key_policy(KeyId=used, PolicyName="default")["Policy"])

    return _deployed(access, name, resources, made)


DEPLOYS: dict[str, Capability] = {
    SUBSCRIPTION: deploys_subscriptions,
    POLICY: deploys_queue_policies,
    KEY: deploys_keys,
}


def _topic_and_queue(name: str) -> dict[str, Any]:
    return {
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name}},
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}},
    }


def _subscription() -> dict[str, Any]:
    return {"TopicArn": {"Ref": "Topic"}, "Protocol": "sqs", "Endpoint": {"Fn::GetAtt": ["Queue", "Arn"]}}


def _deployed(access: Access, name: str, resources: dict[str, Any], made: Callable[[], bool]) -> bool:
    """Whether a stack of these resources came to be whole; nothing is left of it."""
    cloudformation = access.client("cloudformation")
    try:
        cloudformation.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": resources}))
        cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig=PATIENCE)
        return made()
    except (BotoCoreError, ClientError, WaiterError, KeyError):
        return False
    finally:
        with suppress(BotoCoreError, ClientError):
            cloudformation.delete_stack(StackName=name)


ORDERS = {"physical": 20, "digital": 5}  # a kind and a total
# Each accepts the first of the two and not the second.
POLICIES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("MessageAttributes", {"kind": ["physical"]}),
    ("MessageAttributes", {"kind": [{"prefix": "phy"}]}),
    ("MessageAttributes", {"kind": [{"suffix": "sical"}]}),
    ("MessageAttributes", {"kind": [{"anything-but": ["digital"]}]}),
    ("MessageAttributes", {"kind": [{"anything-but": {"prefix": "dig"}}]}),
    ("MessageAttributes", {"kind": [{"anything-but": {"prefix": ["dig", "x"]}}]}),
    ("MessageAttributes", {"kind": [{"anything-but": {"suffix": "tal"}}]}),
    ("MessageAttributes", {"kind": [{"anything-but": {"wildcard": "d*l"}}]}),
    ("MessageAttributes", {"kind": [{"wildcard": "ph*al"}]}),
    ("MessageAttributes", {"kind": [{"equals-ignore-case": "PHYSICAL"}]}),
    ("MessageAttributes", {"$or": [{"kind": ["physical"]}, {"none": ["such"]}]}),
    ("MessageAttributes", {"kind": ["physical"], "none": [{"exists": False}]}),
    ("MessageBody", {"kind": ["physical"]}),
    ("MessageBody", {"kind": [{"anything-but": "digital"}]}),
    ("MessageBody", {"total": [{"numeric": [">=", 20]}]}),
    ("MessageBody", {"$or": [{"kind": ["physical"]}, {"total": [{"numeric": [">", 20]}]}]}),
)


@capability("apply every kind of filter policy as AWS documents it", evidence=FILTERS)
def applies_filters(access: Access) -> bool:
    sns, name = access.client("sns"), f"labgrade-probe-{token_hex(6)}"
    topic = sns.create_topic(Name=name)["TopicArn"]
    queues = [access.client("sqs").create_queue(QueueName=f"{name}-{at}")["QueueUrl"] for at in range(len(POLICIES))]
    try:
        for at, (scope, policy) in enumerate(POLICIES):
            arn = f"arn:aws:sqs:{access.region}:{access.account}:{name}-{at}"
            chosen = {"FilterPolicyScope": scope, "FilterPolicy": json.dumps(policy), "RawMessageDelivery": "true"}
            sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=chosen)
        for kind, total in ORDERS.items():
            attributes = {"kind": {"DataType": "String", "StringValue": kind}}
            sns.publish(
                TopicArn=topic, Message=json.dumps({"kind": kind, "total": total}), MessageAttributes=attributes
            )
        return all(_kinds(access, url) == ["physical"] for url in queues)
    except ClientError:
        return False
    finally:
        sns.delete_topic(TopicArn=topic)
        for url in queues:
            access.client("sqs").delete_queue(QueueUrl=url)


def _kinds(access: Access, url: str) -> list[str]:
    """Of the orders in a queue, once there are any: an emulator may take its time."""
    for _ in range(MOST_ASKED):
        reply = access.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        if found := [json.loads(message["Body"])["kind"] for message in reply.get("Messages", [])]:
            return found
    return []
