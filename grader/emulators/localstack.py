"""LocalStack 4.14.0, the last that needs no token: from an installed program, or a container."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from grader.emulators import container, program
from grader.emulators.localstack_index import WITHIN, index
from grader.emulators.own import Booting, begun
from grader.emulators.program import Ports, Program
from grader.errors import EmulatorError
from grader.texts import say

if TYPE_CHECKING:
    from grader.sandbox.bwrap.forking import Templates

TITLE = "LocalStack"
VARIABLE = "LABGRADE_LOCALSTACK_PYTHON"
MODULE = "localstack.runtime.main"
IMAGE = "localstack/localstack:4.14.0"
# What 4.14.0 runs with: it pins some of what it needs, and breaks with later ones of the rest.
REQUIREMENTS = (
    "localstack-core[runtime]==4.14.0",
    "cbor2<5.9",
    "cryptography==46.0.7",
    "pyopenssl==25.3.0",
    "service_identity==24.2.0",
)
# Nothing is counted, fetched or looked up at home, and no container is begun.
QUIET = {
    "DISABLE_EVENTS": "1",
    "SKIP_SSL_CERT_DOWNLOAD": "1",
    "SQS_ENDPOINT_STRATEGY": "off",  # as AWS has them, ACCOUNT/NAME: the provider of Terraform takes no others
    "DNS_ADDRESS": "0",
    "LS_LOG": "warning",
}


def launch(
    *,
    region: str,
    services: Sequence[str] = (),  # else each loads when first asked for
    boxed: bool = False,  # an installed one; a container has no way to us but the engine's network
    templates: Templates | None = None,
) -> Booting:
    """Begin one. Raises EmulatorError that says how to get it."""
    command = _command()
    if command is not None:
        made = index(Path(command[0]))
        ahead = "localstack" if command[1:] == ("-m", MODULE) else ""
        metrics = "cloudwatch" in services
        found = Program(TITLE, command, partial(_settings, metrics), {WITHIN: made} if made else {}, ahead)
        return Booting("localstack", TITLE, region, begun(found, boxed, services, templates))
    if not container.engine_answers():
        raise EmulatorError(
            say(
                "{title} is not installed, and no Docker engine answers. Any of these will do: Docker, uv "
                "(github.com/astral-sh/uv), or {variable} with the path of a Python 3.12 or later into which "
                "`pip install {names}` has gone.",
                title=TITLE,
                variable=VARIABLE,
                names=" ".join(repr(part) for part in REQUIREMENTS),
            )
        )
    container.fetch(IMAGE)
    return Booting("localstack", TITLE, region, lambda gate_port: container.Container(TITLE, IMAGE, _inside(gate_port)))


def _command() -> tuple[str, ...] | None:
    if sys.platform == "win32":
        return None
    if os.environ.get(VARIABLE):
        return program.installed(VARIABLE, "", MODULE)
    return on_path() or program.provisioned(REQUIREMENTS, ">=3.12,<3.14", MODULE)


def on_path() -> tuple[str, ...] | None:
    """The Python beside one of LocalStack's programs, where its runtime is installed and not only its command line."""
    for name in ("localstack", "localstack-supervisor"):
        found = shutil.which(name)
        python = Path(os.path.realpath(found)).with_name("python") if found else None
        if python and python.exists() and list(python.parents[1].glob("lib/python3*/site-packages/rolo")):
            return (str(python), "-m", MODULE)
    return None


def _settings(metrics: bool, folder: Path, ports: Ports) -> Mapping[str, str]:
    return {
        **_inside(ports.gate),
        # Else it calls itself about every message, which costs as much as all the rest of a lab.
        "SQS_DISABLE_CLOUDWATCH_METRICS": "0" if metrics else "1",
        "GATEWAY_LISTEN": f"127.0.0.1:{ports.own}",  # the port is heeded, the host is not: see inside/
        "LOCALSTACK_VOLUME_DIR": str(folder),
        "FILESYSTEM_ROOT": str(folder),
        "OVERRIDE_IN_DOCKER": "0",  # that folder, even where labgrade is in a container
        "DOCKER_SOCK": str(folder / "no-docker"),
        "DOCKER_HOST": f"unix://{folder}/no-docker",
    }


def _inside(gate_port: int) -> Mapping[str, str]:
    """Also for a container: the URLs that it gives out name the gate."""
    return {**QUIET, "LOCALSTACK_HOST": f"127.0.0.1:{gate_port}"}
