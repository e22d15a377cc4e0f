"""Many submissions at once, against running the same script with no grading at all."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

from comparing import Comparison, Side

from grader import emulators
from grader.access import Access
from grader.checks import Given
from grader.grading import Grader, Options, Work
from labs import LABS, variables

WORKERS = 2
STUDENTS = count(1)
LAB = next(lab for lab in LABS if lab.id == "s3-lifecycle")
SCRIPT = LAB.folder / "solutions/one_rule_each/main.py"  # which runs on every emulator


def bulk(grader: Grader, warm: Access, times: int) -> Comparison:
    """Each side does its thing so many times, two at once."""
    work = Work(LAB, SCRIPT.parent, Options())

    def graded() -> None:
        reports = list(grader.each([work] * times, WORKERS))
        scores = [getattr(report, "score", report) for report in reports]
        assert scores == [100] * times, scores

    def side(about: str, once: Callable[[], None], share: int = 1) -> Side:
        def call() -> None:
            with ThreadPoolExecutor(WORKERS) as pool:
                list(pool.map(lambda _: once(), range(max(WORKERS, times // share))))

        return Side(about, call, max(WORKERS, times // share))

    ours = Side("grading in bulk, 2 workers, time for each submission", graded, times)
    floors = [
        (side("the same script on one warm moto, no grading", lambda: on_warm(warm)), 1.25),
        (side("the same script, a fresh `moto_server` for each", on_moto_server), 0.33),
        (side("the same script, a fresh MiniStack for each", lambda: on_fresh("ministack"), 2), 0.9),
        (side("the same script, a fresh LocalStack for each", lambda: on_fresh("localstack"), 4), 0.3),
    ]
    return Comparison(ours, floors)


def script(access: Access, student: str | None = None) -> None:
    """The starting state, and what the student wrote, as the student would run it."""
    if LAB.prepare:
        LAB.prepare(access, Given(LAB.values(student)))
    known = {
        "AWS_ENDPOINT_URL": access.endpoint,
        "AWS_ACCESS_KEY_ID": access.access_key,
        "AWS_SECRET_ACCESS_KEY": access.secret_key,
        "AWS_DEFAULT_REGION": access.region,
        "PATH": os.environ["PATH"],
        **variables(LAB, student),
    }
    subprocess.run([sys.executable, SCRIPT], env=known, check=True, capture_output=True)


def on_warm(access: Access) -> None:
    """With names of its own: others are at work there."""
    script(access, f"student {next(STUDENTS)}")


def on_moto_server() -> None:
    with moto_server() as access:
        script(access)


def on_fresh(name: str) -> None:
    with closing(emulators.launch(name, region=LAB.region, services=LAB.services)) as starting:
        script(starting.ready().access)


@contextmanager
def moto_server() -> Iterator[Access]:
    """moto's own command."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [Path(sys.executable).parent / "moto_server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not _listening(port):
            assert server.poll() is None, "moto_server ended"
            time.sleep(0.02)
        yield Access(f"http://127.0.0.1:{port}")
    finally:
        server.kill()
        server.wait()


def _listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
