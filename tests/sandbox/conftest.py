from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.sandbox import Ended, Limits, open_sandbox


@pytest.fixture
def shell(tmp_path: Path) -> Callable[..., Ended]:
    """Runs a line of bash at level `none`."""

    def run(line: str, timeout_seconds: float = 20, limits: Limits | None = None) -> Ended:
        environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": str(tmp_path / "home")}
        return open_sandbox("none").run(
            ["/bin/bash", "-c", line],
            environment=environment,
            folder=tmp_path,
            timeout_seconds=timeout_seconds,
            limits=limits,
        )

    return run


@pytest.fixture
def mark(tmp_path: Path) -> str:
    """A word that only the processes of this test have among their arguments."""
    return f"mark-{tmp_path.name}-{os.getpid()}"
