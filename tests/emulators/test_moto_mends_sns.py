"""What moto gets wrong of SNS and of queues' policies, and that the mended one does not.

Each blind spot is asserted on moto as it is, too: the day it sees, that test fails and the mend goes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError

from grader.emulators import moto

NUMBERS = count()
SERVICES = ("sns", "sqs", "kms", "cloudformation")
ALLOW = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
POLICY = {"Version": "2012-10-17", "Statement": [ALLOW]}


@pytest.fixture(scope="module")
def mended() -> Iterator[moto.Moto]:
    with moto.launch(services=SERVICES) as starting:
        yield starting.ready()


@pytest.fixture(scope="module")
def unmended() -> Iterator[moto.Moto]:
    with moto.launch(services=SERVICES, mended=False) as starting:
        yield starting.ready()


class Account:
    """A topic and a queue of their own on that emulator."""

    def __init__(self, emulator: moto.Moto) -> None:
        self.client = emulator.access.client
        self.sns, self.sqs, self.name = self.client("sns"), self.client("sqs"), f"made-{next(NUMBERS)}"
        self.topic = self.sns.create_topic(Name=self.name)["TopicArn"]
        self.url = self.sqs.create_queue(QueueName=self.name)["QueueUrl"]
        self.queue = f"arn:aws:sqs:us-east-1:123456789012:{self.name}"

    def subscribe(self, endpoint: str = "", **attributes: str) -> str:
        asked = {"TopicArn": self.topic, "Protocol": "sqs", "Endpoint": endpoint or self.queue}
        return str(self.sns.subscribe(**asked, Attributes=attributes)["SubscriptionArn"])

    def read(self, arn: str) -> dict[str, str]:
        found: dict[str, str] = self.sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
        return found

    def received(self) -> list[str]:
        reply = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10)
        return [message["Body"] for message in reply.get("Messages", [])]

    def attributes(self) -> dict[str, str]:
        found: dict[str, str] = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])["Attributes"]
        return found

    def deployed(self, resources: dict[str, Any], name: str = "") -> str:
        """The stack's name."""
        cloudformation, template = self.client("cloudformation"), json.dumps({"Resources": resources})
        if name:
            cloudformation.update_stack(StackName=name, TemplateBody=template)
        else:
            name = f"stack-{next(NUMBERS)}"
            cloudformation.create_stack(StackName=name, TemplateBody=template)
        return name


def template(**properties: Any) -> dict[str, Any]:
    return {"Made": {"Type": "AWS::SNS::Subscription", "Properties": properties}}


def test_a_second_subscription_with_other_attributes_is_refused(mended: moto.Moto, unmended: moto.Moto) -> None:
    account = Account(mended)
    arn = account.subscribe(FilterPolicy='{"kind": ["a"]}')
    with pytest.raises(ClientError, match="Subscription already exists with different attributes"):
        account.subscribe(FilterPolicy='{"kind": ["b"]}')
    assert json.loads(account.read(arn)["FilterPolicy"]) == {"kind": ["a"]}
    careless = Account(unmended)
    arn = careless.subscribe(FilterPolicy='{"kind": ["a"]}')
    assert careless.subscribe(FilterPolicy='{"kind": ["b"]}') == arn


@pytest.mark.parametrize(
    "again",
    [
        {},
        {"FilterPolicy": '{ "kind":["a"] }'},
        {"RawMessageDelivery": "False"},
        {"FilterPolicyScope": "MessageAttributes"},
    ],
)
def test_a_second_subscription_that_says_the_same_is_the_first(mended: moto.Moto, again: dict[str, str]) -> None:
    account = Account(mended)
    arn = account.subscribe(FilterPolicy='{"kind": ["a"]}')
    assert account.subscribe(**again) == arn


def test_a_message_goes_to_more_than_a_hundred_subscriptions(mended: moto.Moto, unmended: moto.Moto) -> None:
    got = []
    for emulator in (mended, unmended):
        account = Account(emulator)
        for number in range(100):
            account.subscribe(
                f"arn:aws:sqs:us-east-1:123456789012:{account.name}-{number}", FilterPolicy='{"x": ["y"]}'
            )
        account.subscribe(RawMessageDelivery="true")
        account.sns.publish(TopicArn=account.topic, Message="hello")
        got.append(account.received())
    assert got == [["hello"], []]


