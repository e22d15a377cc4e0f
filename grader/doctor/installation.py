"""labgrade itself: its Python, what it stands on, its moto, and a lab graded on it."""

from __future__ import annotations

import operator
import platform
import re
import sys
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version

from grader.access import ForkUnsupported
from grader.doctor.bench import Bench
from grader.doctor.finding import Finding, Mark
from grader.texts import say

OLDEST_PYTHON = (3, 11)
AGAIN = "pip install --upgrade --force-reinstall labgrade"
_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?(.*)")
_BOUND = re.compile(r"(>=|<|==)\s*([0-9.]+)")


def python(_bench: Bench) -> Iterator[Finding]:
    found = say(
        "{python_version} on {system} {machine}, {executable}",
        python_version=platform.python_version(),
        system=platform.system(),
        machine=platform.machine(),
        executable=sys.executable,
    )
    if sys.version_info[:2] < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        mend = say("Install Python {wanted} or later, and labgrade with it.", wanted=wanted)
        yield Finding("Python", Mark.OLD, found, mend=mend, needed=True)
    else:
        yield Finding("Python", Mark.OK, found, needed=True)


def packages(_bench: Bench) -> Iterator[Finding]:
    """What labgrade declares that it needs, as it is installed."""
    from grader.version import VERSION

    try:
        declared = requires("labgrade") or []
    except PackageNotFoundError:
        why = say("It runs from a folder, so nobody has seen to what it needs.")
        yield Finding("labgrade", Mark.NOTE, say("{version}, not installed by pip", version=VERSION), why, needed=True)
        return
    needs = [match for text in declared if "extra ==" not in text and (match := _REQUIREMENT.match(text))]
    has = {match[1]: _version(match[1]) for match in needs}
    wrong = {match[1]: match[2].split(";")[0].strip() for match in needs if not _fits(has[match[1]], match[2])}
    if not wrong:
        stands_on = ", ".join(f"{name} {number}" for name, number in has.items())
        yield Finding(
            "labgrade", Mark.OK, say("{version}, with {stands_on}", version=VERSION, stands_on=stands_on), needed=True
        )
        return
    told = [
        say("{name} {has}, not {wanted}" if has[name] else "{name} is missing", name=name, has=has[name], wanted=wanted)
        for name, wanted in wrong.items()
    ]
    mark = Mark.OLD if all(has[name] for name in wrong) else Mark.MISSING
    yield Finding("labgrade", mark, say("{version}: {told}", version=VERSION, told=told), mend=AGAIN, needed=True)


def moto(bench: Bench) -> Iterator[Finding]:
    """Started, called by boto3, and copied."""
    emulator = bench.moto()
    began = time.monotonic()
    buckets = emulator.access.client("s3").list_buckets()["Buckets"]
    answered = time.monotonic() - began
    called = say(
        "{version} started in {moto_seconds} s, answered boto3 in {answered} s",
        version=emulator.version,
        moto_seconds=format(bench.moto_seconds, ".1f"),
        answered=format(answered, ".1f"),
    )
    began = time.monotonic()
    try:
        with emulator.fork() as fork:
            copied = time.monotonic() - began
            same = len(fork.access.client("s3").list_buckets()["Buckets"]) >= len(buckets)
    except ForkUnsupported as error:
        why = say("Checks that would try things out on a copy judge by attributes alone, and say so.")
        yield Finding(
            "moto",
            Mark.NOTE,
            say("{called}; it cannot be copied: {error}", called=called, error=str(error)),
            why,
            needed=True,
        )
        return
    if same:
        yield Finding(
            "moto",
            Mark.OK,
            say("{called}, was copied in {copied} ms", called=called, copied=format(copied * 1000, ".0f")),
            needed=True,
        )
    else:
        yield Finding(
            "moto", Mark.BROKEN, say("{called}; its copy has lost what it held", called=called), mend=AGAIN, needed=True
        )


def graded(_bench: Bench) -> Iterator[Finding]:
    """The lab that `labgrade new` begins with, and its answer: all that `labgrade run` does."""
    from grader.grading import grade
    from grader.skeleton import TEMPLATE

    report = grade(TEMPLATE, TEMPLATE / "solutions" / "boto3").to_json()
    level, seconds = report["sandbox"]["level"], report["seconds"]
    if report["outcome"] == "passed":
        found = say(
            "main.py was run with boto3 (sandbox {level}) and graded in {seconds} s",
            level=level,
            seconds=format(seconds, ".1f"),
        )
        yield Finding("a lab", Mark.OK, found, needed=True)
        return
    said = " ".join(((report["run"] or {}).get("stderr") or "").split())[-200:]
    missed = "; ".join(str(check["found"] or check["message"]) for check in report["checks"])
    found = say(
        "a right answer scored {score} of {max_score}: {said}",
        score=report["score"],
        max_score=report["max_score"],
        said=said or missed,
    )
    yield Finding("a lab", Mark.BROKEN, found, mend=AGAIN, needed=True)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _fits(number: str | None, bounds: str) -> bool:
    """Is it there, and within the bounds that are understood?"""
    compare = {">=": operator.ge, "<": operator.lt, "==": operator.eq}
    return number is not None and all(
        compare[sign](_numbers(number), _numbers(bound)) for sign, bound in _BOUND.findall(bounds.split(";")[0])
    )


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])
