"""Where a student's work is, when it is not where the lab looks: once through the other regions, and the other account.

It is asked only where the lab's first requirement does not hold, and what that check says there is the evidence. Reads
alone, and no longer than PATIENCE_SECONDS.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from grader import engine
from grader.access import ACCOUNT, Access
from grader.aws import Aws
from grader.checks import Check
from grader.emulators.interface import Emulator
from grader.lab import Lab
from grader.report import CheckResult, Outcome
from grader.texts import Text, say

PATIENCE_SECONDS = 4.0
# Without a region: https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/global-services.html
# (2026-11-25), and S3, which lists a bucket of any region.
GLOBAL = frozenset({"s3", "iam", "sts", "cloudfront", "route53", "organizations"})
# On by default in every account, the likeliest first:
# https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html (2026-11-25)
REGIONS = (
    *("us-east-1", "us-west-2", "eu-west-1", "ap-northeast-2", "us-east-2", "eu-central-1", "ap-northeast-1"),
    *("ap-southeast-1", "ap-southeast-2", "us-west-1", "eu-west-2", "eu-west-3", "eu-north-1", "ap-south-1"),
    *("ap-northeast-3", "ca-central-1", "sa-east-1"),
)
NO_ACCOUNT = "000000000000"  # LocalStack's, for any key that is no account
ONE_ACCOUNT = ("moto",)  # whoever asks


def elsewhere(
    lab: Lab,
    emulator: Emulator,
    values: Mapping[str, Any],
    judgement: engine.Judgement,
    environ: Mapping[str, str] = os.environ,
) -> Text | None:
    """Where the first requirement holds, or something else is found than here; None where it is nowhere."""
    first = next((check for check in lab.checks if not check.needs and not check.scenario), None)
    here = next((result for result in judgement.checks if first and result.id == first.id), None)
    if first is None or here is None or here.outcome is not Outcome.FAILED:
        return None
    deadline = time.monotonic() + PATIENCE_SECONDS
    for access, where in _places(lab, emulator, environ):
        if time.monotonic() > deadline:
            break
        there = _tried(first, emulator, access, values, deadline)
        if told := _told(there, here, where, _name(emulator.access, access)):
            return told
    return None


def _places(lab: Lab, emulator: Emulator, environ: Mapping[str, str]) -> Iterator[tuple[Access, Text]]:
    home = emulator.access
    if emulator.name not in ONE_ACCOUNT:
        named = environ.get("AWS_ACCESS_KEY_ID", "")
        own = [named] if len(named) == len(ACCOUNT) and named.isdecimal() else []
        for account in dict.fromkeys([*own, ACCOUNT, NO_ACCOUNT]):
            if account != home.account:
                yield replace(home, access_key=account, account=account), say("account {account}", account=account)
    if not GLOBAL.issuperset(lab.services):
        callers = [environ[name] for name in ("AWS_REGION", "AWS_DEFAULT_REGION") if environ.get(name)]
        for region in dict.fromkeys([*callers, *REGIONS]):
            if region != home.region:
                yield replace(home, region=region), say("region {region}", region=region)


def _name(home: Access, there: Access) -> Text:
    if home.account != there.account:
        return say("account {account}", account=home.account)
    return say("region {region}", region=home.region)


def _tried(
    check: Check[Any], emulator: Emulator, access: Access, values: Mapping[str, Any], deadline: float
) -> CheckResult:
    seconds = max(0.1, deadline - time.monotonic())
    return engine.tried(check, Aws(_There(emulator, access)), values, seconds)


class _There:
    """The same emulator, seen by other eyes."""

    def __init__(self, emulator: Emulator, access: Access) -> None:
        self.access = access
        self.name = emulator.name
        self.fork = emulator.fork


def _told(there: CheckResult, here: CheckResult, where: Text, home: Text) -> Text | None:
    """Nothing, where the check says there just what it says here."""
    if there.outcome is Outcome.PASSED:
        built = "It is in {there} of this emulator, and this lab looks in {home}: build it there, or take it there."
        return say(built, there=where, home=home)
    if there.outcome is Outcome.FAILED and _template(there) != _template(here) and there.found is not None:
        other = "In {there} of this emulator there is something else: {found} This lab looks in {home}."
        return say(other, there=where, home=home, found=there.found)
    return None


def _template(result: CheckResult) -> str:
    return result.found.template if isinstance(result.found, Text) else str(result.found)
