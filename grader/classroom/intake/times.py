"""Times that stand in names: `2027-03-01T10-00-00Z`, `20270301_100000`, `submit-2027-03-01 10.00+09:00`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

_MOMENT = re.compile(
    r"(?P<year>20\d\d)-?(?P<month>\d\d)-?(?P<day>\d\d)[T_ -]?(?P<hour>\d\d)[-:.h]?(?P<minute>\d\d)"
    r"(?:[-:.]?(?P<second>\d\d)(?:[.,]\d+)?)?\s?(?P<zone>Z|[+-]\d\d[:.]?\d\d)?(?!\d)"
)
_LEAD = re.compile(r"(?:submit|submission|attempt|try|abgabe)?[-_ /#]*", re.IGNORECASE)
_NUMBERED = re.compile(r"(?:attempt|try|submission|v)?[-_ #]*\d{1,4}", re.IGNORECASE)


def moment(text: str, zone: tzinfo) -> datetime | None:
    """The time that the text begins with, in UTC; in `zone` where it names none."""
    lead = _LEAD.match(text)
    found = _MOMENT.match(text, lead.end() if lead else 0)
    return None if found is None else _read(found, zone)


def split(name: str, zone: tzinfo) -> tuple[str, datetime | None]:
    """A name that ends in a time, as what stands before it, and the time: `ada_2027-03-01T10-00Z`."""
    for found in _MOMENT.finditer(name):
        before = name[: found.start()].rstrip("-_ ")
        if found.end() == len(name) and before:
            return before, _read(found, zone)
    return name, None


def is_attempt(name: str, zone: tzinfo) -> bool:
    """Is it how the folder of one attempt among others is called: by time, or by number?"""
    return moment(name, zone) is not None or _NUMBERED.fullmatch(name) is not None


def _read(found: re.Match[str], zone: tzinfo) -> datetime | None:
    year, month, day, hour, minute, second = (int(found[n] or 0) for n in range(1, 7))
    try:
        there = datetime(year, month, day, hour, minute, second, tzinfo=_zone(found["zone"], zone))
        return there.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _zone(text: str | None, zone: tzinfo) -> tzinfo:
    if text is None:
        return zone
    if text == "Z":
        return UTC
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-offset if text[0] == "-" else offset)
