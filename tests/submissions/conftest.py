from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from grader import submissions
from grader.access import Access
from grader.emulators import moto
from grader.sandbox import open_sandbox
from grader.submissions import Limits, Run

NOWHERE = Access("http://127.0.0.1:9")  # the discard port: nothing answers there


@pytest.fixture(scope="session")
def warm_emulator() -> Iterator[Any]:
    with moto.launch().ready() as emulator:
        stacks = emulator.access.client("cloudformation")
        with suppress(ClientError):  # refused as empty, but now it has loaded what a deployment takes, forks and all
            stacks.create_stack(StackName="warm", TemplateBody="Resources: {}")
        yield emulator


@pytest.fixture
def access(warm_emulator: Any) -> Iterator[Access]:
    """An emulator that nobody else has used."""
    with warm_emulator.fork() as emulator:
        yield emulator.access


@pytest.fixture
def write(tmp_path: Path) -> Callable[[Mapping[str, str | bytes]], Path]:
    """Makes a submission's folder of names and contents."""

    def folder(files: Mapping[str, str | bytes]) -> Path:
        root = tmp_path / "handed in"
        root.mkdir(exist_ok=True)
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return root

    return folder


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where temporary folders go for this test alone, so that what is left behind is seen."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    subprocess.run(["rm", "-rf", "--", str(folder)], check=True)  # what a failed test left may be out of pytest's reach


@pytest.fixture
def run(write: Callable[[Mapping[str, str | bytes]], Path], temporary: Path) -> Iterator[Callable[..., Run]]:
    """Reads and runs a submission of these files; nothing may be left in the temporary folder."""

    def run(
        files: Mapping[str, str | bytes],
        access: Access = NOWHERE,
        parameters: Mapping[str, Any] | None = None,
        seconds: float | None = None,
        terraform_mirror: Path | None = None,
    ) -> Run:
        submission = submissions.read(write(files))
        sandbox = open_sandbox("none")
        return submissions.run(
            submission,
            access=access,
            parameters=parameters or {},
            sandbox=sandbox,
            limits=Limits(stage_seconds=seconds),
            terraform_mirror=terraform_mirror,
        )

    yield run
    assert list(temporary.iterdir()) == []
