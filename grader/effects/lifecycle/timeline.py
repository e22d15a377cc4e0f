"""What became of every version, delete marker and upload, day by day, and which rule did it.

Days are those of `history`: the state of Day N is the state just after S3 acted at its first midnight.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from grader.effects.lifecycle.rules import Rule

Kind = Literal["created", "transitioned", "noncurrent", "current", "deleted", "started", "completed", "aborted"]


@dataclass(frozen=True)
class Change:
    """One thing that happened to a version or an upload.

    `rule` and `action` (AWS's name, as "NoncurrentVersionExpiration") are None where the owner did it.
    `storage_class` is that after the change, or at the end; None for delete markers and uploads.
    """

    day: int
    at: datetime
    kind: Kind
    storage_class: str | None = None
    rule: Rule | None = None
    action: str | None = None


@dataclass(frozen=True)
class Version:
    """A version of an object, or a delete marker (`size` 0, no tags); `changes` are in order.

    `last_modified_on` is the day that its age counts from; `created_on` the day that it shows from.
    They differ where a multipart upload was begun before.
    """

    key: str
    id: str
    is_delete_marker: bool
    size: int
    tags: tuple[tuple[str, str], ...]
    last_modified_on: int
    changes: tuple[Change, ...]

    @property
    def created_on(self) -> int:
        """The day from which it is there."""
        return self.changes[0].day

    @property
    def noncurrent_on(self) -> int | None:
        """The day on which it last became noncurrent; None where it is, or went as, the current version."""
        places = [change for change in self.changes if change.kind in ("created", "current", "noncurrent")]
        return places[-1].day if places[-1].kind == "noncurrent" else None

    @property
    def gone_on(self) -> int | None:
        """The day from which it is permanently gone; None where it outlives the simulation."""
        return self.changes[-1].day if self.changes[-1].kind == "deleted" else None

    def exists_on(self, day: int) -> bool:
        """Whether it is in the bucket, current or not."""
        return self.created_on <= day and (self.gone_on is None or day < self.gone_on)

    def is_current_on(self, day: int) -> bool:
        """Whether it is what a plain GET or HEAD of the key meets."""
        kinds = [change.kind for change in self._until(day)]
        places = [kind for kind in kinds if kind in ("created", "current", "noncurrent")]
        return self.exists_on(day) and places[-1] != "noncurrent"

    def storage_on(self, day: int) -> str | None:
        """Its storage class, or None where it is not there or is a delete marker."""
        if not self.exists_on(day):
            return None
        classes = [change.storage_class for change in self._until(day) if change.storage_class]
        return classes[-1] if classes else None

    def _until(self, day: int) -> Iterator[Change]:
        return (change for change in self.changes if change.day <= day)


@dataclass(frozen=True)
class Upload:
    """A multipart upload, from its start to its completion or end."""

    key: str
    id: str
    changes: tuple[Change, ...]

    @property
    def started_on(self) -> int:
        """The day from which its parts are there."""
        return self.changes[0].day

    @property
    def completed_on(self) -> int | None:
        """The day from which it is an object; None where it never is."""
        return self.changes[-1].day if self.changes[-1].kind == "completed" else None

    @property
    def aborted_on(self) -> int | None:
        """The day from which its parts are gone; None where no rule aborts it."""
        return self.changes[-1].day if self.changes[-1].kind == "aborted" else None


@dataclass(frozen=True)
class Timeline:
    """Everything up to Day `days`: versions (delete markers too) by key in order of creation, and uploads."""

    days: int
    versions: tuple[Version, ...]
    uploads: tuple[Upload, ...]

    @property
    def markers(self) -> tuple[Version, ...]:
        """The delete markers among the versions."""
        return tuple(version for version in self.versions if version.is_delete_marker)

    @property
    def changes(self) -> tuple[Change, ...]:
        """All changes of all versions and uploads, by day."""
        found = [change for version in self.versions for change in version.changes]
        found += [change for upload in self.uploads for change in upload.changes]
        return tuple(sorted(found, key=lambda change: change.day))

    def of(self, key: str) -> tuple[Version, ...]:
        """The versions and delete markers of one key, oldest first."""
        return tuple(version for version in self.versions if version.key == key)

    def current_on(self, key: str, day: int) -> Version | None:
        """The current version of a key, which may be a delete marker; None where there is neither.

        Raises ValueError for a day that was not simulated.
        """
        if day > self.days:
            raise ValueError(f"Day {day} lies after the {self.days} days that were simulated")
        return next((version for version in self.of(key) if version.is_current_on(day)), None)

    def storage_on(self, day: int, key: str | None = None) -> str | None:
        """The storage class of a key's current object; None where there is no current object.

        `key` may be left out where the history has one only. Raises ValueError where it has not, and
        for a day that was not simulated.
        """
        current = self.current_on(self._only_key() if key is None else key, day)
        return None if current is None else current.storage_on(day)

    def _only_key(self) -> str:
        keys = {version.key for version in self.versions}
        if len(keys) != 1:
            raise ValueError(f"name the key: the history has {len(keys)}")
        return keys.pop()
