"""The AWS CLI: the one that submissions get, and the one that a command typed in this shell gets."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from grader.doctor.attempt import Attempt, attempt
from grader.doctor.bench import Bench, environment
from grader.doctor.finding import Finding, Mark
from grader.texts import Text, say

Version: TypeAlias = tuple[int, int, int]

# The first of each line that heeds AWS_ENDPOINT_URL.
# https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html, looked up 2026-11.
HEEDS = {1: (1, 29, 0), 2: (2, 13, 0)}
GET = "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html"
INSTALL = say("pip install awscli, or version 2: {page}", page=GET)
SAFE = "Work in `labgrade shell`, which gives it the endpoint"
PROOF = "labgrade-doctor"
_VERSION = re.compile(r"aws-cli/(\d+)\.(\d+)\.(\d+)")


def of_submissions(bench: Bench) -> Iterator[Finding]:
    """Asked for a bucket and a queue that are on the moto: it sees them, or it does not talk to it."""
    from grader.submissions import tools

    path = tools.real_aws()
    if path is None:
        why = say("main.sh and what you type in a shell need it; main.py, CloudFormation and Terraform do not.")
        yield Finding("AWS CLI", Mark.MISSING, "there is no `aws` beside labgrade or on your PATH", why, INSTALL)
        return
    surroundings = environment(bench, "aws")
    said = attempt([path, "--version"], environment=surroundings)
    version = _version(said)
    if version is None:
        found = (
            say("{path} --version {trouble}", path=str(path), trouble=said.trouble)
            if not said.succeeded
            else say("{path} says {last_line}", path=str(path), last_line=repr(said.last_line))
        )
        yield Finding("AWS CLI", said.mark, found, mend=INSTALL if said.ended else "")
        return
    shown = f"{_dotted(version)}, {path}"
    if trouble := _blind(bench, path, surroundings):
        yield Finding("AWS CLI", Mark.BROKEN, say("{shown}: {trouble}", shown=shown, trouble=trouble), mend=INSTALL)
    elif _deaf(version):
        why = say("It is too old to know AWS_ENDPOINT_URL; in submissions labgrade gives it --endpoint-url.")
        yield Finding(
            "AWS CLI",
            Mark.OLD,
            say("{shown}: saw a bucket and a queue all the same", shown=shown),
            why,
            say("Update it: {get}", get=GET),
        )
    else:
        yield Finding("AWS CLI", Mark.OK, say("{shown}: saw a bucket and a queue on moto", shown=shown))


def of_this_shell(_bench: Bench) -> Iterator[Finding]:
    """Only its version is asked: what it does without an endpoint is what must not be tried."""
    path = shutil.which("aws")
    if path is None:
        return  # `of_submissions` tells, and where that one has an `aws` of its own nothing is wrong
    said = attempt([path, "--version"])
    version = _version(said)
    if version is None:
        if said.code is not None or not said.ended:
            mend = INSTALL if said.ended else ""
            yield Finding(
                "your aws",
                said.mark,
                say("{path} --version {trouble}", path=str(path), trouble=said.trouble),
                mend=mend,
            )
    elif _ours(path):
        yield Finding(
            "your aws",
            Mark.OK,
            say("labgrade's own, in front of {dotted}: it adds the endpoint", dotted=_dotted(version)),
        )
    elif _deaf(version):
        why = say(
            "It is too old to know AWS_ENDPOINT_URL (before 1.29 or 2.13): in a shell of your own, every "
            "command goes to real AWS whatever that says."
        )
        yield Finding(
            "your aws",
            Mark.OLD,
            say("{dotted}, {path}", dotted=_dotted(version), path=str(path)),
            why,
            say("{safe}, or update it: {get}", safe=say(SAFE), get=GET),
        )
    elif version[0] == 1:
        why = say(
            "Version 1, of any age, sends `aws sqs` to real AWS whatever AWS_ENDPOINT_URL says. labgrade "
            "mends that in submissions and in `labgrade shell`, not in a shell of your own."
        )
        mend = say(
            "{safe}; or give --endpoint-url with each sqs command; or install version 2: {get}", safe=say(SAFE), get=GET
        )
        yield Finding(
            "your aws", Mark.NOTE, say("{dotted}, {path}", dotted=_dotted(version), path=str(path)), why, mend
        )
    else:
        yield Finding(
            "your aws",
            Mark.OK,
            say("{dotted}, {path}: heeds AWS_ENDPOINT_URL", dotted=_dotted(version), path=str(path)),
        )


def _blind(bench: Bench, path: str, surroundings: dict[str, str]) -> Text | str:
    """What keeps it from seeing the moto; empty where nothing does."""
    access = bench.moto().access
    access.client("s3").create_bucket(Bucket=PROOF)
    access.client("sqs").create_queue(QueueName=PROOF)
    # What a submission calls; on Windows, where that is no program, the same words.
    command = [path, "--endpoint-url", access.endpoint] if sys.platform == "win32" else ["aws"]
    front = shutil.which("aws", path=surroundings["PATH"]) or path
    for words in (["s3", "ls"], ["sqs", "list-queues"]):
        done = attempt([front if part == "aws" else part for part in command] + words, environment=surroundings)
        if not done.succeeded:
            return say("aws {words} {trouble}", words=" ".join(words), trouble=done.trouble)
        if PROOF not in done.output:
            return say("aws {words} does not show what is on the moto: it asked somebody else", words=" ".join(words))
    return ""


def _version(said: Attempt) -> Version | None:
    match = _VERSION.search(said.output) if said.succeeded else None
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def _deaf(version: Version) -> bool:
    return version < HEEDS.get(version[0], (0, 0, 0))


def _dotted(version: Version) -> str:
    return ".".join(map(str, version))


def _ours(path: str) -> bool:
    """Is it the one that labgrade puts in front?"""
    try:
        with Path(path).open("rb") as file:
            head = file.read(300)
    except OSError:
        return False
    return head.startswith(b"#!/bin/sh") and b"--endpoint-url=*) exec" in head
