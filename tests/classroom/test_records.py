"""A class as it is kept, and opened again by a later labgrade."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from grader.classroom import Person
from grader.classroom.plan import Attempt
from grader.classroom.records import attempt_from_json, attempt_to_json
from grader.texts import say

ADA = Person("ada", name="Ada Lovelace")
ATTEMPT = Attempt(
    (ADA,),
    "ada",
    "hello",
    Path("in/ada/second try"),
    "2",
    datetime(2027, 3, 1, tzinfo=UTC),
    2,
    "a1",
    say("no"),
    "k",
    "try",
)


def test_an_attempt_comes_back_as_it_was() -> None:
    told = json.loads(json.dumps(attempt_to_json(ATTEMPT)))
    assert attempt_from_json(told, {"ada": ADA}) == ATTEMPT


def test_a_folder_of_the_first_version_is_read_too() -> None:
    told = attempt_to_json(ATTEMPT)
    del told["called"]
    assert attempt_from_json(told, {"ada": ADA}).called == "second try"
