"""Multipart uploads: which become objects, and which a rule aborts first."""

from collections.abc import Iterable, Iterator

from grader.effects.lifecycle.history import Clock, CompleteUpload, Event, Put, StartUpload, Write
from grader.effects.lifecycle.program import Program, Step
from grader.effects.lifecycle.timeline import Change, Upload


def settle(program: Program, events: Iterable[Event], days: int) -> tuple[list[Write], tuple[Upload, ...]]:
    """Turn what completes into puts, in its place among the other writes; and say what became of each upload.

    `events` are in order. Completing an upload that was aborted, or never begun, does nothing, as S3
    answers NoSuchUpload.
    """
    writes: list[Write] = []
    uploads: list[_Open] = []
    for event in events:
        if isinstance(event, StartUpload):
            uploads.append(_Open(event, program))
        elif isinstance(event, CompleteUpload):
            writes.extend(_complete(event, uploads))
        else:
            writes.append(event)
    return writes, tuple(upload.closed(days) for upload in uploads)


class _Open:
    """An upload that was begun, and the step that will abort it if nothing else happens."""

    def __init__(self, start: StartUpload, program: Program) -> None:
        self.start = start
        self.clock: Clock = program.clock
        self.completed: CompleteUpload | None = None
        since = self.clock.day(start.at)
        due = [(step.due(since), step.order, step) for step in program.aborts(start.key)]
        self.abort: tuple[int, Step] | None = min((day, order, step) for day, order, step in due)[::2] if due else None

    def takes(self, event: CompleteUpload) -> bool:
        """Whether it is still there to be completed: the midnight of its abort is not past."""
        is_mine = (self.start.key, self.start.upload) == (event.key, event.upload)
        on_time = self.abort is None or self.clock.day(event.at) <= self.abort[0]
        return is_mine and on_time and self.completed is None

    def closed(self, days: int) -> Upload:
        return Upload(self.start.key, self.start.upload, tuple(self._changes(days)))

    def _changes(self, days: int) -> Iterator[Change]:
        yield Change(self.clock.day(self.start.at), self.start.at, "started")
        if self.completed is not None:
            yield Change(self.clock.day(self.completed.at), self.completed.at, "completed")
        elif self.abort is not None and self.abort[0] <= days:
            day, step = self.abort
            yield Change(day, self.clock.midnight(day), "aborted", None, step.rule, step.action)


def _complete(event: CompleteUpload, uploads: list[_Open]) -> Iterator[Put]:
    """The object that an upload becomes, whose age counts from the start of the upload.

    "For multipart uploads, the object creation date is the date of initiation of the multipart upload."
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html (2026-11-23)
    """
    for upload in uploads:
        if upload.takes(event):
            upload.completed = event
            yield Put(
                event.key,
                event.at,
                event.size,
                event.tags,
                event.storage_class,
                last_modified=upload.start.at,
            )
            return
