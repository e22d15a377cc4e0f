"""A submission that comes as a tar on standard input: how a platform hands one over without a file of its own."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.errors import NotGradable
from grader.texts import say

if TYPE_CHECKING:
    from grader.report import Report

DASH = Path("-")


@contextmanager
def unpacked() -> Iterator[Path]:
    """Where the tar's content lies for as long as it is graded. Raises NotGradable."""
    from grader.submissions.archives import unpack_tar

    if sys.stdin.isatty():
        raise NotGradable(say("- takes a tar on standard input, as in: tar -c . | labgrade run LAB -"))
    with tempfile.TemporaryDirectory(prefix="labgrade-") as folder:
        into = Path(folder) / "standard-input"
        unpack_tar(sys.stdin.buffer, "standard input", into)
        yield into


def told(graded: Report) -> Report:
    """The report with the submission's place as its caller said it: where it was unpacked is there no more."""
    return replace(graded, submission={**(graded.submission or {}), "path": str(DASH)})


def shape(given: str) -> str:
    """JSON, unless the caller has written out another form of the report."""
    source = click.get_current_context().get_parameter_source("shape")
    return "json" if source is click.core.ParameterSource.DEFAULT else given