EITHER = {"$or": [{"kind": ["a"]}, {"total": [{"numeric": [">", 20]}]}]}


@pytest.mark.parametrize(
    ("scope", "policy", "kind", "total"),
    [
        ("MessageAttributes", {"kind": [{"equals-ignore-case": "PHYSICAL"}]}, "Physical", 1),
        ("MessageBody", {"kind": [{"equals-ignore-case": "PHYSICAL"}]}, "pHYSICAL", 1),
        ("MessageBody", EITHER, "a", 1),
        ("MessageBody", EITHER, "b", 21),
        ("MessageBody", {"$or": [{"kind": ["a"]}, {"from": {"country": ["KR"]}}]}, "a", 1),
        ("MessageAttributes", {"kind": [{"anything-but": {"suffix": "tal"}}]}, "physical", 1),
        ("MessageBody", {"kind": [{"anything-but": {"wildcard": "dig*"}}]}, "physical", 1),
        ("MessageAttributes", {"kind": [{"anything-but": {"equals-ignore-case": "DIGITAL"}}]}, "physical", 1),
        ("MessageBody", {"kind": [{"anything-but": {"prefix": ["phyto", "dig"]}}]}, "physical", 1),
    ],
)
def test_a_filter_accepts_what_it_does_on_aws(
    mended: moto.Moto,
    unmended: moto.Moto,
    scope: str,
    policy: dict[str, Any],
    kind: str,
    total: int,
) -> None:
    got = []
    for emulator in (mended, unmended):
        account = Account(emulator)
        account.subscribe(FilterPolicyScope=scope, FilterPolicy=json.dumps(policy))
        attributes = {"kind": {"DataType": "String", "StringValue": kind}}
        body = json.dumps({"kind": kind, "total": total})
        with suppress(ClientError):  # moto itself fails on alternatives in the body
            account.sns.publish(TopicArn=account.topic, Message=body, MessageAttributes=attributes)
        got.append(bool(account.received()))
    assert got == [True, False]


EACH = [{"kind": [f"a{n}"], "total": [{"numeric": ["=", n]}]} for n in range(4)]


@pytest.mark.parametrize(
    ("policy", "in_words"),
    [
        ({"kind": [{"wildcard": "ph*al"}]}, "match type wildcard"),
        ({"kind": [{"cidr": "10.0.0.0/8"}, "physical"]}, "match type cidr"),
        ({"$or": [*EACH, {"kind": ["physical"]}]}, "too complex"),
    ],
)
@pytest.mark.parametrize("scope", ["MessageAttributes", "MessageBody"])
def test_a_filter_that_aws_takes_is_taken(
    mended: moto.Moto, unmended: moto.Moto, scope: str, policy: dict[str, Any], in_words: str
) -> None:
    account, strict = Account(mended), Account(unmended)
    said = {"FilterPolicyScope": scope, "FilterPolicy": json.dumps(policy)}
    account.subscribe(**said)
    for kind in ("physical", "digital"):
        attributes = {"kind": {"DataType": "String", "StringValue": kind}}
        account.sns.publish(TopicArn=account.topic, Message=json.dumps({"kind": kind}), MessageAttributes=attributes)
    assert [json.loads(json.loads(body)["Message"])["kind"] for body in account.received()] == ["physical"]
    with pytest.raises(ClientError, match=in_words):
        strict.subscribe(**said)


@pytest.mark.parametrize(
    ("policy", "in_words"),
    [
        ({"kind": [{"begins": "a"}]}, "Unrecognized match type begins"),
        ({"$or": [{"kind": ["a"]}, {"kind": [{"exists": "yes"}]}]}, "exists match pattern must be"),
        ({name: ["x"] * 3 for name in "abcde"}, "too complex"),
        ({"$or": [{"a": ["x"] * 30, "b": ["y"] * 6}, {"a": ["z"]}]}, "too complex"),
        ({"$or": [{"a": ["x"] * 90}, {"b": ["y"] * 90}]}, "too complex"),
        ({name: ["x"] for name in "abcdef"}, "more than 5 keys"),
    ],
)
def test_a_filter_that_aws_refuses_is_refused_still(mended: moto.Moto, policy: dict[str, Any], in_words: str) -> None:
    with pytest.raises(ClientError, match=in_words):
        Account(mended).subscribe(FilterPolicy=json.dumps(policy))


