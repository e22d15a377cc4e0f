"""What many tests use: the real command, in a place of its own."""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from warm_command import usable, warm

# A busy machine is no reason to fail: what takes long is the benchmark's to say.
settings.register_profile("labgrade", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("labgrade")

# A job in the background of a shell begins deaf to Ctrl-C, and so would all that the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).parent.parent
LABGRADE = Path(sys.executable).parent / "labgrade"
SECONDS = 180
SECRET = "the-callers-own-secret"
SHARE_NOTHING = ("tests/history/test_solutions.py", "tests/workspace/test_survival.py")
BROWSER = "tests/pages/"


@dataclass(frozen=True)
class Ended:
    """What the command said and how it ended."""

    code: int
    out: str
    err: str

    @classmethod
    def of(cls, code: int, out: bytes, err: bytes) -> Ended:
        return cls(code, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"))

    @property
    def report(self) -> dict[str, Any]:
        """The JSON report on standard output."""
        report: dict[str, Any] = json.loads(self.out)
        return report


Labgrade = Callable[..., Ended]


def clean_environment(home: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """A caller's environment with real-looking credentials in it, which nothing may ever use."""
    kept = {key: os.environ[key] for key in ("PATH", "LANG", "SYSTEMROOT") if key in os.environ}
    kept |= {key: value for key, value in os.environ.items() if key.startswith("PIP_")}  # where packages come from
    secrets = {"AWS_ACCESS_KEY_ID": "AKIAREAL", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_PROFILE": "production"}
    return {**kept, **secrets, "HOME": str(home), **(more or {})}


def together(nodeid: str) -> str:
    """A module's tests are one worker's, as they share what it starts; those that share nothing are anybody's."""
    module = nodeid.partition("::")[0]
    if module in SHARE_NOTHING:
        return nodeid
    return "one browser, which takes all processors" if module.startswith(BROWSER) else module


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return together(nodeid)

    config.option.loadscopereorder = False  # the order is the one below
    return Together(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes begins first, so that nobody waits for it in the end; then the largest groups."""
    tests = Counter(together(item.nodeid) for item in items)
    long = {together(item.nodeid) for item in items if item.get_closest_marker("long")}
    items.sort(key=lambda item: (together(item.nodeid) not in long, -tests[together(item.nodeid)]))


def pytest_collection_finish() -> None:
    """Some thousand tests are no garbage, and are searched for some no more."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _without_the_machines_mirror(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where providers of Terraform are is a test's own to say; the slow ones run what this machine has."""
    if request.node.get_closest_marker("slow") is None:
        monkeypatch.delenv("LABGRADE_TERRAFORM_MIRROR", raising=False)


@pytest.fixture
def labgrade(tmp_path: Path) -> Labgrade:
    """`labgrade("run", "hello", path)`: the command, in a process of its own, in an empty folder and home."""
    home = tmp_path / "home"
    home.mkdir()

    def call(*words: object, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Ended:
        return ended(words, clean_environment(home, env), cwd or home)

    return call


def ended(words: Sequence[object], environment: Mapping[str, str], folder: Path, typed: str = "") -> Ended:
    """How `labgrade WORDS` ends there. Its imports are spared where that makes no difference."""
    called = [str(word) for word in words]
    if usable(environment):
        return Ended.of(*warm().run(called, environment, folder, typed.encode(), SECONDS))
    done = subprocess.run(
        [LABGRADE, *called], input=typed.encode(), capture_output=True, env=environment, cwd=folder, timeout=SECONDS
    )
    return Ended.of(done.returncode, done.stdout, done.stderr)
