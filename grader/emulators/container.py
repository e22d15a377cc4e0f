"""An emulator in a container, where a Docker engine answers."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from secrets import token_hex

from grader.emulators.program import INSTALL_SECONDS, Ports, Tail, Unboxed, free_port, last_line
from grader.errors import EmulatorError
from grader.texts import say

ENGINE_SECONDS = 5
END_SECONDS = 20
# The container lives as long as somebody holds its standard input: the grader, which may be killed.
WHILE_WANTED = "docker-entrypoint.sh & cat >/dev/null"


def engine_answers() -> bool:
    """Is there a Docker command, and an engine behind it?"""
    if shutil.which("docker") is None:
        return False
    try:
        asked = _docker("version", "--format", "{{.Server.Version}}", seconds=ENGINE_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0 and bool(asked.stdout.strip())


def fetch(image: str) -> None:
    """Have the image here: a step of its own, as it may take minutes. Raises EmulatorError."""
    try:
        if _docker("image", "inspect", image, seconds=ENGINE_SECONDS).returncode == 0:
            return
        pulled = _docker("pull", "--quiet", image, seconds=INSTALL_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EmulatorError(say("docker: cannot pull {image}: {error}", image=image, error=str(error))) from None
    if pulled.returncode:
        raise EmulatorError(
            say(
                "docker: cannot pull {image}: {last_line}",
                image=image,
                last_line=last_line(pulled.stderr.decode("utf-8", "replace")),
            )
        )


class Container(Unboxed):
    """One that runs. Its port is published on the loopback by the engine, which fails where it is taken.

    It is in no box: the engine's network leads out.
    """

    def __init__(self, title: str, image: str, environment: Mapping[str, str]) -> None:
        self.ports = Ports(free_port(), 0)
        self._name = f"labgrade-{token_hex(8)}"
        try:
            self._client = subprocess.Popen(
                _command(self._name, image, self.ports.own, environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise EmulatorError(
                say("{title}: cannot start docker: {reason}.", title=title, reason=error.strerror)
            ) from None
        self._tail = Tail(self._client)

    def listening(self) -> bool:
        """The engine publishes the port before it starts the program, or ends with an error."""
        return self.running()

    def running(self) -> bool:
        """Does the docker command still hold it?"""
        return self._client.poll() is None

    def last_words(self) -> str:
        """The end of what it has printed."""
        return self._tail.text()

    def close(self) -> None:
        """Remove it; again does nothing."""
        if self._client.stdin is None or self._client.stdin.closed:
            return
        with suppress(OSError):
            self._client.stdin.close()
        with suppress(OSError, subprocess.TimeoutExpired):
            _docker("rm", "--force", self._name, seconds=END_SECONDS)
        self._client.kill()
        self._client.wait()
        self._tail.close()


def _docker(*words: str, seconds: float) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["docker", *words], capture_output=True, timeout=seconds, stdin=subprocess.DEVNULL)


def _command(name: str, image: str, port: int, environment: Mapping[str, str]) -> list[str]:
    settings = [part for key, value in environment.items() for part in ("--env", f"{key}={value}")]
    return [
        *("docker", "run", "--rm", "--interactive", "--name", name, "--publish", f"127.0.0.1:{port}:4566"),
        *(*settings, "--entrypoint", "sh", image, "-c", WHILE_WANTED),
    ]
