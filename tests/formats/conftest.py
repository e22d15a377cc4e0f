"""Sample reports of every kind, made by the real classes, for all formats alike."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.report import CheckResult, Note, Outcome, Report, ReportJson
from grader.texts import Text, say

GOLDEN = Path(__file__).parent / "golden"
DOCS = "https://docs.aws.amazon.com/AmazonS3/latest/userguide"
HOSTILE = "\x1b[31mPASS\x1b[0m [red]bold[/] \u202egnp.exe \u200bzero ]]> <&\"' \U0001f600 \ud800 \x00\x9b\x7f"

REQUIREMENTS = (
    ("bucket_keeps_versions", 10, "The bucket keeps every version of every object"),
    ("logs_reach_infrequent_access", 10, "Logs are in Standard-IA from day {ia_days}"),
    ("logs_reach_glacier", 10, "Logs are in Glacier Flexible Retrieval from day {glacier_days}"),
    ("nothing_else_moves", 15, "Nothing outside logs/ ever moves or expires"),
    ("old_versions_stay", 10, "An old version can be got back for {noncurrent_days} days"),
    ("old_versions_go", 5, "After that it is gone for good"),
    (
        *("unfinished_uploads_go", 10),
        "Uploads that were never completed are gone after {abort_days} days, wherever they began in it",
    ),
    ("aws_accepts_it", 15, "There is a lifecycle configuration, and AWS accepts it as it stands"),
    (
        "reports_are_restored",
        15,
        "Both reports read as they did before the accident, and no version was lost",
    ),
)
PARAMETERS: dict[str, Any] = {
    **{"token": "3fa9c1", "bucket": "labgrade-photos-3fa9c1", "recovery_bucket": "labgrade-recovery-3fa9c1"},
    **{"ia_days": 30, "glacier_days": 90, "expire_days": 365, "noncurrent_days": 60, "abort_days": 7},
}
NEEDS = {check: ("bucket_keeps_versions",) for check, _, _ in REQUIREMENTS[1:-1]}

PREFIX = {
    "found": say(
        "{key} moves to Standard-IA on day {ia} and to Glacier on day {glacier}, and expires on day {expire}"
        ': your rule "{rule}" has the prefix "{prefix}", and {key} begins with it.',
        key="logs.txt",
        ia=30,
        glacier=90,
        expire=365,
        rule="age-logs",
        prefix="logs",
    ),
    "wanted": say("{key} in Standard for ever, like every key outside logs/.", key="logs.txt"),
    "why": say(
        "S3 has no folders. A prefix is only the beginning of a key, so on AWS this rule would delete"
        " logs.txt and logs-2025/jan.gz as well."
    ),
    "fix": say("Let the prefix end where the folder does: with the slash."),
    "doc": f"{DOCS}/intro-lifecycle-filters.html",
}
NONCURRENT = {
    "found": say(
        "photos/cat.jpg, overwritten on day 0: the old version is deleted for good on day {day}, by your "
        'rule "{rule}".',
        day=30,
        rule="old-versions",
    ),
    "wanted": say("there until day {day}, gone from then on.", day=60),
    "why": say(
        "The clock of a noncurrent version starts when it is overwritten or deleted. Somebody who notices on "
        "day 31 finds nothing to restore."
    ),
    "fix": say("NoncurrentDays is 30, which is LAB_IA_DAYS. This lab asks for LAB_NONCURRENT_DAYS, 60."),
    "doc": f"{DOCS}/intro-lifecycle-rules.html",
}
NO_RULES = {
    "found": say("{bucket} has no lifecycle configuration.", bucket="labgrade-photos-3fa9c1"),
    "wanted": say("at least one rule that is Enabled."),
    "why": say("Without rules everything stays in Standard for ever, and is paid for."),
    "fix": say("One call sets all rules of a bucket; a second one replaces the first."),
    "doc": f"{DOCS}/how-to-set-lifecycle-configuration-intro.html",
}
TIMELINE: dict[str, Any] = {
    "drawing": "timeline",
    "title": "What your rules do on AWS, by day",
    "days": [0, 30, 90, 365, 425],
    "rows": [
        {"label": "logs/app.log, 1 MiB", "cells": ["Standard", "IA", "Glacier", "marker", "gone"]},
        {"label": "logs/tiny.log, 2 KiB", "cells": ["Standard", "Standard", "Standard", "marker", "gone"]},
        {"label": "photos/cat.jpg", "cells": ["Standard"] * 5},
        {"label": "... once overwritten", "text": "the old version can be got back until day 60"},
        {"label": "unfinished upload", "text": "gone on day 7"},
    ],
}
TRACEBACK = """Traceback (most recent call last):
  File "main.py", line 14, in <module>
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [], "Nonsense": 1})
  File "site-packages/botocore/client.py", line 602, in _api_call
    return self._make_api_call(operation_name, kwargs)
