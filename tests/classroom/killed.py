"""A program for test_killed.py: grades a class by what its files say, and writes down what it does."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from classroom.classes import fake, planned

from grader.classroom import kept
from grader.classroom.database import open_for_writing
from grader.classroom.jobs import Job
from grader.classroom.running import Choice, Threads, jobs, run


def main(place: Path) -> None:
    with (place / "log").open("a", buffering=1) as log:

        def slowly(job: Job) -> dict[str, Any]:
            log.write(f"begins {job.student}\n")
            time.sleep(0.01)
            return fake(job)

        with open_for_writing(place / "out") as database:
            plan = planned(place)
            kept.lay(database, plan)
            whose = {attempt.key: attempt.student for attempt in plan.attempts}
            log.write("here -\n")
            run(
                jobs(plan, Choice(), database),
                database,
                Threads(slowly, 3),
                lambda one: log.write(f"kept {whose[one.key]}\n") and None,
            )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
