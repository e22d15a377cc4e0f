"""A state folder, a home and a port for each test, and nothing left running after it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from workspace.evenings import Evening


@pytest.fixture
def evening(tmp_path: Path) -> Iterator[Evening]:
    made = Evening(tmp_path)
    yield made
    for lab in ("hello", "s3-lifecycle"):
        if made.folder(lab).exists():
            made("stop", lab, "--yes")
