"""How a class is graded: submissions a minute, memory, the database, and how it grows. A program of its own:

python tests/benchmarks/classes.py 200 1000                 two classes of these sizes, mixed from the labs' answers
python tests/benchmarks/classes.py 200 --dask               and the first of them on two local workers of Dask's
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from bulk import moto_server

from grader import submissions
from grader.answers import Answer, answers
from grader.checks import Given
from grader.classroom import kept
from grader.classroom.database import NAME
from grader.lab import folders, read
from grader.sandbox import open_sandbox

LABGRADE = Path(sys.executable).parent / "labgrade"
LEFT_OUT = ("hello",)  # a lab of the first five minutes
OF_THE_FLOOR = 100  # submissions
KINDS = ("python", "shell", "cloudformation")  # what needs nothing that is not installed with labgrade


@dataclass(frozen=True)
class Measured:
    """One grading of one class."""

    submissions: int
    seconds: float
    cpu_seconds: float
    peak_mib: float
    database_kib: float
    faults: int

    def row(self, name: str, floor: float) -> str:
        """`floor` is what a submission takes that nobody grades, in seconds."""
        each, minute = self.seconds / self.submissions, 60 * self.submissions / self.seconds
        return (
            f"| {name} | {self.submissions} | {minute:.0f} | {each:.2f} s | {each / floor:.2f} "
            f"| {self.cpu_seconds / self.submissions:.2f} s "
            f"| {self.peak_mib:.0f} MiB | {self.database_kib / self.submissions:.1f} KiB | {self.faults} |"
        )


HEAD = (
    "| where | submissions | a minute | each | to the floor (≤ 1.25) | processor time each | peak memory "
    "| database each | faults |\n|---|---|---|---|---|---|---|---|---|"
)


def work_of(answer: Answer) -> bool:
    """Is it one that a machine with labgrade alone can run?"""
    return not answer.needs and all(part in KINDS for part in answer.kind.split("+"))


def hand_in(place: Path, count: int, sandbox: str) -> list[str]:
    """So many students, each with one answer of one lab, right and wrong in turn; the words that grade them."""
    labs = [lab for lab in map(read, folders()) if lab.id not in LEFT_OUT]
    pools = [[one for kind in ("solutions", "mistakes") for one in answers(lab, kind) if work_of(one)] for lab in labs]
    for number in range(count):
        lab, pool = labs[number % len(labs)], pools[number % len(labs)]
        with pool[number // len(labs) % len(pool)].work() as work:
            shutil.copytree(work, place / "handed" / f"s{number:05}" / lab.id)
    text = "".join(f'[[labs]]\nlab = "{lab.id}"\n' for lab in labs)
    (place / "assignment.toml").write_text(f'title = "Benchmark"\ncourse = "benchmark"\n{text}')
    return ["grade", "assignment.toml", "handed", "--sandbox", sandbox]


def floor(place: Path, count: int) -> float:
    """Seconds for each of the same submissions on one warm moto, as many at once: run as they are graded, without a
    box, and not graded.
    """
    handed = sorted((place / "handed").iterdir())[:count]
    labs = {lab.id: lab for lab in map(read, folders())}
    with moto_server() as warm:

        def once(folder: Path) -> None:
            (work,) = folder.iterdir()
            lab = labs[work.name]
            values = lab.values(folder.name, "benchmark")
            if lab.prepare:
                lab.prepare(warm, Given(values))
            submissions.run(submissions.read(work), access=warm, parameters=values, sandbox=open_sandbox("none"))

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(once, handed[-len(labs) :]))  # unmeasured: moto loads their services
            began = time.monotonic()
            list(pool.map(once, handed[: -len(labs)]))
            return (time.monotonic() - began) / (len(handed) - len(labs))


def graded(place: Path, words: list[str], out: str, count: int) -> Measured:
    """Grade it in a process of its own, and watch that."""
    began = time.monotonic()
    process = subprocess.Popen([LABGRADE, *words, "--out", out], cwd=place, stdout=subprocess.DEVNULL)
    with watched(process.pid) as seen:
        process.wait()
    seconds = time.monotonic() - began
    faults = sum(one.status == "fault" for one in kept.gradebook(place / out).results)
    return Measured(
        count, seconds, sum(seen.cpu.values()), seen.peak_mib, (place / out / NAME).stat().st_size / 1024, faults
    )


@contextmanager
def watched(pid: int) -> Iterator[Seen]:
    """A process and all below it, looked at four times a second: many of them are reaped by nobody who counts."""
    seen, ended = Seen(), threading.Event()

    def look() -> None:
        while not ended.wait(0.25):
            try:
                whole = psutil.Process(pid)
                seen.look([whole, *whole.children(recursive=True)])
            except psutil.Error:
                continue

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


class Seen:
    """The largest memory, what is shared counted once; and the processor time that each had when it was last seen."""

    def __init__(self) -> None:
        self.peak_mib = 0.0
        self.cpu: dict[tuple[int, float], float] = {}

    def look(self, processes: list[psutil.Process]) -> None:
        memory = 0.0
        for process in processes:
            try:
                memory += process.memory_full_info().pss / 1024**2
                times = process.cpu_times()
                self.cpu[process.pid, process.create_time()] = times.user + times.system
            except psutil.Error:
                continue
        self.peak_mib = max(self.peak_mib, memory)


@contextmanager
def dask(place: Path) -> Iterator[str]:
    """The address of a scheduler with two workers of a thread each, on this machine."""
    told = place / "scheduler.json"
    python = [sys.executable, "-m"]
    scheduler = [*python, "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
    worker = [*python, "distributed.cli.dask_worker", "--scheduler-file", told, "--nthreads", "1", "--no-nanny"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    running = [subprocess.Popen([*scheduler, "--no-dashboard", "--scheduler-file", told], **quiet)]  # type: ignore[call-overload]
    try:
        while not told.is_file():
            time.sleep(0.2)
        running += [subprocess.Popen(worker, **quiet) for _ in range(2)]  # type: ignore[call-overload]
        from distributed import Client

        with Client(scheduler_file=str(told)) as client:
            client.wait_for_workers(2, timeout=120)
            address = str(client.scheduler.address)
        yield address
    finally:
        for process in reversed(running):
            process.terminate()
            process.wait()


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("sizes", type=int, nargs="+")
    asked.add_argument("--dask", action="store_true")
    asked.add_argument("--sandbox", default="none")
    given = asked.parse_args()
    lowest = 0.0
    for number, count in enumerate(given.sizes):
        with tempfile.TemporaryDirectory(prefix="labgrade-benchmark-") as folder:
            place = Path(folder)
            words = hand_in(place, count, given.sandbox)
            if not lowest:
                lowest = floor(place, OF_THE_FLOOR)
                print(f"The floor: {lowest:.2f} s for each of the same on one warm moto, not graded.\n\n{HEAD}")
            workers = os.cpu_count() or 1
            print(graded(place, words, "near", count).row(f"here, {workers} workers", lowest), flush=True)
            if given.dask and number == 0:
                with dask(place) as address:
                    far = graded(place, [*words, "--cluster", address], "far", count)
                print(far.row("Dask, 2 workers (their own apart)", lowest), flush=True)


if __name__ == "__main__":
    main()
