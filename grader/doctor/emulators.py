"""The emulators beside moto, and the port that everybody's tools expect one at."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from grader.doctor.attempt import attempt
from grader.doctor.bench import Bench
from grader.doctor.finding import Finding, Mark
from grader.texts import Text, say

if TYPE_CHECKING:
    from grader.emulators.asking import Door

PORT = 4566
TRY = "labgrade doctor --all starts it"


def localstack(bench: Bench) -> Iterator[Finding]:
    from grader.emulators import localstack as launcher
    from grader.emulators.program import installed

    subject = launcher.TITLE
    mend = say(
        "Any of these will do: Docker; uv (https://docs.astral.sh/uv); or {variable} with the path of a "
        "Python that has {requirements}.",
        variable=launcher.VARIABLE,
        requirements=launcher.REQUIREMENTS[0],
    )
    if sys.platform != "win32":
        command = installed(launcher.VARIABLE, "", launcher.MODULE) if os.environ.get(launcher.VARIABLE) else None
        if command or (command := launcher.on_path()):
            yield _there(bench, "localstack", subject, command[0])
            return
        if uvx := shutil.which("uvx"):
            yield _fetched(bench, "localstack", subject, uvx)
            return
    docker = shutil.which("docker")
    image = attempt([docker, "image", "inspect", "--format", "{{.Id}}", launcher.IMAGE], seconds=5) if docker else None
    if image and image.succeeded:
        yield _there(bench, "localstack", subject, say("the image {image}", image=launcher.IMAGE))
    else:
        yield Finding(subject, Mark.MISSING, "not installed, and Docker has no image of it", _only_with(subject), mend)


def ministack(bench: Bench) -> Iterator[Finding]:
    from grader.emulators import ministack as launcher
    from grader.emulators.program import installed

    subject = launcher.TITLE
    if sys.platform == "win32":
        yield Finding(subject, Mark.NOTE, "labgrade cannot start it on Windows")
    elif command := installed(launcher.VARIABLE, "ministack", "ministack"):
        yield _there(bench, "ministack", subject, command[0])
    elif uvx := shutil.which("uvx"):
        yield _fetched(bench, "ministack", subject, uvx)
    else:
        mend = say(
            "Any of these will do: uv tool install {requirement}; pipx install {requirement}.",
            requirement=launcher.REQUIREMENT,
        )
        yield Finding(subject, Mark.MISSING, "not installed", _only_with(subject), mend)


def port(_bench: Bench) -> Iterator[Finding]:
    """Is it free, and if not, who answers there?"""
    from grader.emulators import kinds
    from grader.workspace import record

    subject = f"port {PORT}"
    if not _listening(PORT):
        yield Finding(subject, Mark.OK, "free")
        return
    if ours := [workspace.lab for workspace in record.every() if workspace.ours and workspace.port == PORT]:
        yield Finding(subject, Mark.OK, say("your workspace of {ours} is there", ours=ours[0]))
        return
    try:
        kind = kinds.recognised(_door(PORT))
    except OSError as error:
        kind, silent = kinds.UNKNOWN, error.strerror or str(error)
    else:
        silent = ""
    if kind == kinds.UNKNOWN:
        why = say("A workspace takes another port, and says which.")
        answers = "something listens there that is no emulator known here"
        silence = "something listens there that is no emulator known here ({reason})"
        yield Finding(subject, Mark.TAKEN, say(silence if silent else answers, reason=silent), why)
    else:
        why = say("`labgrade run LAB --endpoint-url http://127.0.0.1:{port}` grades what is on it.", port=PORT)
        yield Finding(subject, Mark.TAKEN, say("{kind} answers there", kind=str(kind)), why)


def answering(port_number: int) -> str:
    """The emulator at that port of this machine; empty where none is."""
    from grader.emulators import kinds

    try:
        kind = kinds.recognised(_door(port_number))
    except OSError:
        return ""
    return str(kind)


def _there(bench: Bench, name: str, title: str, where: Text | str) -> Finding:
    if not bench.start_all:
        return Finding(title, Mark.OK, say("{where} ({how})", where=where, how=say(TRY)))
    return _started(bench, name, title, where)


def _fetched(bench: Bench, name: str, title: str, uvx: str) -> Finding:
    if bench.start_all:
        return _started(bench, name, title, say("by {uvx}", uvx=uvx))
    why = say("The first time it is fetched, which takes a minute and a network ({how} if it has been).", how=say(TRY))
    return Finding(title, Mark.NOTE, say("{uvx} installs it when it is first asked for", uvx=uvx), why)


def _started(bench: Bench, name: str, title: str, where: Text | str) -> Finding:
    """Really started, and asked by boto3."""
    from grader import emulators
    from grader.access import REGION

    began = time.monotonic()
    with emulators.launch(name, region=REGION).ready(bench.seconds) as emulator:
        emulator.access.client("s3", read_seconds=30).list_buckets()
        took = time.monotonic() - began
        return Finding(
            title,
            Mark.OK,
            say(
                "{version} started in {took} s and answered boto3; {where}",
                version=emulator.version,
                took=format(took, ".1f"),
                where=where,
            ),
        )


def _only_with(title: str) -> Text:
    return say("Only --emulator {name} needs it; moto is built in.", name=title.lower())


def _listening(number: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", number), timeout=1):
            return True
    except TimeoutError:
        return True
    except OSError:
        return False


def _door(number: int) -> Door:
    from grader.emulators.asking import Door
    from grader.emulators.hosts import Endpoint

    return Door(Endpoint(f"http://127.0.0.1:{number}", "127.0.0.1", number, secure=False, loopback=True))
