"""A real browser that looks at pages: Debian's `chromium`, driven from Node, in one go for many views."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
Look = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]


def missing(what: str) -> None:
    """A machine without a browser need not have one; the gate must."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def look(tmp_path_factory: pytest.TempPathFactory) -> Look:
    """`look([{"name": …, "url": …, "width": 360, "scheme": "dark", "axe": True, …}])`: what was seen, in order."""
    chromium, npm = shutil.which("chromium"), shutil.which("npm")
    if chromium is None or npm is None or shutil.which("node") is None:
        missing("no chromium, node and npm on this machine: nobody looked at the pages")
    folder = tmp_path_factory.mktemp("look")
    for name in ("package.json", "package-lock.json", ".npmrc", "look.js"):
        shutil.copy(HERE / name, folder)
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund"]
    made = subprocess.run([str(npm), "ci", *quiet], cwd=folder, capture_output=True, text=True, timeout=300)
    if made.returncode:
        missing(f"npm ci failed, so nobody looked at the pages: {made.stderr[-500:]}")

    def looked(jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        order = json.dumps({"executable": chromium, "jobs": jobs}).encode()
        done = subprocess.run(["node", "look.js"], cwd=folder, input=order, capture_output=True, timeout=900)
        assert done.returncode == 0, done.stderr.decode()[-3000:]
        seen: list[dict[str, Any]] = json.loads(done.stdout)
        return seen

    return looked
