"""A version or delete marker while it lives: what happened to it, and what will be due for it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from grader.effects.lifecycle.program import Plan, Step
from grader.effects.lifecycle.storage import can_move, preferred
from grader.effects.lifecycle.timeline import Change, Kind, Version

NULL: Final = "null"


@dataclass(frozen=True)
class Cause:
    """When something happens, and the step of a rule that does it; None is the owner."""

    day: int
    at: datetime
    step: Step | None = None


@dataclass(eq=False)
class Record:
    """`version` is how it began; `noncurrent_since` is None while it is current."""

    version: Version
    plan: Plan
    storage_class: str | None
    changes: list[Change] = field(default_factory=list)
    noncurrent_since: int | None = None
    _moves: list[tuple[int, Step]] = field(default_factory=list)

    @property
    def is_null(self) -> bool:
        """Whether it has the id of what is written without versioning."""
        return self.version.id == NULL

    @property
    def is_delete_marker(self) -> bool:
        """Whether it is a delete marker."""
        return self.version.is_delete_marker

    def finished(self) -> Version:
        """The version with all that happened to it."""
        return replace(self.version, changes=tuple(self.changes))

    def note(self, kind: Kind, cause: Cause) -> None:
        """Write down that something happened."""
        step = cause.step
        rule, action = (None, None) if step is None else (step.rule, step.action)
        self.changes.append(Change(cause.day, cause.at, kind, self.storage_class, rule, action))

    def surface(self) -> None:
        """Be the current version, whose age counts from its own last change."""
        self.noncurrent_since = None
        self._moves = _soonest_of_each_class(self.plan.transitions, self.version.last_modified_on)

    def bury(self, cause: Cause) -> None:
        """Be noncurrent from now on, whatever is written or deleted above it later.

        "To determine the number of days an object is noncurrent, Amazon S3 looks at when its successor was
        created." The pages do not say what counts when that successor is deleted by its version id and a
        later one lies above; here the first burial does.
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html (2026-11-23)
        """
        self.noncurrent_since = cause.day
        self._moves = [(step.due(cause.day), step) for step in self.plan.noncurrent_transitions]
        self.note("noncurrent", cause)

    def moves(self, newer: int) -> Iterator[tuple[int, Step]]:
        """The transitions that may fall due with so many newer noncurrent versions above it."""
        return ((day, step) for day, step in self._moves if step.newer <= newer)

    def expiry(self) -> tuple[int, Step] | None:
        """When it expires as the current version: "the shorter expiration policy is honored".

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-conflicts.html (2026-11-23)
        """
        modified = self.version.last_modified_on
        return _first((step.due(modified), step) for step in self.plan.expirations)

    def removal(self) -> tuple[int, Step] | None:
        """When it goes as a delete marker with nothing behind it: by either kind of Expiration.

        ExpiredObjectDeleteMarker takes it at once, Days and Date "when the delete markers are old enough to
        satisfy the age criteria". The pages do not say whether "at once" is the midnight on which the last
        version behind it goes, or the next one; here it is the former.
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-configuration-examples.html
        (2026-11-23)
        """
        modified = self.version.last_modified_on
        steps = self.plan.lone_marker_removals + self.plan.expirations
        return _first((step.due(modified), step) for step in steps)

    def purge(self, newer: int) -> tuple[int, Step] | None:
        """When it is permanently deleted as a noncurrent version, with so many newer ones above it.

        NewerNoncurrentVersions N keeps the N newest: it "specifies how many newer noncurrent versions must
        exist before Amazon S3 can expire a given version". (The examples page says "more than", which would
        keep one more; the API reference agrees with the former.)
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html (2026-11-23)
        """
        since = self.noncurrent_since or 0
        steps = [step for step in self.plan.noncurrent_expirations if step.newer <= newer]
        return _first((step.due(since), step) for step in steps)

    def move(self, newer: int, cause: Cause) -> None:
        """Move to the preferred one of the classes that it is due for and may move to.

        What loses is dropped for good: One Zone-IA that lost to Intelligent-Tiering does not take the
        object a day later, though the waterfall would let it.
        """
        due = [step for day, step in self.moves(newer) if day <= cause.day]
        self._moves = [(day, step) for day, step in self._moves if step not in due]
        within_reach = [step for step in due if can_move(self.storage_class or "", step.storage_class)]
        if within_reach:
            self.storage_class = preferred(step.storage_class for step in within_reach)
            winners = [step for step in within_reach if step.storage_class == self.storage_class]
            self.note("transitioned", replace(cause, step=min(winners, key=lambda step: step.order)))


def _first(due: Iterator[tuple[int, Step]]) -> tuple[int, Step] | None:
    return min(due, key=_when, default=None)


def _when(due: tuple[int, Step]) -> tuple[int, tuple[str, int]]:
    return (due[0], due[1].order)


def _soonest_of_each_class(steps: tuple[Step, ...], since: int) -> list[tuple[int, Step]]:
    """Of two rules that want one class, the sooner acts, as in example 3 of AWS's page on conflicts."""
    soonest: dict[str, tuple[int, Step]] = {}
    for day, step in sorted(((step.due(since), step) for step in steps), key=_when):
        soonest.setdefault(step.storage_class, (day, step))
    return list(soonest.values())
