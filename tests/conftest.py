"""What many tests use: the real command, in a place of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is no reason to fail: what takes long is the benchmark's to say.
settings.register_profile("labgrade", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("labgrade")

# A job in the background of a shell begins deaf to Ctrl-C, and so would all that the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).parent.parent
LABGRADE = Path(sys.executable).parent / "labgrade"
SECRET = "the-callers-own-secret"


@dataclass(frozen=True)
class Ended:
    """What the command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        """The JSON report on standard output."""
        report: dict[str, Any] = json.loads(self.out)
        return report


Labgrade = Callable[..., Ended]


def clean_environment(home: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """A caller's environment with real-looking credentials in it, which nothing may ever use."""
    kept = {key: os.environ[key] for key in ("PATH", "LANG", "SYSTEMROOT") if key in os.environ}
    secrets = {"AWS_ACCESS_KEY_ID": "AKIAREAL", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_PROFILE": "production"}
    return {**kept, **secrets, "HOME": str(home), **(more or {})}


@pytest.fixture
def labgrade(tmp_path: Path) -> Labgrade:
    """`labgrade("run", "hello", path)`: the real command, whole process, in an empty folder and home."""
    home = tmp_path / "home"
    home.mkdir()

    def call(*words: object, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Ended:
        done = subprocess.run(
            [LABGRADE, *(str(word) for word in words)],
            capture_output=True,
            env=clean_environment(home, env),
            cwd=cwd or home,
            timeout=120,
        )
        return Ended(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))

    return call
