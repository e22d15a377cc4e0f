"""What `labgrade assignment init` writes: every key there is, those that need not be said as comments."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from grader.errors import UsageError
from grader.lab import Lab
from grader.version import VERSION

HEAD = """\
# What the class is asked to do. `labgrade assignment check` says what is wrong with it.
title = {title}
course = {course}         # the public code that students give to `labgrade login`
labgrade = "{version}"          # graded with this version alone; leave it out to take any
time_zone = "UTC"           # of the times below that name none: Europe/Berlin, Asia/Seoul
attempts = "best"           # which attempt counts: best, last, first
feedback = "full"           # how much reports give away: full, found, names, count
# secret = "LABGRADE_SECRET"  # the environment variable with the secret that signs results
# student = "SIS Login ID"    # the roster's column with what students give as their id
# emulator = "moto"
"""
LAB = """
[[labs]]
lab = {lab}
weight = 1
# due = 2027-03-01T23:59:00
# hidden = ["a_check"]              # in students' reports only as "1 more check"
# hidden_until = 2027-03-08T00:00:00
"""
TAIL = """
# [late]
# grace_minutes = 15
# percent_per_day = 10        # of the score, for each day begun
# floor_percent = 50          # of the score: less than this is not taken
# reject_after_days = 7       # later is worth nothing

# [limits]
# timeout_seconds = 60        # for each stage of a submission; Terraform has 180
# cpu_seconds = 300           # of computing, for all of its processes together
# memory_mib = 2048           # for all of its processes together
# processes = 512             # at once; threads count
# open_files = 1024           # at once in a process
# file_mib = 256              # in one file
# disk_mib = 512              # in its folder, and as much in /tmp
# output_mib = 256            # printed

# [[extensions]]
# student = "ada@example.org"
# days = 3                    # or due = 2027-03-05T23:59:00
# lab = "s3-lifecycle"        # left out: every lab
"""


def written(title: str, course: str, labs: Sequence[Lab]) -> str:
    """The file's text."""
    head = HEAD.format(title=quoted(title), course=quoted(course), version=VERSION)
    return head + "".join(LAB.format(lab=quoted(lab.id)) for lab in labs) + TAIL


def begin(path: Path, text: str) -> None:
    """Write it where nothing is yet. Raises UsageError."""
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path}: is there already, and nothing in it was changed") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from None


def quoted(text: str) -> str:
    """A TOML string on one line."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
