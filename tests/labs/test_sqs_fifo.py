"""The lab sqs-fifo: right queues in any shape pass, wrong ones in any disguise fail, and messages stay."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from grader import engine
from grader.access import Access, ForkUnsupported
from grader.aws import Aws
from grader.capabilities import Capabilities
from grader.emulators import moto
from grader.emulators.interface import Emulator
from grader.engine import Judgement
from grader.lab import Lab, find
from grader.report import Outcome

QUEUE, DEAD = "orders-7d20b4.fifo", "orders-dead-7d20b4.fifo"
OF = "arn:aws:sqs:us-east-1:123456789012:"
FIFO = {"FifoQueue": "true"}


def redrive(target: str = OF + DEAD, receives: object = 3, **more: object) -> str:
    return json.dumps({"deadLetterTargetArn": target, "maxReceiveCount": receives, **more})


def allow(*sources: str, permission: str = "byQueue") -> str:
    return json.dumps({"redrivePermission": permission, **({"sourceQueueArns": sources} if sources else {})})


ORDERS = {
    **FIFO,
    "ContentBasedDeduplication": "true",
    "VisibilityTimeout": "45",
    "ReceiveMessageWaitTimeSeconds": "20",
    "RedrivePolicy": redrive(),
}
LETTERS = {**FIFO, "MessageRetentionPeriod": "1209600", "RedriveAllowPolicy": allow(OF + QUEUE)}
FAST = {"DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId"}
PLAIN = {"Bool": {"aws:SecureTransport": "false"}}
DENY_HTTP = json.dumps(
    {"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*", "Condition": PLAIN}]}
)
KEY_OF = "arn:aws:kms:us-east-1:123456789012:key/"
ROOT = {"AWS": "arn:aws:iam::123456789012:root"}


def key_policy(*actions: str, principal: object = ROOT, effect: str = "Allow") -> str:
    return json.dumps(
        {"Statement": [{"Effect": effect, "Principal": principal, "Action": [*actions], "Resource": "*"}]}
    )


DENIED = [{"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}]
POLICIES = {
    "alias/denied": json.dumps({"Statement": [*json.loads(key_policy("kms:*"))["Statement"], *DENIED]}),
    "alias/locked": key_policy("kms:GenerateDataKey", "kms:Decrypt"),
    "alias/locked-by-name": key_policy("kms:*", principal={"AWS": "arn:aws:iam::210987654321:root"}),
    "alias/unused": key_policy("kms:Put*", "kms:Describe*", "kms:GenerateDataKey*"),
    "alias/small": key_policy("kms:*", effect="allow"),
    "alias/by-name": key_policy("kms:*", principal={"AWS": "arn:aws:iam::123456789012:role/keys"}),
}
KMS = {
    **{name: {} for name in POLICIES},
    "alias/orders": {},
    "alias/off": {"KeyState": "Disabled"},
    "alias/going": {"KeyState": "PendingDeletion"},
    "alias/rsa": {"KeySpec": "RSA_2048"},
    "alias/hmac": {"KeySpec": "HMAC_256"},
}


def key(name: str) -> dict[str, str | None]:
    return {"KmsMasterKeyId": f"alias/{name}"}


def denied(**parts: Any) -> dict[str, str | None]:
    statement = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*", **parts}
    return {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}


def given(attributes: Mapping[str, str], changes: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in {**attributes, **changes}.items() if value is not None}


@pytest.fixture(scope="module")
def lab() -> Lab:
    return find("sqs-fifo")


def ended(judgement: Judgement, outcome: Outcome) -> dict[str, str]:
    return {check.id: str(check.message) for check in judgement.checks if check.outcome is outcome}


# On paper: an account as boto3 would tell of it, on an emulator that is neither copied nor has other accounts.


@dataclass
class Account:
    queues: dict[str, dict[str, str]]
    lacks: str = ""  # a capability
    region: str = "us-east-1"
    elsewhere: dict[str, list[str]] = field(default_factory=dict)  # queues of other regions
    keys: dict[str, dict[str, str]] = field(default_factory=lambda: KMS)  # by every name that they have

    def seen(self) -> Aws:
        access = SimpleNamespace(
            account="123456789012",
            region=self.region,
            endpoint="http://127.0.0.1:9",
            secret_key="x",
            client=self.client,
        )
        emulator: Any = SimpleNamespace(access=access, name="an emulator", fork=self.fork)
        return Aws(emulator, lambda capability: capability.id != self.lacks)

    def client(self, _service: str, region: str | None = None) -> Any:
        return self if region in (None, self.region) else Account({name: {} for name in self.elsewhere.get(region, [])})

    def fork(self) -> Any:
        raise ForkUnsupported

    def can_paginate(self, _operation: str) -> bool:
        return False

    def list_queues(self) -> dict[str, Any]:
        return {"QueueUrls": [f"http://x/{name}" for name in self.queues]}

    def get_queue_url(self, QueueName: str) -> dict[str, str]:  # noqa: N803  (AWS's names)
        if QueueName not in self.queues:
            code = {"Error": {"Code": "AWS.SimpleQueueService.NonExistentQueue"}}
            raise ClientError(code, "GetQueueUrl")  # type: ignore[arg-type]
        return {"QueueUrl": f"http://x/{QueueName}"}

    def describe_key(self, KeyId: str) -> dict[str, Any]:  # noqa: N803
        if KeyId not in self.keys:
            raise ClientError({"Error": {"Code": "NotFoundException"}}, "DescribeKey")  # type: ignore[arg-type]
        return {"KeyMetadata": {"Arn": f"{KEY_OF}{KeyId}", **self.keys[KeyId]}}

    def get_key_policy(self, KeyId: str, PolicyName: str) -> dict[str, Any]:  # noqa: N803
        return {"Policy": POLICIES.get(KeyId.removeprefix(KEY_OF), key_policy("kms:*"))}

    def get_queue_attributes(self, QueueUrl: str, AttributeNames: list[str]) -> dict[str, Any]:  # noqa: N803
        name = QueueUrl.rpartition("/")[2]
        return {"Attributes": {"QueueArn": OF + name, **self.queues[name]}}


def on_paper(lab: Lab, orders: Mapping[str, str | None], letters: Mapping[str, str | None], **more: Any) -> Judgement:
    account = Account({QUEUE: given(ORDERS, orders), DEAD: given(LETTERS, letters)}, **more)
    return engine.judge(lab, account.seen(), lab.values(), None, seconds=60)


B, N, ONLY, T = (
    "bad_messages_are_set_aside",
    "it_is_tried_often_enough",
    "only_the_queue_may_use_it",
    "aws_takes_both_queues",
)
S, V, W, K = "same_body_is_delivered_once", "consumer_has_its_time", "empty_receive_waits", "dead_letters_are_kept"
OTHER = OF + "returns.fifo"
WRONG: dict[str, tuple[dict[str, str | None], dict[str, str | None], set[str], str]] = {
    "a key of two halves": (key("rsa"), {}, {T}, "is encrypted with alias/rsa. That key is of the type RSA_2048"),
    "a key for signing": ({}, key("hmac"), {T}, "of the type HMAC_256"),
    "a key that is off": (key("off"), {}, {T}, "That key is Disabled"),
    "a key that is to be deleted": ({}, key("going"), {T}, "That key is PendingDeletion"),
    "a key that its account can never change again": (
        key("locked"),
        {},
        {T},
        "AWS would not take the policy of that key: The new key policy will not allow you to update",
    ),
    "a key of which another account alone may say who uses it": ({}, key("locked-by-name"), {T}, "will not allow you"),
    "a key that nobody decrypts with": (key("unused"), {}, {T}, "lets nobody of this account do kms:Decrypt"),
    "a key whose policy says allow in small letters": (key("small"), {}, {T}, "The Effect is allow"),
    "a key that a Deny keeps from everybody": (
        key("denied"),
        {},
        {T},
        "lets nobody of this account do kms:Decrypt. Statement 2 denies it",
    ),
    "no time at all for the orders, which AWS refuses": (
        {"MessageRetentionPeriod": "59"},
        {},
        {T},
        "MessageRetentionPeriod goes from 60",
    ),
    "a key that is not there": (key("none"), key("none"), {T}, f"{QUEUE} is encrypted with alias/none. There is no"),
    "all denied to all": (denied(), {}, {T}, f"sqs:SendMessage on {QUEUE} is denied to everybody"),
    "reading dead letters denied to all": ({}, denied(Action="sqs:Rec*"), {T}, f"sqs:ReceiveMessage on {DEAD} is"),
    "redrive to itself": ({"RedrivePolicy": redrive(OF + QUEUE)}, {}, {B}, f"it goes to {OF}{QUEUE}, which is"),
    "redrive to a third queue": ({"RedrivePolicy": redrive(OTHER)}, {}, {B}, f"it goes to {OTHER}"),
    "redrive to another account": (
        {"RedrivePolicy": redrive((OF + DEAD).replace("123456789012", "000000000000"))},
        {},
        {B},
        "000000000000",
    ),
    "redrive to another region": (
        {"RedrivePolicy": redrive((OF + DEAD).replace("us-east-1", "eu-west-1"))},
        {},
        {B},
        "eu-west-1",
    ),
    "redrive to a name": ({"RedrivePolicy": redrive(DEAD)}, {}, {B}, f"it goes to {DEAD}, which is another queue"),
    "redrive that is no JSON": ({"RedrivePolicy": "{nope"}, {}, {B, N}, "names no queue: {nope"),
    "redrive that is a list": ({"RedrivePolicy": "[1]"}, {}, {B, N}, "names no queue: [1]"),
    "redrive without a target": ({"RedrivePolicy": '{"maxReceiveCount": 3}'}, {}, {B}, "names no queue"),
    "redrive taken away": ({"RedrivePolicy": ""}, {}, {B, N}, "has no redrive policy"),
    "redrive with something else in it": (
        {"RedrivePolicy": redrive(visibility=3)},
        {},
        {B},
        "AWS refuses the redrive policy of orders-7d20b4.fifo: a redrive policy has deadLetterTargetArn",
    ),
    "receives by a name in capitals": (
        {"RedrivePolicy": json.dumps({"deadLetterTargetArn": OF + DEAD, "MaxReceiveCount": 3})},
        {},
        {N},
        "it is received 10 times",
    ),
    "receives with an underscore": ({"RedrivePolicy": redrive(receives="0_3")}, {}, {N}, "tells no number"),
    "receives in other digits": ({"RedrivePolicy": redrive(receives="３")}, {}, {N}, "tells no number"),
    "hidden for too long, kept for too short a time for that alone": (
        {"VisibilityTimeout": "43200", "MessageRetentionPeriod": "86400"},
        {},
        {V},
        "43200 seconds",
    ),
    "received too often, kept for too short a time for that alone": (
        {"RedrivePolicy": redrive(receives=1000), "MessageRetentionPeriod": "14400"},
        {},
        {N},
        "1000 times",
    ),
    "hidden for too short, and kept too short for the time that was asked for": (
        {"VisibilityTimeout": "10", "MessageRetentionPeriod": "100"},
        {},
        {V, B},
        "3 times 45 seconds take longer",
    ),
    "receives in words": ({"RedrivePolicy": redrive(receives="three")}, {}, {N}, "tells no number"),
    "no receives at all": (
        {"RedrivePolicy": json.dumps({"deadLetterTargetArn": OF + DEAD})},
        {},
        {N},
        "it is received 10 times",
    ),
    "one receive": ({"RedrivePolicy": redrive(receives=1)}, {}, {N}, "it is received 1 times"),
    "no receive": ({"RedrivePolicy": redrive(receives=0)}, {}, {N}, "goes from 1 to 1,000"),
    "far too many receives": ({"RedrivePolicy": redrive(receives=10**40)}, {}, {N}, "tells no number"),
    "a second less of retention": ({}, {"MessageRetentionPeriod": "1209599"}, {K}, "1209599 seconds"),
    "a day less of retention": ({}, {"MessageRetentionPeriod": "1123200"}, {K}, "13 days"),
    "retention in milliseconds": ({}, {"MessageRetentionPeriod": "1209600000"}, {K}, "AWS refuses it"),
    "retention in words": ({}, {"MessageRetentionPeriod": "14d"}, {K}, "no time that is a number"),
    "a second more of waiting": ({"ReceiveMessageWaitTimeSeconds": "21"}, {}, {W}, "AWS refuses it"),
    "a second less of waiting": ({"ReceiveMessageWaitTimeSeconds": "19"}, {}, {W}, "is 19"),
    "a second more of hiding": ({"VisibilityTimeout": "46"}, {}, {V}, "46 seconds"),
    "hidden for hours": ({"VisibilityTimeout": "43201"}, {}, {V}, "VisibilityTimeout goes from 0 to 43,200"),
    "equal bodies refused": ({"ContentBasedDeduplication": "false"}, {}, {S}, "is refused"),
    "allowed for any queue by a star": ({}, {"RedriveAllowPolicy": allow("*")}, {ONLY}, "names *"),
    "allowed in another account": (
        {},
        {"RedriveAllowPolicy": allow((OF + QUEUE).replace("123456789012", "000000000000"))},
        {ONLY},
        "may not use it",
    ),
    "allowed by name": ({}, {"RedriveAllowPolicy": allow(QUEUE)}, {ONLY}, f"its allow policy names {QUEUE}"),
    "allowed for two": ({}, {"RedriveAllowPolicy": allow(OF + QUEUE, OTHER)}, {ONLY}, f"and so may {OTHER}"),
    "a permission in small letters": (
        {},
        {"RedriveAllowPolicy": allow(OF + QUEUE, permission="byqueue")},
        {ONLY},
        "none of allowAll",
    ),
    "allowed for nobody by name": ({}, {"RedriveAllowPolicy": allow()}, {ONLY}, "wants a list"),
    "allowed for eleven": ({}, {"RedriveAllowPolicy": allow(*[OF + QUEUE] * 11)}, {ONLY}, "more than 10 queues"),
    "names beside a denial": (
        {},
        {"RedriveAllowPolicy": allow(OF + QUEUE, permission="denyAll")},
        {ONLY},
        "that is not byQueue",
    ),
    "an allow policy that is no JSON": ({}, {"RedriveAllowPolicy": "nope"}, {ONLY}, "it is no JSON object"),
    "an allow policy with something else in it": (
        {},
        {"RedriveAllowPolicy": json.dumps({**json.loads(allow(OF + QUEUE)), "Version": "2012-10-17"})},
        {ONLY},
        "something beside redrivePermission and sourceQueueArns",
    ),
    "an allow policy taken away": ({}, {"RedriveAllowPolicy": "{}"}, {ONLY}, "any queue of the account"),
    "throughput by group, duplicates by queue": (
        {"FifoThroughputLimit": "perMessageGroupId", "DeduplicationScope": "queue"},
        {},
        {T},
        "only where DeduplicationScope is messageGroup",
    ),
    "a scope that there is not": ({}, {"DeduplicationScope": "group"}, {T}, "may be messageGroup, queue"),
    "a delay of an hour": ({"DelaySeconds": "3600"}, {}, {T}, "DelaySeconds goes from 0 to 900. Its DelaySeconds is"),
    "a queue that keeps too long": ({"MessageRetentionPeriod": "1209601"}, {}, {T}, "MessageRetentionPeriod goes"),
    "an access policy that is no JSON": ({"Policy": "nope"}, {}, {T}, "the access policy is no JSON object"),
    "an access policy in a form that AWS refuses": (
        {"Policy": DENY_HTTP.replace("Deny", "deny")},
        {},
        {T},
        "The Effect is deny",
    ),
    "an order that is too old to be dead": ({"MessageRetentionPeriod": "135"}, {}, {B}, "it is deleted first"),
    "dead letters that come back": ({}, {"RedrivePolicy": redrive(OF + QUEUE)}, {B}, "and from there back"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_queue_fails_its_check_and_no_other(lab: Lab, name: str) -> None:
    orders, letters, fails, said = WRONG[name]
    judgement = on_paper(lab, orders, letters)
    failed = ended(judgement, Outcome.FAILED)
    assert set(failed) == fails
    assert any(said in message for message in failed.values()), failed
    assert set(ended(judgement, Outcome.PASSED)) == {check.id for check in lab.checks} - fails


@pytest.mark.parametrize(
    ("orders", "letters"),
    [
        ({}, {}),
        (FAST, FAST),
        ({"DeduplicationScope": "messageGroup"}, {}),
        ({"RedrivePolicy": redrive(receives="3")}, {}),
        ({"RedrivePolicy": json.dumps(json.loads(redrive()), indent=4)}, {}),
        ({"KmsMasterKeyId": "alias/aws/sqs", "KmsDataKeyReusePeriodSeconds": "60"}, {"SqsManagedSseEnabled": "false"}),
        ({"DelaySeconds": "900", "MaximumMessageSize": "1024", "MessageRetentionPeriod": "1209600"}, {}),
        ({"MessageRetentionPeriod": "136", "Policy": DENY_HTTP}, {"VisibilityTimeout": "0", "DelaySeconds": "1"}),
        ({}, {"RedriveAllowPolicy": allow(OF + QUEUE, OF + QUEUE)}),
        (key("orders"), key("orders")),
        (key("by-name"), key("by-name")),
        ({"MaximumMessageSize": "1024"}, {"MaximumMessageSize": "1024"}),  # which messages must fit is nobody's word
        (denied(Action="sqs:PurgeQueue"), denied(Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-1"}})),
        (denied(Condition={"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/shop-*"}}), {}),
        (denied(Condition={"StringNotEquals": {"aws:PrincipalAccount": "123456789012"}}), {}),
        ({"RedriveAllowPolicy": allow(permission="denyAll")}, {"RedrivePolicy": redrive(OTHER)}),
    ],
)
def test_a_right_queue_passes_whatever_its_shape(
    lab: Lab, orders: dict[str, str | None], letters: dict[str, str | None]
) -> None:
    judgement = on_paper(lab, orders, letters)
    assert ended(judgement, Outcome.FAILED) == {}
    assert len(ended(judgement, Outcome.PASSED)) == len(lab.checks)


def test_dead_letters_that_are_sent_on_are_worth_knowing_and_cost_nothing(lab: Lab) -> None:
    judgement = on_paper(lab, {}, {"RedrivePolicy": redrive(OTHER)})
    assert ended(judgement, Outcome.FAILED) == {}
    assert any(f"sends it on, to {OTHER}" in str(note.message) for note in judgement.notes)


def test_where_nothing_can_be_tried_the_report_says_so_once(lab: Lab) -> None:
    notes = [str(note.message) for note in on_paper(lab, {}, {}).notes]
    assert notes == ["This emulator cannot be copied: the queues were judged by their attributes alone."]


def test_what_aws_would_refuse_is_charged_once_and_said(lab: Lab) -> None:
    judgement = on_paper(lab, {}, {"RedriveAllowPolicy": allow(permission="denyAll")})
    assert set(ended(judgement, Outcome.FAILED)) == {ONLY}
    assert any("as if orders-dead-7d20b4.fifo let" in str(note.message) for note in judgement.notes)


def test_an_emulator_that_forgets_allow_policies_costs_nobody_marks(lab: Lab) -> None:
    lacks = "readback.reads_allow_policies_back"
    judgement = on_paper(lab, {}, {"RedriveAllowPolicy": None}, lacks=lacks)
    assert set(ended(judgement, Outcome.INCONCLUSIVE)) == {ONLY}
    assert set(ended(on_paper(lab, {}, {"RedriveAllowPolicy": None}), Outcome.FAILED)) == {ONLY}


def test_a_number_says_what_it_may_have_been_taken_for(lab: Lab) -> None:
    def fix(orders: dict[str, str | None], letters: dict[str, str | None], check: str) -> str:
        return next(str(one.fix) for one in on_paper(lab, orders, letters).checks if one.id == check)

    assert "LAB_RECEIVE_WAIT_SECONDS" in fix({"VisibilityTimeout": "20"}, {}, V)
    assert "LAB_DEAD_LETTER_RETENTION_DAYS" in fix({"RedrivePolicy": redrive(receives=14)}, {}, N)
    assert "thousandths" in fix({"VisibilityTimeout": "45000"}, {}, V)
    assert "off by one" in fix({"RedrivePolicy": redrive(receives=4)}, {}, N)
    assert "DelaySeconds is about sending" in fix({"ReceiveMessageWaitTimeSeconds": "0", "DelaySeconds": "20"}, {}, W)
    assert "86,400" in fix({}, {"MessageRetentionPeriod": "14"}, K)


def test_an_untouched_account_earns_nothing(lab: Lab) -> None:
    judgement = engine.judge(lab, Account({}).seen(), lab.values(), None)
    assert ended(judgement, Outcome.PASSED) == {}
    assert "The account has no queue at all." in ended(judgement, Outcome.FAILED)["queue_keeps_order"]
    assert judgement.model == {}


def test_a_standard_queue_of_the_name_is_told_from_a_missing_one(lab: Lab) -> None:
    failed = ended(on_paper(lab, {"FifoQueue": None}, {"FifoQueue": "false"}), Outcome.FAILED)
    assert set(failed) == {"queue_keeps_order", "dead_letter_queue_keeps_order"}
    assert all("is a standard queue" in message for message in failed.values())


def test_a_queue_in_another_region_is_found_there(lab: Lab) -> None:
    account = Account({DEAD: LETTERS}, elsewhere={"eu-west-1": [QUEUE]})
    failed = ended(engine.judge(lab, account.seen(), lab.values(), None), Outcome.FAILED)
    assert failed["queue_keeps_order"] == f"there is no queue {QUEUE} in us-east-1: it is in eu-west-1."


def test_a_region_that_the_emulator_does_not_know_has_no_queue(lab: Lab) -> None:
    class Narrow(Account):
        def client(self, service: str, region: str | None = None) -> Any:
            def refused(**_: Any) -> Any:
                raise ClientError({"Error": {"Code": "InvalidClientTokenId"}}, "GetQueueUrl")  # type: ignore[arg-type]

            return self if region in (None, self.region) else SimpleNamespace(get_queue_url=refused)

    judgement = engine.judge(lab, Narrow({}).seen(), lab.values(), None)
    assert ended(judgement, Outcome.ERROR) == {}
    assert "The account has no queue at all." in ended(judgement, Outcome.FAILED)["queue_keeps_order"]


def test_hundreds_of_queues_are_told_in_a_line(lab: Lab) -> None:
    many = {f"team-{number}-{'x' * 60}": {} for number in range(900)}
    near = {"orders-7d20b5.fifo": FIFO, "orders.fifo": FIFO}
    for queues, said in (
        (many, "among the 900 that the account has"),
        ({**many, **near}, "The nearest names are orders-7d20b5.fifo"),
    ):
        judgement = engine.judge(lab, Account(dict(queues)).seen(), lab.values(), None)
        message = ended(judgement, Outcome.FAILED)["queue_keeps_order"]
        assert said in message
        assert len(message) < 300


def test_the_picture_is_drawn_of_whatever_there_is(lab: Lab) -> None:
    def ways(orders: dict[str, str | None]) -> Any:
        way = on_paper(lab, orders, {}).model["ways"][0]
        return str(way["text"]), way["arrives"], way["holds"]

    assert ways({}) == ("after 3 receives", True, True)
    assert ways({"RedrivePolicy": redrive(receives=4)}) == ("after 4 receives", True, False)
    assert ways({"RedrivePolicy": None}) == ("nothing is set aside", False, False)
    assert ways({"RedrivePolicy": redrive(OTHER, 4)}) == ("after 4 receives, to returns.fifo", False, False)
    assert ways({"RedrivePolicy": "nope"}) == ("after ? receives, to ?", False, False)
    alone = engine.judge(lab, Account({DEAD: LETTERS}).seen(), lab.values(), None).model
    assert [(str(queue["type"]), len(queue["facts"])) for queue in alone["queues"]] == [
        ("is not there", 0),
        ("FIFO queue", 2),
    ]


def test_the_picture_shows_what_aws_refuses_of_a_queue_once(lab: Lab) -> None:
    def refused(orders: dict[str, str | None], letters: dict[str, str | None]) -> list[list[tuple[str, str, bool]]]:
        drawn = on_paper(lab, orders, letters).model["queues"]
        facts = [[fact for fact in queue["facts"] if str(fact["label"]) == "AWS refuses"] for queue in drawn]
        return [[(str(fact["value"]), str(fact["wanted"]), fact["holds"]) for fact in each] for each in facts]

    delayed = ("DelaySeconds: 901", "DelaySeconds goes from 0 to 900", False)
    assert refused({}, {}) == [[], []]
    assert refused({"DelaySeconds": "901"}, {}) == [[delayed], []]
    assert refused({}, {"DelaySeconds": "901"}) == [[], [delayed]]
    assert refused({"VisibilityTimeout": "99999"}, {"MessageRetentionPeriod": "1"}) == [[], []], "drawn anyway"
    assert refused({"MessageRetentionPeriod": "1"}, {})[0][0][0] == "MessageRetentionPeriod: 1"


def test_no_student_has_two_equal_numbers_nor_those_of_aws(lab: Lab) -> None:
    for number in range(200):
        values = lab.values(f"student-{number}", "clouds")
        numbers = [value for value in values.values() if isinstance(value, int)]
        assert len(set(numbers)) == len(numbers)
        assert not {values["visibility_timeout"]} & {30, 0}
        assert values["max_receive_count"] != 10


# For real: on forks of one moto, where everything is tried.


@dataclass(frozen=True)
class Recorded(Access):
    """Remembers what was called, by whom but the probes."""

    called: list[str] = field(default_factory=list, compare=False)

    def client(self, service: str, region: str | None = None, **patience: Any) -> Any:
        client = super().client(service, region, **patience)
        client.meta.events.register(
            "before-parameter-build", lambda model, params, **_: self.called.append(f"{model.name} {params}")
        )
        return client


@pytest.fixture(scope="module")
def warm() -> Iterator[Emulator]:
    with moto.launch(services=["sqs"]) as starting:
        yield starting.ready()


@pytest.fixture
def emulator(warm: Emulator) -> Iterator[Emulator]:
    with warm.fork() as emulator:
        yield emulator


def build(sqs: Any, orders: Mapping[str, str], letters: Mapping[str, str], names: tuple[str, str]) -> tuple[str, str]:
    queue, dead = names
    there = sqs.create_queue(QueueName=dead, Attributes=letters)["QueueUrl"]
    return sqs.create_queue(QueueName=queue, Attributes=orders)["QueueUrl"], there


def for_real(lab: Lab, emulator: Emulator, memory: Any, **values: Any) -> tuple[Judgement, Aws]:
    aws = Aws(emulator, Capabilities(emulator, memory))
    return engine.judge(lab, aws, {**lab.values(), **values}, None, seconds=60), aws


def test_what_aws_says_is_what_is_seen_and_messages_stay(lab: Lab, emulator: Emulator, tmp_path: Any) -> None:
    sqs = emulator.access.client("sqs")
    orders = {**ORDERS, **FAST, "DelaySeconds": "0", "Policy": DENY_HTTP}
    queue, dead = build(sqs, orders, LETTERS, (QUEUE, DEAD))
    for number in range(30):
        sqs.send_message(QueueUrl=queue, MessageBody=f"order {number}", MessageGroupId=f"g{number % 3}")
    sqs.send_message(QueueUrl=dead, MessageBody="lost", MessageGroupId="a", MessageDeduplicationId="1")
    sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=2)
    before = [sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"] for url in (queue, dead)]
    first, _ = for_real(lab, emulator, tmp_path / "memory")
    again, _ = for_real(lab, emulator, tmp_path / "memory")
    assert len(ended(first, Outcome.PASSED)) == len(lab.checks)
    assert first.notes == again.notes == ()
    after = [sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"] for url in (queue, dead)]
    assert after == before


def test_queues_that_were_purged_a_moment_ago_are_tried_like_any_other(
    lab: Lab, emulator: Emulator, tmp_path: Any
) -> None:
    sqs = emulator.access.client("sqs")
    for url in build(sqs, ORDERS, LETTERS, (QUEUE, DEAD)):
        sqs.send_message(QueueUrl=url, MessageBody="old", MessageGroupId="a", MessageDeduplicationId="1")
        sqs.purge_queue(QueueUrl=url)
        sqs.send_message(QueueUrl=url, MessageBody="new", MessageGroupId="a", MessageDeduplicationId="2")
    judgement, _ = for_real(lab, emulator, tmp_path / "memory")
    assert len(ended(judgement, Outcome.PASSED)) == len(lab.checks), ended(judgement, Outcome.ERROR)
    assert judgement.notes == ()


def test_the_longest_names_and_other_numbers_are_tried_too(lab: Lab, emulator: Emulator, tmp_path: Any) -> None:
    names = "o" * 75 + ".fifo", "D-_" * 25 + ".fifo"
    values = {"queue": names[0], "dead_letter_queue": names[1], "max_receive_count": 7, "visibility_timeout": 59}
    orders = {**ORDERS, "VisibilityTimeout": "59", "RedrivePolicy": redrive(OF + names[1], 7)}
    letters = {**LETTERS, "RedriveAllowPolicy": allow(OF + names[0]), "DelaySeconds": "900"}
    build(emulator.access.client("sqs"), orders, letters, names)
    judgement, _ = for_real(lab, emulator, tmp_path / "memory", **values)
    assert len(ended(judgement, Outcome.PASSED)) == len(lab.checks)


def test_a_queue_that_gives_up_at_once_is_charged_for_just_that(lab: Lab, emulator: Emulator, tmp_path: Any) -> None:
    """A message that is given back is gone at its second receive: nothing else is wrong with the queue."""
    orders = {**ORDERS, "RedrivePolicy": redrive(receives=1)}
    build(emulator.access.client("sqs"), orders, LETTERS, (QUEUE, DEAD))
    judgement, _ = for_real(lab, emulator, tmp_path / "memory")
    assert set(ended(judgement, Outcome.FAILED)) == {N}
    assert judgement.notes == ()


def test_grading_is_cheap_and_reads_nothing_twice(lab: Lab, emulator: Emulator, tmp_path: Any) -> None:
    build(emulator.access.client("sqs"), ORDERS, LETTERS, (QUEUE, DEAD))
    access = emulator.access
    recorded = Recorded(access.endpoint, access.access_key, access.secret_key, access.region, access.account)
    emulator.access = recorded
    judgement, aws = for_real(lab, emulator, tmp_path / "memory")
    assert len(ended(judgement, Outcome.PASSED)) == len(lab.checks)
    assert len(recorded.called) == len(set(recorded.called)) == aws.reads == 4
    assert 20 < aws.probes <= 56, "nothing was tried, or too much"


@pytest.fixture
def trials(lab: Lab) -> Any:
    """The lab's own module, which is known by no name that could be imported."""
    return sys.modules[lab.checks[0].function.__module__.rpartition(".")[0] + ".trials"]


