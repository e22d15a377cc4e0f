"""A job as bytes: the submission's content, and all that decides its grading; and what comes back."""

from __future__ import annotations

import base64
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader import submissions
from grader.classroom.jobs import Job
from grader.lab import Lab
from grader.report import Note, ReportJson
from grader.submissions import Submission
from grader.submissions.files import read_bytes
from grader.version import VERSION


@dataclass(frozen=True)
class Parcel:
    """What a worker is sent. `files` are by their path below the submission; a lone file is `alone`."""

    job: dict[str, Any]
    files: dict[str, bytes]
    alone: bool

    def to_bytes(self) -> bytes:
        files = {name: base64.b64encode(content).decode() for name, content in self.files.items()}
        told = {"job": self.job, "files": files, "alone": self.alone}
        return json.dumps(told, ensure_ascii=True).encode()

    @classmethod
    def from_bytes(cls, packed: bytes) -> Parcel:
        told = json.loads(packed)
        files = {name: base64.b64decode(content) for name, content in told["files"].items()}
        return cls(told["job"], files, told["alone"])

    @contextmanager
    def unpacked(self, lab: Lab) -> Iterator[Job]:
        """The job with its submission on this machine's disk."""
        with tempfile.TemporaryDirectory(prefix="labgrade-") as folder:
            root = Path(folder) / "submission"
            for name, content in self.files.items():
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            where = root / next(iter(self.files)) if self.alone else root
            yield Job(**{**self.job["how"], "lab": lab, "path": where})


def packed(job: Job) -> tuple[Parcel, Submission]:
    """The job as it is sent, and its submission as it is read here. Raises NotGradable."""
    work = submissions.read(job.path)
    alone = job.path.is_file()
    wrapped = "" if alone else work.root.relative_to(job.path).as_posix()
    prefix = "" if wrapped in ("", ".") else f"{wrapped}/"
    files = {prefix + name: read_bytes(work.root, name) for name in work.files}
    names = ("key", "student", "course", "emulator", "sandbox", "timeout_seconds", "inconclusive", "limits")
    how = {name: getattr(job, name) for name in names}
    about = {"how": how, "lab": job.lab.id, "lab_version": job.lab.version, "labgrade": VERSION}
    return Parcel(about, files, alone), work


def as_here(report: ReportJson, work: Submission) -> ReportJson:
    """A worker's report as it would have been made here: the work's own path, and what was said of what was left out.

    What was left out was not sent, so the worker could not say it.
    """
    notes = list(report["notes"])
    said = {note["message"] for note in notes}
    here = [Note("submission", text).to_json() for text in work.notes]
    return {
        **report,
        "submission": dict(work.to_json()),
        "notes": [n for n in here if n["message"] not in said] + notes,
    }
