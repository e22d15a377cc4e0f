"""The lab sns-fanout: right answers in any shape pass, wrong ones in any disguise fail, no emulator costs marks."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from grader import engine
from grader.aws import Aws
from grader.emulators import moto
from grader.engine import Judgement
from grader.lab import Lab, find
from grader.places import NoPlace
from grader.report import Outcome

OWN, OTHER = "123456789012", "444455556666"
TOPIC = f"arn:aws:sns:us-east-1:{OWN}:orders-c40f7e"
NAMES = {role: f"{role}-c40f7e" for role in ("billing", "shipping", "audit", "undelivered")}
ARNS = {role: f"arn:aws:sqs:us-east-1:{OWN}:{name}" for role, name in NAMES.items()}
KEY = f"arn:aws:kms:us-east-1:{OWN}:key/one"
ROOT = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OWN}:root"}, "Action": "kms:*", "Resource": "*"}
CHECKS = {
    "billing": "billing_gets_every_order",
    "shipping": "shipping_gets_goods_alone",
    "audit": "audit_gets_orders_as_published",
    "send": "topic_may_send",
    "others": "nobody_else_may_send",
    "kept": "undelivered_orders_are_kept",
}


def allow(**parts: Any) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": "*",
        "Condition": {"ArnEquals": {"aws:SourceArn": TOPIC}},
    }
    return {name: value for name, value in {**statement, **parts}.items() if value is not None}


def deny(**parts: Any) -> dict[str, Any]:
    return allow(Effect="Deny", Principal="*", Condition=None, **parts)


def policy(*statements: Any, **more: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements), **more})


def key_policy(**parts: Any) -> str:
    sns = {"Principal": {"Service": "sns.amazonaws.com"}, "Action": ["kms:GenerateDataKey", "kms:Decrypt"]}
    return policy(ROOT, allow(**{"Condition": None, **sns, **parts}))


def filtered(content: Any, scope: str = "MessageAttributes") -> dict[str, str]:
    return {"FilterPolicy": content if isinstance(content, str) else json.dumps(content), "FilterPolicyScope": scope}


GOODS = filtered({"kind": ["physical"]})
REDRIVE = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": ARNS["undelivered"]})}
RAW = {"RawMessageDelivery": "true"}
TO_BILLING = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": ARNS["billing"], "maxReceiveCount": 3})}


@dataclass
class Account:
    """A student's account as boto3 would tell of it: a client of every service at once."""

    policies: Mapping[str, str | None] | str = field(default_factory=lambda: policy(allow()))
    billing: Mapping[str, str] | None = field(default_factory=dict)
    shipping: Mapping[str, str] | None = field(default_factory=lambda: {**GOODS, **REDRIVE})
    audit: Mapping[str, str] | None = field(default_factory=lambda: RAW)
    more: list[dict[str, str]] = field(default_factory=list)  # subscriptions as they are listed
    queue: Mapping[str, str] = field(default_factory=dict)  # attributes of all queues
    key: str | None = None  # the policy of KEY
    key_state: str = "Enabled"
    key_spec: str = "SYMMETRIC_DEFAULT"
    topic_key: str = ""
    topic_policy: str = ""
    own: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # attributes of a queue by its role
    absent: tuple[str, ...] = ()
    template: str = ""
    lacks: str = ""  # a capability
    topic: str = TOPIC

    def seen(self) -> Aws:
        access = SimpleNamespace(account=OWN, region="us-east-1", client=lambda _service, _region: self)
        emulator: Any = SimpleNamespace(access=access, name="an emulator", fork=no_place)
        return Aws(emulator, lambda capability: capability.id != self.lacks)

    def can_paginate(self, operation: str) -> bool:
        return False

    def get_topic_attributes(self, TopicArn: str) -> dict[str, Any]:  # noqa: N803  (AWS's names)
        if TopicArn != self.topic:
            raise missing("NotFound")
        return {"Attributes": {"TopicArn": TopicArn, "KmsMasterKeyId": self.topic_key, "Policy": self.topic_policy}}

    def list_topics(self) -> dict[str, Any]:
        return {"Topics": [{"TopicArn": self.topic}]}

    def list_subscriptions_by_topic(self, TopicArn: str) -> dict[str, Any]:  # noqa: N803
        there = [role for role in ("billing", "shipping", "audit") if getattr(self, role) is not None]
        ours = [{"SubscriptionArn": f"{TOPIC}:{role}", "Protocol": "sqs", "Endpoint": ARNS[role]} for role in there]
        return {"Subscriptions": [{"TopicArn": TopicArn, **one} for one in (*ours, *self.more)]}

    def get_subscription_attributes(self, SubscriptionArn: str) -> dict[str, Any]:  # noqa: N803
        return {"Attributes": dict(getattr(self, SubscriptionArn.rpartition(":")[2], None) or {})}

    def get_queue_url(self, QueueName: str) -> dict[str, Any]:  # noqa: N803
        if QueueName.partition("-")[0] in self.absent:
            raise missing("AWS.SimpleQueueService.NonExistentQueue")
        return {"QueueUrl": f"http://sqs/{QueueName}"}

    def get_queue_attributes(self, QueueUrl: str, AttributeNames: list[str]) -> dict[str, Any]:  # noqa: N803
        role = QueueUrl.rpartition("/")[2].partition("-")[0]
        text = self.policies if isinstance(self.policies, str) else self.policies.get(role)
        own = self.own.get(role, {})
        return {"Attributes": {**self.queue, **own, **({} if text is None else {"Policy": text})}}

    def describe_key(self, KeyId: str) -> dict[str, Any]:  # noqa: N803
        if self.key is None:
            raise missing("NotFoundException")
        return {"KeyMetadata": {"Arn": KEY, "KeyState": self.key_state, "KeySpec": self.key_spec}}

    def get_key_policy(self, KeyId: str, PolicyName: str) -> dict[str, Any]:  # noqa: N803
        return {"Policy": self.key}

    def list_stacks(self) -> dict[str, Any]:
        return {"StackSummaries": [{"StackName": "labgrade"}] if self.template else []}

    def get_template(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        return {"TemplateBody": self.template}


def no_place() -> Any:
    raise NoPlace


def missing(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": 404}}, "Get")  # type: ignore[typeddict-item]


@pytest.fixture(scope="module")
def lab() -> Lab:
    return find("sns-fanout")


def judged(lab: Lab, account: Account) -> Judgement:
    return engine.judge(lab, account.seen(), lab.values(None), {}, seconds=60)


def ended(judgement: Judgement, outcome: Outcome) -> dict[str, str]:
    return {check.id: str(check.message) for check in judgement.checks if check.outcome is outcome}


def failed(lab: Lab, account: Account) -> set[str]:
    """The short names of the checks that fail; nothing may end in an error."""
    judgement = judged(lab, account)
    assert ended(judgement, Outcome.ERROR) == {}
    short = {name: key for key, name in CHECKS.items()}
    return {short.get(name, name) for name in ended(judgement, Outcome.FAILED)}


ENCRYPTED = {"KmsMasterKeyId": "alias/orders"}
RIGHT: dict[str, Account] = {
    "as anybody would": Account(),
    "the account and the topic, by two operators": Account(
        policy(
            allow(
                Condition={
                    "StringLike": {"AWS:SourceArn": "*:orders-c40f7e"},
                    "StringEquals": {"aws:sourceaccount": OWN},
                }
            )
        )
    ),
    "one of several topics in a list": Account(
        policy(allow(Condition={"ArnLike": {"aws:SourceArn": [f"arn:aws:sns:*:{OWN}:orders-c40f7e"]}}))
    ),
    "every region, but this topic alone": Account(
        policy(allow(Principal="*", Condition={"ArnLike": {"aws:SourceArn": f"arn:aws:sns:*:{OWN}:orders-c40f7e"}}))
    ),
    "a statement that is no list": Account(
        json.dumps({"Version": "2008-10-17", "Statement": allow(Action=["SQS:SendMessage"])})
    ),
    "IfExists of a key that the call carries": Account(
        policy(allow(Condition={"ArnEqualsIfExists": {"aws:SourceArn": TOPIC}, "Null": {"aws:SourceArn": "false"}}))
    ),
    "a Deny of plain HTTP": Account(
        policy(
            allow(),
            allow(Effect="Deny", Principal="*", Action="*", Condition={"Bool": {"aws:SecureTransport": "false"}}),
        )
    ),
    "a Deny of all that is not the topic's and no principal of the account": Account(
        policy(
            allow(Principal="*", Condition=None),
            allow(
                Effect="Deny",
                Principal="*",
                Condition={"ArnNotEquals": {"aws:SourceArn": TOPIC}, "StringNotEquals": {"aws:PrincipalAccount": OWN}},
            ),
        )
    ),
    "NotAction that leaves sending": Account(
        policy(allow(Action=None, NotAction=["sqs:ReceiveMessage", "sqs:DeleteQueue"]))
    ),
    "NotResource of another queue": Account(policy(allow(Resource=None, NotResource="arn:aws:sqs:us-east-1:1:other"))),
    "the account's own principals may do everything": Account(
        policy(
            allow(), allow(Principal={"AWS": [OWN, f"arn:aws:iam::{OWN}:role/shop"]}, Action="sqs:*", Condition=None)
        )
    ),
    "a key by its alias": Account(queue=ENCRYPTED, key=key_policy()),
    "a key for this topic alone": Account(
        queue=ENCRYPTED,
        key=key_policy(Condition={"ArnEquals": {"aws:SourceArn": TOPIC}, "StringEquals": {"aws:SourceAccount": OWN}}),
    ),
    "a key for everything": Account(queue=ENCRYPTED, key=key_policy(Action="kms:*")),
    "a key that an administrator by name may change": Account(
        queue=ENCRYPTED,
        key=policy(
            allow(Condition=None, Action=["kms:GenerateDataKey*", "kms:Decrypt"]),
            ROOT | {"Principal": {"AWS": f"arn:aws:iam::{OWN}:role/keys"}, "Action": ["kms:Put*", "kms:Describe*"]},
        ),
    ),
    "a topic with a key of one's own": Account(topic_key="alias/orders", key=key_policy()),
    "a topic whose policy keeps others, and plain HTTP, from publishing": Account(
        topic_policy=policy(
            deny(Action="sns:Publish") | {"Condition": {"StringNotEquals": {"aws:PrincipalAccount": OWN}}},
            deny(Action="sns:Publish") | {"Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        )
    ),
    "a topic to which the checkout's role alone may publish": Account(
        topic_policy=policy(
            deny(Action="sns:Publish")
            | {"Condition": {"ArnNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{OWN}:role/checkout"}}}
        )
    ),
    "a topic with the key of AWS": Account(topic_key="alias/aws/sns"),
    "billing gives up to a queue of its own": Account(
        own={"billing": {"RedrivePolicy": json.dumps({"deadLetterTargetArn": ARNS["undelivered"]})}}
    ),
    "encrypted by SQS itself": Account(queue={"SqsManagedSseEnabled": "true"}),
    "the filter excludes by prefix": Account(
        shipping={**filtered({"kind": [{"anything-but": {"prefix": "dig"}}]}), **REDRIVE}
    ),
    "the filter minds no capitals": Account(
        shipping={**filtered({"kind": [{"equals-ignore-case": "PHYSICAL"}]}), **REDRIVE}
    ),
    "the filter has more than it needs": Account(
        shipping={**filtered({"kind": ["physical", "Physical", "goods"], "sold_out": [{"exists": False}]}), **REDRIVE}
    ),
    "the filter looks into the body": Account(
        shipping={**filtered({"kind": ["physical"], "total": [{"numeric": [">=", 0]}]}, "MessageBody"), **REDRIVE}
    ),
    "the filter has alternatives": Account(
        shipping={**filtered({"$or": [{"kind": [{"prefix": "p"}]}, {"kind": ["parcel"]}]}), **REDRIVE}
    ),
    "a filter that lets all through": Account(
        billing=filtered({"kind": [{"exists": True}]}), audit={**RAW, **filtered({})}
    ),
    "raw for shipping as well": Account(shipping={**GOODS, **REDRIVE, "RawMessageDelivery": "True"}),
    "subscribed twice": Account(
        more=[{"SubscriptionArn": f"{TOPIC}:billing", "Protocol": "sqs", "Endpoint": ARNS["billing"]}]
    ),
    "a Deny of whoever is not this topic": Account(
        policy(
            allow(Principal="*", Condition=None), deny() | {"Condition": {"StringNotEquals": {"aws:SourceArn": TOPIC}}}
        )
    ),
    "a Deny of all but SNS": Account(
        policy(
            allow(),
            allow(Effect="Deny", Principal=None, NotPrincipal={"Service": "sns.amazonaws.com"}, Condition=None),
        )
    ),
    "a Resource that spans the parts of an ARN": Account(policy(allow(Resource="arn:aws:sqs:*"))),
    "a redrive policy for each": Account(billing=REDRIVE, audit={**RAW, **REDRIVE}),
    "the queue's address by another protocol, which never brings it a message": Account(
        more=[
            {"SubscriptionArn": f"{TOPIC}:{n}", "Protocol": protocol, "Endpoint": endpoint}
            for n, (protocol, endpoint) in enumerate(
                [
                    ("https", f"https://sqs.us-east-1.amazonaws.com/{OWN}/billing-c40f7e"),
                    ("email", ARNS["billing"]),
                    ("sqs", ARNS["billing"].replace("us-east-1", "eu-west-1")),
                    ("sqs", ARNS["billing"].upper()),
                ]
            )
        ]
    ),
    "other subscriptions, one that waits": Account(
        more=[
            {"SubscriptionArn": "PendingConfirmation", "Protocol": "email", "Endpoint": "a@example.org"},
            {"SubscriptionArn": f"{TOPIC}:lambda", "Protocol": "lambda", "Endpoint": "arn:aws:lambda:x"},
        ]
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_answer_in_any_shape_gets_full_marks(lab: Lab, name: str) -> None:
    judgement = judged(lab, RIGHT[name])
    assert {check.outcome for check in judgement.checks} == {Outcome.PASSED}, ended(judgement, Outcome.FAILED)


ACCOUNT_ONLY = {"StringEquals": {"aws:SourceAccount": OWN}}
WRONG: dict[str, tuple[Account, set[str]]] = {
    "the policy of another queue in Resource": (Account(policy(allow(Resource="arn:aws:sqs:*:*:x"))), {"send", "kept"}),
    "an action that is none of SQS's": (Account(policy(allow(Action="sqs:SendMessages"))), {"send", "others", "kept"}),
    "a good statement beside one that AWS refuses": (
        Account(policy(allow(), allow(Action="sns:Publish"))),
        {"send"},
    ),
    "an operator that there is not": (
        Account(policy(allow(), allow(Effect="Deny", Condition={"ArnIs": {"aws:SourceArn": TOPIC}}))),
        {"send"},
    ),
    "an Effect in small letters, everywhere": (Account(policy(allow(Effect="allow"))), {"send"}),
    "an Effect in small letters, for what was not delivered alone": (
        Account({**dict.fromkeys(NAMES, policy(allow())), "undelivered": policy(allow(Effect="allow"))}),
        {"kept"},
    ),
    "an Effect in small letters, and open to all": (
        Account(policy(allow(Effect="allow", Condition=None))),
        {"send", "others"},
    ),
    "a Version of this year": (Account(policy(allow(), Version="2026-10-17")), {"send"}),
    "a key of two halves": (Account(queue=ENCRYPTED, key=key_policy(), key_spec="RSA_2048"), {"send"}),
    "a key for signing": (Account(queue=ENCRYPTED, key=key_policy(), key_spec="HMAC_256"), {"send"}),
    "a key that its account can never change again": (
        Account(queue=ENCRYPTED, key=policy(allow(Condition=None, Action=["kms:GenerateDataKey", "kms:Decrypt"]))),
        {"send"},
    ),
    "a key that somebody may change in another account alone": (
        Account(
            queue=ENCRYPTED,
            key=policy(
                allow(Condition=None, Action=["kms:GenerateDataKey", "kms:Decrypt"]),
                ROOT | {"Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}},
            ),
        ),
        {"send"},
    ),
    "a key that a Deny keeps from all who would change it": (
        Account(
            queue=ENCRYPTED,
            key=policy(
                ROOT,
                allow(Condition=None, Action="kms:*"),
                deny(Action="kms:PutKeyPolicy"),
            ),
        ),
        {"send"},
    ),
    "a key whose policy says allow in small letters": (
        Account(queue=ENCRYPTED, key=key_policy(Effect="allow")),
        {"send"},
    ),
    "a key that is off, for what was not delivered alone": (
        Account(own={"undelivered": ENCRYPTED}, key=key_policy(), key_state="Disabled"),
        {"kept"},
    ),
    "a topic with a key that its account can never change again": (
        Account(topic_key=KEY, key=policy(allow(Condition=None, Action="kms:*"))),
        {"send"},
    ),
    "a topic to which nobody may publish": (Account(topic_policy=policy(deny(Action="sns:Publish"))), {"send"}),
    "a topic that is closed to its own account": (
        Account(topic_policy=policy(deny(Action="sns:*") | {"Principal": {"AWS": OWN}})),
        {"send"},
    ),
    "a topic with a key that is not there": (Account(topic_key="alias/orders"), {"send"}),
    "a topic with a key that is off": (
        Account(topic_key="alias/orders", key=key_policy(), key_state="Disabled"),
        {"send"},
    ),
    "a topic with a key of two halves": (Account(topic_key=KEY, key=key_policy(), key_spec="RSA_4096"), {"send"}),
    "what shipping gives up goes to billing": (Account(own={"shipping": TO_BILLING}), {"billing"}),
    "what audit cannot be told goes to billing": (
        Account(audit={**RAW, "RedrivePolicy": json.dumps({"deadLetterTargetArn": ARNS["billing"]})}),
        {"billing"},
    ),
    "a Deny of this very topic": (Account(policy(allow(), allow(Effect="Deny"))), {"send", "kept"}),
    "a Deny of services": (
        Account(policy(allow(), deny() | {"Condition": {"Bool": {"aws:PrincipalIsAWSService": "true"}}})),
        {"send", "kept"},
    ),
    "an address of the sender": (
        Account(policy(allow(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}))),
        {"send", "kept"},
    ),
    "anybody from anywhere, by address": (
        Account(policy(allow(), allow(Principal="*", Condition={"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}))),
        {"others"},
    ),
    "anybody who says that they are somebody": (
        Account(policy(allow(), allow(Principal="*", Condition={"StringLike": {"aws:UserAgent": "shop*"}}))),
        {"others"},
    ),
    "the account alone": (Account(policy(allow(Condition=ACCOUNT_ONLY))), {"others"}),
    "everything in AWS": (Account(policy(allow(Principal={"AWS": "*"}, Condition=None))), {"others"}),
    "the topic's name in any account": (
        Account(policy(allow(Condition={"StringLike": {"aws:SourceArn": "arn:aws:sns:us-east-1:*:orders-c40f7e"}}))),
        {"others"},
    ),
    "any topic of the account": (
        Account(policy(allow(Condition={"ArnLike": {"aws:SourceArn": f"arn:aws:sns:us-east-1:{OWN}:*"}}))),
        {"others"},
    ),
    "one open queue of four": (
        Account({**dict.fromkeys(NAMES, policy(allow())), "undelivered": policy(allow(Condition=None))}),
        {"others"},
    ),
    "a role of another account": (
        Account(policy(allow(), allow(Principal={"AWS": f"arn:aws:iam::{OTHER}:role/partner"}, Condition=None))),
        {"others"},
    ),
    "a topic of a partner": (
        Account(
            policy(
                allow(),
                allow(Condition={"ArnEquals": {"aws:SourceArn": f"arn:aws:sns:us-east-1:{OTHER}:orders-c40f7e"}}),
            )
        ),
        {"others"},
    ),
    "another topic beside this one": (
        Account(
            policy(allow(Condition={"ArnEquals": {"aws:SourceArn": [TOPIC, f"arn:aws:sns:us-east-1:{OWN}:returns"]}}))
        ),
        {"others"},
    ),
    "another topic in a statement of its own": (
        Account(policy(allow(), allow(Condition={"ArnLike": {"aws:SourceArn": f"arn:aws:sns:*:{OWN}:returns-*"}}))),
        {"others"},
    ),
    "another topic of another account": (
        Account(policy(allow(), allow(Condition={"ArnEquals": {"aws:SourceArn": f"arn:aws:sns:us-east-1:{OTHER}:x"}}))),
        {"others"},
    ),
    "any beginning of the name": (
        Account(policy(allow(Condition={"ArnLike": {"aws:SourceArn": f"arn:aws:sns:us-east-1:{OWN}:*orders-c40f7e"}}))),
        {"others"},
    ),
    "any six letters": (
        Account(policy(allow(Condition={"ArnLike": {"aws:SourceArn": f"arn:aws:sns:us-east-1:{OWN}:orders-??????"}}))),
        {"others"},
    ),
    "a name in capitals, which is another topic's": (
        Account(policy(allow(Condition={"ArnEquals": {"aws:SourceArn": TOPIC.replace("orders", "Orders")}}))),
        {"send", "kept"},
    ),
    "open to all in a statement without a Resource": (
        Account(policy(allow(), allow(Principal="*", Resource=None, Condition=None))),
        {"others"},
    ),
    "open to all by a Resource that spans the parts of an ARN": (
        Account(policy(allow(Principal="*", Resource="arn:aws:sqs:*", Condition=None))),
        {"others"},
    ),
    "every service": (Account(policy(allow(Principal={"Service": "*"}, Condition=None))), {"others"}),
    "all but one account": (
        Account(policy(allow(), allow(Principal=None, NotPrincipal={"AWS": OWN}, Condition=None))),
        {"others"},
    ),
    "IfExists, which strangers do not carry": (
        Account(policy(allow(Principal="*", Condition={"ArnEqualsIfExists": {"aws:SourceArn": TOPIC}}))),
        {"others"},
    ),
    "a Deny alone": (Account(policy(deny())), {"send", "others", "kept"}),
    "a policy without statements": (Account(policy()), {"send", "others", "kept"}),
    "a key without decrypting": (
        Account(queue=ENCRYPTED, key=key_policy(Action="kms:GenerateDataKey")),
        {"send"},
    ),
    "a key for another topic": (
        Account(queue=ENCRYPTED, key=key_policy(Condition={"ArnEquals": {"aws:SourceArn": f"{TOPIC}-other"}})),
        {"send"},
    ),
    "a key for another service": (
        Account(queue=ENCRYPTED, key=key_policy(Principal={"Service": "sqs.amazonaws.com"})),
        {"send"},
    ),
    "a key that is to be deleted": (
        Account(queue=ENCRYPTED, key=key_policy(), key_state="PendingDeletion"),
        {"send"},
    ),
    "a key that is not there": (Account(queue=ENCRYPTED), {"send"}),
    "a key of AWS": (Account(queue={"KmsMasterKeyId": "alias/aws/sqs"}), {"send"}),
    "a filter for a number of the order": (
        Account(shipping={**filtered({"total": [{"numeric": [">", 10]}]}, "MessageBody"), **REDRIVE}),
        {"shipping"},
    ),
    "a filter with an edge": (
        Account(
            shipping={**filtered({"kind": ["physical"], "total": [{"anything-but": [777]}]}, "MessageBody"), **REDRIVE}
        ),
        {"shipping"},
    ),
    "a filter by the number of an order": (
        Account(
            shipping={**filtered({"kind": ["physical"], "order_id": [{"prefix": "A-"}]}, "MessageBody"), **REDRIVE}
        ),
        {"shipping"},
    ),
    "a filter for what no order has": (Account(shipping={**filtered({"type": ["physical"]}), **REDRIVE}), {"shipping"}),
    "a filter that is a text": (Account(shipping={**filtered('"physical"'), **REDRIVE}), {"shipping"}),
    "a filter with a value that is no list": (
        Account(shipping={**filtered({"kind": "physical"}), **REDRIVE}),
        {"shipping"},
    ),
    "a nested filter on attributes": (
        Account(shipping={**filtered({"order": {"kind": ["physical"]}}), **REDRIVE}),
        {"shipping"},
    ),
    "a filter of six keys": (
        Account(
            shipping={**filtered({"kind": ["physical"], **{f"k{n}": [{"exists": False}] for n in range(5)}}), **REDRIVE}
        ),
        {"shipping"},
    ),
    "files are left out of billing": (Account(billing=GOODS), {"billing"}),
    "raw for billing": (Account(billing=RAW), {"billing"}),
    "nobody audits": (Account(audit=None), {"audit"}),
    "the queue is not there": (Account(absent=("shipping",)), {"shipping"}),
    "no queue is there": (Account(absent=tuple(NAMES)), {"billing", "shipping", "audit", "send", "others", "kept"}),
    "a subscription that waits for an answer": (
        Account(
            billing=None,
            more=[{"SubscriptionArn": "PendingConfirmation", "Protocol": "sqs", "Endpoint": ARNS["billing"]}],
        ),
        {"billing"},
    ),
    "subscribed by mail": (
        Account(
            billing=None, more=[{"SubscriptionArn": f"{TOPIC}:x", "Protocol": "email", "Endpoint": ARNS["billing"]}]
        ),
        {"billing"},
    ),
    "redrive policy without a target": (Account(shipping={**GOODS, "RedrivePolicy": "{}"}), {"kept"}),
    "redrive policy that is not JSON": (Account(shipping={**GOODS, "RedrivePolicy": "undelivered"}), {"kept"}),
    "redrive to another region": (
        Account(shipping={**GOODS, "RedrivePolicy": REDRIVE["RedrivePolicy"].replace("us-east-1", "eu-west-1")}),
        {"kept"},
    ),
    "redrive after so many receives, which only SQS knows": (
        Account(shipping={**GOODS, "RedrivePolicy": REDRIVE["RedrivePolicy"].replace("}", ', "maxReceiveCount": 3}')}),
        {"kept"},
    ),
    "a redrive policy of audit that AWS refuses": (
        Account(audit={**RAW, "RedrivePolicy": json.dumps({"deadLetterTargetArn": "undelivered-c40f7e"})}),
        {"audit"},
    ),
    "redrive to a queue that is closed": (
        Account({**dict.fromkeys(NAMES, policy(allow())), "undelivered": None}),
        {"kept"},
    ),
    "no queue for what is left over": (Account(absent=("undelivered",)), {"kept"}),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_in_any_disguise_fails_what_it_breaks_and_nothing_else(lab: Lab, name: str) -> None:
    account, broken = WRONG[name]
    assert failed(lab, account) == broken


@pytest.mark.parametrize(
    "text", ["{", "[]", "null", '"Allow"', "[" * 5000, '{"Statement": 7}', '{"Statement": [null, 1, "x"]}']
)
def test_a_policy_that_is_none_is_a_clear_failure(lab: Lab, text: str) -> None:
    found = ended(judged(lab, Account(text)), Outcome.FAILED)
    assert set(found) == {CHECKS["send"], CHECKS["others"], CHECKS["kept"]}
    assert found[CHECKS["send"]].startswith("SNS may not send to billing-c40f7e.")


def test_a_topic_with_a_thousand_subscriptions_is_judged_in_bounded_time_and_drawn_with_three(lab: Lab) -> None:
    many = [
        {"SubscriptionArn": f"{TOPIC}:{n}", "Protocol": "sqs", "Endpoint": f"arn:aws:sqs:us-east-1:{OWN}:queue-{n}"}
        for n in range(1000)
    ]
    began = time.monotonic()
    judgement = judged(lab, Account(more=many))
    assert ended(judgement, Outcome.FAILED) == ended(judgement, Outcome.ERROR) == {}
    assert time.monotonic() - began < 20
    assert (judgement.model["more"], len(judgement.model["queues"])) == (1000, 3)


def test_the_picture_marks_the_shape_where_it_is_another_than_asked_for(lab: Lab) -> None:
    def shapes(account: Account) -> list[tuple[str, str]]:
        queues = judged(lab, account).model["queues"]
        return [(one["name"].split("-")[0], str(one["wanted_shape"])) for one in queues if "wanted_shape" in one]

    assert shapes(Account()) == []
    assert shapes(Account(billing=RAW)) == [("billing", "in SNS's envelope")]
    assert shapes(Account(audit={})) == [("audit", "as published")]
    assert shapes(Account(shipping={**GOODS, **REDRIVE, **RAW})) == []


def test_a_policy_of_hundreds_of_statements_is_judged_in_bounded_time(lab: Lab) -> None:
    named = [{"ArnEquals": {"aws:SourceArn": f"{TOPIC}-{n}"}} for n in range(400)]
    denied = [deny(Sid=f"주문 {n}") | {"Condition": condition} for n, condition in enumerate(named)]
    began = time.monotonic()
    assert failed(lab, Account(policy(*denied, allow()))) == set()
    assert failed(lab, Account(policy(*(allow(Condition=condition) for condition in named[:50]), allow()))) == {
        "others"
    }
    assert time.monotonic() - began < 20


def test_names_in_any_script_are_told_and_never_taken_for_the_topic(lab: Lab) -> None:
    names = ended(judged(lab, Account(topic=TOPIC.replace("orders", "주문-заказ-{token}" + "x" * 200))), Outcome.FAILED)
    assert list(names) == ["topic_exists"]
    assert "주문-заказ-{token}" in names["topic_exists"]


def test_a_topic_of_another_region_is_found_there(lab: Lab) -> None:
    found = ended(judged(lab, Account(topic=TOPIC.replace("us-east-1", "eu-west-1"))), Outcome.FAILED)
    assert found == {"topic_exists": "there is no such topic in us-east-1: it is in eu-west-1."}


def test_without_a_place_to_try_it_deliveries_are_judged_by_the_rules_and_the_report_says_so(lab: Lab) -> None:
    notes = [str(note.message) for note in judged(lab, Account()).notes]
    assert notes == ["No copy of the topic could be made here, so what arrives was judged by AWS's rules alone."]


@pytest.mark.parametrize(
    ("kind", "lacks", "account", "lost"),
    [
        ("AWS::SNS::Subscription", "readback.deploys_subscriptions", Account(shipping=REDRIVE), {"shipping"}),
        ("AWS::SNS::Subscription", "readback.deploys_subscriptions", Account(shipping=GOODS), {"kept"}),
        ("AWS::SQS::QueuePolicy", "readback.deploys_queue_policies", Account({}), {"send", "others", "kept"}),
        ("AWS::KMS::Key", "readback.deploys_keys", Account(queue=ENCRYPTED), {"send"}),
    ],
)
def test_what_an_emulator_drops_of_a_template_costs_nothing_and_what_it_keeps_does(
    lab: Lab, kind: str, lacks: str, account: Account, lost: set[str]
) -> None:
    dropped = judged(lab, replace(account, template=f'{{"Type": "{kind}"}}', lacks=lacks))
    told = ended(dropped, Outcome.INCONCLUSIVE)
    assert set(told) == {CHECKS[name] for name in lost}
    assert all(kind in message for message in told.values())
    assert ended(dropped, Outcome.FAILED) == {}
    for other in (replace(account, lacks=lacks), replace(account, template=f'{{"Type": "{kind}"}}')):
        assert failed(lab, other) == lost


def test_each_reason_names_what_is_there_and_the_rule(lab: Lab) -> None:
    found = ended(judged(lab, Account({**dict.fromkeys(NAMES, policy(allow())), "audit": None})), Outcome.FAILED)
    assert found[CHECKS["send"]] == "SNS may not send to audit-c40f7e. There is no policy, so nothing allows it."
    found = ended(judged(lab, WRONG["a subscription that waits for an answer"][0]), Outcome.FAILED)
    assert found[CHECKS["billing"]] == "orders-c40f7e has subscriptions, 3 in all, and none goes to billing-c40f7e."
    found = ended(judged(lab, WRONG["a topic of a partner"][0]), Outcome.FAILED)
    doubtful = ended(judged(lab, WRONG["open to all in a statement without a Resource"][0]), Outcome.FAILED)
    assert doubtful[CHECKS["others"]].endswith("Whether statement 2 applies is unclear: it has no Resource.")
    assert found[CHECKS["others"]].startswith(
        f"a topic of another account (arn:aws:sns:us-east-1:{OTHER}:orders-c40f7e) may send to billing-c40f7e."
    )


@pytest.fixture(scope="module")
def emulator() -> Any:
    with moto.launch(services=("sns", "sqs", "kms")) as starting:
        yield starting.ready()


def run(emulator: moto.Moto, lab: Lab, solution: str) -> tuple[Aws, Judgement]:
    """The checks on what a solution of the lab leaves behind, on a fork of the emulator."""
    values = {name: str(value) for name, value in lab.values(None).items()}
    environment = {
        "AWS_ENDPOINT_URL": emulator.access.endpoint,
        "AWS_ACCESS_KEY_ID": OWN,
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_DEFAULT_REGION": "us-east-1",
        "LAB_ACCOUNT": OWN,
        "LAB_REGION": "us-east-1",
        **{f"LAB_{name.upper()}": value for name, value in values.items()},
    }
    place = lab.folder / "solutions" / solution / "main.py"
    subprocess.run([sys.executable, place], env=environment, check=True, timeout=120, capture_output=True)
    aws = Aws(emulator)
    return aws, engine.judge(lab, aws, lab.values(None), {}, seconds=60)


@pytest.mark.parametrize("solution", ["customer_key", "much_more"])
def test_a_solution_is_judged_within_sixty_calls_none_made_twice_and_nothing_of_it_changes(
    emulator: moto.Moto, lab: Lab, solution: str
) -> None:
    with emulator.fork() as fork:
        aws, judgement = run(fork, lab, solution)
        assert ended(judgement, Outcome.FAILED) == ended(judgement, Outcome.ERROR) == {}
        assert aws.reads + aws.probes <= 60
        sqs = fork.access.client("sqs")
        listed = sorted(url.rpartition("/")[2] for url in sqs.list_queues()["QueueUrls"])
        assert listed == sorted({*NAMES.values(), *(["archive"] if solution == "much_more" else [])})
        url = sqs.get_queue_url(QueueName=NAMES["shipping"])["QueueUrl"]
        counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        assert counts["ApproximateNumberOfMessages"] == ("1" if solution == "much_more" else "0")
        assert len(fork.access.client("sns").list_topics()["Topics"]) == 1


def test_what_a_probe_shows_counts_as_well_as_the_rules(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    modules = {name.rpartition(".")[2]: module for name, module in _modules(lab).items()}
    received = modules["observed"].Received

    def arrived(*_: Any) -> dict[str, Any]:
        return {"audit_queue": (received('{"Type": "Notification"}', {}),)}

    monkeypatch.setattr(modules["judging"], "arrived", arrived)
    account = Account()
    found = ended(judged(lab, account), Outcome.FAILED)
    assert found == {
        CHECKS[
            "audit"
        ]: "two orders were published on a copy of your topic, and audit-c40f7e got 1 messages instead of 2."
    }
    told = ended(judged(lab, replace(account, lacks="readback.applies_filters")), Outcome.INCONCLUSIVE)
    assert list(told) == [CHECKS["audit"]]


def _modules(lab: Lab) -> dict[str, Any]:
    package = lab.checks[0].function.__module__.rpartition(".")[0]
    return {name: module for name, module in sys.modules.items() if name.startswith(f"{package}.")}


@pytest.mark.parametrize(
    ("statement", "nudge"),
    [
        (allow(Principal={"AWS": f"arn:aws:iam::{OTHER}:role/x"}, Condition=None), "let in by name"),
        (
            allow(Principal="*", Condition={"ArnEqualsIfExists": {"aws:SourceArn": TOPIC}}),
            "What becomes of a call without it?",
        ),
        (
            allow(Condition={"ArnLike": {"aws:SourceArn": f"arn:aws:sns:*:{OWN}:*"}}),
            "Which ARNs does yours let through?",
        ),
        (allow(Condition=ACCOUNT_ONLY), "What tells this one from all the others?"),
        (allow(Condition=None), "A Condition can say for which topic"),
    ],
)
def test_the_nudge_is_about_the_statement_that_lets_others_in(lab: Lab, statement: dict[str, Any], nudge: str) -> None:
    judgement = judged(lab, Account(policy(allow(), statement)))
    assert nudge in str(next(one for one in judgement.checks if one.id == CHECKS["others"]).fix)


def test_a_service_under_aws_is_told_where_it_stands(lab: Lab) -> None:
    judgement = judged(lab, Account(policy(allow(Principal={"AWS": "sns.amazonaws.com"}))))
    (told,) = [one for one in judgement.checks if one.outcome is Outcome.FAILED]
    assert told.id == CHECKS["send"]
    assert "its Principal is AWS sns.amazonaws.com, and sns.amazonaws.com asks" in str(told.found)
