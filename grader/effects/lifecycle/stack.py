"""One key's versions, and what the owner and S3 do to them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum

from grader.effects.lifecycle.history import Clock, Delete, Put, SetVersioning, Versioning, Write
from grader.effects.lifecycle.program import Plan, Step
from grader.effects.lifecycle.record import NULL, Cause, Record
from grader.effects.lifecycle.timeline import Version

Planner = Callable[[str, int, tuple[tuple[str, str], ...]], Plan]


class _Act(IntEnum):
    """What S3 does, by precedence where one version is due for several.

    "Permanent deletion takes precedence over transition. Transition takes precedence over creation of
    delete markers." https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-conflicts.html
    (2026-11-23)

    The guide also has "an object is eligible for only one S3 Lifecycle action per day", by which an expiry
    that meets a transition in a versioned bucket would wait a day; yet example 2 of that page lets the
    expiry win. Here both happen on their day, so that neither reading fails an answer.
    """

    DELETE = 0
    TRANSITION = 1
    MARK = 2
    CLEAN_UP = 3


@dataclass(frozen=True)
class _Due:
    """Something that S3 may do to the record at `place` of the stack, with `newer` noncurrent ones above."""

    day: int
    act: _Act
    place: int
    newer: int
    step: Step

    @property
    def rank(self) -> tuple[int, int, int, tuple[str, int]]:
        # Oldest first: what is kept for being among the newest is counted before any of those go.
        return (self.act, self.place, self.day, self.step.order)


class Stack:
    """A key's versions and delete markers, oldest first; the last one is current."""

    def __init__(self, key: str, clock: Clock, plan: Planner, versioning: Versioning | None) -> None:
        self.clock = clock
        self._key = key
        self._plan = plan
        self._versioning = versioning
        self._live: list[Record] = []
        self._all: list[Record] = []

    def versions(self) -> Iterator[Version]:
        """Everything that ever was, in order of creation, with all that happened to it."""
        return (record.finished() for record in self._all)

    def write(self, event: Write) -> None:
        """Put, delete, or switch versioning, as the owner does."""
        cause = Cause(self.clock.day(event.at), event.at)
        if isinstance(event, SetVersioning):
            self._versioning = event.status
        elif isinstance(event, Put):
            modified = self.clock.day(event.last_modified or event.at)
            version = Version(self._key, self._id(event), False, event.size, event.tags, modified, ())
            self._add(version, event.storage_class, cause)
        else:
            self._delete(event, cause)

    def next_due(self) -> int | None:
        """The first day on which S3 may do something, if there is one."""
        return min((due.day for due in self._due()), default=None)

    def act(self, day: int) -> bool:
        """Do the one thing that comes first of what is due by Day `day`; False where nothing is."""
        due = min((one for one in self._due() if one.day <= day), key=lambda one: one.rank, default=None)
        if due is None:
            return False
        record, cause = self._live[due.place], Cause(day, self.clock.midnight(day), due.step)
        if due.act == _Act.TRANSITION:
            record.move(due.newer, cause)
        elif due.act == _Act.MARK:
            self._mark(cause)
        else:
            self._remove(record, cause)
        return True

    def _due(self) -> Iterator[_Due]:
        newer = 0
        for place in reversed(range(len(self._live))):
            record = self._live[place]
            act, due = self._end(record, newer)
            if due is not None:
                yield _Due(due[0], act, place, newer, due[1])
            for day, step in record.moves(newer):
                yield _Due(day, _Act.TRANSITION, place, newer, step)
            # "The maximum number of noncurrent versions does not include versions marked with noncurrent
            # delete markers." https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
            # (edition of 2022; 2026-11-23)
            newer += record.noncurrent_since is not None and not record.is_delete_marker

    def _end(self, record: Record, newer: int) -> tuple[_Act, tuple[int, Step] | None]:
        """What ends a record in its place, and when.

        Current: expiry, by deletion without versioning and under a delete marker with it; where it is a
        delete marker itself, "Amazon S3 doesn't take any action if there are one or more object versions
        and the delete marker is the current version". Noncurrent actions have no effect without versioning:
        nothing is ever noncurrent there.
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-expire-general-considerations.html
        (2026-11-23)
        """
        if record.noncurrent_since is not None:
            return _Act.DELETE, record.purge(newer)
        if record.is_delete_marker:
            return _Act.CLEAN_UP, record.removal() if len(self._live) == 1 else None
        return (_Act.DELETE if self._versioning is None else _Act.MARK), record.expiry()

    def _delete(self, event: Delete, cause: Cause) -> None:
        named = [record for record in self._live if event.version in (None, record.version.id)]
        if event.version is None and self._versioning is not None:
            self._mark(cause)
        else:
            for record in named:
                self._remove(record, cause)

    def _id(self, event: Put | None = None) -> str:
        if self._versioning is None:
            return NULL
        given = event.version if event else None
        return given or (NULL if self._versioning == "Suspended" else f"v{len(self._all) + 1}")

    def _mark(self, cause: Cause) -> None:
        marker = Version(self._key, self._id(), True, 0, (), cause.day, ())
        self._add(marker, None, cause)

    def _add(self, version: Version, storage_class: str | None, cause: Cause) -> None:
        """Put a version or delete marker on top; one of the id "null" takes the place of the other.

        "This delete marker replaces any object version with a null version ID in the version hierarchy."
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-expire-general-considerations.html
        and, of puts, AddingObjectstoVersionSuspendedBuckets.html (2026-11-23)
        """
        for record in [one for one in self._live if one.is_null and version.id == NULL]:
            self._live.remove(record)
            record.note("deleted", cause)
        if self._live and self._live[-1].noncurrent_since is None:
            self._live[-1].bury(cause)
        record = Record(version, self._plan(version.key, version.size, version.tags), storage_class)
        record.note("created", cause)
        record.surface()
        self._live.append(record)
        self._all.append(record)

    def _remove(self, record: Record, cause: Cause) -> None:
        """Take a record away for good; what lay under the current one is current again."""
        self._live.remove(record)
        record.note("deleted", cause)
        if self._live and self._live[-1].noncurrent_since is not None:
            self._live[-1].surface()
            self._live[-1].note("current", cause)
