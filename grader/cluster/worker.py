"""What runs on a worker: two functions that take bytes of JSON and return them."""

from __future__ import annotations

import atexit
import json
from functools import cache
from importlib.metadata import version
from typing import Any

from grader.classroom.jobs import grading_with, settled
from grader.cluster.parcel import Parcel
from grader.errors import LabgradeError
from grader.grading import Grader
from grader.lab import Lab, find
from grader.sandbox import open_sandbox
from grader.version import VERSION


def graded(parcel: bytes) -> bytes:
    """Grade what was sent: `{"report", "fault", "seconds"}`."""
    sent = Parcel.from_bytes(parcel)
    try:
        lab = _lab(sent.job)
    except LabgradeError as error:
        return _told(fault=str(error))
    with sent.unpacked(lab) as job:
        grading = settled(job, grading_with(_grader()))
    return _told(report=grading.report, fault=grading.fault, seconds=grading.seconds)


def about(asked: bytes) -> bytes:
    """What this worker has of what is asked for: versions of labgrade, of labs and of the emulator, and the box."""
    wanted = json.loads(asked)
    labs = {name: _version(name) for name in wanted["labs"]}
    told = {"labgrade": VERSION, "labs": labs, "moto": version("moto"), "sandbox": _sandbox(wanted["sandbox"])}
    return json.dumps(told).encode()


@cache
def _grader() -> Grader:
    """One for the worker's life: its emulators are forks of what is kept warm."""
    grader = Grader()
    atexit.register(grader.close)
    return grader


@cache
def _found(name: str) -> Lab:
    return find(name)


def _lab(job: dict[str, Any]) -> Lab:
    """The same lab as the client's. Raises LabgradeError: a worker that came later need not have it."""
    lab = _found(job["lab"])
    if (VERSION, lab.version) != (job["labgrade"], job["lab_version"]):
        raise LabgradeError(
            f"a worker has labgrade {VERSION} and {lab.id} {lab.version}, and not {job['labgrade']} and "
            f"{job['lab_version']}: install the same on all, and run it again."
        )
    return lab


def _version(name: str) -> str | None:
    try:
        return _found(name).version
    except LabgradeError:
        return None


def _sandbox(level: Any) -> str:
    try:
        return open_sandbox(level).level
    except LabgradeError as error:
        return str(error)


def _told(report: Any = None, fault: str | None = None, seconds: float = 0.0) -> bytes:
    return json.dumps({"report": report, "fault": fault, "seconds": seconds}).encode()
