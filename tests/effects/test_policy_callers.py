"""The shapes that students give a queue's policy and its key's: who gets in, and who does not.

https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
"""

import json
from typing import Any

import pytest

from grader.effects.policy import anonymous_may, key_admits, principal_may, sns_may_send

ACCOUNT, STRANGER = "123456789012", "999999999999"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:orders"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:billing"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234"
FOREIGN = TOPIC.replace(ACCOUNT, STRANGER)


def queue_policy(*statements: dict[str, Any], version: str | None = "2012-10-17") -> str:
    base = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    complete = [
        {name: value for name, value in {**base, "Resource": QUEUE, **statement}.items() if value is not None}
        for statement in statements
    ]
    return json.dumps({**({"Version": version} if version else {}), "Statement": complete})


def source(operator: str, value: Any, key: str = "aws:SourceArn") -> dict[str, Any]:
    return {operator: {key: value}}


PLAIN_HTTP = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "*",
    "Condition": source("Bool", "false", "aws:SecureTransport"),
}
RIGHT: dict[str, str] = {
    "ArnEquals": queue_policy({"Condition": source("ArnEquals", TOPIC)}),
    "ArnLike": queue_policy({"Condition": source("ArnLike", TOPIC)}),
    "StringEquals": queue_policy({"Condition": source("StringEquals", TOPIC)}),
    "StringLike": queue_policy({"Condition": source("StringLike", TOPIC)}),
    "StringEqualsIgnoreCase": queue_policy({"Condition": source("StringEqualsIgnoreCase", TOPIC.upper())}),
    "ForAnyValue": queue_policy({"Condition": source("ForAnyValue:ArnEquals", [TOPIC])}),
    "key in another case": queue_policy({"Condition": source("ArnEquals", TOPIC, "AWS:SourceARN")}),
    "everyone from this topic": queue_policy({"Principal": "*", "Condition": source("ArnEquals", TOPIC)}),
    "AWS everyone": queue_policy({"Principal": {"AWS": "*"}, "Condition": source("ArnLike", TOPIC)}),
    "AWS everyone in a list": queue_policy({"Principal": {"AWS": ["*"]}, "Condition": source("ArnLike", TOPIC)}),
    "old version": queue_policy({"Condition": source("ArnEquals", TOPIC)}, version="2008-10-17"),
    "no version": queue_policy({"Condition": source("ArnEquals", TOPIC)}, version=None),
    "account beside": queue_policy(
        {"Condition": {**source("ArnEquals", TOPIC), "StringEquals": {"aws:SourceAccount": ACCOUNT}}}
    ),
    "any region": queue_policy({"Condition": source("ArnLike", f"arn:aws:sns:*:{ACCOUNT}:orders")}),
    "two topics": queue_policy({"Condition": source("ArnEquals", [TOPIC.replace("us-east-1", "eu-west-1"), TOPIC])}),
    "all of sqs": queue_policy({"Action": "SQS:*", "Resource": "*", "Condition": source("ArnEquals", TOPIC)}),
    "batch beside": queue_policy(
        {"Action": ["sqs:ReceiveMessage", "sqs:SendMessage"], "Condition": source("ArnEquals", TOPIC)}
    ),
    "service principal key": queue_policy(
        {"Principal": "*", "Condition": {"Bool": {"aws:PrincipalIsAWSService": "true"}, **source("ArnEquals", TOPIC)}}
    ),
    "deny of plain HTTP": queue_policy(PLAIN_HTTP, {"Condition": source("ArnEquals", TOPIC)}),
    "deny of every other source": queue_policy(
        {"Condition": source("ArnEquals", TOPIC)},
        {"Effect": "Deny", "Principal": {"Service": "sns.amazonaws.com"}, "Condition": source("ArnNotEquals", TOPIC)},
    ),
    "own account beside": queue_policy(
        {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sqs:*"},
        {"Condition": source("ArnEquals", TOPIC)},
    ),
    "not action": queue_policy({"Action": None, "NotAction": "sqs:Delete*", "Condition": source("ArnEquals", TOPIC)}),
}
# Policies that let SNS send for the topic, and someone else too.
TOO_OPEN: dict[str, tuple[str, str]] = {
    "everyone": (queue_policy({"Principal": "*"}), "anonymous"),
    "AWS everyone": (queue_policy({"Principal": {"AWS": "*"}}), "stranger"),
    "any topic": (queue_policy({}), "other topic"),
    "any topic of anyone": (queue_policy({}), "foreign topic"),
    "account alone": (
        queue_policy({"Condition": source("StringEquals", ACCOUNT, "aws:SourceAccount")}),
        "other topic",
    ),
    "prefix": (queue_policy({"Condition": source("ArnLike", f"{TOPIC}*")}), "other topic"),
    "any account": (queue_policy({"Condition": source("ArnLike", TOPIC.replace(ACCOUNT, "*"))}), "foreign topic"),
    "whichever account's": (
        queue_policy({"Condition": source("ArnLike", "arn:aws:sns:us-east-1:${aws:SourceAccount}:orders")}),
        "foreign topic",
    ),
    "any source": (queue_policy({"Condition": source("StringLike", "*")}), "foreign topic"),
    "if exists": (queue_policy({"Principal": "*", "Condition": source("ArnEqualsIfExists", TOPIC)}), "anonymous"),
    "for all values": (
        queue_policy({"Principal": "*", "Condition": source("ForAllValues:ArnEquals", TOPIC)}),
        "anonymous",
    ),
    "key absent": (queue_policy({"Principal": "*", "Condition": {"Null": {"aws:SourceAccount": "true"}}}), "anonymous"),
    "stranger beside": (
        queue_policy({"Condition": source("ArnEquals", TOPIC)}, {"Principal": {"AWS": STRANGER}}),
        "stranger",
    ),
    "not another topic": (queue_policy({"Condition": source("ArnNotEquals", FOREIGN)}), "other topic"),
}
CLOSED: dict[str, str | None] = {
    "no policy": None,
    "empty": "",
    "not JSON": "{",
    "other topic": queue_policy({"Condition": source("ArnEquals", f"{TOPIC}-other")}),
    "topic's name alone": queue_policy({"Condition": source("ArnEquals", "orders")}),
    "pattern in StringEquals": queue_policy({"Condition": source("StringEquals", f"arn:aws:sns:*:{ACCOUNT}:orders")}),
    "upper case": queue_policy({"Condition": source("ArnEquals", TOPIC.upper())}),
    "other account": queue_policy({"Condition": source("StringEquals", STRANGER, "aws:SourceAccount")}),
    "other service": queue_policy({"Principal": {"Service": "s3.amazonaws.com"}}),
    "own account": queue_policy({"Principal": {"AWS": ACCOUNT}, "Condition": source("ArnEquals", TOPIC)}),
    "other action": queue_policy({"Action": "sqs:ReceiveMessage"}),
    "action of SNS": queue_policy({"Action": "sns:Publish"}),
    "other queue": queue_policy({"Resource": f"{QUEUE}-dead"}),
    "topic as the resource": queue_policy({"Resource": TOPIC}),
    "shadowed": queue_policy({"Condition": source("ArnEquals", TOPIC)}, {"Effect": "Deny", "Principal": "*"}),
    "denied by Bool": queue_policy({}, {"Effect": "Deny", "Condition": source("Bool", "true", "aws:SecureTransport")}),
    "key that SNS does not carry": queue_policy({"Condition": source("StringEquals", "o-1", "aws:PrincipalOrgID")}),
    "misspelt key": queue_policy({"Condition": source("ArnEquals", TOPIC, "aws:SourceArm")}),
    "plain HTTP only": queue_policy({"Condition": source("Bool", "false", "aws:SecureTransport")}),
    "a source address": queue_policy({"Condition": source("IpAddress", "0.0.0.0/0", "aws:SourceIp")}),
}


def others(policy: str | None) -> dict[str, str]:
    return {
        "other topic": sns_may_send(policy, f"{TOPIC}-other", QUEUE).verdict,
        "foreign topic": sns_may_send(policy, FOREIGN, QUEUE).verdict,
        "stranger": principal_may(policy, STRANGER, QUEUE).verdict,
        "anonymous": anonymous_may(policy, QUEUE).verdict,
    }


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_policy_lets_this_topic_in_and_nobody_else(name: str) -> None:
    assert sns_may_send(RIGHT[name], TOPIC, QUEUE).allowed
    assert set(others(RIGHT[name]).values()) <= {"implicit_deny", "explicit_deny"}
    assert principal_may(RIGHT[name], ACCOUNT, QUEUE).allowed


@pytest.mark.parametrize("name", TOO_OPEN)
def test_a_policy_that_is_too_open_lets_somebody_else_in(name: str) -> None:
    policy, who = TOO_OPEN[name]
    assert others(policy)[who] == "allowed"


@pytest.mark.parametrize("name", CLOSED)
def test_a_wrong_policy_does_not_let_this_topic_in(name: str) -> None:
    assert sns_may_send(CLOSED[name], TOPIC, QUEUE).denied


def test_the_topics_account_is_the_one_in_its_arn_unless_another_is_given() -> None:
    policy = queue_policy({"Condition": source("StringEquals", STRANGER, "aws:SourceAccount")})
    assert sns_may_send(policy, FOREIGN, QUEUE).allowed
    assert sns_may_send(policy, TOPIC, QUEUE, STRANGER).allowed
    assert sns_may_send(policy, TOPIC, QUEUE).denied


def test_what_a_callers_address_is_nobody_knows_unless_it_is_given() -> None:
    policy = queue_policy({"Principal": "*", "Condition": source("IpAddress", "203.0.113.0/24", "aws:SourceIp")})
    assert anonymous_may(policy, QUEUE).verdict == "inconclusive"
    assert anonymous_may(policy, QUEUE, context={"aws:SourceIp": "203.0.113.9"}).allowed
    assert principal_may(policy, STRANGER, QUEUE).verdict == "inconclusive"
    assert principal_may(policy, STRANGER, QUEUE, context={"aws:SourceIp": "198.51.100.1"}).denied


def test_a_principals_own_keys_are_known() -> None:
    by_arn = queue_policy(
        {"Principal": "*", "Condition": source("ArnLike", f"arn:aws:iam::{STRANGER}:*", "aws:PrincipalArn")}
    )
    by_account = queue_policy({"Principal": "*", "Condition": source("StringEquals", STRANGER, "aws:PrincipalAccount")})
    for policy in (by_arn, by_account):
        assert principal_may(policy, STRANGER, QUEUE).allowed
        assert principal_may(policy, f"arn:aws:iam::{STRANGER}:user/x", QUEUE).allowed
        assert principal_may(policy, "111122223333", QUEUE).denied
        assert anonymous_may(policy, QUEUE).denied


def test_plain_callers_come_by_https_and_are_no_service() -> None:
    secure = queue_policy({"Principal": "*", "Condition": source("Bool", "true", "aws:SecureTransport")})
    service = queue_policy({"Principal": "*", "Condition": source("Bool", "true", "aws:PrincipalIsAWSService")})
    assert anonymous_may(secure, QUEUE).allowed
    assert anonymous_may(service, QUEUE).denied
    assert principal_may(service, STRANGER, QUEUE).denied
    assert sns_may_send(service, TOPIC, QUEUE).allowed


def key_policy(*statements: dict[str, Any]) -> str:
    base = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Resource": "*"}
    actions = ["kms:GenerateDataKey*", "kms:Decrypt"]
    return json.dumps({"Version": "2012-10-17", "Statement": [{**base, "Action": actions, **at} for at in statements]})


@pytest.mark.parametrize(
    ("policy", "wanted"),
    [
        (key_policy({}), "allowed"),
        (key_policy({"Action": "kms:*"}), "allowed"),
        (key_policy({"Resource": KEY}), "allowed"),
        (key_policy({"Action": "kms:Decrypt"}, {"Action": "kms:GenerateDataKey"}), "allowed"),
        (key_policy({"Condition": source("ArnLike", TOPIC)}), "allowed"),
        (key_policy({"Condition": source("StringEquals", "sqs.us-east-1.amazonaws.com", "kms:ViaService")}), "allowed"),
        (key_policy({"Action": "kms:Decrypt"}), "implicit_deny"),
        (key_policy({"Action": "kms:GenerateDataKey*"}), "implicit_deny"),
        (key_policy({"Action": "kms:Encrypt"}), "implicit_deny"),
        (key_policy({"Principal": {"Service": "sqs.amazonaws.com"}}), "implicit_deny"),
        (key_policy({"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*"}), "implicit_deny"),
        (key_policy({}, {"Effect": "Deny", "Action": "kms:Decrypt"}), "explicit_deny"),
        (key_policy({"Condition": source("ArnLike", f"{TOPIC}-other")}), "implicit_deny"),
        (key_policy({"Condition": source("StringEquals", "x", "kms:EncryptionContext:aws:sqs:arn")}), "inconclusive"),
        (None, "implicit_deny"),
    ],
)
def test_a_key_admits_sns_only_with_both_actions(policy: str | None, wanted: str) -> None:
    found = key_admits(policy, KEY, via="sqs.us-east-1.amazonaws.com", resource=TOPIC)
    assert found.verdict == wanted
