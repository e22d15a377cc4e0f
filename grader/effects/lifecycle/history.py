"""What happens to a bucket before lifecycle does: puts, deletes and uploads, each at a moment.

**Day N** begins at the first midnight UTC at or after the origin plus N days, and what happens at
`noon(N)` shows from Day N on: with `put(..., at=noon(4))` and a rule of 30 days, S3 acts on Day 34.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from grader.effects.lifecycle.rules import Configuration

Versioning = Literal["Enabled", "Suspended"]

NOON_OF_DAY_0: Final = datetime(2027, 1, 1, 12, tzinfo=UTC)
MIB: Final = 1024 * 1024
_DAY: Final = timedelta(days=1)


def noon(day: int) -> datetime:
    """The moment whose effects show from Day `day` on, counted from NOON_OF_DAY_0."""
    return NOON_OF_DAY_0 + day * _DAY


@dataclass(frozen=True)
class Clock:
    """Days counted from an origin; naive moments are taken as UTC."""

    origin: datetime = NOON_OF_DAY_0

    def day(self, at: datetime) -> int:
        """The first Day that begins at or after `at`.

        "Amazon S3 calculates the time by adding the number of days specified in the rule to the object
        creation time and rounding up the resulting time to the next day at midnight UTC": 3 days from
        2014-01-15 10:30 is 2014-01-19 00:00. No page says how an exact midnight rounds; here it stays.
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html (2026-11-23)
        """
        return _ceiling(at) - _ceiling(self.origin)

    def midnight(self, day: int) -> datetime:
        """The moment at which Day `day` begins."""
        return datetime.fromordinal(_ceiling(self.origin) + day).replace(tzinfo=UTC)


def _ceiling(at: datetime) -> int:
    """The ordinal of the first midnight at or after a moment."""
    moment = in_utc(at)
    return moment.toordinal() + (moment.time() != datetime.min.time())


def in_utc(at: datetime) -> datetime:
    """The moment in UTC; a naive one is taken as UTC."""
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


@dataclass(frozen=True)
class Bucket:
    """A bucket as lifecycle sees it; `versioning` is GetBucketVersioning's Status, None for never enabled."""

    versioning: Versioning | None = "Enabled"
    configuration: Configuration = field(default_factory=Configuration)


@dataclass(frozen=True)
class Put:
    """An object is written, over an older one if there is one; `size` in bytes.

    `last_modified` is what its age counts from where that is not `at`.
    """

    key: str
    at: datetime
    size: int
    tags: tuple[tuple[str, str], ...] = ()
    storage_class: str = "STANDARD"
    version: str | None = None
    last_modified: datetime | None = None


@dataclass(frozen=True)
class Delete:
    """A key is deleted, or permanently the one version of it that `version` names."""

    key: str
    at: datetime
    version: str | None = None


@dataclass(frozen=True)
class StartUpload:
    """A multipart upload begins."""

    key: str
    at: datetime
    upload: str


@dataclass(frozen=True)
class CompleteUpload:
    """A multipart upload is completed into an object of `size` bytes, if it is still there."""

    key: str
    at: datetime
    upload: str
    size: int
    tags: tuple[tuple[str, str], ...] = ()
    storage_class: str = "STANDARD"


@dataclass(frozen=True)
class SetVersioning:
    """The bucket's versioning is switched on, or suspended."""

    status: Versioning
    at: datetime


Write = Put | Delete | SetVersioning
Event = Write | StartUpload | CompleteUpload


def put(
    key: str,
    *,
    size: int = MIB,
    tags: Mapping[str, str] | None = None,
    storage_class: str = "STANDARD",
    version: str | None = None,
    at: datetime = NOON_OF_DAY_0,
) -> Put:
    """Write an object of `size` bytes; without a version id the simulation makes one ("v1", "v2" …)."""
    return Put(key, at, size, tuple((tags or {}).items()), storage_class, version)


def delete(key: str, *, version: str | None = None, at: datetime) -> Delete:
    """Delete a key, which in a versioned bucket leaves a delete marker; or one version for good."""
    return Delete(key, at, version)


def start_upload(key: str, *, upload: str = "upload", at: datetime = NOON_OF_DAY_0) -> StartUpload:
    """Begin a multipart upload; `upload` tells those of one key apart."""
    return StartUpload(key, at, upload)


def complete_upload(
    key: str,
    *,
    upload: str = "upload",
    size: int = MIB,
    tags: Mapping[str, str] | None = None,
    storage_class: str = "STANDARD",
    at: datetime,
) -> CompleteUpload:
    """Complete a multipart upload into an object of `size` bytes."""
    return CompleteUpload(key, at, upload, size, tuple((tags or {}).items()), storage_class)


def set_versioning(status: Versioning, *, at: datetime) -> SetVersioning:
    """Switch the bucket's versioning on, or suspend it."""
    return SetVersioning(status, at)
