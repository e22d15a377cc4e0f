"""MiniStack: 91 services in one process, up in a quarter of a second."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from grader.emulators import program
from grader.emulators.own import Booting, begun
from grader.emulators.program import Ports, Program
from grader.errors import EmulatorError
from grader.texts import say

if TYPE_CHECKING:
    from grader.sandbox.bwrap.forking import Templates

TITLE = "MiniStack"
VARIABLE = "LABGRADE_MINISTACK"
REQUIREMENT = "ministack==1.5.33"


def launch(
    *,
    region: str,
    services: Sequence[str] = (),  # noqa: ARG001  (each loads when first asked for)
    boxed: bool = False,
    templates: Templates | None = None,  # noqa: ARG001  (it is up as soon)
) -> Booting:
    """Begin one. Raises EmulatorError that says how to get it."""
    found = Program(TITLE, _command(), _settings)
    return Booting("ministack", TITLE, region, begun(found, boxed))


def _command() -> tuple[str, ...]:
    if sys.platform == "win32":
        raise EmulatorError(say("{title}: labgrade cannot start it on Windows; use --emulator moto.", title=TITLE))
    command = program.installed(VARIABLE, "ministack", "ministack") or program.provisioned(
        [REQUIREMENT], ">=3.10", "ministack"
    )
    if command is None:
        raise EmulatorError(
            say(
                "{title} is not installed. Any of these will do: `uv tool install {requirement}`, `pipx install "
                "{requirement}`, uv itself, or {variable} with the path of the program.",
                title=TITLE,
                requirement=REQUIREMENT,
                variable=VARIABLE,
            )
        )
    return command


def _settings(folder: Path, ports: Ports) -> Mapping[str, str]:
    return {
        # It writes its port into queue URLs and stack outputs: that of the gate. What it binds is its own: see inside/.
        # MINISTACK_HOST is left out, so that those URLs name the host that the caller used.
        "GATEWAY_PORT": str(ports.gate),
        "BIND_HOST": "127.0.0.1",
        "STATE_DIR": str(folder / "state"),
        "IOT_MTLS_ENABLED": "0",  # servers beside the gateway, on ports of their own
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{folder}/no-docker",
        "LOG_LEVEL": "WARNING",
    }
