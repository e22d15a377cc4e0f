"""A workspace without a keeper around it, in which an answer of a lab is done, and what its journal tells."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grader import engine, submissions
from grader.access import Access
from grader.answers import Answer
from grader.aws import Aws
from grader.emulators import moto
from grader.emulators.moto import journal
from grader.grading import Options
from grader.history import History, written
from grader.lab import Lab
from grader.promises import shared
from grader.report import Report
from grader.sandbox import open_sandbox
from grader.submissions.interface import Limits

KEYS = {"grader": "LABGRADE0000GRADER", "scenario": "LABGRADE00SCENARIO"}
PATIENCE = Limits(stage_seconds=900)


class Seen:
    """All that a scenario and the checks need of an emulator."""

    def __init__(self, running: moto.Moto, access: Access) -> None:
        self.access = access
        self._running = running

    def fork(self) -> moto.Moto:
        return self._running.fork(as_parent=True)


@dataclass
class Work:
    """A lab's emulator with its starting state, as `labgrade start` makes it."""

    lab: Lab
    running: moto.Moto
    path: Path
    values: dict[str, Any]
    facts: dict[str, Any] | None = None

    def by(self, whose: str) -> Aws:
        return Aws(Seen(self.running, replace(self.running.access, access_key=KEYS[whose])))

    def do(self, answer: Answer) -> None:
        """As the student would, by whatever tool."""
        with answer.work() as folder:
            work = submissions.read(folder)
            sandbox = open_sandbox("none")
            submissions.run(work, access=self.running.access, parameters=self.values, sandbox=sandbox, limits=PATIENCE)

    def outcomes(self) -> dict[str, str]:
        judged = engine.judge(self.lab, self.by("grader"), self.values, self.facts)
        return {check.id: str(check.outcome) for check in judged.checks}

    def history(self, beside: str = "") -> History:
        lab = self.lab
        endpoint = self.running.access.endpoint
        lines = journal.lines(self.path)
        return written(lines, parameters=self.values, endpoint=endpoint, region=lab.region, beside=beside)


@contextmanager
def opened(lab: Lab, path: Path, student: str | None = None) -> Iterator[Work]:
    """Prepared by the lab's scenario."""
    record = {"journal": str(path), "seed": "seed", "keys": KEYS}
    services = [*lab.services, "cloudformation"]
    with moto.launch(services=services, record=record).ready(60) as running:
        work = Work(lab, running, path, lab.values(student))
        facts = engine.prepare(lab, work.by("scenario"), work.values)
        work.facts = json.loads(json.dumps(facts))
        yield work


def handed_in(lab: Lab, told: History, folder: Path, student: str | None = None) -> Report:
    """The history as a submission, on a fresh emulator."""
    folder.mkdir()
    (folder / "main.sh").write_text(told.script)
    for name, content in told.files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    return shared().grade(lab, folder, Options(student=student, limits=PATIENCE, sandbox="none"))
