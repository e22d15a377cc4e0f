"""What a submission may use. The defaults are such that the work of a lab never meets them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grader.texts import Text, say


@dataclass(frozen=True)
class Limits:
    """For each stage; memory, time on the processors and processes are those of all its processes together."""

    stage_seconds: float | None = None  # None is the stage's own default: 60, Terraform 180
    cpu_seconds: int = 300
    memory_mib: int = 2048
    processes: int = 512  # threads count, too
    open_files: int = 1024  # of each process
    file_mib: int = 256  # each file
    disk_mib: int = 512  # the working folder; /tmp is another as large
    output_mib: int = 256

    def to_json(self) -> Mapping[str, Any]:
        """As the launcher wants them. The address space holds more than what is used: Terraform's runtime reserves."""
        names = ("cpu_seconds", "memory_mib", "processes", "open_files", "file_mib")
        return {**{name: getattr(self, name) for name in names}, "address_mib": max(4096, 2 * self.memory_mib)}


def sentence(met: str, limits: Limits) -> Text | None:
    """What the report says of a limit that was met; None where there was none."""
    match met:
        case "memory":
            text = "It needed more memory than the {mib} MiB that it may have, and was ended (--limit-memory)."
            return say(text, mib=limits.memory_mib)
        case "cpu":
            text = "It computed for more than the {seconds} s that it may have, and was ended (--limit-cpu)."
            return say(text, seconds=limits.cpu_seconds)
        case "processes":
            text = "It had as many processes as it may have, {processes}; more could not start (--limit-processes)."
            return say(text, processes=limits.processes)
        case "output":
            text = "It printed more than the {mib} MiB that it may, and was ended (--limit-output)."
            return say(text, mib=limits.output_mib)
        case "file":
            text = "It wrote a file as large as one may be, {mib} MiB; more of it could not be written (--limit-file)."
            return say(text, mib=limits.file_mib)
        case "disk":
            text = "It filled the {mib} MiB that its files may take (--limit-disk)."
            return say(text, mib=limits.disk_mib)
        case "files":
            text = "It opened as many files at once as it may, {files}; more could not be opened (--limit-files)."
            return say(text, files=limits.open_files)
    return None