@pytest.mark.parametrize("policy", [EITHER, {**EITHER, "kind": ["b"]}])
def test_an_alternative_that_none_fits_and_a_rule_beside_it_keep_a_message_out(
    mended: moto.Moto, policy: dict[str, Any]
) -> None:
    account = Account(mended)
    account.subscribe(FilterPolicyScope="MessageBody", FilterPolicy=json.dumps(policy))
    for kind, total in (("b", 20), ("c", 20)):
        account.sns.publish(TopicArn=account.topic, Message=json.dumps({"kind": kind, "total": total}))
    assert account.received() == []


def test_a_queues_policy_goes_when_it_is_set_to_nothing(mended: moto.Moto) -> None:
    account = Account(mended)
    for policy in (json.dumps(POLICY), ""):
        account.sqs.set_queue_attributes(QueueUrl=account.url, Attributes={"Policy": policy})
    assert "Policy" not in account.attributes()


def test_a_queues_policy_that_is_no_json_object_is_refused(mended: moto.Moto, unmended: moto.Moto) -> None:
    account, careless = Account(mended), Account(unmended)
    with pytest.raises(ClientError, match=r"Invalid value for the parameter Policy\."):
        account.sqs.set_queue_attributes(QueueUrl=account.url, Attributes={"Policy": "[1]"})
    careless.sqs.set_queue_attributes(QueueUrl=careless.url, Attributes={"Policy": "[1]"})
    with pytest.raises(ClientError, match="InternalError"):
        careless.attributes()


def test_a_templates_subscription_has_all_that_it_says(mended: moto.Moto) -> None:
    account = Account(mended)
    redrive = {"deadLetterTargetArn": account.queue}
    said = {"TopicArn": account.topic, "Protocol": "sqs", "Endpoint": account.queue, "RawMessageDelivery": True}
    said |= {"FilterPolicyScope": "MessageBody", "FilterPolicy": {"a": {"b": ["c"]}}, "RedrivePolicy": redrive}
    stack = account.deployed(template(**said))
    (listed,) = account.sns.list_subscriptions_by_topic(TopicArn=account.topic)["Subscriptions"]
    read = account.read(listed["SubscriptionArn"])
    assert (read["RawMessageDelivery"], read["FilterPolicyScope"]) == ("true", "MessageBody")
    assert json.loads(read["FilterPolicy"]) == {"a": {"b": ["c"]}}
    assert json.loads(read["RedrivePolicy"]) == redrive
    account.deployed(template(TopicArn=account.topic, Protocol="sqs", Endpoint=account.queue), stack)
    assert not {"FilterPolicy", "RedrivePolicy"} & account.read(listed["SubscriptionArn"]).keys()
    account.client("cloudformation").delete_stack(StackName=stack)
    assert account.sns.list_subscriptions_by_topic(TopicArn=account.topic)["Subscriptions"] == []


def test_a_templates_subscription_with_a_filter_that_is_refused_is_not_there(mended: moto.Moto) -> None:
    account = Account(mended)
    said = {
        "TopicArn": account.topic,
        "Protocol": "sqs",
        "Endpoint": account.queue,
        "FilterPolicy": {"a": {"b": ["c"]}},
    }
    stack = account.deployed(template(**said))
    status = account.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
    assert status == "ROLLBACK_COMPLETE"
    assert account.sns.list_subscriptions_by_topic(TopicArn=account.topic)["Subscriptions"] == []


