"""All probes at once, and an end to it whatever they meet."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, TypeAlias

from grader.doctor.attempt import end_all
from grader.doctor.bench import Bench
from grader.doctor.finding import HARMLESS, Finding, Mark
from grader.errors import LabgradeError
from grader.texts import Text, say

SCHEMA = "labgrade/doctor/v1"
ALL_SECONDS = 90.0  # that LocalStack may take, where it is to be started

Look: TypeAlias = Callable[[Bench], Iterable[Finding]]


@dataclass(frozen=True)
class Probe:
    """A function of this package that tries something. `needed` counts where it breaks down itself."""

    section: Text
    subject: str
    place: str  # module.function
    needed: bool = False

    @property
    def look(self) -> Look:
        module, _, name = self.place.partition(".")
        found: Look = getattr(import_module(f"grader.doctor.{module}"), name)
        return found


TO_GRADE, TOOLS, EMULATORS = say("To grade"), say("Your tools"), say("Emulators")
SANDBOX = say("What keeps submissions from the rest")
ACCOUNT, MACHINE = say("Your AWS account"), say("This machine")
PROBES = (
    Probe(TO_GRADE, "Python", "installation.python", needed=True),
    Probe(TO_GRADE, "labgrade", "installation.packages", needed=True),
    Probe(TO_GRADE, "moto", "installation.moto", needed=True),
    Probe(TO_GRADE, "a lab", "installation.graded", needed=True),
    Probe(TO_GRADE, "disk", "machine.disk", needed=True),
    Probe(TOOLS, "AWS CLI", "aws_cli.of_submissions"),
    Probe(TOOLS, "your aws", "aws_cli.of_this_shell"),
    Probe(TOOLS, "Terraform", "programs.terraform"),
    Probe(TOOLS, "bash", "programs.bash"),
    Probe(TOOLS, "jq", "programs.jq"),
    Probe(EMULATORS, "LocalStack", "emulators.localstack"),
    Probe(EMULATORS, "MiniStack", "emulators.ministack"),
    Probe(EMULATORS, "Docker", "programs.docker"),
    Probe(EMULATORS, "port 4566", "emulators.port"),
    Probe(SANDBOX, "sandbox", "sandboxes.chosen"),
    Probe(SANDBOX, "bwrap", "sandboxes.bwrap"),
    Probe(SANDBOX, "user", "sandboxes.user"),
    Probe(ACCOUNT, "credentials", "account.credentials"),
    Probe(ACCOUNT, "variables", "account.variables"),
    Probe(ACCOUNT, "endpoint", "account.endpoint"),
    Probe(MACHINE, "letters", "machine.letters"),
    Probe(MACHINE, "folders", "machine.folders"),
)


@dataclass
class Examination:
    """What was found, in the order of PROBES."""

    version: str
    findings: list[tuple[Text, Finding]] = field(default_factory=list)  # with their sections
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        """Can `labgrade run` grade here?"""
        return all(finding.holds for _, finding in self.findings)

    @property
    def lacking(self) -> list[Finding]:
        """What is not as it could be."""
        return [finding for _, finding in self.findings if finding.mark not in HARMLESS]

    def to_json(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "labgrade": self.version,
            "holds": self.holds,
            "seconds": round(self.seconds, 2),
            "findings": [{"section": str(section), **finding.to_json()} for section, finding in self.findings],
        }


def examine(*, timeout_seconds: float = 12.0, start_all: bool = False) -> Examination:
    """Try everything, side by side. What has not answered after `timeout_seconds` is left behind and marked SLOW.

    `start_all` also starts LocalStack and MiniStack, and then the limit is no less than ALL_SECONDS.
    """
    from grader.version import VERSION

    began = time.monotonic()
    limit = max(timeout_seconds, ALL_SECONDS) if start_all else timeout_seconds
    bench = Bench(limit, start_all=start_all)
    looking = [_Looking(probe, bench) for probe in PROBES]
    try:
        for one in looking:
            one.join(began + limit)
        found = [(one.probe.section, finding) for one in looking for finding in one.findings(limit)]
    finally:
        end_all()
        bench.close()
    return Examination(VERSION, found, time.monotonic() - began)


class _Looking:
    """A probe in a thread of its own, which nobody has to wait for."""

    def __init__(self, probe: Probe, bench: Bench) -> None:
        self.probe = probe
        self._found: list[Finding] | None = None
        self._thread = threading.Thread(target=self._look, args=(bench,), daemon=True, name=probe.place)
        self._thread.start()

    def join(self, deadline: float) -> None:
        self._thread.join(max(0.0, deadline - time.monotonic()))

    def findings(self, limit: float) -> list[Finding]:
        """What it found; of one that is still at it, that."""
        if self._found is not None:
            return self._found
        probe = self.probe
        return [
            Finding(
                probe.subject,
                Mark.SLOW,
                say("no answer within {limit} s", limit=format(limit, "g")),
                mend=say("Is the machine busy? `labgrade doctor --timeout 60` waits longer."),
                needed=probe.needed,
            )
        ]

    def _look(self, bench: Bench) -> None:
        try:
            self._found = list(self.probe.look(bench))
        except Exception as error:  # a probe that breaks down is a finding, too
            found: Text | str = error.text if isinstance(error, LabgradeError) else ""
            found = found or " ".join(f"{type(error).__name__}: {error}".split())[:400]
            self._found = [Finding(self.probe.subject, Mark.BROKEN, found, needed=self.probe.needed)]