def test_where_the_emulator_keeps_no_order_the_rule_decides_and_is_named(
    lab: Lab, trials: Any, emulator: Emulator, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(emulator.access.client("sqs"), ORDERS, LETTERS, (QUEUE, DEAD))
    real = trials.OnPlace.send

    def each_its_own_group(self: Any, queue: str, body: str, *, group: str, deduplication: str | None = None) -> Any:
        return real(self, queue, body, group=f"{group}-{body}", deduplication=deduplication)

    monkeypatch.setattr(trials.OnPlace, "send", each_its_own_group)
    judgement, _ = for_real(lab, emulator, tmp_path / "memory")
    assert len(ended(judgement, Outcome.PASSED)) == len(lab.checks)
    assert [str(note.message) for note in judgement.notes] == [
        "This emulator does not keep the order of a group. AWS does: your queues were judged by its rules."
    ]


def test_what_holds_by_rule_and_not_for_real_is_told_with_both(
    lab: Lab, trials: Any, emulator: Emulator, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the emulator shows it on plain queues, it is something about these."""
    build(emulator.access.client("sqs"), ORDERS, LETTERS, (QUEUE, DEAD))
    real = trials.ready

    def with_a_lag(place: Any, queues: Any) -> Any:
        urls = real(place, queues)
        for url in urls.values():
            place.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "900"})
        return urls

    monkeypatch.setattr(trials, "ready", with_a_lag)
    judgement, _ = for_real(lab, emulator, tmp_path / "memory")
    failed = ended(judgement, Outcome.FAILED)
    assert failed["queue_keeps_order"].startswith("by AWS's rules for what your queues say it should hold, but on a")