botocore.exceptions.ParamValidationError: Parameter validation failed:
Unknown parameter in LifecycleConfiguration: "Nonsense", must be one of: Rules
"""


def check(number: int, outcome: Outcome = Outcome.PASSED, **parts: Any) -> CheckResult:
    """The lab's check of that number, from 1, ended so."""
    id_, points, requirement = REQUIREMENTS[number - 1]
    values = {name: value for name, value in PARAMETERS.items() if f"{{{name}}}" in requirement}
    parts = {"needs": NEEDS.get(id_, ()), "seconds": 0.01 * number, **parts}
    return CheckResult(id_, Text(requirement, values), points, outcome, **parts)


def checks(**others: CheckResult) -> tuple[CheckResult, ...]:
    """All checks passed but those named (`c4=…`)."""
    return tuple(others.get(f"c{n}", check(n)) for n in range(1, len(REQUIREMENTS) + 1))


def failed(number: int, evidence: dict[str, Any]) -> CheckResult:
    return check(number, Outcome.FAILED, **{"message": evidence["found"], **evidence})


def emulator(fresh: bool, **more: Any) -> dict[str, Any]:
    return {"name": "moto", "version": "5.2.5", "endpoint": "http://127.0.0.1:4566", "fresh": fresh, **more}


def report(results: tuple[CheckResult, ...], **parts: Any) -> Report:
    """A workspace, graded, unless `parts` say otherwise."""
    about: dict[str, Any] = {
        "lab": {"id": "s3-lifecycle", "title": "Version and age objects in S3", "version": "sha256:5e1f"},
        "parameters": PARAMETERS,
        "emulator": emulator(fresh=False, calls=14),
        "sandbox": {"level": None, "version": None, "guarantees": []},
        "account": "123456789012",
        "region": "us-east-1",
        "started_at": "2026-08-02T19:02:11.250+00:00",
        "seconds": 0.2134,
    }
    return Report(checks=results, **{**about, **parts})


def submitted(path: str, kind: str, **run: Any) -> dict[str, Any]:
    """The parts of a report on a submission; `run` is what differs from a quiet, quick success."""
    stages = run.pop("stages", [(path.rsplit("/", 1)[-1], kind, {})])
    ended = {"exit_code": 0, "timed_out": False, "seconds": 1.234}
    output = {"stdout": "", "stderr": "", "truncated": False}
    made = [{"kind": k, "entry": e, **ended, "message": None, "texts": {}, **more} for e, k, more in stages]
    return {
        "submission": {"path": path, "kind": kind, "sha256": "9f" * 32},
        "run": {**ended, **output, **run, "stages": made},
        "emulator": emulator(fresh=True),
        "sandbox": {"level": "bwrap", "version": "0.8.0", "guarantees": ["no network but the emulator"]},
        "seconds": 2.345,
    }


def _passed() -> Report:
    return report(checks(), model=TIMELINE, grading={"previous": 65})


def _handed_in() -> Report:
    loud = "upload: logs to s3://labgrade-photos-3fa9c1/logs\n"
    return report(checks(), model=TIMELINE, student="ada.l", **submitted("work/main.sh", "shell", stderr=loud))


def _mixed() -> Report:
    notes = (
        Note("emulator", say("The workspace that `labgrade start` opened at {time}.", time="19:02")),
        Note(
            "cost",
            say("Standard-IA bills every object for 30 days at least: what leaves it before is paid for."),
        ),
    )
    results = checks(c4=failed(4, PREFIX), c5=failed(5, NONCURRENT), c7=failed(7, NO_RULES))
    return report(results, notes=notes, model=TIMELINE, grading={"previous": 40})


def _skipped() -> Report:
    missing = {
        "found": say("There is no bucket {bucket}.", bucket="labgrade-photos-3fa9c1"),
        "wanted": say("a bucket of that name, with versioning enabled."),
    }
    skipped = {f"c{n}": check(n, Outcome.SKIPPED) for n in range(2, 9)}
    results = checks(c1=failed(1, missing), **skipped)
    return report(results, **submitted("homework/main.py", "python"))


def _unprepared() -> Report:
    """Somebody's LocalStack, in which the scenario was never prepared and nothing was done."""
    unprepared = say("not judged: this lab's starting state was never prepared here.")
    cure = say("`labgrade start {lab} --endpoint-url {url}` does.", lab="s3-lifecycle", url="http://127.0.0.1:4566")
    results = checks(
        c1=failed(1, NO_RULES),
        **{f"c{n}": check(n, Outcome.SKIPPED) for n in range(2, 9)},
        c9=check(9, Outcome.SKIPPED, message=unprepared, fix=cure),
    )
    localstack = {"name": "localstack", "version": None, "endpoint": "http://localhost:4566", "fresh": False}
    return report(results, emulator={**localstack, "calls": 0})


