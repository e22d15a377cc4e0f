"""The flags that bound what a submission may use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

from grader.cli import option

if TYPE_CHECKING:
    from grader.sandbox.limits import Limits

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
_MOST = 10**9  # more overflows what the kernel counts in, and nothing would run
# flag: (field of Limits, unit, help)
FLAGS = {
    "--limit-cpu": ("cpu_seconds", "SECONDS", "Of computing, for all of its processes together."),
    "--limit-memory": ("memory_mib", "MIB", "For all of its processes together."),
    "--limit-processes": ("processes", "NUMBER", "At once; threads count."),
    "--limit-files": ("open_files", "NUMBER", "Open at once in a process."),
    "--limit-file": ("file_mib", "MIB", "In one file."),
    "--limit-disk": ("disk_mib", "MIB", "In its folder, and as much in /tmp."),
    "--limit-output": ("output_mib", "MIB", "Printed."),
}
_WORDS = {
    "cpu_seconds": "{} s of computing",
    "memory_mib": "{} MiB of memory",
    "processes": "{} processes",
    "open_files": "{} open files",
    "file_mib": "{} MiB a file",
    "disk_mib": "{} MiB of files",
    "output_mib": "{} MiB printed",
}


SANDBOX = (
    "How strangers' work is kept from the rest: `bwrap` in a box of its own; `user` as another user, with what walls "
    "the kernel has, for containers that are thrown away; `none` as you; `auto` takes the best there is."
)


def limit_options(command: Decorated) -> Decorated:
    """`--timeout`, and one `--limit-…` for each field of Limits."""
    for flag, (field, unit, text) in reversed(FLAGS.items()):
        command = option(flag, field, type=click.IntRange(1, _MOST), metavar=unit, help=text)(command)
    seconds = click.FloatRange(min=0, min_open=True)
    return option("--timeout", type=seconds, help="Seconds for each stage of the submission.")(command)


def sandbox_options(command: Decorated) -> Decorated:
    """`--sandbox`, and the limits."""
    levels = click.Choice(["auto", "bwrap", "user", "none"])
    return option("--sandbox", type=levels, default="auto", show_default=True, help=SANDBOX)(limit_options(command))


def limits_of(how: dict[str, Any]) -> Limits:
    """What these flags say; takes them out of `how`."""
    from grader.sandbox.limits import Limits

    return Limits(stage_seconds=how.pop("timeout"), **said_of(how))


def told(timeout_seconds: float | None, limits: Mapping[str, int]) -> str:
    """The limits that were said, in words; empty where none was."""
    words = [] if timeout_seconds is None else [f"{timeout_seconds:g} s for each stage"]
    words += [_WORDS[field].format(limits[field]) for field in _WORDS if field in limits]
    return f"{', '.join(words)}." if words else ""


def said_of(how: dict[str, Any]) -> dict[str, int]:
    """The fields of Limits that a `--limit-…` sets; takes all such flags out of `how`."""
    given = {field: how.pop(field, None) for field, _, _ in FLAGS.values()}
    return {field: value for field, value in given.items() if value is not None}
