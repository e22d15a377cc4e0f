"""The report's picture: what the rules do to a few objects, day by day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from grader.checks import Given, say
from grader.effects.lifecycle import Bucket, Timeline, put, simulate

from . import asked
from .lives import FOR_EVER, Rules
from .samples import KIB, Place, Sample, sized

SHOWN = (
    Sample("logs/app.log", KIB * KIB),
    Sample("logs/tiny.log", 2 * KIB),
    Sample("logs.txt", KIB * KIB),
    Sample("photos/cat.jpg", KIB * KIB),
)
SHORT = {
    "STANDARD": "Standard",
    "STANDARD_IA": "IA",
    "ONEZONE_IA": "One Zone-IA",
    "INTELLIGENT_TIERING": "Intelligent",
    "GLACIER_IR": "Glacier IR",
    "GLACIER": "Glacier",
    "DEEP_ARCHIVE": "Deep Archive",
}
FOR_GOOD = say("stays for ever")
MOST_DAYS = 10


def drawn(rules: Rules, given: Given) -> Mapping[str, Any]:
    """A timeline of the objects, and a line each for an old version, an unfinished upload and a lone marker."""
    bucket = Bucket("Enabled", rules.configuration)
    lives = {one: simulate(bucket, [put(one.key, size=one.size)], days=FOR_EVER) for one in SHOWN}
    days = sorted({0, *(change.day for life in lives.values() for change in life.changes)})[:MOST_DAYS]
    table = [
        {
            "label": say("{key}, {size}", key=one.key, size=sized(one.size)),
            "cells": _cells(one, lives[one], days),
            "steps": _steps(one, lives[one]),
            "wanted": asked.life(one, given),
        }
        for one in SHOWN
    ]
    return {
        "drawing": "timeline",
        "title": say("What your rules do on AWS, by day"),
        "days": days,
        "rows": [*table, *_sentences(rules, given)],
    }


def _cells(one: Sample, life: Timeline, days: list[int]) -> list[str]:
    return [_cell(one, life, day) for day in days]


def _cell(one: Sample, life: Timeline, day: int) -> str:
    current = life.current_on(one.key, day)
    if current is None:
        return "gone"
    return "marker" if current.is_delete_marker else SHORT.get(current.storage_on(day) or "", "?")


def _steps(one: Sample, life: Timeline) -> asked.Steps:
    """Its whole life, to the day. A marker with nothing behind it is told apart: by then the object is lost."""
    days = sorted({0, *(change.day for change in life.changes)})
    steps: asked.Steps = []
    for day in days:
        word = _cell(one, life, day)
        kept = any(version.exists_on(day) for version in life.versions if not version.is_delete_marker)
        steps.append([day, "lone marker" if word == "marker" and not kept else word])
    return steps[:MOST_DAYS]


def _until(word: str, last: int | None) -> asked.Steps:
    return [[0, word]] if last is None else [[0, word], [last, "gone"]]


def _sentences(rules: Rules, given: Given) -> list[dict[str, Any]]:
    photo = SHOWN[-1]
    place = Place(photo.key, tuple(rule for rule in rules.configuration.rules if rule.enabled))
    old = next(old for old in rules.old_versions(replace(photo, rules=place.rules)) if old.how == "overwritten")
    upload = rules.upload(place).aborted_on
    marker = rules.lone_marker(place).gone_on
    return [
        {
            "label": say("... once overwritten"),
            "text": say("the old version can be got back for ever")
            if old.gone is None
            else say("the old version can be got back until day {day}", day=old.gone),
            "steps": _until("old version", old.gone),
            "wanted": asked.old_version(given),
        },
        {
            "label": say("unfinished upload"),
            "text": FOR_GOOD if upload is None else say("gone on day {day}", day=upload),
            "steps": _until("parts", upload),
            "wanted": asked.upload(given),
        },
        {
            "label": say("lone delete marker"),
            "text": FOR_GOOD if marker is None else asked.BY_ITSELF,
            "wanted": asked.BY_ITSELF,
        },
    ]
