"""Scripts of a history are one command after the other: here each of them is a fork of an AWS CLI that is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from warm_aws import warm_aws

from grader.submissions import tools


@pytest.fixture(scope="session")
def loaded_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with warm_aws(tmp_path_factory.mktemp("aws")) as program:
        yield program


@pytest.fixture(autouse=True)
def quick_commands(loaded_aws: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "real_aws", lambda: str(loaded_aws))
