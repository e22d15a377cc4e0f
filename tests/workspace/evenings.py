"""An evening of one student: the real command, with a state folder, a home and a port of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from conftest import Ended, clean_environment, ended

RIGHT_TAGS = {"TagSet": [{"Key": "course", "Value": "labgrade"}]}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Evening:
    """Calls `labgrade`, and looks at what it keeps."""

    def __init__(self, place: Path) -> None:
        self.home = place / "home"
        self.state = place / "state"
        self.home.mkdir()
        self.port = free_port()

    def __call__(
        self, *words: object, env: Mapping[str, str] | None = None, cwd: Path | None = None, typed: str | None = None
    ) -> Ended:
        return ended(words, self.environment(env), cwd or self.home, typed or "")

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        return clean_environment(self.home, {"XDG_STATE_HOME": str(self.state), **(more or {})})

    def start(self, lab: str = "hello", *words: object) -> Ended:
        """On a port of its own: never the one that another test may want."""
        done = self("start", lab, "--port", self.port, *words)
        assert done.code == 0, done.err
        return done

    def folder(self, lab: str = "hello") -> Path:
        return self.state / "labgrade" / "workspaces" / lab

    def kept(self, name: str = "workspace.json", lab: str = "hello") -> dict[str, Any]:
        kept: dict[str, Any] = json.loads((self.folder(lab) / name).read_text("utf-8"))
        return kept

    def status(self, lab: str = "hello") -> dict[str, Any]:
        rows = json.loads(self("status", "--format", "json").out)
        row: dict[str, Any] = next(row for row in rows if row["lab"] == lab)
        return row

    def client(self, service: str, lab: str = "hello") -> Any:
        """As the student calls it."""
        from grader.access import Access

        return Access(self.kept(lab=lab)["endpoint"]).client(service)

    def report(self, lab: str = "hello", *words: object, env: Mapping[str, str] | None = None) -> dict[str, Any]:
        report: dict[str, Any] = self("run", lab, "--format", "json", *words, env=env).report
        return report

    def kill(self, lab: str = "hello") -> None:
        """The keeper, without a word; and wait until its moto is gone, too."""
        os.kill(self.kept("keeper.json", lab)["pid"], signal.SIGKILL)
        wait_until(lambda: not listening(int(self.kept(lab=lab)["endpoint"].rpartition(":")[2])))


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(holds: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.02)
