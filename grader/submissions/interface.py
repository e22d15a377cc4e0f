"""A submission and what became of running it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

from grader.sandbox import Ended, Room, joined
from grader.sandbox import Limits as Limits
from grader.submissions.files import shown
from grader.texts import Text

if TYPE_CHECKING:
    from grader.access import Access

Sort: TypeAlias = Literal["template", "script"]


@dataclass(frozen=True)
class Workplace:
    """What a stage works with: a private copy of the submission, its environment, the emulator, its limits."""

    folder: Path
    environment: Mapping[str, str]
    access: Access
    parameters: Mapping[str, Any]
    room: Room
    limits: Limits
    mirrors: Sequence[Path] = ()  # of Terraform's providers
    offline: bool = False  # nothing but the emulator is to be reached


@dataclass(frozen=True)
class StageRun:
    """One stage, ended. `message` tells what went wrong where the output alone does not (a failed resource)."""

    kind: str
    entry: str
    ended: Ended
    message: Text | None = None

    @property
    def succeeded(self) -> bool:
        """Did it end by itself, and well?"""
        return self.ended.exit_code == 0 and not self.ended.timed_out

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "entry": self.entry,
            "exit_code": self.ended.exit_code,
            "timed_out": self.ended.timed_out,
            "seconds": round(self.ended.seconds, 3),
            "message": None if self.message is None else str(self.message),
            "texts": {} if self.message is None else {"message": self.message.to_json()},
        }


class Stage(ABC):
    """One entry of a submission, and how it is applied: a file per kind beside this one."""

    kind: ClassVar[str]
    sort: ClassVar[Sort]  # a folder may hold one of each; the template is applied first
    suffixes: ClassVar[tuple[str, ...]]
    names: ClassVar[tuple[str, ...]]  # what an entry is called, as patterns
    default_seconds: float = 60.0

    def __init__(self, entry: str) -> None:
        self.entry = entry  # relative to the submission's folder, with forward slashes

    def seconds(self, limits: Limits) -> float:
        """How long it may take."""
        return self.default_seconds if limits.stage_seconds is None else limits.stage_seconds

    @classmethod
    def entries_of(cls, names: Sequence[str]) -> Sequence[str]:
        """The entries that files named as entries make up: each its own, unless a kind says otherwise."""
        return names

    def recognises(self, content: bytes) -> bool:
        """Does a file look like an entry of this kind, where its suffix alone leaves a doubt?"""
        return True

    def owned_by(self, script: str) -> bool:
        """Does that script apply this entry itself?"""
        return False

    def interpreted(self, workplace: Workplace, *interpreter: str) -> StageRun:
        """The stage as the run of a script, in the submission's folder."""
        script = f"./{self.entry}" if self.entry.startswith("-") else self.entry  # else it would be an option
        ended = workplace.room.run(
            [*interpreter, script],
            environment=workplace.environment,
            folder=workplace.folder,
            timeout_seconds=self.seconds(workplace.limits),
            limits=workplace.limits,
        )
        return StageRun(self.kind, self.entry, ended, ended.message)

    @abstractmethod
    def run(self, workplace: Workplace) -> StageRun:
        """Apply it. Whatever the student's work does, this returns; only our own faults raise."""


@dataclass(frozen=True)
class Submission:
    """What a student handed in, read but not run."""

    path: Path  # as it was given
    root: Path  # the folder that its files are relative to
    files: tuple[str, ...]  # what counts, relative, sorted; junk is left out
    stages: tuple[Stage, ...]
    sha256: str
    notes: tuple[Text, ...] = ()  # said in the report: what was left out, what was chosen and why

    @property
    def kind(self) -> str:
        """`python`, or `cloudformation+shell` where a template and a script belong together."""
        return "+".join(stage.kind for stage in self.stages)

    @property
    def has_template(self) -> bool:
        """Will it ask for CloudFormation, by itself or through a script of its own?"""
        return "cloudformation" in self.kind or any("template." in name for name in self.files)

    def to_json(self) -> dict[str, Any]:
        """The report's `submission` object."""
        return {"path": shown(self.path), "kind": self.kind, "sha256": self.sha256}


@dataclass(frozen=True)
class Run:
    """What became of a submission: its stages, in order. A failed stage ends the run, as in a pipeline."""

    stages: tuple[StageRun, ...]
    notes: tuple[Text, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """The report's `run` object; the last stage's exit code is the run's, its output is all stages' in turn."""
        whole = joined([stage.ended for stage in self.stages])
        return {
            "exit_code": whole.exit_code,
            "timed_out": whole.timed_out,
            "seconds": round(whole.seconds, 3),
            "stdout": whole.stdout,
            "stderr": whole.stderr,
            "truncated": whole.truncated,
            "stages": [stage.to_json() for stage in self.stages],
        }