def test_a_templates_queue_policy_is_on_all_its_queues_and_leaves_those_that_it_no_longer_names(
    mended: moto.Moto,
) -> None:
    one, other = Account(mended), Account(mended)
    made = {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [one.url, other.url], "PolicyDocument": POLICY}}
    stack = one.deployed({"Made": made})
    assert [json.loads(each.attributes()["Policy"]) for each in (one, other)] == [POLICY, POLICY]
    one.deployed({"Made": {**made, "Properties": {"Queues": [one.url], "PolicyDocument": POLICY}}}, stack)
    assert ["Policy" in each.attributes() for each in (one, other)] == [True, False]
    one.client("cloudformation").delete_stack(StackName=stack)
    assert "Policy" not in one.attributes()


def test_a_templates_inline_policy_of_a_queue_is_put_moved_and_taken_away(mended: moto.Moto) -> None:
    one, other = Account(mended), Account(mended)
    made = {"Type": "AWS::SQS::QueueInlinePolicy", "Properties": {"Queue": one.url, "PolicyDocument": POLICY}}
    stack = one.deployed({"Made": made})
    assert json.loads(one.attributes()["Policy"]) == POLICY
    one.deployed({"Made": {**made, "Properties": {"Queue": other.url, "PolicyDocument": POLICY}}}, stack)
    assert ["Policy" in each.attributes() for each in (one, other)] == [False, True]
    one.client("cloudformation").delete_stack(StackName=stack)
    assert "Policy" not in other.attributes()


def test_a_templates_topic_policy_is_put_and_taken_back(mended: moto.Moto) -> None:
    account = Account(mended)
    allow = {"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": account.topic}
    policy = {"Version": "2012-10-17", "Statement": [allow]}
    before = account.sns.get_topic_attributes(TopicArn=account.topic)["Attributes"]["Policy"]
    made = {"Type": "AWS::SNS::TopicPolicy", "Properties": {"Topics": [account.topic], "PolicyDocument": policy}}
    stack = account.deployed({"Made": made})
    assert json.loads(account.sns.get_topic_attributes(TopicArn=account.topic)["Attributes"]["Policy"]) == policy
    account.client("cloudformation").delete_stack(StackName=stack)
    assert account.sns.get_topic_attributes(TopicArn=account.topic)["Attributes"]["Policy"] == before


def test_a_template_gets_the_arn_of_its_topic(mended: moto.Moto) -> None:
    account = Account(mended)
    arn = {"Fn::GetAtt": ["Topic", "TopicArn"]}
    subscription = {"TopicArn": arn, "Protocol": "sqs", "Endpoint": account.queue}
    name = f"{account.name}-of-a-template"
    account.deployed(
        {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name}}, **template(**subscription)}
    )
    topic = f"arn:aws:sns:us-east-1:123456789012:{name}"
    (listed,) = account.sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert listed["Endpoint"] == account.queue


@pytest.mark.parametrize(("enabled", "state"), [(True, "Enabled"), (False, "Disabled")])
def test_a_templates_key_reads_its_policy_and_its_state_back(mended: moto.Moto, enabled: bool, state: str) -> None:
    account = Account(mended)
    policy = {"Version": "2012-10-17", "Statement": [{**ALLOW, "Action": "kms:*"}]}
    stack = account.deployed(
        {"Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy, "Enabled": enabled}}}
    )
    found = account.client("cloudformation").describe_stack_resources(StackName=stack)["StackResources"]
    key, kms = found[0]["PhysicalResourceId"], account.client("kms")
    assert json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]) == policy
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == state


def test_one_key_signs_for_all_however_many_begin_at_once() -> None:
    from grader.emulators.moto.mends import make_ahead
    from grader.emulators.moto.mends.sns import private_key

    with ThreadPoolExecutor(8) as side_by_side:
        keys = {id(key) for key in side_by_side.map(lambda _: private_key(), range(8))}
    make_ahead("sns")
    assert keys == {id(private_key())}


@pytest.mark.parametrize(
    "kind", ["AWS::SNS::Subscription", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy", "AWS::SQS::QueueInlinePolicy"]
)
def test_moto_itself_does_not_know_the_type(kind: str) -> None:
    from moto.cloudformation import parsing

    ours = [model for model in parsing.get_model_list() if model.__module__.startswith("grader.")]
    assert kind not in {model.cloudformation_type() for model in parsing.get_model_list() if model not in ours}
