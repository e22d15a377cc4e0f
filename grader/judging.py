"""The checks of a lab, on an emulator: what they probe with ends when they do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

from grader import engine
from grader.aws import Aws
from grader.capabilities import Capabilities
from grader.emulators.interface import Emulator
from grader.lab import Lab


def prepared(lab: Lab, emulator: Emulator, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """The scenario's facts, once it is there; None where the lab has none. Raises LabError."""
    with _seen(emulator) as aws:
        return engine.prepare(lab, aws, values)


def judged(
    lab: Lab, emulator: Emulator, values: Mapping[str, Any], facts: Mapping[str, Any] | None
) -> engine.Judgement:
    """What the checks say. `facts` is None where the scenario was never prepared."""
    with _seen(emulator) as aws:
        return engine.judge(lab, aws, values, facts)


@contextmanager
def _seen(emulator: Emulator) -> Iterator[Aws]:
    """With an end to every probe, also where the grading is interrupted: the checks' threads cannot be told."""
    with closing(Capabilities(emulator)) as capabilities, closing(Aws(emulator, capabilities)) as aws:
        yield aws
