"""A terminal, for what is typed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest
from conftest import LABGRADE, clean_environment

Terminal = Callable[..., Any]


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """`terminal("login")`: the real command in a terminal of 80 columns."""
    home = tmp_path / "home-of-the-terminal"
    home.mkdir()
    opened: list[Any] = []

    def call(*words: object, cwd: Path | None = None, program: object = LABGRADE, **env: str) -> Any:
        child = pexpect.spawn(
            str(program),
            [str(word) for word in words],
            env=clean_environment(home, {"TERM": "xterm", "LANG": "C.UTF-8", **env}),
            cwd=str(cwd or home),
            encoding="utf-8",
            timeout=60,
            dimensions=(50, 80),
        )
        opened.append(child)
        return child

    yield call
    for child in opened:
        child.close(force=True)
