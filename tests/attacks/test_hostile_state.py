"""What a submission leaves for the checks to read: each lab says what it is worth, in time, and is at fault for none."""

from __future__ import annotations

from typing import Any

import pytest
from attacks.conftest import Attack
from attacks.test_emulators_in_a_box import MINISTACK, ministack
from conftest import ROOT

# What is in an emulator tries the checks, and not the box.
pytestmark = pytest.mark.parametrize("attack", ["main.py"], indirect=True)

TRIED = """
import json
def tried(call, **arguments):
    try:
        call(**arguments)
        print("taken")
    except Exception as error:
        print(type(error).__name__)
"""
TEXTS = {
    "10,000 deep": """'{"Statement": ' * 10_000 + '[]' + '}' * 10_000""",
    "a thousand deep": """'{"Statement": ' * 1000 + '[]' + '}' * 1000""",
    "10,000 statements": """json.dumps({"Version": "2012-10-17", "Statement": [
        {"Sid": f"s{n}", "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"} for n in range(10_000)]})""",
    "as many as are read": """json.dumps({"Version": "2012-10-17", "Statement": [
        {"Sid": f"s{n}", "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"} for n in range(1200)]})""",
    "keys twice": """'{"Version": "2012-10-17", "Version": "2008-10-17", "Statement": [], "Statement": [{"Effect": "Deny", '
        '"Effect": "Allow", "Principal": "*", "Principal": {"AWS": "*"}, "Action": "*", "Resource": "*"}]}'""",
    "no numbers": """'{"Version": NaN, "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", '
        '"Condition": {"NumericLessThan": {"a": [1e999999, -Infinity]}}}], "maxReceiveCount": 1e400}'""",
    "5,000 digits": """'{"Version": "2012-10-17", "Statement": [], "maxReceiveCount": ' + "9" * 5000 + '}'""",
    "lone surrogates": r"""'{"Version": "2012-10-17", "Statement": [{"Sid": "\\ud800", "Effect": "Allow", "Principal": '
        '{"AWS": "\\udfff"}, "Action": "\\u0000", "Resource": "\\ud800*"}], "deadLetterTargetArn": "\\ud800\\u0000"}'""",
    "no characters of XML": r"""'{"Statement": "\0\x0b\x1b[2J\ufffe", "deadLetterTargetArn": "\0\ud800"}'""",
}
SINKS = {
    "sqs-fifo": (
        "boto3",
        """
for url in (orders, dead_letters):
    for name in ("Policy", "RedriveAllowPolicy", "RedrivePolicy"):
        tried(sqs.set_queue_attributes, QueueUrl=url, Attributes={name: TEXT})
    tried(sqs.tag_queue, QueueUrl=url, Tags={TEXT[:100]: TEXT[:200]})
""",
    ),
    "sns-fanout": (
        "boto3",
        """
kms = boto3.client("kms")
key = kms.create_key()["KeyMetadata"]["KeyId"]
tried(kms.put_key_policy, KeyId=key, PolicyName="default", Policy=TEXT)
for arn in (billing, shipping, audit, undelivered):
    url = sqs.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]
    tried(sqs.set_queue_attributes, QueueUrl=url, Attributes={"Policy": TEXT})
    tried(sqs.set_queue_attributes, QueueUrl=url, Attributes={"KmsMasterKeyId": key})
tried(sns.set_topic_attributes, TopicArn=topic, AttributeName="Policy", AttributeValue=TEXT)
for one in sns.list_subscriptions()["Subscriptions"]:
    for name in ("FilterPolicy", "RedrivePolicy"):
        tried(sns.set_subscription_attributes, SubscriptionArn=one["SubscriptionArn"], AttributeName=name,
              AttributeValue=TEXT)
""",
    ),
    "s3-lifecycle": (
        "one_rule_each",
        """
for name in (bucket, recovery):
    tried(s3.put_bucket_policy, Bucket=name, Policy=TEXT)
    tried(s3.put_bucket_tagging, Bucket=name, Tagging={"TagSet": [{"Key": TEXT[:100], "Value": TEXT[:200]}]})
tried(s3.put_bucket_lifecycle_configuration, Bucket=bucket, LifecycleConfiguration={"Rules": [
    {"ID": TEXT[:200], "Status": "Enabled", "Filter": {"Prefix": TEXT[:900]}, "Expiration": {"Days": 10**30}}]})
""",
    ),
    "vpc-nat": (
        "nat_per_zone",
        """
service = "com.amazonaws.us-east-1.s3"
tried(ec2.create_vpc_endpoint, VpcId=vpc, ServiceName=service, PolicyDocument=TEXT)
for one in (vpc, *public, *private, gateway):
    tried(ec2.create_tags, Resources=[one], Tags=[{"Key": TEXT[:100], "Value": TEXT[:200]}])
tried(ec2.create_tags, Resources=[*private], Tags=[{"Key": "Tier", "Value": TEXT[:200]}])
""",
    ),
}


