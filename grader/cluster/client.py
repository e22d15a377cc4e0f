"""Hands jobs to a Dask cluster: the class's own loop, with workers elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from importlib import import_module
from importlib.metadata import version
from types import TracebackType
from typing import Any, Self

from grader.classroom.database import Grading
from grader.classroom.jobs import Job
from grader.cluster import parcel, worker
from grader.errors import LabgradeError, NotGradable, UsageError
from grader.lab import Lab
from grader.submissions import Submission
from grader.version import VERSION

_INSTALL = "--cluster needs Dask: pip install 'labgrade[cluster]', here and on every worker."
_WAIT = "15s"


class Cluster:
    """A pool of workers like the local one. Close it, or use it as a context manager. Raises UsageError."""

    def __init__(self, address: str, labs: Iterable[Lab], sandbox: str) -> None:
        try:
            distributed: Any = import_module("distributed")  # it says too little of its types
        except ImportError:
            raise UsageError(_INSTALL) from None
        try:
            self._client = distributed.Client(address, timeout=_WAIT, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:  # a time-out is an OSError
            words = " ".join(str(error).split())[:200]
            raise UsageError(f"--cluster {address}: no scheduler of Dask's answers there ({words}).") from None
        try:
            self.workers = self._checked(address, list(labs), sandbox)
        except BaseException:
            self._client.close()
            raise
        self._pool = self._client.get_executor(pure=False)

    def submit(self, job: Job) -> Future[Grading]:
        """The grading that is to come: a lost worker's work is done again by another."""
        coming: Future[Grading] = Future()
        try:
            sent, work = parcel.packed(job)
        except NotGradable as error:
            coming.set_result(Grading(job.key, None, str(error), 0.0))
            return coming
        done = self._pool.submit(worker.graded, sent.to_bytes())
        done.add_done_callback(lambda each: _settle(coming, each, job, work))
        return coming

    def shutdown(self) -> None:
        """Let go of what has not come yet; what a worker has begun ends there, and its report is lost."""
        self._pool.shutdown(wait=False)

    def close(self) -> None:
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _checked(self, address: str, labs: Sequence[Lab], sandbox: str) -> int:
        """How many gradings fit at a time, where every worker has what is here. Raises UsageError."""
        asked = json.dumps({"labs": [lab.id for lab in labs], "sandbox": sandbox}).encode()
        wanted = {
            "labgrade": VERSION,
            "labs": {lab.id: lab.version for lab in labs},
            "moto": version("moto"),
            "sandbox": sandbox,
        }
        threads = self._client.nthreads()
        if not threads:
            raise UsageError(f"--cluster {address}: has no workers yet; start some: dask worker {address}")
        try:
            answers: dict[str, Any] = self._client.run(worker.about, asked, on_error="return")
        except Exception as error:
            raise UsageError(f"--cluster {address}: a worker {unfit(error, wanted)}") from None
        for name, answer in sorted(answers.items()):
            if wrong := unfit(answer, wanted):
                raise UsageError(f"--cluster {address}: the worker {name} {wrong}")
        return int(sum(threads.values()))


def unfit(answer: Any, wanted: dict[str, Any]) -> str | None:
    """Why a worker cannot take part; None where it can."""
    if not isinstance(answer, bytes):
        return f"has no labgrade like this one ({type(answer).__name__}: {' '.join(str(answer).split())[:200]})."
    has = json.loads(answer)
    for what in ("labgrade", "moto"):
        if has[what] != wanted[what]:
            return f"has {what} {has[what]}, and here is {wanted[what]}: install the same on all."
    for lab, mine in wanted["labs"].items():
        if has["labs"].get(lab) != mine:
            return f"has another {lab} than is here ({has['labs'].get(lab)}, and not {mine})."
    if has["sandbox"] != wanted["sandbox"]:
        return f"cannot give the sandbox {wanted['sandbox']}: {has['sandbox']}"
    return None


def _settle(coming: Future[Grading], done: Any, job: Job, work: Submission) -> None:
    if done.cancelled():
        coming.cancel()
        return
    coming.set_result(_grading(done, job, work))


def _grading(done: Any, job: Job, work: Submission) -> Grading:
    error = done.exception()
    if error is not None:  # several workers died of it, one after another
        return Grading(job.key, None, f"{type(error).__name__}: {' '.join(str(error).split())[:500]}", 0.0)
    try:
        told = json.loads(done.result())
        report = None if told["report"] is None else parcel.as_here(told["report"], work)
        return Grading(job.key, report, told["fault"], told["seconds"])
    except (ValueError, KeyError, TypeError, LabgradeError) as wrong:
        return Grading(job.key, None, f"a worker's answer is none: {wrong}", 0.0)
