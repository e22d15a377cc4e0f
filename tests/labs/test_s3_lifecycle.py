"""The lab s3-lifecycle: right rules in any shape pass, wrong ones in any disguise fail, no emulator costs marks."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from grader import engine
from grader.aws import Aws
from grader.engine import Judgement
from grader.lab import Lab, find
from grader.report import Outcome

IA, GLACIER = {"Days": 30, "StorageClass": "STANDARD_IA"}, {"Days": 90, "StorageClass": "GLACIER"}
LOGS, EXPIRY = {"Prefix": "logs/"}, {"Days": 365}
PURGE = {"NoncurrentVersionExpiration": {"NoncurrentDays": 60}}
ABORT = {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}
MARKERS = {"Expiration": {"ExpiredObjectDeleteMarker": True}}


def rule(filter_: Mapping[str, Any] | None = None, **parts: Any) -> dict[str, Any]:
    return {"Status": "Enabled", **({} if filter_ is None else {"Filter": filter_}), **parts}


def both(**conditions: Any) -> dict[str, Any]:
    return {"And": {"Prefix": "logs/", **conditions}}


def tags(**named: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in named.items()]


AGE = rule(LOGS, Transitions=[IA, GLACIER], Expiration=EXPIRY)
REST = rule({}, **PURGE, **ABORT, **MARKERS)
VERSIONS = [
    {"key": "reports/q1.csv", "role": "good", "id": "q1", "body": "quarter"},
    {"key": "reports/prices.csv", "role": "older", "id": "p1", "body": "last year"},
    {"key": "reports/prices.csv", "role": "good", "id": "p2", "body": "prices\n"},
    {"key": "reports/prices.csv", "role": "rubbish", "id": "p3", "body": "#REF!"},
]
RESTORED = {"reports/q1.csv": "quarter", "reports/prices.csv": "prices\n"}


@dataclass
class Account:
    """A student's account as boto3 would tell of it: a client of every service at once."""

    rules: list[Any] | None = None
    versioning: str | None = "Enabled"
    retention: dict[str, int] | None = None
    bodies: Mapping[str, str] = field(default_factory=lambda: RESTORED)
    gone: frozenset[str] = frozenset()
    recovery_rules: list[Any] | None = None
    storage_class: str = "STANDARD"
    template: str = ""
    lacks: str = ""  # a capability
    bucket: str = "labgrade-photos-3fa9c1"

    def seen(self) -> Aws:
        access = SimpleNamespace(account="123456789012", region="us-east-1", client=lambda _service, _region: self)
        emulator: Any = SimpleNamespace(access=access, name="an emulator")
        return Aws(emulator, lambda capability: capability.id != self.lacks)

    def can_paginate(self, operation: str) -> bool:
        return False

    def list_buckets(self) -> dict[str, Any]:
        return {"Buckets": [{"Name": self.bucket}, {"Name": "labgrade-recovery-3fa9c1"}]}

    def get_bucket_versioning(self, Bucket: str) -> dict[str, Any]:  # noqa: N803  (AWS's names)
        return {"Status": self.versioning} if self.versioning else {}

    def get_bucket_lifecycle_configuration(self, Bucket: str) -> dict[str, Any]:  # noqa: N803
        rules = self.rules if "photos" in Bucket else self.recovery_rules
        if rules is None:
            raise missing("NoSuchLifecycleConfiguration")
        return {"Rules": rules}

    def get_object_lock_configuration(self, Bucket: str) -> dict[str, Any]:  # noqa: N803
        if self.retention is None:
            raise missing("ObjectLockConfigurationNotFoundError")
        kept = {"Mode": "GOVERNANCE", **self.retention}
        return {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": kept}}}

    def list_object_versions(self, Bucket: str, Prefix: str, **_: str) -> dict[str, Any]:  # noqa: N803
        there = [one for one in VERSIONS if one["id"] not in self.gone]
        listed = [
            {"Key": one["key"], "VersionId": one["id"], "Size": 9, "IsLatest": one["id"] == "p3"} for one in there
        ]
        markers = [{"Key": "reports/q1.csv", "VersionId": "m", "IsLatest": True}]
        return {
            kind: [one for one in found if one["Key"].startswith(Prefix)]
            for kind, found in (("Versions", listed), ("DeleteMarkers", markers))
        } | {"IsTruncated": False}

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        if Key not in self.bodies:
            raise missing("NoSuchKey")
        return {"Body": self.bodies[Key].encode(), "StorageClass": self.storage_class}

    def list_stacks(self) -> dict[str, Any]:
        return {"StackSummaries": [{"StackName": "labgrade"}] if self.template else []}

    def get_template(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        return {"TemplateBody": self.template}


def missing(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": 404}}, "Get")  # type: ignore[typeddict-item]


@pytest.fixture(scope="module")
def lab() -> Lab:
    return find("s3-lifecycle")


def judged(lab: Lab, account: Account, student: str | None = None) -> Judgement:
    return engine.judge(lab, account.seen(), lab.values(student), {"versions": VERSIONS}, seconds=60)


def ended(judgement: Judgement, outcome: Outcome) -> dict[str, str]:
    return {check.id: str(check.message) for check in judgement.checks if check.outcome is outcome}


RIGHT: dict[str, list[Any]] = {
    "two rules": [AGE, REST],
    "an object of 128 KiB is the smallest that must move": [
        rule(both(ObjectSizeGreaterThan=131071), Transitions=[GLACIER, IA]),
        rule(LOGS, Expiration=EXPIRY),
        REST,
    ],
    "sizes that make a whole together": [
        rule(both(ObjectSizeLessThan=1000), Expiration=EXPIRY),
        rule(both(ObjectSizeGreaterThan=999), Transitions=[IA, GLACIER], Expiration=EXPIRY),
        REST,
    ],
    "a size that no object reaches": [
        rule(both(ObjectSizeLessThan=10**15), Transitions=[IA, GLACIER], Expiration=EXPIRY),
        REST,
    ],
    "small logs may move as they like": [
        AGE,
        REST,
        rule(both(ObjectSizeLessThan=131072), Transitions=[{"Days": 0, "StorageClass": "INTELLIGENT_TIERING"}]),
    ],
    "a rule for tagged logs that agrees": [
        AGE,
        REST,
        rule(both(Tags=tags(kind="web")), Transitions=[IA, GLACIER], Expiration=EXPIRY),
    ],
    "rules that come too late to matter": [
        AGE,
        REST,
        rule({"Prefix": "logs/web/"}, Expiration={"Days": 400}),
        rule(LOGS, Transitions=[{"Days": 380, "StorageClass": "DEEP_ARCHIVE"}]),
        rule({}, NoncurrentVersionExpiration={"NoncurrentDays": 90, "NewerNoncurrentVersions": 2}),
        rule({"Prefix": "photos/"}, AbortIncompleteMultipartUpload={"DaysAfterInitiation": 30}),
    ],
    "a disabled rule that would destroy everything": [
        AGE,
        REST,
        {**rule({}, Expiration={"Days": 1}), "Status": "Disabled"},
    ],
    "old versions in other classes": [
        AGE,
        rule({}, NoncurrentVersionTransitions=[{"NoncurrentDays": 0, "StorageClass": "DEEP_ARCHIVE"}], **PURGE),
        rule({}, **ABORT, **MARKERS),
    ],
    "old versions by size": [
        AGE,
        rule({"ObjectSizeGreaterThan": 500}, **PURGE),
        rule({"ObjectSizeLessThan": 501}, **PURGE),
        rule({}, **ABORT, **MARKERS),
    ],
    "the old form throughout": [
        {"Status": "Enabled", "Prefix": "logs/", "Transitions": [IA, GLACIER], "Expiration": EXPIRY},
        {"Status": "Enabled", "Prefix": "", **PURGE, **ABORT, **MARKERS},
    ],
}


@pytest.mark.parametrize("rules", RIGHT.values(), ids=RIGHT)
def test_right_rules_in_any_shape_earn_full_marks(lab: Lab, rules: list[Any]) -> None:
    assert ended(judged(lab, Account(rules)), Outcome.PASSED).keys() == {check.id for check in lab.checks}


@pytest.mark.parametrize("student", ["ada", "grace", "김하늘", "x" * 300, "24"])
def test_every_student_has_a_right_answer(lab: Lab, student: str) -> None:
    days = lab.values(student)
    moves = [
        {"Days": days["ia_days"], "StorageClass": "STANDARD_IA"},
        {"Days": days["glacier_days"], "StorageClass": "GLACIER"},
    ]
    purge = {"NoncurrentVersionExpiration": {"NoncurrentDays": days["noncurrent_days"]}}
    abort = {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": days["abort_days"]}}
    rules = [
        rule(LOGS, Transitions=moves, Expiration={"Days": days["expire_days"]}),
        rule({}, **purge, **abort, **MARKERS),
    ]
    account = Account(rules, bucket=str(days["bucket"]))
    assert not ended(judged(lab, account, student), Outcome.FAILED)


AGING = {"logs_are_in_standard_ia", "logs_are_in_glacier", "logs_expire"}
WRONG: dict[str, tuple[list[Any], set[str], str]] = {
    "a rule for each letter and digit": (
        [*(rule({"Prefix": f"logs/{c}"}, Transitions=[IA, GLACIER], Expiration=EXPIRY) for c in "abcxyz0123"), REST],
        AGING,
        'your rule number 1 would, but it is for keys that begin with "logs/a", and logs/d.dat does not',
    ),
    "two tags together": (
        [AGE, REST, rule({"And": {"Tags": tags(a="1", b="2")}}, Expiration={"Days": 10})],
        {"logs_expire", "nothing_else_changes"},
        "photos/cat.jpg (1 MiB, tagged a=1, b=2) expires on day 10",
    ),
    "a window of one byte": (
        [AGE, REST, rule({"And": {"ObjectSizeGreaterThan": 12345, "ObjectSizeLessThan": 12347}}, Expiration=EXPIRY)],
        {"nothing_else_changes"},
        "photos/cat.jpg (12346 bytes) expires on day 365",
    ),
    "a key that nobody thinks of": (
        [AGE, REST, rule({"Prefix": "üñ/odd"}, Expiration={"Days": 3})],
        {"nothing_else_changes"},
        'your rule number 3 has the prefix "üñ/odd", and üñ/odda.dat begins with it',
    ),
    "a date long past": (
        [AGE, REST, rule({"Prefix": "photos/"}, Expiration={"Date": datetime(2020, 1, 1, tzinfo=UTC)})],
        {"nothing_else_changes"},
        "photos/cat.jpg (1 MiB) expires on day 0",
    ),
    "a date that suits what is made today": (
        [
            rule(LOGS, Transitions=[{"Date": datetime(2027, 2, 1, tzinfo=UTC), "StorageClass": "STANDARD_IA"}]),
            rule(LOGS, Transitions=[GLACIER], Expiration=EXPIRY),
            REST,
        ],
        {"logs_are_in_standard_ia"},
        "in Standard-IA from day 0",
    ),
    "after a hundred years": (
        [AGE, REST, rule({"Prefix": "photos/"}, Expiration={"Days": 40_000})],
        {"nothing_else_changes"},
        "expires on day 40000",
    ),
    "the oldest of many versions": (
        [AGE, REST, rule({}, NoncurrentVersionExpiration={"NoncurrentDays": 1, "NewerNoncurrentVersions": 100})],
        {"old_versions_can_be_got_back"},
        "is deleted for good on day 1, once 100 newer ones lie above it, by your rule number 3",
    ),
    "empty old versions": (
        [AGE, rule({"ObjectSizeGreaterThan": 0}, **PURGE), rule({}, **ABORT, **MARKERS)],
        {"then_old_versions_are_gone"},
        "photos/cat.jpg (0 bytes), overwritten on day 0: the old version stays for ever",
    ),
    "expired logs, which become old versions too": (
        [AGE, rule({"Prefix": "photos/"}, **PURGE), rule({}, **ABORT, **MARKERS)],
        {"then_old_versions_are_gone"},
        "stays for ever",
    ),
    "a class on the way": (
        [AGE, REST, rule(both(ObjectSizeGreaterThan=10**9), Transitions=[{"Days": 60, "StorageClass": "GLACIER_IR"}])],
        {"logs_are_in_standard_ia"},
        "logs/app.log (5 GiB) is in Standard-IA from day 30 (your rule number 1), in Glacier Instant Retrieval from",
    ),
    "uploads that are aborted early somewhere": (
        [AGE, REST, rule({"Prefix": "photos/"}, AbortIncompleteMultipartUpload={"DaysAfterInitiation": 1})],
        {"unfinished_uploads_go"},
        "an unfinished upload of photos/cat.jpg is gone on day 1",
    ),
    "a second expiry that hurries": (
        [AGE, REST, rule(LOGS, Expiration={"Days": 1})],
        {"logs_expire"},
        "logs/app.log (1 MiB) expires on day 1, by your rule number 3",
    ),
    "what AWS refuses is charged once": (
        [{**AGE, "Status": "enabled"}, REST],
        {"aws_accepts_the_configuration"},
        "a rule's Status is neither Enabled nor Disabled (your rule number 1)",
    ),
    "a class in small letters is charged once": (
        [
            rule(
                LOGS,
                Transitions=[{"Days": 30, "StorageClass": "standard-ia"}, {"Days": 90, "StorageClass": "glacier"}],
                Expiration=EXPIRY,
            ),
            REST,
        ],
        {"aws_accepts_the_configuration"},
        "a rule moves objects to a class that there is not",
    ),
    "a marker beside days is charged once": (
        [{**AGE, "Expiration": {"Days": 365, "ExpiredObjectDeleteMarker": True}}, REST],
        {"aws_accepts_the_configuration"},
        "ExpiredObjectDeleteMarker stands beside Days or Date in one Expiration (your rule number 1)",
    ),
}


@pytest.mark.parametrize(("rules", "lost", "told"), WRONG.values(), ids=WRONG)
def test_wrong_rules_fail_in_any_disguise(lab: Lab, rules: list[Any], lost: set[str], told: str) -> None:
    failed = ended(judged(lab, Account(rules)), Outcome.FAILED)
    assert failed.keys() == lost
    assert any(told in message for message in failed.values()), failed


def test_no_rules_earn_nothing_but_the_bucket_and_the_reports(lab: Lab) -> None:
    passed = ended(judged(lab, Account(None)), Outcome.PASSED)
    assert passed.keys() == {
        "bucket_exists",
        "every_version_is_kept",
        "deleted_report_reads_as_before",
        "overwritten_report_reads_as_before",
        "no_version_was_lost",
    }


def test_whatever_a_configuration_holds_no_check_breaks(lab: Lab) -> None:
    odd = [None, 5, {"Status": 1, "Filter": [], "Expiration": {"Days": "x"}}, {"Status": "Enabled", "Transitions": [7]}]
    assert not ended(judged(lab, Account(odd)), Outcome.ERROR)


@pytest.mark.parametrize("by", ["prefix", "tag"])
def test_a_thousand_rules_are_judged_in_time(lab: Lab, by: str) -> None:
    filters = [
        {"Prefix": f"logs/{n}/"} if by == "prefix" else {"Tag": {"Key": str(n), "Value": "x"}} for n in range(998)
    ]
    rules = [AGE, REST, *(rule(one, Expiration={"Days": 365 + n}) for n, one in enumerate(filters))]
    began = time.process_time()  # not the clock: tests run side by side
    judgement = judged(lab, Account(rules))
    assert time.process_time() - began < engine.CHECK_SECONDS  # all the checks together
    assert ended(judgement, Outcome.FAILED).keys() == (set() if by == "prefix" else {"nothing_else_changes"})
    assert max(check.seconds for check in judgement.checks) < engine.CHECK_SECONDS


def test_versioning_is_charged_once_and_said(lab: Lab) -> None:
    judgement = judged(lab, Account([AGE, REST], versioning="Suspended"))
    assert ended(judgement, Outcome.FAILED) == {
        "every_version_is_kept": "versioning of labgrade-photos-3fa9c1 is Suspended."
    }
    assert [str(note.message) for note in judgement.notes] == [
        "The rules of labgrade-photos-3fa9c1 were judged as if its versioning were Enabled."
    ]


LOSSY: dict[str, tuple[str, list[Any], str]] = {
    "an old Prefix that reads as the whole bucket": (
        "readback.reads_old_prefixes_back",
        [rule({}, Transitions=[IA, GLACIER], Expiration=EXPIRY), REST],
        "nothing_else_changes",
    ),
    "a size that is lost": (
        "readback.reads_sizes_back",
        [AGE, REST, rule(LOGS, Transitions=[{"Days": 2, "StorageClass": "DEEP_ARCHIVE"}])],
        "logs_are_in_glacier",
    ),
    "a size that nobody wrote": (
        "readback.adds_no_size_to_an_and",
        [rule(both(ObjectSizeGreaterThan=0), Transitions=[IA, GLACIER], Expiration=EXPIRY), REST],
        "logs_expire",
    ),
}


@pytest.mark.parametrize(("lacks", "rules", "check"), LOSSY.values(), ids=LOSSY)
def test_what_an_emulator_loses_is_never_the_students(lab: Lab, lacks: str, rules: list[Any], check: str) -> None:
    assert check in ended(judged(lab, Account(rules)), Outcome.FAILED)
    assert check in ended(judged(lab, Account(rules, lacks=lacks)), Outcome.INCONCLUSIVE)


def test_what_an_emulator_loses_excuses_no_other_mistake(lab: Lab) -> None:
    late = {"Days": 31, "StorageClass": "STANDARD_IA"}
    rules = [rule(LOGS, Transitions=[late, GLACIER], Expiration=EXPIRY), REST]
    for lacks, _, _ in LOSSY.values():
        assert ended(judged(lab, Account(rules, lacks=lacks)), Outcome.FAILED).keys() == {"logs_are_in_standard_ia"}


HIDDEN = {
    "a count of newest versions": ("readback.reads_newer_versions_back", {"then_old_versions_are_gone"}),
    "a size": (
        "readback.reads_sizes_back",
        {"logs_are_in_standard_ia", "logs_are_in_glacier", "logs_expire", "then_old_versions_are_gone"},
    ),
}


@pytest.mark.parametrize(("lacks", "unsure"), HIDDEN.values(), ids=HIDDEN)
def test_what_may_hide_a_mistake_is_never_passed(lab: Lab, lacks: str, unsure: set[str]) -> None:
    judgement = judged(lab, Account([AGE, REST], lacks=lacks))
    assert not ended(judgement, Outcome.FAILED)
    assert ended(judgement, Outcome.INCONCLUSIVE).keys() == unsure


def test_rules_of_a_template_that_were_dropped_are_not_the_students(lab: Lab) -> None:
    dropped = Account(None, template="LifecycleConfiguration: …", lacks="readback.deploys_rules_of_templates")
    assert not ended(judged(lab, dropped), Outcome.FAILED)
    assert "aws_accepts_the_configuration" in ended(judged(lab, dropped), Outcome.INCONCLUSIVE)


READ: dict[str, tuple[Account, set[str], str]] = {
    "still deleted": (
        Account([AGE, REST], bodies={"reports/prices.csv": "prices\n"}),
        {"deleted_report_reads_as_before"},
        "reports/q1.csv is still deleted: a delete marker is its latest version.",
    ),
    "still rubbish": (
        Account([AGE, REST], bodies={**RESTORED, "reports/prices.csv": "#REF!"}),
        {"overwritten_report_reads_as_before"},
        "reports/prices.csv reads as another version did: the rubbish that overwrote it.",
    ),
    "other line ends": (
        Account([AGE, REST], bodies={**RESTORED, "reports/prices.csv": "prices\r\n"}),
        {"overwritten_report_reads_as_before"},
        "reports/prices.csv reads almost as before: spaces or line ends differ.",
    ),
    "something else": (
        Account([AGE, REST], bodies={**RESTORED, "reports/prices.csv": "hello"}),
        {"overwritten_report_reads_as_before"},
        "reports/prices.csv reads something else, which begins: hello",
    ),
    "archived": (
        Account([AGE, REST], storage_class="GLACIER"),
        {"deleted_report_reads_as_before", "overwritten_report_reads_as_before", "no_version_was_lost"},
        "reports/q1.csv is in Glacier Flexible Retrieval, where it cannot be read before somebody restores it.",
    ),
    "a version deleted": (
        Account([AGE, REST], gone=frozenset({"p3"})),
        {"no_version_was_lost"},
        "these versions are gone for good: reports/prices.csv (the rubbish that overwrote it).",
    ),
    "a version in danger": (
        Account([AGE, REST], recovery_rules=[REST]),
        {"no_version_was_lost"},
        "reports/prices.csv loses a version on day 60, by your rule number 1 here.",
    ),
    "nothing restored": (
        Account([AGE, REST], bodies={"reports/prices.csv": "#REF!"}),
        {"deleted_report_reads_as_before", "overwritten_report_reads_as_before", "no_version_was_lost"},
        "neither report reads as before yet.",
    ),
}


@pytest.mark.parametrize(("account", "lost", "told"), READ.values(), ids=READ)
def test_what_became_of_the_reports_is_told(lab: Lab, account: Account, lost: set[str], told: str) -> None:
    failed = ended(judged(lab, account), Outcome.FAILED)
    assert failed.keys() == lost
    assert told in failed.values()


def test_few_calls_are_made_and_none_twice(lab: Lab) -> None:
    aws = Account([AGE, REST]).seen()
    engine.judge(lab, aws, lab.values(), {"versions": VERSIONS})
    assert aws.reads <= 10


def test_a_number_is_told_by_the_parameter_that_it_belongs_to(lab: Lab) -> None:
    rules = [AGE, rule({}, NoncurrentVersionExpiration={"NoncurrentDays": 30}, **ABORT, **MARKERS)]
    (failed,) = [check for check in judged(lab, Account(rules)).checks if check.outcome is Outcome.FAILED]
    assert str(failed.found) == (
        "photos/cat.jpg (1 MiB), overwritten on day 0: the old version is deleted for good on day 30, "
        "by your rule number 2."
    )
    assert str(failed.wanted) == "there until day 60, gone from then on."
    assert str(failed.fix) == "NoncurrentDays is 30, which is LAB_IA_DAYS. This lab asks for LAB_NONCURRENT_DAYS, 60."


def test_standard_ia_in_the_first_month_is_noted_and_nothing_more(lab: Lab) -> None:
    rules = [AGE, REST, rule(both(ObjectSizeLessThan=9), Transitions=[{"Days": 3, "StorageClass": "STANDARD_IA"}])]
    judgement = judged(lab, Account(rules))
    assert not ended(judgement, Outcome.FAILED)
    assert any("STANDARD_IA from day 3: AWS takes it since July 2026" in str(note.message) for note in judgement.notes)


def test_the_picture_shows_the_students_own_rules(lab: Lab) -> None:
    picture = judged(lab, Account([AGE, REST])).model
    assert picture["days"] == [0, 30, 90, 365, 425]
    first, *others = picture["rows"]
    assert (first["label"], first["cells"]) == (
        "logs/app.log, 1 MiB",
        ["Standard", "IA", "Glacier", "marker", "gone"],
    )
    assert ("unfinished upload", "gone on day 7") in [(row["label"], row.get("text")) for row in others]


@pytest.mark.parametrize(
    ("retention", "fails", "last"),
    [
        ({"Days": 60}, [], 60),
        ({"Days": 61}, ["then_old_versions_are_gone"], 61),
        ({"Years": 1}, ["then_old_versions_are_gone"], 365),
    ],
)
def test_no_rule_deletes_what_object_lock_keeps(
    retention: dict[str, int], fails: list[str], last: int, lab: Lab
) -> None:
    judgement = judged(lab, Account([AGE, REST], retention=retention))
    assert list(ended(judgement, Outcome.FAILED)) == fails
    (row,) = (one for one in judgement.model["rows"] if str(one["label"]) == "... once overwritten")
    assert row["steps"] == [[0, "old version"], [last, "gone"]]


ARCHIVE = {"Days": 30, "StorageClass": "DEEP_ARCHIVE"}
OF_ANY_SIZE = {"And": {"Prefix": "reports/", "ObjectSizeGreaterThan": 0}}


@pytest.mark.parametrize(
    ("there", "fails"),
    [
        (rule(OF_ANY_SIZE, Transitions=[ARCHIVE]), 1),  # q1.csv is deleted here
        (rule({"Prefix": "reports/"}, Transitions=[ARCHIVE]), 0),  # S3 moves nothing of less than 128 KiB by itself
        (rule(OF_ANY_SIZE, Transitions=[IA]), 0),
        (rule(OF_ANY_SIZE, NoncurrentVersionTransitions=[{"NoncurrentDays": 1, "StorageClass": "GLACIER"}]), 0),
    ],
)
def test_a_report_that_will_be_archived_does_not_read_as_before(there: dict[str, Any], fails: int, lab: Lab) -> None:
    found = ended(judged(lab, Account([AGE, REST], recovery_rules=[there])), Outcome.FAILED)
    assert [check.rpartition("_reads_")[2] for check in found] == ["as_before"] * fails