def _error() -> Report:
    broken = say("{operation} answered with status {status}.", operation="GetBucketLifecycle", status=500)
    return report(checks(c2=check(2, Outcome.ERROR, message=broken), c3=check(3, Outcome.ERROR)))


def _inconclusive() -> Report:
    unseen = say("{emulator} forgets the size filters of rules.", emulator="moto")
    results = checks(c4=check(4, Outcome.INCONCLUSIVE, message=unseen))
    return report(results, student="bo", course="aws-2026", **submitted("bo/main.tf", "terraform"))


def _nothing_judged() -> Report:
    return report(tuple(check(n, Outcome.INCONCLUSIVE) for n in range(1, 10)))


def _crashed() -> Report:
    stages = [("main.py", "python", {"exit_code": 1})]
    ended = submitted("main.py", "python", exit_code=1, stderr=TRACEBACK, stdout="one bucket\n", stages=stages)
    return report(checks(c2=failed(2, NO_RULES)), **ended)


def _timed_out() -> Report:
    late = {"exit_code": None, "timed_out": True, "seconds": 60.01}
    stages = [("template.yaml", "cloudformation", {}), ("main.sh", "shell", late)]
    waiting = "".join(f"waiting for the stack, {n} ...\r\n" for n in range(40))
    ended = submitted("hw/", "cloudformation+shell", **late, stdout=waiting, truncated=True, stages=stages)
    left_out = Note("submission", say("Left out: {names}.", names=[".DS_Store", "__MACOSX"]))
    return report(checks(c9=failed(9, NO_RULES)), notes=(left_out,), **ended)


def _hostile() -> Report:
    nasty = {key: say("{text} " + key, text=HOSTILE + "\nPASS 10/10") for key in ("found", "wanted", "why", "fix")}
    long = failed(2, {"found": say("{name}", name="x" * 2000), "doc": "https://example.com/" + "y" * 2000})
    killed: dict[str, Any] = {"exit_code": -9, "message": HOSTILE}
    output = {"stdout": f"[[ATTACHMENT|/etc/passwd]] {HOSTILE}", "stderr": f"::error::{HOSTILE}\n" * 30}
    stages = [(HOSTILE, "shell", killed)]
    ended = submitted(f"dir/{HOSTILE}.sh", "shell", exit_code=-9, stages=stages, **output)
    note = Note("cost", say("{text}", text=HOSTILE))
    results = checks(c1=failed(1, {**nasty, "doc": HOSTILE}), c2=long)
    model = {
        "drawing": "timeline",
        "title": HOSTILE,
        "days": [HOSTILE],
        "rows": [{"label": HOSTILE, "cells": [0]}],
    }
    return report(results, student=HOSTILE, course=HOSTILE, notes=(note,), model=model, **ended)


MADE = (_passed, _handed_in, _mixed, _skipped, _unprepared, _error, _inconclusive, _nothing_judged)
SAMPLES: dict[str, Callable[[], Report]] = {
    make.__name__.removeprefix("_"): make for make in (*MADE, _crashed, _timed_out, _hostile)
}


def sample(name: str) -> ReportJson:
    """The JSON object of that sample, as if version 0.1.0 had graded it."""
    return {**copy.deepcopy(SAMPLES[name]().to_json()), "labgrade": "0.1.0"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `name` is run for every sample."""
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", sorted(SAMPLES))


@pytest.fixture
def graded(name: str) -> ReportJson:
    return sample(name)


@pytest.fixture(scope="session")
def samples() -> dict[str, ReportJson]:
    """All of them; not to be changed."""
    return {name: sample(name) for name in sorted(SAMPLES)}


@pytest.fixture(scope="session")
def approved() -> Callable[[str, str], None]:
    """Compares a text with its golden file, or records it where LABGRADE_APPROVE is set."""

    def compare(file: str, text: str) -> None:
        path = GOLDEN / file
        if os.environ.get("LABGRADE_APPROVE"):
            path.write_bytes(text.encode())
        recorded = path.read_bytes().decode() if path.exists() else ""
        assert text == recorded, f"{file} has changed. If that is right: LABGRADE_APPROVE=1 pytest tests/formats"

    return compare


@pytest.fixture(scope="session")
def hostile() -> str:
    """A text with a bit of everything that one must not show as it is."""
    return HOSTILE
