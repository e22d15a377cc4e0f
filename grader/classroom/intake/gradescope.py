"""Gradescope's export of submissions: a folder for each, and `submission_metadata.yml`, which says whose and when.

Each key of it is a folder's name, with `:submitters` (`:name`, `:sid`, `:email`; several for a group), `:created_at`
and `:history`; read in programs that use such exports, 2026-11-25 (Gradescope publishes no schema). The files of
earlier attempts are not in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from grader.classroom.intake import times
from grader.classroom.intake.handin import Claim, Expected, HandIn, Intake
from grader.errors import UsageError

NAME = "submission_metadata.yml"


def recognised(root: Path) -> bool:
    return (root / NAME).is_file()


def read(root: Path, expected: Expected) -> Intake:
    """Every submission that the metadata names. Raises UsageError."""
    metadata = _metadata(root / NAME)
    handins: list[HandIn] = []
    lost = 0
    for folder, about in metadata.items():
        path = root / Path(str(folder)).name
        if path.is_dir():
            handins.append(_handin(path, about, expected))
        else:
            lost += 1
    remarks = (f"{lost} submissions have no folder in the export and were passed over.",) if lost else ()
    return Intake("an export of Gradescope's", tuple(handins), remarks)


def _handin(path: Path, about: Any, expected: Expected) -> HandIn:
    about = about if isinstance(about, Mapping) else {}
    claims = tuple(_claims(about.get(":submitters")))
    at = _moment(about.get(":created_at"), expected)
    return HandIn(claims or ((("any", path.name),),), path, None, path.name, at)


def _claims(submitters: Any) -> Iterator[Claim]:
    for one in submitters if isinstance(submitters, list) else ():
        said = one if isinstance(one, Mapping) else {}
        fields = (("email", said.get(":email")), ("sis_id", said.get(":sid")), ("name", said.get(":name")))
        claim = tuple((field, str(value)) for field, value in fields if value not in (None, ""))
        if claim:
            yield claim


def _moment(value: Any, expected: Expected) -> datetime | None:
    if not isinstance(value, datetime):
        return times.moment(str(value), expected.zone) if value else None
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)  # Gradescope writes UTC


def _metadata(path: Path) -> Mapping[Any, Any]:
    import yaml  # type: ignore[import-untyped]  # moto brings it

    try:
        read_in = yaml.load(path.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}.") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UsageError(f"{path}: is not YAML: {' '.join(str(error).split())[:200]}.") from None
    if not isinstance(read_in, Mapping):
        raise UsageError(f"{path}: names no submissions.")
    return read_in