def solution(lab: str, name: str) -> str:
    return (ROOT / "labs" / lab.replace("-", "_") / "solutions" / name / "main.py").read_text("utf-8") + TRIED


def verdicts(report: dict[str, Any]) -> dict[str, str]:
    """How each check ended: with a verdict, and in time."""
    assert report["outcome"] in ("passed", "failed"), [check["message"] for check in report["checks"]]
    assert report["run"]["exit_code"] == 0, report["run"]["stderr"]
    return {check["id"]: check["outcome"] for check in report["checks"]}


@pytest.mark.parametrize("text", [pytest.param(n, marks=[] if n == "10,000 deep" else pytest.mark.slow) for n in TEXTS])
@pytest.mark.parametrize("lab", [pytest.param(n, marks=[] if n == "sqs-fifo" else pytest.mark.slow) for n in SINKS])
def test_no_text_keeps_a_lab_from_its_verdict(attack: Attack, lab: str, text: str) -> None:
    name, code = SINKS[lab]
    verdicts(attack(f"TEXT = ({TEXTS[text]})\n{code}", lab=lab, right=solution(lab, name)))


@pytest.mark.slow
@pytest.mark.parametrize("text", TEXTS)
def test_nor_on_an_emulator_that_takes_any_text(attack: Attack, text: str) -> None:
    name, code = SINKS["sqs-fifo"]
    where = ministack()
    verdicts(
        attack(
            f"TEXT = ({TEXTS[text]})\n{code}", *MINISTACK, lab="sqs-fifo", right=solution("sqs-fifo", name), env=where
        )
    )


FLOOD = """
import http.client, threading
from concurrent.futures import ThreadPoolExecutor
SIGNED = "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
class Lines(threading.local):
    def __init__(self):
        self.one = http.client.HTTPConnection("127.0.0.1", 4566, timeout=60)
lines = Lines()
def put(bucket, key, body=b""):
    lines.one.request("PUT", f"/{bucket}/{key}", body, {"Authorization": SIGNED})
    answer = lines.one.getresponse()
    if answer.read() or answer.status != 200:
        raise SystemExit(answer.status)
def flood(bucket, keys):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: put(bucket, f"flood/{number}"), range(keys)))
    print(keys)
"""


@pytest.mark.slow
def test_a_bucket_of_tens_of_thousands_of_keys_is_judged_as_one_of_none(attack: Attack) -> None:
    code = f"{FLOOD}flood(os.environ['LAB_BUCKET'], 20_000)\n"
    report = attack(code, "--timeout", "150")
    assert (report["run"]["stdout"].split(), report["score"]) == (["20000"], 100)


@pytest.mark.slow
def test_a_bucket_of_more_versions_than_anybody_looks_at_costs_the_check_that_looks(attack: Attack) -> None:
    code = f"{FLOOD}flood(recovery, 5000)\n"
    report = attack(code, "--timeout", "100", lab="s3-lifecycle", right=solution("s3-lifecycle", "one_rule_each"))
    ended = verdicts(report)
    assert [name for name, outcome in ended.items() if outcome != "passed"] == ["no_version_was_lost"]
    assert "holds more than 1000 versions: too many to look at" in str(report["checks"])
    assert max(check["seconds"] for check in report["checks"]) < 5


@pytest.mark.slow
def test_more_rules_than_can_be_followed_are_told(attack: Attack) -> None:
    code = """
acl = ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["NetworkAcls"][0]["NetworkAclId"]
for number in range(101, 900):
    ec2.create_network_acl_entry(NetworkAclId=acl, RuleNumber=number, Protocol="6", RuleAction="deny", Egress=False,
                                 CidrBlock=f"99.0.{number % 250}.0/24", PortRange={"From": number, "To": number})
"""
    report = attack(code, lab="vpc-nat", right=solution("vpc-nat", "nat_per_zone"))
    assert "failed" in verdicts(report).values()
    assert "rules: too many to look at" in str(report["checks"])


@pytest.mark.slow
def test_what_fills_half_of_the_emulator_is_not_copied_to_be_listed(attack: Attack) -> None:
    code = f"{FLOOD}for number in range(48):\n    put(recovery, str(number), bytes(16 << 20))\n"
    report = attack(code, lab="s3-lifecycle", right=solution("s3-lifecycle", "one_rule_each"))
    assert report["score"] == 100
